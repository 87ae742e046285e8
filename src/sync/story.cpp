#include "sync/story.hpp"

#include "sync/task_group.hpp"

#include <stdexcept>
#include <utility>
#include <vector>

namespace writeback {

namespace {

constexpr std::size_t hints_at_once = 1'000;
constexpr Duration between_looks = std::chrono::seconds(1);
constexpr Duration between_gauges = std::chrono::seconds(10);
constexpr Duration idle = std::chrono::hours(1);
constexpr Duration inbox_retry = std::chrono::seconds(2);

ScopeRules rules_or_throw(const GroupsConfig& groups) {
    auto rules = scope_rules(groups);
    if (!rules) throw std::invalid_argument(rules.error().detail);
    return std::move(*rules);
}

}  // namespace

Story::Story(SyncPorts ports)
    : ports_(std::move(ports)),
      bound_(ports_),
      puller_(ports_, bound_, rules_or_throw(ports_.config.groups), [this] { reconciler_.wake(); }),
      rescope_(ports_, puller_.groups()),
      assigned_(ports_, puller_.groups(), rescope_),
      restoration_(ports_, bound_),
      reconciler_(ports_, bound_,
                  [this](std::stop_token stop) {
                      auditor_.wake();
                      return rescope_.if_projection_changed(bound_.projection(), std::move(stop));
                  }),
      auditor_(
          ports_, bound_, [this](const GroupId& group) { return reconciler_.is_running(group); },
          [this] { reconciler_.directory_differs(); }),
      hold_retry_(ports_),
      inbox_alarm_(ports_.clock.alarm()),
      look_alarm_(ports_.clock.alarm()),
      gauge_alarm_(ports_.clock.alarm()),
      stop_alarm_(ports_.clock.alarm()) {
    puller_.before_groups_round = [this](std::stop_token stop) {
        return assigned_.refresh(std::move(stop));
    };
    puller_.restore = [this](GroupId group) { return restoration_.restore(std::move(group)); };
    bound_.on_domain_known = [this] { puller_.domain_known(); };
    if (ports_.subscriptions != nullptr && ports_.config.webhook) {
        keeper_ = std::make_unique<Keeper>(
            ports_, [this](Stream stream) { puller_.request_round(stream, Cause::poll); },
            [this](const std::vector<std::int64_t>& ids) { forget_hints(ids); });
    }
}

Story::~Story() = default;

Result<Done> Story::prepare() {
    const auto& tenant = ports_.config.graph.tenant_id;
    if (auto bound = ports_.store.bind("tenant_id", canonical_guid(tenant).value_or(tenant));
        !bound) {
        return bound;
    }
    if (auto known = bound_.prepare(); !known) return known;
    if (auto known = assigned_.prepare(); !known) return known;
    if (keeper_) return keeper_->prepare();
    return Done{};
}

void Story::hints_arrived() {
    inbox_alarm_->ring();
}

void Story::directory_changed(bool bound) {
    reconciler_.directory_changed(bound);
}

Async<Result<Done>> Story::begin(std::stop_token stop) {
    auto done = co_await rescope_.if_scope_changed(puller_.groups().scope(), std::move(stop));
    if (!done) co_return done;
    // What stood in the way may have been put right before this start.
    auto marked = hold_retry_.look_at_all();
    if (!marked) co_return marked.error();
    co_return Done{};
}

Async<void> Story::serve(std::stop_token stop) {
    const std::stop_callback ring_at_stop(stop, [this] { stop_alarm_->ring(); });
    auto tasks = co_await TaskGroup::here(ports_.clock);
    tasks.start(when_stopped(stop));
    if (ports_.inbox != nullptr) tasks.start(read_inbox(stop));
    if (keeper_) tasks.start(keeper_->serve(stop));
    tasks.start(look_around(stop));
    tasks.start(tell_numbers(stop));
    while (!stop.stop_requested()) {
        const auto begun = co_await begin(stop);
        if (begun || begun.error().kind == FailureKind::cancelled) break;
        ports_.live.set_problem("store", begun.error().detail);
        co_await ports_.clock.sleep(inbox_retry);
    }
    tasks.start(puller_.serve(stop));
    tasks.start(auditor_.serve(stop));
    auto listening = co_await TaskGroup::here(ports_.clock);
    listening.start(auditor_.listen(stop));
    co_await reconciler_.serve(stop);
    co_await tasks.join();
    // Only who waits for the directory's word is left.
    if (listening.running() > 0 && ports_.end_directory_calls) ports_.end_directory_calls();
    co_await listening.join();
}

Async<void> Story::when_stopped(std::stop_token stop) {
    while (!stop.stop_requested())
        co_await stop_alarm_->wait_for(idle);
    ports_.live.set_draining();
    ports_.log.write(LogLevel::info, "draining", {});
    if (ports_.end_cloud_calls) ports_.end_cloud_calls();
    puller_.wake();
    reconciler_.wake();
    auditor_.wake();
    if (keeper_) keeper_->wake();
    inbox_alarm_->ring();
    look_alarm_->ring();
    gauge_alarm_->ring();
}

Async<Result<OnceReport>> Story::once(std::stop_token stop) {
    if (auto begun = co_await begin(stop); !begun) co_return begun.error();
    // Whose identities are of our domain is known from the directory.
    if (auto ready = co_await bound_.ensure(); !ready) co_return ready.error();
    if (auto taken = take_in_requests(); !taken) co_return taken.error();
    const auto pulled = co_await puller_.pull_once(stop);
    co_await auditor_.look_once(stop);
    const auto reconciled = co_await reconciler_.run_until_idle(stop);
    if (auto told = set_gauges(); !told) co_return told.error();
    if (!pulled) co_return pulled.error();
    if (!reconciled) co_return reconciled.error();
    co_return report();
}

Async<Result<Done>> Story::pull(std::stop_token stop) {
    if (auto begun = co_await begin(stop); !begun) co_return begun;
    if (auto ready = co_await bound_.ensure(); !ready) co_return ready;
    co_return co_await puller_.pull_once(stop);
}

Async<Result<OnceReport>> Story::reconcile(std::stop_token stop) {
    if (auto begun = co_await begin(stop); !begun) co_return begun.error();
    if (auto ready = co_await bound_.ensure(); !ready) co_return ready.error();
    if (auto judged = puller_.judge_pending_deletions(); !judged) co_return judged.error();
    const auto reconciled = co_await reconciler_.run_until_idle(stop);
    if (!reconciled) co_return reconciled.error();
    co_return report();
}

Result<OnceReport> Story::report() const {
    OnceReport report;
    report.writes = reconciler_.writes();
    auto counts = ports_.store.counts();
    if (!counts) return counts.error();
    report.dirty = counts->dirty;
    auto holds = ports_.store.holds();
    if (!holds) return holds.error();
    for (const auto& hold : *holds) {
        ++report.held;
        if (needs_a_person(hold.reason) && hold.decision == Decision::pending) ++report.waiting;
    }
    return report;
}

Async<void> Story::read_inbox(std::stop_token stop) {
    while (!stop.stop_requested()) {
        const auto taken = take_in_hints();
        if (!taken && ports_.live.set_problem("inbox", taken.error().detail)) {
            ports_.log.write(LogLevel::error, "inbox-failed", {{"detail", taken.error().detail}});
        }
        if (taken) ports_.live.clear_problem("inbox");
        if (stop.stop_requested()) co_return;
        co_await inbox_alarm_->wait_for(taken ? idle : inbox_retry);
    }
}

Result<Done> Story::take_in_hints() {
    while (true) {
        auto hints = ports_.inbox->read(last_hint_, hints_at_once);
        if (!hints) return hints.error();
        for (const auto& hint : *hints) {
            last_hint_ = hint.id;
            if (hint.lifecycle == LifecycleEvent::none) {
                puller_.take_in(hint);
            } else {
                take_in_lifecycle(hint);
            }
        }
        if (hints->size() < hints_at_once) return Done{};
    }
}

void Story::take_in_lifecycle(const Hint& hint) {
    ports_.log.write(LogLevel::info, "lifecycle-event",
                     {{"stream", name_of(hint.stream)},
                      {"subscription", hint.subscription.text()},
                      {"event", static_cast<std::int64_t>(hint.lifecycle)}});
    const bool removed = hint.lifecycle == LifecycleEvent::subscription_removed;
    if (removed || hint.lifecycle == LifecycleEvent::missed) {
        puller_.request_round(hint.stream, Cause::hint);
    }
    const bool for_the_keeper =
        removed || hint.lifecycle == LifecycleEvent::reauthorization_required;
    if (keeper_ && for_the_keeper) {
        keeper_->take_in(hint);
    } else {
        forget_hints({hint.id});
    }
}

void Story::forget_hints(const std::vector<std::int64_t>& ids) {
    if (ports_.inbox == nullptr || ids.empty()) return;
    ports_.metrics.add("hints_settled_total", {{"outcome", "lifecycle"}},
                       static_cast<double>(ids.size()));
    if (auto forgotten = ports_.inbox->forget(ids); !forgotten) {
        ports_.log.write(LogLevel::warning, "hints-not-forgotten",
                         {{"detail", forgotten.error().detail}});
    }
}

// What commands have written into the store, and what may be tried again.
Async<void> Story::look_around(std::stop_token stop) {
    bool first = true;
    auto next_retry = ports_.clock.monotonic() + HoldRetry::between_looks;
    while (!stop.stop_requested()) {
        const auto changed = ports_.store.changed_by_others();
        if (first || (changed && *changed)) {
            first = false;
            if (auto taken = take_in_requests(); !taken) first = true;
            puller_.wake();
            reconciler_.wake();
        }
        if (ports_.clock.monotonic() >= next_retry) {
            next_retry = ports_.clock.monotonic() + HoldRetry::between_looks;
            const auto marked = hold_retry_.look();
            if (marked && *marked) reconciler_.wake();
        }
        if (stop.stop_requested()) co_return;
        co_await look_alarm_->wait_for(between_looks);
    }
}

Result<Done> Story::take_in_requests() {
    auto requests = ports_.store.requests();
    if (!requests) return requests.error();
    for (const auto& request : *requests)
        puller_.take_in(request);
    return Done{};
}

Async<void> Story::tell_numbers(std::stop_token stop) {
    while (!stop.stop_requested()) {
        // A store that cannot be read is told of by those whose work it stops.
        static_cast<void>(set_gauges());
        co_await gauge_alarm_->wait_for(between_gauges);
    }
}

Result<Done> Story::set_gauges() {
    auto counts = ports_.store.counts();
    if (!counts) return counts.error();
    const auto now = ports_.clock.now();
    auto& metrics = ports_.metrics;
    metrics.set("groups", {{"state", "managed"}}, static_cast<double>(counts->managed));
    metrics.set("groups", {{"state", "dirty"}}, static_cast<double>(counts->dirty));
    metrics.set("groups", {{"state", "held"}}, static_cast<double>(counts->held));
    const auto seconds_since = [now](const std::optional<Instant>& since) {
        if (!since) return 0.0;
        return std::chrono::duration<double>(now - *since).count();
    };
    metrics.set("hints_waiting", {}, static_cast<double>(puller_.hints_waiting()));
    metrics.set("oldest_dirty_seconds", {}, seconds_since(counts->oldest_dirty));
    for (const auto& [reason, count] : counts->unresolved) {
        metrics.set("members_unresolved", {{"reason", reason}}, static_cast<double>(count));
    }
    auto position = ports_.store.position(Stream::groups);
    if (!position) return position.error();
    metrics.set("delta_token_age_seconds", {}, seconds_since(position->token_at));
    return Done{};
}

}  // namespace writeback
