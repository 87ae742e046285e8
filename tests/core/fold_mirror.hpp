// A mirror in memory, and items to fold into it.
#pragma once

#include "core/delta_fold.hpp"
#include "core/examples.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace writeback::examples {

template <class T>
Patch<T> value(T content) {
    return {true, std::move(content)};
}

inline GroupItem full_item(int number = 1, const std::string& name = "Sales") {
    GroupItem item;
    item.id = group_id(number);
    item.display_name = value(name);
    item.security_enabled = value(true);
    item.mail_enabled = value(false);
    return item;
}

inline GroupItem removed_item(Removal removal, int number = 1) {
    GroupItem item;
    item.id = group_id(number);
    item.removal = removal;
    return item;
}

inline GroupItem member_item(int member, bool removed, int number = 1) {
    GroupItem item;
    item.id = group_id(number);
    item.members = {{member_id(member), MemberType::user, removed}};
    return item;
}

// A mirror, and what folding a page into it gives.
struct Mirror {
    MirrorExcerpt excerpt;
    std::map<GroupId, Instant> hinted;
    bool crawl = false;
    std::int64_t generation = 1;
    GroupSelection selection;

    Mirror& know(MirrorGroup group) {
        excerpt.groups[group.group.id] = std::move(group);
        return *this;
    }
    Mirror& know_member(int member, int number = 1) {
        excerpt.members.insert({group_id(number), member_id(member)});
        return *this;
    }
    Mirror& know_owner(int owner, int number = 1) {
        excerpt.owners.insert({group_id(number), member_id(owner)});
        return *this;
    }
    [[nodiscard]] FoldContext context() const {
        return {generation,
                crawl,
                crawl ? Cause::resync : Cause::poll,
                hinted,
                [](const CloudGroup& group) {
                    // A mail nickname of its own makes the scope a question without answer.
                    if (group.mail_nickname == "unread") return Scope{false, "", false};
                    if (group.mail_nickname == "fault") {
                        return Scope{false, std::string(scope_fault_begins) + "x", false, true};
                    }
                    return Scope{group.security_enabled, ""};
                },
                selection};
    }
    [[nodiscard]] MirrorChanges fold(std::vector<GroupItem> items) const {
        return fold_groups({std::move(items), {}}, excerpt, context());
    }
};

inline MirrorGroup known_group(CloudState state = CloudState::active) {
    MirrorGroup group = row(security_group());
    group.group.state = state;
    return group;
}

}  // namespace writeback::examples
