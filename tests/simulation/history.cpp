#include "simulation/history.hpp"

#include "simulation/convergence.hpp"
#include "simulation/scenario.hpp"
#include "simulation/stage.hpp"
#include "simulation/staged_events.hpp"
#include "simulation/troubles.hpp"

#include <exception>
#include <set>
#include <utility>

namespace writeback::simulation {

using namespace std::chrono_literals;

namespace {

// Within this time after the last trouble everything agrees, or a hold says why not.
constexpr Duration longest_end = 150min;
// From a notification to AD's yes while nothing is wrong.
constexpr Duration notified_bound = 20s;
// Of a round and the writes after it, beyond the poll interval and two seconds.
constexpr Duration pull_time = 4s;

class History {
 public:
    History(const Scenario& scenario, Trace& trace)
        : scenario_(scenario),
          stage_(scenario, trace),
          troubles_(stage_),
          staged_(stage_),
          convergence_(stage_),
          chance_(scenario.seed ^ 0x68697374U) {}

    void run() {
        stage_.cloud.furnish();
        stage_.directory.replicate();
        troubles_.begin();
        stage_.start();
        script();
        if (!over()) come_to_rest();
        if (!over()) second_run();
        if (!over()) rebuilt_from_nothing();
        if (over() && stage_.trace.prints()) tell_what_is_left();
    }

    [[nodiscard]] Verdict verdict() {
        Verdict verdict;
        verdict.broken = stage_.violations.invariant();
        verdict.sentence = stage_.violations.sentence();
        verdict.seconds = stage_.loop.time().count() / 1000;
        verdict.lives = stage_.lives();
        verdict.writes = stage_.writes.count();
        return verdict;
    }

 private:
    [[nodiscard]] bool over() const { return stage_.violations.any(); }

    void script() {
        const int quiet_at = static_cast<int>(chance_.between(5, scenario_.steps));
        for (int step = 0; step < scenario_.steps && !over(); ++step) {
            for (std::int64_t i = chance_.skewed(0, 4); i > 0; --i)
                stage_.cloud.act(chance_);
            troubles_.step();
            staged_.step();
            stage_.run_for(pause());
            if (step == quiet_at && !over()) quiet_time();
        }
    }

    [[nodiscard]] Duration pause() {
        if (scenario_.long_pauses && chance_.one_in(10)) return chance_.between(Duration(1h), 9h);
        return chance_.between(Duration(1), scenario_.longest_pause);
    }

    // Nothing is wrong for a while: then a change is in AD soon, whatever else is held.
    void quiet_time() {
        troubles_.rest();
        stage_.trace.tell("script", "quiet-time");
        // An answer that Graph delays already holds its stream's round for as long as it takes.
        if (scenario_.troubles.graph_refuses != 0) stage_.run_for(2min);
        if (settled(2h)) {
            for (int i = 0; i < 3 && !over(); ++i)
                probe();
            if (!over()) probe_drift();
        }
        troubles_.go_on();
    }

    // What somebody else changes in AD is put right soon, not only by the next audit of everything.
    void probe_drift() {
        const auto& groups = stage_.config.groups;
        if (groups.policy != Policy::full || groups.drift != DriftAction::repair) return;
        stage_.directory.replicate();
        if (!settled(10min) || !convergence_.difference().empty()) return;
        stage_.directory.drift(chance_);
        stage_.directory.replicate();
        const auto began = stage_.loop.time();
        stage_.run_for(stage_.config.directory.change_poll + notified_bound);
        if (over() || !stage_.runs()) return;
        stage_.directory.replicate();
        const auto left = convergence_.difference();
        if (left.empty()) return;
        stage_.violations.report("drift", "An edit in AD was not put right after " +
                                              std::to_string((stage_.loop.time() - began).count()) +
                                              " ms: " + left);
    }

    // For who looks for the cause.
    void tell_what_is_left() {
        const auto& groups = stage_.config.groups;
        stage_.trace.tell("scenario", "groups",
                          {{"policy", static_cast<std::int64_t>(groups.policy)},
                           {"select", static_cast<std::int64_t>(groups.select)},
                           {"drift", static_cast<std::int64_t>(groups.drift)},
                           {"explicit", stage_.config.guard.limit_explicit_removals}});
        for (const Hold& hold : stage_.holds()) {
            stage_.trace.tell("held", name_of(hold.reason),
                              {{"group", hold.group.text()}, {"detail", hold.detail}});
        }
        const auto counts = stage_.counts();
        if (!counts) return;
        stage_.trace.tell("store", "counts", {{"dirty", counts->dirty}, {"held", counts->held}});
        for (const auto& [reason, count] : counts->unresolved)
            stage_.trace.tell("store", "unresolved", {{"reason", reason}, {"count", count}});
        for (const auto& [name, error] : counts->last_errors)
            stage_.trace.tell("store", "error", {{"group", name}, {"detail", error}});
    }

    // The daemon runs and has nothing to do.
    bool settled(Duration limit) {
        return stage_.run_until(
            [&] {
                if (!stage_.runs() || !stage_.process().live().snapshot().started ||
                    !stage_.process().bound()) {
                    return false;
                }
                const auto counts = stage_.counts();
                return counts && counts->dirty == 0;
            },
            limit);
    }

    void probe() {
        if (stage_.config.groups.policy == Policy::report_only) return;
        const bool removes = chance_.one_in(2);
        if (removes && stage_.config.groups.policy == Policy::no_removals) return;
        if (chance_.one_in(3)) stage_.cloud.service().delivery().faults.lose_next = 1'000;
        const auto probe =
            stage_.cloud.change_one_member(chance_, removes, [this](ObjectIndex group) {
                return stage_.oracle.expected(group).fate == Fate::whole &&
                       convergence_.difference(group).empty();
            });
        if (!probe) return;
        const Duration lag =
            stage_.cloud.service().delta().settings.lag.count() == 0 ? Duration(0) : Duration(60s);
        const auto began = stage_.loop.time();
        const auto told_before = stage_.hints.count();
        stage_.run_for(lag + notified_bound);
        // Graph may have lost the subscription, or keep notifications back; and while delta lags,
        // an older change of the group looks like the announced one. The poll makes up for that.
        const bool told = stage_.hints.count() > told_before && lag == Duration::zero();
        const Duration poll = lag + stage_.config.graph.poll_interval + 2s + pull_time;
        const Duration rest = poll - (stage_.loop.time() - began);
        if (!told && rest > Duration::zero()) stage_.run_for(rest);
        stage_.cloud.service().delivery().faults.lose_next = 0;
        if (over() || !stage_.runs()) return;
        // What one domain controller has counts; the others have it when they have it.
        stage_.directory.replicate();
        const auto left = convergence_.difference(probe->group);
        if (left.empty()) return;
        stage_.violations.report(
            told ? "notified" : "poll",
            std::string(probe->added ? "A new member" : "A revocation") + " was not in AD after " +
                std::to_string((stage_.loop.time() - began).count()) + " ms: " + left);
    }

    // I1: the faults stop, and what is left must come to its end.
    void come_to_rest() {
        troubles_.end();
        stage_.trace.tell("script", "faults-end");
        constexpr Duration looks[] = {30s, 90s, 3min, 5min, 10min, 20min, 40min, 2h, 6h, 20h};
        Duration passed{};
        std::string left;
        for (const Duration look : looks) {
            stage_.run_for(look);
            passed += look;
            if (over()) return;
            left = unfinished();
            if (left.empty() || passed > longest_end) break;
        }
        if (!left.empty()) return stage_.violations.report("I1", left);
        if (auto strange = convergence_.hold_without_cause(); !strange.empty()) {
            stage_.violations.report("I13", strange);
        }
    }

    [[nodiscard]] std::string unfinished() {
        return stage_.runs() ? unfinished_work() : "The daemon does not run.";
    }

    [[nodiscard]] std::string unfinished_work() {
        if (stage_.config.groups.policy == Policy::report_only) return {};
        return convergence_.difference();
    }

    // I8: the same input a second time writes nothing.
    void second_run() {
        stage_.stay_down(true);
        stage_.stop();
        if (over()) return;
        once_writes_nothing("A second run");
    }

    void once_writes_nothing(const std::string& what) {
        // What is held may be tried again.
        std::set<GroupId> held;
        for (const Hold& hold : stage_.holds())
            held.insert(hold.group);
        stage_.writes.nothing_to_write_but(std::move(held));
        const auto report = stage_.once();
        if (over()) return;
        if (!report) {
            return stage_.violations.report("I8", what + " failed: " + report.error().detail);
        }
        if (const auto& written = stage_.writes.needless(); !written.empty()) {
            return stage_.violations.report("I8", what + " on the same input wrote: " + written);
        }
        if (auto left = unfinished_work(); !left.empty()) {
            stage_.violations.report("I1", "After " + what + ": " + left);
        }
    }

    // Law 12: an empty store finds the groups by their marks and writes only differences.
    void rebuilt_from_nothing() {
        if (!chance_.one_in(4) || !stage_.holds().empty()) return;
        if (stage_.config.groups.policy != Policy::full) return;
        stage_.lose_store();
        once_writes_nothing("A run with an empty store");
    }

    const Scenario& scenario_;
    Stage stage_;
    TroubleMaker troubles_;
    StagedEvents staged_;
    Convergence convergence_;
    Chance chance_;
};

}  // namespace

Verdict run_history(std::uint64_t seed, Trace& trace) {
    const Scenario scenario = draw_scenario(seed);
    Verdict verdict;
    try {
        History history(scenario, trace);
        try {
            history.run();
            verdict = history.verdict();
        } catch (const std::exception& thrown) {
            verdict = history.verdict();
            verdict.broken = "exception";
            verdict.sentence = thrown.what();
        }
    } catch (const std::exception& thrown) {
        verdict.broken = "exception";
        verdict.sentence = thrown.what();
    }
    verdict.seed = seed;
    verdict.hash = trace.hash();
    verdict.events = trace.events();
    return verdict;
}

}  // namespace writeback::simulation
