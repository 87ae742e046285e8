// `resync`: a request in the store, for the running daemon or the next run.
#include "commands/commands.hpp"
#include "commands/group_subject.hpp"
#include "store/sqlite_store.hpp"

#include <iostream>

namespace writeback {

int run_resync(const Config& config, const std::string& subject) {
    auto store = SqliteStore::open({.path = config.store.path, .access = StoreAccess::shared});
    if (!store) return complain(store.error().detail);
    std::string group;
    std::string told = "the whole tenant";
    if (!subject.empty()) {
        const auto meant = group_meant(**store, subject);
        if (!meant) return complain(meant.error());
        group = meant->text();
        told = told_as(**store, *meant);
    }
    if (const auto done = (*store)->add_request("resync", group); !done)
        return complain(done.error().detail);
    std::cout << told << " will be read again by the running daemon, or by the next run\n";
    return exit_done;
}

}  // namespace writeback
