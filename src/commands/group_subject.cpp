#include "commands/group_subject.hpp"

namespace writeback {

Result<GroupId> group_meant(Store& store, const std::string& subject) {
    const auto meant = store.find_groups(subject);
    if (!meant) return meant.error();
    if (meant->empty()) {
        return failure(FailureKind::not_found,
                       "no group is known by \"" + subject +
                           "\"; name an object id, a name, a DN, a sAMAccountName or a SID");
    }
    if (meant->size() == 1) return meant->front();
    std::string list;
    for (const auto& group : *meant)
        list += "\n  " + told_as(store, group);
    return failure(FailureKind::refused, "\"" + subject + "\" names " +
                                             std::to_string(meant->size()) +
                                             " groups; name one by its object id:" + list);
}

std::string told_as(Store& store, const GroupId& group) {
    std::string name;
    if (const auto row = store.mirror_group(group); row && *row) name = (*row)->group.display_name;
    const auto written = store.written_group(group);
    if (name.empty() && written && *written) name = (*written)->cn;
    std::string told = name.empty() ? group.text() : name + " (" + group.text() + ")";
    return written && *written ? told + ", " + (*written)->dn.text() : told;
}

}  // namespace writeback
