// `restore`: a request in the store, for the running daemon or the next run, to bring a group back
// that someone deleted in AD.
#include "commands/commands.hpp"
#include "commands/group_subject.hpp"
#include "store/sqlite_store.hpp"

#include <iostream>

namespace writeback {

int run_restore(const Config& config, const std::string& subject) {
    auto opened = SqliteStore::open({.path = config.store.path, .access = StoreAccess::shared});
    if (!opened) return complain(opened.error());
    Store& store = **opened;
    const auto group = group_meant(store, subject);
    if (!group) return complain(group.error());
    const std::string told = told_as(store, *group);
    const auto work = store.work(*group);
    if (!work) return complain(work.error());
    const auto written = store.written_group(*group);
    if (!written) return complain(written.error());
    if (!*written) return complain(told + " was never in AD, so there is nothing to bring back");
    if (!work->missing) {
        return complain(told +
                        " is in AD, as far as is known. If someone has just deleted it, `resync` "
                        "of it looks again; when it is held as missing, `restore` brings it back");
    }
    if (config.groups.policy == Policy::report_only) {
        return complain("groups.policy is \"report-only\", so nothing may be written: set another",
                        exit_usage);
    }
    if (auto done = store.add_request("restore", group->text()); !done)
        return complain(done.error());
    std::cout << told
              << " will be brought back from AD's deleted objects, with its SID, by the running "
                 "daemon or by the next run; `explain` tells how it went\n";
    return exit_done;
}

}  // namespace writeback
