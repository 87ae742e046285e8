// `healthcheck`: asks /readyz of the admin listener.
#include "admin/admin_client.hpp"
#include "commands/commands.hpp"

#include <iostream>

namespace writeback {

int run_healthcheck(const Config& config) {
    const auto answer = ask_admin(config.admin.listen, "/readyz", 5s);
    if (!answer)
        return complain("no daemon answers at " + config.admin.listen + ": " +
                        answer.error().detail);
    std::cout << answer->body;
    return answer->status == 200 ? exit_done : exit_failed;
}

}  // namespace writeback
