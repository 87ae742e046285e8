#include "sync/group_run.hpp"

#include "sync/usn_watch.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace writeback {

namespace {

constexpr int most_contradictions = 3;

constexpr std::string_view limits[] = {"max_group_deletions", "max_member_removals",
                                       "max_inferred_removals"};

// The numbers of the whole store are asked for only when a limit may need them.
bool infers(const Plan& plan) {
    const auto by_inference = [](const PlannedMember& member) {
        return is_inferred(member.evidence);
    };
    return std::any_of(plan.operations.begin(), plan.operations.end(), [&](const Operation& one) {
        return is_inferred(one.evidence) ||
               std::any_of(one.members.begin(), one.members.end(), by_inference);
    });
}

}  // namespace

GroupRun::GroupRun(SyncPorts& ports, BoundDirectory& bound, Anchors& anchors,
                   const GuardRules& guard, Begin begin, DueGroup due, std::size_t looked_for,
                   std::stop_token stop)
    : ports_(ports),
      bound_(bound),
      anchors_(anchors),
      guard_(guard),
      begin_(std::move(begin)),
      due_(std::move(due)),
      looked_for_(looked_for),
      stop_(std::move(stop)) {
    outcome_.group = due_.group;
}

Async<GroupRunEnd> GroupRun::run() {
    Step step = Step::again;
    while (step != Step::finished)
        step = co_await turn();
    co_return std::move(end_);
}

Async<GroupRun::Step> GroupRun::turn() {
    auto work = ports_.store.work(due_.group);
    if (!work) co_return store_failed(work.error());
    work_ = std::move(*work);
    // Another run or a new page has settled it.
    if (work_.number == 0 && !outcome_.written && !outcome_.marks_parents) {
        co_return Step::finished;
    }
    outcome_.number = work_.number;
    if (released(work_)) co_return release();
    session_ = bound_.session();
    usn_source_ = bound_.usn_source();
    if (!bound_.bound()) co_return end_with_session();
    const auto looked = co_await look_up();
    if (looked != Step::go_on) co_return looked;
    co_return co_await plan_and_write();
}

Async<GroupRun::Step> GroupRun::plan_and_write() {
    // What was missing has been found again.
    if (work_.written && !work_.missing) {
        std::erase_if(work_.holds,
                      [](const Hold& hold) { return hold.reason == HoldReason::missing; });
    }
    plan_ = {};
    const auto desired = desired_group();
    report_drift(desired);
    auto refused = std::move(plan_.refused);
    plan_ = plan_group(work_, desired, bound_.planning(), work_.deletion);
    plan_.refused = std::move(refused);
    leave_names_alone(plan_, reported_targets(reported_));
    GuardFacts facts;
    if (infers(plan_)) {
        auto known = ports_.store.guard_facts(ports_.clock.now() - ports_.config.guard.window);
        if (!known) co_return store_failed(known.error());
        facts = *known;
    }
    auto judgement = judge(plan_, work_, facts, guard_);
    note_guard(judgement);
    if (judgement.permitted.empty()) {
        if (awaits_verdict(work_, guard_.groups)) {
            co_return await_verdict(holds_left(judgement, {}));
        }
        if (judgement.ours && work_.written) {
            outcome_.written = *work_.written;
            outcome_.written->origin = Origin::created;
        }
        outcome_.owed_to_policy = judgement.owed_to_policy;
        co_return settle(holds_left(judgement, {}), judgement.owed);
    }
    co_return co_await carry_out(std::move(judgement), desired);
}

// What the group should be; nothing when it is gone, or when that could not be computed, which
// plan_.refused says.
std::optional<DesiredGroup> GroupRun::desired_group() {
    const bool active =
        work_.cloud && work_.cloud->in_scope && work_.cloud->group.state == CloudState::active;
    if (!active) return std::nullopt;
    auto projected = project(work_.cloud->group, bound_.projection());
    if (projected) return std::move(*projected);
    plan_.refused = projected.error().detail;
    return std::nullopt;
}

bool GroupRun::reports_drift() const {
    return guard_.groups.drift == DriftAction::report;
}

void GroupRun::report_drift(const std::optional<DesiredGroup>& desired) {
    reported_.clear();
    if (!reports_drift() || !work_.written || work_.missing) return;
    if (!reading_) {
        // What an earlier read has shown stands until the next one.
        for (const auto& hold : work_.holds) {
            if (hold.reason == HoldReason::drift) reported_.push_back(hold);
        }
        return;
    }
    auto agreement = adopt_agreeing(work_, reading_->found, desired);
    if (agreement.properties) outcome_.written = work_.written;
    outcome_.added = std::move(agreement.added);
    outcome_.removed = std::move(agreement.removed);
    DriftRules rules;
    rules.attributes = bound_.planning().attributes;
    rules.compares_sam_account_name = desired && desired->compares_sam_account_name;
    rules.membership = guard_.groups.membership;
    auto report = writeback::report_drift(*reading_, work_, desired, rules);
    if (report.detail.empty()) return;
    auto hold = draft_hold(due_.group, name(), HoldReason::drift, std::move(report.detail),
                           ports_.clock.now());
    hold.targets = std::move(report.targets);
    ports_.log.write(LogLevel::warning, "drift-reported",
                     {{"group", due_.group.text()}, {"detail", hold.detail}});
    reported_.push_back(std::move(hold));
}

Async<GroupRun::Step> GroupRun::carry_out(Judgement judgement,
                                          std::optional<DesiredGroup> desired) {
    if (auto begun = co_await begin_(due_.group); !begun) co_return store_failed(begun.error());
    // The plan, and the note of where it is carried out, are of that session.
    if (session_ended()) co_return end_with_session();
    OperationsRun operations(ports_, bound_, anchors_, work_, std::move(desired), name(), stop_);
    UsnWatch own_writes(ports_);
    std::optional<WrittenGroup> known;
    if (!work_.missing) known = work_.written;
    co_await own_writes.before_writes(known);
    auto account = co_await operations.run(judgement.permitted);
    if (account.written) known = account.written;
    const bool asks = account.writes > 0 && !account.forgotten && !account.in_flight &&
                      account.end != Account::End::directory_lost;
    account.usn = co_await own_writes.after_writes(known, asks);
    co_return sum_up(judgement, std::move(account));
}

void GroupRun::add_to_outcome(const Account& account) {
    end_.writes += account.writes;
    if (account.written) outcome_.written = account.written;
    // What obeys a write stands there.
    if (account.created || (account.writes > 0 && !session_ended())) {
        if (!outcome_.written && work_.written && work_.written->seen_on != usn_source_) {
            outcome_.written = work_.written;
        }
        if (outcome_.written) outcome_.written->seen_on = usn_source_;
    }
    if (account.usn) {
        outcome_.usn = account.usn;
        if (outcome_.written) outcome_.written->usn = *account.usn;
    }
    if (account.forgotten) {
        outcome_.forgotten = true;
        outcome_.written.reset();
        outcome_.usn.reset();
    }
    outcome_.marks_parents |= account.created;
    outcome_.added.insert(outcome_.added.end(), account.added.begin(), account.added.end());
    outcome_.removed.insert(outcome_.removed.end(), account.removed.begin(), account.removed.end());
    outcome_.last_error = account.last_error;
    if (account.writes == 0) return;
    if (work_.hinted_at) {
        const std::chrono::duration<double> since = ports_.clock.now() - *work_.hinted_at;
        ports_.metrics.observe("notification_to_write_seconds", {}, since.count());
    }
    if (work_.cause == Cause::drift) ports_.metrics.add("drift_repaired_total", {});
}

GroupRun::Step GroupRun::sum_up(const Judgement& judgement, Account account) {
    add_to_outcome(account);
    // What was inferred counts in the guard's window as soon as it is done.
    if (account.all_done) {
        outcome_.inferred_removals += judgement.inferred_removals;
    } else {
        outcome_.inferred_removals += std::min(judgement.inferred_removals,
                                               static_cast<std::int64_t>(account.removed.size()));
    }
    auto holds = holds_left(judgement, account);
    switch (account.end) {
        case Account::End::finished:
            settle_after_writes(judgement, account, std::move(holds));
            return Step::finished;
        case Account::End::read_again:
            if (++contradictions_ <= most_contradictions && !stop_.stop_requested()) {
                read_again_ = true;
                looked_up_ = false;
                return Step::again;
            }
            outcome_.outcome_unknown = true;  // read whole next time
            break;
        case Account::End::directory_lost:
            end_.lost = account.failed;
            outcome_.outcome_unknown = account.in_flight;
            break;
        case Account::End::stopped:
            outcome_.outcome_unknown = account.in_flight;
            break;
        case Account::End::try_again:
            outcome_.not_before = ports_.clock.now() + account.wait;
            break;
    }
    if (account.end == Account::End::read_again) {
        outcome_.not_before = ports_.clock.now() + std::max(account.wait, retry_wait());
    }
    outcome_.settled = false;
    outcome_.holds = std::move(holds);
    end_.outcome = std::move(outcome_);
    return Step::finished;
}

void GroupRun::settle_after_writes(const Judgement& judgement, const Account& account,
                                   std::vector<Hold> holds) {
    if (judgement.ours && account.all_done && !outcome_.forgotten) {
        if (!outcome_.written && work_.written) outcome_.written = *work_.written;
        if (outcome_.written) outcome_.written->origin = Origin::created;
    }
    outcome_.settled = true;
    outcome_.owed = judgement.owed;
    outcome_.owed_to_policy = judgement.owed_to_policy;
    outcome_.holds = std::move(holds);
    if (outcome_.forgotten) outcome_.holds.clear();
    end_.outcome = std::move(outcome_);
}

// The guard's holds, those that the operations brought, and of the older ones those that this run
// has not touched.
std::vector<Hold> GroupRun::holds_left(const Judgement& judgement, const Account& account) const {
    std::vector<Hold> holds = holds_after(judgement, account.all_done);
    holds.insert(holds.end(), account.holds.begin(), account.holds.end());
    std::set<std::string> done;
    for (const auto& member : account.added)
        done.insert(member.identity.key());
    for (const auto& identity : account.removed)
        done.insert(identity.key());
    // Where the guard finds the whole group out of place, that tells more.
    const bool out_of_place = std::any_of(holds.begin(), holds.end(), [](const Hold& hold) {
        return hold.reason == HoldReason::drift;
    });
    if (!out_of_place) holds.insert(holds.end(), reported_.begin(), reported_.end());
    const bool ran_through = account.end == Account::End::finished;
    for (const auto& hold : work_.holds) {
        if (hold.reason != HoldReason::refused && hold.reason != HoldReason::enforcement &&
            hold.reason != HoldReason::collision && hold.reason != HoldReason::missing) {
            continue;
        }
        const bool told_anew = std::any_of(holds.begin(), holds.end(), [&](const Hold& other) {
            return other.reason == hold.reason && other.targets == hold.targets &&
                   other.member == hold.member;
        });
        if (told_anew) continue;
        const bool of_a_member = !hold.member.empty() || !hold.sid.empty();
        const bool obeyed =
            of_a_member && !hold.targets.empty() && done.contains(hold.targets.front().subject);
        // A run over the touched members alone says nothing of the others.
        const bool not_seen = of_a_member && !work_.whole;
        if (!obeyed && (not_seen || !ran_through)) holds.push_back(hold);
    }
    return holds;
}

void GroupRun::note_guard(const Judgement& judgement) {
    for (const auto& hold : judgement.holds) {
        if (hold.reason != HoldReason::guard || !hold.id.empty()) continue;
        std::string_view limit = "other";
        for (const auto name : limits) {
            if (hold.detail.find(name) != std::string::npos) limit = name;
        }
        ports_.metrics.add("guard_trips_total", {{"limit", limit}});
        ports_.log.write(LogLevel::warning, "guard-held",
                         {{"group", hold.group.text()},
                          {"limit", limit},
                          {"targets", static_cast<std::int64_t>(hold.targets.size())},
                          {"detail", hold.detail}});
    }
}

}  // namespace writeback
