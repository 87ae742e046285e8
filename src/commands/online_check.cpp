#include "commands/online_check.hpp"

#include "commands/commands.hpp"
#include "commands/connection_checks.hpp"

#include <iostream>

namespace writeback {
namespace {

Async<void> check_all(const Config& config, Peers& peers, Findings& findings) {
    co_await check_graph(config, peers.graph(), findings);
    co_await check_webhook(config, peers, findings);
    co_await check_directory(config, peers.directory(), findings);
}

}  // namespace

int run_online_check(const Config& config) {
    Peers peers(config);
    Findings findings;
    peers.run(check_all(config, peers, findings));
    if (findings.problems() == 0) {
        std::cout << "everything that was tried is ok" << std::endl;
        return exit_done;
    }
    std::cout << findings.problems() << " problems" << std::endl;
    return exit_failed;
}

}  // namespace writeback
