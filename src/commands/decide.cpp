// `approve` and `reject`: rows in the store, whose file rights are the permission; a running daemon
// looks each second.
#include "commands/commands.hpp"
#include "store/sqlite_store.hpp"

#include <iostream>

namespace writeback {

int run_decide(const Config& config, Decision decision, const std::string& id) {
    auto store = SqliteStore::open({.path = config.store.path, .access = StoreAccess::shared});
    if (!store) return complain(store.error().detail);
    const auto now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
    const auto decided = (*store)->decide(id, decision, now);
    if (!decided) return complain(decided.error().detail);
    const char* const word = decision == Decision::approved ? "approved" : "rejected";
    if (*decided == 0 && !id.empty()) {
        return complain("nothing that waits for a person has the id " + id +
                        "; `group-writeback status` names what is held");
    }
    std::cout << *decided << " " << word << "\n";
    return exit_done;
}

}  // namespace writeback
