// `once`: pulls and reconciles until nothing dirty may be done now, then ends.
#include "commands/commands.hpp"
#include "daemon/engine.hpp"

#include <iostream>

namespace writeback {
int run_once(const Config& config) {
    auto engine = Engine::build(config, EngineRole::once);
    if (!engine) return complain(engine.error());
    const auto report = run_story(**engine, &Story::once);
    if (!report) return complain(report.error());
    const OnceReport& done = *report;
    std::cout << "once: " << done.writes << " operations, " << done.held << " held\n";
    if (done.dirty > 0) {
        std::cout
            << done.dirty
            << " groups are not in line with the cloud yet; `group-writeback status` says why.\n";
    }
    if (done.waiting == 0) return exit_done;
    std::cout << "A person must decide about " << done.waiting
              << ": see `group-writeback status`, then `approve` or `reject`.\n";
    return exit_held;
}

}  // namespace writeback
