#include "simulation/staged_events.hpp"

#include <array>
#include <utility>

namespace writeback::simulation {

using namespace std::chrono_literals;

StagedEvents::StagedEvents(Stage& stage)
    : stage_(stage), chance_(stage.scenario.seed ^ 0x737461676564U) {}

void StagedEvents::step() {
    switch (stage_.scenario.staged) {
        case Staged::nothing:
            return;
        case Staged::people_leave:
            if (chance_.one_in(10)) stage_.cloud.let_people_leave(chance_);
            return;
        case Staged::restored_in_bad_weather:
            if (chance_.one_in(6)) restore_in_bad_weather();
            return;
    }
}

void StagedEvents::later(Duration pause, std::function<void()> what) {
    stage_.loop.spawn_in_world(
        [](EventLoop& loop, Duration wait, std::function<void()> then) -> Async<void> {
            co_await loop.world_clock().sleep(wait);
            then();
        }(stage_.loop, pause, std::move(what)));
}

void StagedEvents::restore_in_bad_weather() {
    // A group that was deleted before any crawl could show it comes back as a new one.
    const auto group = stage_.cloud.delete_a_group(chance_, [this](ObjectIndex one) {
        return stage_.directory.marked_count(mark_of(stage_.oracle.id_of(one)), 0) == 1;
    });
    if (!group) return;
    stage_.cloud.service().delta().settings.members_on_restore = false;
    later(chance_.between(5s, 90s), [this, group = *group] {
        using emulator::FaultKind;
        constexpr std::array kinds = {FaultKind::unavailable, FaultKind::cut, FaultKind::garbage};
        if (chance_.one_in(2)) {
            emulator::Fault fault;
            fault.kind = kinds[chance_.below(kinds.size())];
            fault.operation = "members";
            fault.times = chance_.between(1, 12);
            fault.after = chance_.skewed(0, 3);
            stage_.cloud.service().faults().add(std::move(fault));
        }
        stage_.cloud.restore(group);
    });
}

}  // namespace writeback::simulation
