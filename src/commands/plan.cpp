// `plan`: the same story as `once`, on a throw-away copy of the store and with a recorder in the
// writer's place.
#include "commands/commands.hpp"
#include "commands/plan_json.hpp"
#include "daemon/engine.hpp"

#include <iostream>

namespace writeback {
namespace {

void print_text(const std::vector<RecordedOperation>& operations, const std::vector<Hold>& held) {
    for (const auto& entry : operations)
        std::cout << to_text(entry.operation) << "\n";
    for (const auto& hold : held) {
        std::cout << "held " << hold.id << " (" << name_of(hold.reason) << ") " << hold.name << ": "
                  << hold.detail << "\n";
    }
    std::cout << "plan: " << operations.size() << " operations, " << held.size() << " held\n";
}

}  // namespace

int run_plan(const Config& config, bool json) {
    auto engine = Engine::build(config, EngineRole::plan);
    if (!engine) return complain(engine.error());
    const auto report = run_story(**engine, &Story::once);
    if (!report) return complain(report.error());
    const auto held = (*engine)->store().holds();
    if (!held) return complain(held.error());
    if (json) {
        std::cout << plan_json((*engine)->recorder().operations(), *held);
    } else {
        print_text((*engine)->recorder().operations(), *held);
    }
    return exit_done;
}

}  // namespace writeback
