#include "sync/reconciler.hpp"

#include "core/order.hpp"
#include "core/retry.hpp"
#include "sync/empty_resync.hpp"
#include "sync/selection_change.hpp"

#include <algorithm>
#include <utility>

namespace writeback {

namespace {

constexpr Duration idle = std::chrono::hours(1);
constexpr Duration store_pause = std::chrono::seconds(2);
// So long after its last write `once` waits for groups that have only put off their next try.
constexpr Duration worth_waiting = std::chrono::seconds(2);
// Groups that are read at once, for each one that can be worked on.
constexpr std::size_t read_per_slot = 8;

std::vector<Dn> containers_of(const DirectoryConfig& directory) {
    std::vector<Dn> containers{Dn(directory.container)};
    for (const auto& further : directory.containers)
        containers.emplace_back(further);
    return containers;
}

}  // namespace

Reconciler::Reconciler(SyncPorts& ports, BoundDirectory& bound, OnSession on_session)
    : ports_(ports),
      bound_(bound),
      on_session_(std::move(on_session)),
      anchors_(ports, bound),
      groups_(judged_groups(ports)),
      guard_{ports.config.guard, groups_, containers_of(ports.config.directory)},
      alarm_(ports.clock.alarm()),
      begin_(ports.clock,
             [this](const std::vector<GroupId>& groups) {
                 return ports_.store.begin_work(groups, ports_.clock.now(), bound_.usn_source());
             }),
      finish_(ports.clock, [this](const std::vector<Outcome>& outcomes) {
          return ports_.store.finish(outcomes, ports_.clock.now());
      }) {}

void Reconciler::wake() {
    marked_ = true;
    alarm_->ring();
}

void Reconciler::directory_differs() {
    anchors_.distrust();
    wake();
}

void Reconciler::directory_changed(bool bound) {
    bound_.changed(bound);
    if (bound) {
        paused_until_.reset();
        failures_ = 0;
    }
    alarm_->ring();
}

Async<void> Reconciler::serve(std::stop_token stop) {
    auto tasks = co_await TaskGroup::here(ports_.clock);
    while (!stop.stop_requested()) {
        const auto wait = co_await turn(tasks, stop);
        if (stop.stop_requested()) break;
        if (wait > Duration::zero()) co_await alarm_->wait_for(wait);
    }
    co_await drain(tasks);
}

Async<void> Reconciler::drain(TaskGroup& tasks) {
    const bool drained = co_await tasks.join_for(drain_limit);
    if (!drained) {
        ports_.log.write(LogLevel::warning, "drain-deadline-passed",
                         {{"groups", static_cast<std::int64_t>(tasks.running())}});
        if (ports_.end_directory_calls) ports_.end_directory_calls();
    }
    co_await tasks.join();
}

Async<Result<Done>> Reconciler::run_until_idle(std::stop_token stop) {
    auto tasks = co_await TaskGroup::here(ports_.clock);
    standing_failure_.reset();
    auto written = writes_;
    auto written_at = ports_.clock.monotonic();
    while (!stop.stop_requested() && !standing_failure_) {
        const auto before = running_.size();
        const auto wait = co_await turn(tasks, stop);
        if (running_.empty() && before == 0) {
            // What was written may have freed the name that another group waits for.
            const auto now = ports_.clock.monotonic();
            if (std::exchange(written, writes_) != writes_) written_at = now;
            if (writes_ == 0 || now + wait - written_at > worth_waiting) break;
            co_await alarm_->wait_for(wait);
            continue;
        }
        co_await alarm_->wait_for(idle);
    }
    co_await drain(tasks);
    if (standing_failure_) co_return *std::exchange(standing_failure_, {});
    co_return Done{};
}

Async<Duration> Reconciler::turn(TaskGroup& tasks, std::stop_token stop) {
    if (paused_until_) {
        const auto left = *paused_until_ - ports_.clock.monotonic();
        if (left > Duration::zero()) co_return left;
        paused_until_.reset();
    }
    if (!bound_.bound() || checked_session_ != bound_.session()) {
        if (auto ready = co_await begin_session(stop); !ready) {
            if (ready.error().kind == FailureKind::store) {
                pause_for_store(ready.error());
            } else {
                pause_for_directory(ready.error());
            }
            co_return Duration::zero();
        }
    }
    // What may not write still knows its directory, for the members' identities and for status.
    if (ports_.writer == nullptr) co_return idle;
    const auto changing = selection_is_changing(ports_.store, ports_.changes);
    if (!changing) {
        pause_for_store(changing.error());
        co_return store_pause;
    }
    // The puller rings after each page.
    if (*changing) co_return idle;
    auto read = read_due();
    if (read) start_due(tasks, stop);
    auto wait = read ? until_next_due() : Result<Duration>(read.error());
    if (!wait) {
        pause_for_store(wait.error());
        co_return store_pause;
    }
    ports_.live.clear_problem("store");
    co_return *wait;
}

Async<Result<Done>> Reconciler::begin_session(std::stop_token stop) {
    if (auto ready = co_await bound_.ensure(); !ready) co_return ready;
    const auto session = bound_.session();
    if (on_session_) {
        if (auto done = co_await on_session_(std::move(stop)); !done) co_return done;
    }
    checked_session_ = session;
    co_return Done{};
}

Result<Done> Reconciler::read_due() {
    const bool marked = marked_.exchange(false);
    if (!marked && !due_.empty()) return Done{};
    auto due = ports_.store.due(ports_.clock.now(), running_.size() + slots() * read_per_slot);
    if (!due) {
        marked_ = true;
        return due.error();
    }
    std::vector<GroupId> among;
    for (const auto& [group, running] : running_)
        among.push_back(group);
    std::erase_if(*due, [this](const DueGroup& group) {
        return running_.contains(group.group) || group.group == whole_tenant();
    });
    std::map<GroupId, DueGroup> by_id;
    looked_for_ = 0;
    for (const auto& group : *due) {
        among.push_back(group.group);
        by_id.emplace(group.group, group);
        if (!group.written || group.cause == Cause::drift) ++looked_for_;
    }
    auto nesting = ports_.store.nesting(among);
    if (!nesting) return nesting.error();
    nesting_ = std::move(*nesting);
    due_.clear();
    for (const auto& group : in_order(std::move(*due), nesting_))
        due_.push_back(by_id.at(group));
    return Done{};
}

void Reconciler::start_due(TaskGroup& tasks, const std::stop_token& stop) {
    std::vector<DueGroup> waiting;
    for (auto& group : due_) {
        if (running_.size() >= slots() || running_.contains(group.group) || must_wait(group)) {
            waiting.push_back(std::move(group));
            continue;
        }
        running_.emplace(group.group, group);
        tasks.start(work_on(group, looked_for_, stop));
    }
    due_ = std::move(waiting);
}

Result<Duration> Reconciler::until_next_due() {
    if (!running_.empty()) return idle;
    const auto now = ports_.clock.now();
    auto next = ports_.store.next_due(now);
    if (!next) return next.error();
    if (!*next) return idle;
    return std::clamp(std::chrono::duration_cast<Duration>(**next - now), Duration(1), idle);
}

std::size_t Reconciler::slots() const {
    return static_cast<std::size_t>(std::max(1, ports_.config.directory.groups_at_once));
}

// A parent waits while a child that AD does not have yet is being worked on: with it, one run is
// enough. A child that stands in AD delays nobody, nor does anything delay a hinted removal.
bool Reconciler::must_wait(const DueGroup& group) const {
    if (group.hinted_at && group.removals) return false;
    return std::any_of(nesting_.begin(), nesting_.end(), [&](const auto& pair) {
        if (pair.first != group.group) return false;
        const auto child = running_.find(pair.second);
        return child != running_.end() && !child->second.written;
    });
}

Async<void> Reconciler::work_on(DueGroup due, std::size_t looked_for, std::stop_token stop) {
    const auto group = due.group;
    GroupRun run(
        ports_, bound_, anchors_, guard_,
        [this](GroupId id) { return begin_.submit(std::move(id)); }, std::move(due), looked_for,
        stop);
    auto end = co_await run.run();
    writes_ += end.writes;
    if (end.lost) {
        pause_for_directory(*end.lost);
    } else {
        failures_ = 0;
    }
    if (end.store) pause_for_store(*end.store);
    if (end.outcome) co_await remember(*end.outcome, std::move(stop));
    // Its own mark may be due again, and its parents' with it.
    if (end.outcome && (!end.outcome->settled || end.outcome->marks_parents)) marked_ = true;
    running_.erase(group);
    alarm_->ring();
}

// What AD has obeyed is told to the store until it is remembered. When the process ends before,
// the group is read whole at the next start.
Async<void> Reconciler::remember(Outcome outcome, std::stop_token stop) {
    auto kept = co_await finish_.submit(outcome);
    while (!kept) {
        pause_for_store(kept.error());
        if (stop.stop_requested()) co_return;
        co_await ports_.clock.sleep(store_pause);
        kept = co_await finish_.submit(outcome);
    }
}

void Reconciler::pause_for_directory(const Failure& failure) {
    const auto now = ports_.clock.monotonic();
    bound_.lost(failure);
    standing_failure_ = failure;
    // Many groups fail together; they are one failure of the directory.
    if (paused_until_ && *paused_until_ > now) return;
    const auto& directory = ports_.config.directory;
    auto wait = backoff(failures_++, directory.reconnect_least, directory.reconnect_most,
                        ports_.random.below(1U << 30));
    if (failure.kind == FailureKind::credentials && !failure.retry_after) {
        wait = directory.credentials_pause;
    }
    paused_until_ = now + std::max(wait, failure.retry_after.value_or(Duration::zero()));
    alarm_->ring();
}

void Reconciler::pause_for_store(const Failure& failure) {
    standing_failure_ = failure;
    paused_until_ = ports_.clock.monotonic() + store_pause;
    if (!ports_.live.set_problem("store", failure.detail)) return;
    ports_.log.write(LogLevel::error, "store-failed", {{"detail", failure.detail}});
}

}  // namespace writeback
