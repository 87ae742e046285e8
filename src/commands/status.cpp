// `status`: from the running daemon, or from the store where none runs.
#include "admin/status.hpp"

#include "admin/admin_client.hpp"
#include "commands/commands.hpp"
#include "daemon/status_source.hpp"
#include "store/sqlite_store.hpp"

#include <iostream>

namespace writeback {
namespace {

Instant wall_clock_now() {
    return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

Result<Status> status_of(const Config& config) {
    const auto answer = ask_admin(config.admin.listen, "/api/v1/status", 5s);
    if (answer && answer->status == 200) return read_status_json(answer->body);
    auto store = SqliteStore::open({.path = config.store.path, .access = StoreAccess::read_only});
    if (!store) return store.error();
    auto status = stored_status(config, **store, wall_clock_now());
    if (status)
        status->problems.push_back("no daemon answers at " + config.admin.listen +
                                   "; this is what the store tells");
    return status;
}

}  // namespace

int run_status(const Config& config, bool json) {
    const auto status = status_of(config);
    if (!status) return complain(status.error().detail);
    if (json) {
        std::cout << status_json(*status) << "\n";
    } else {
        std::cout << status_text(*status, wall_clock_now());
    }
    return exit_done;
}

}  // namespace writeback
