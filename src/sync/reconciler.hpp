// Serves the dirty groups: the most urgent first, many at once over the one connection, each of
// them never twice at once.
//
// Without a writer (report-only) it does nothing and the marks stay. When the directory fails as a
// whole, everything waits with it and nothing is lost; groups whose write was under way are read
// before they are planned again.
//
// Failures: none come out of serve(); what stands in the way is a problem in the live state, and
// `directory` tells the last one. Limits: DirectoryConfig::groups_at_once. Threads: one, but wake()
// may be called from any. Cancellation: serve() starts nothing after `stop` and ends when the
// groups under way have ended, at the latest when the directory's calls were ended after the
// drain's deadline.
#pragma once

#include "core/guard.hpp"
#include "sync/anchors.hpp"
#include "sync/bound_directory.hpp"
#include "sync/group_run.hpp"
#include "sync/ports.hpp"
#include "sync/task_group.hpp"
#include "sync/turn_batch.hpp"

#include <writeback/store.hpp>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

namespace writeback {

class Reconciler {
 public:
    static constexpr Duration drain_limit = std::chrono::seconds(20);

    // on_session: is called when a session with the directory has begun, before anything is
    // planned.
    using OnSession = std::function<Async<Result<Done>>(std::stop_token)>;
    Reconciler(SyncPorts& ports, BoundDirectory& bound, OnSession on_session);

    Async<void> serve(std::stop_token stop);
    // Until no dirty group may be done now. Fails with what the directory or the store answered.
    Async<Result<Done>> run_until_idle(std::stop_token stop);
    void wake();
    // The connection to the directory came or went.
    void directory_changed(bool bound);

    // Someone else has changed something: what was found by mark before counts no longer.
    void directory_differs();

    [[nodiscard]] bool is_running(const GroupId& group) const { return running_.contains(group); }
    [[nodiscard]] std::int64_t writes() const { return writes_; }

 private:
    // Starts what may be started; gives how long nothing else is to be expected.
    Async<Duration> turn(TaskGroup& tasks, std::stop_token stop);
    Async<Result<Done>> begin_session(std::stop_token stop);
    // Reads who is due when something was marked or nobody is left of those read before.
    Result<Done> read_due();
    void start_due(TaskGroup& tasks, const std::stop_token& stop);
    [[nodiscard]] Result<Duration> until_next_due();
    Async<void> work_on(DueGroup due, std::size_t looked_for, std::stop_token stop);
    Async<void> remember(Outcome outcome, std::stop_token stop);
    Async<void> drain(TaskGroup& tasks);
    [[nodiscard]] std::size_t slots() const;
    [[nodiscard]] bool must_wait(const DueGroup& group) const;
    void pause_for_directory(const Failure& failure);
    void pause_for_store(const Failure& failure);

    SyncPorts& ports_;
    BoundDirectory& bound_;
    OnSession on_session_;
    std::int64_t checked_session_ = 0;
    Anchors anchors_;
    GroupsConfig groups_;
    GuardRules guard_;
    std::unique_ptr<Alarm> alarm_;
    TurnBatch<GroupId> begin_;
    TurnBatch<Outcome> finish_;
    std::map<GroupId, DueGroup> running_;
    std::atomic<bool> marked_ = true;  // since the due groups were read
    std::vector<DueGroup> due_;        // in the order in which they are to be served
    std::vector<std::pair<GroupId, GroupId>> nesting_;  // among them and those running
    std::size_t looked_for_ = 0;  // of those read, how many are to be looked for by their mark
    std::optional<Duration> paused_until_;
    std::optional<Failure> standing_failure_;
    int failures_ = 0;
    std::int64_t writes_ = 0;
};

}  // namespace writeback
