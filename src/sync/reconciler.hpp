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

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
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

    [[nodiscard]] std::int64_t writes() const { return writes_; }

 private:
    // Starts what may be started; gives how long nothing else is to be expected.
    Async<Duration> turn(TaskGroup& tasks, std::stop_token stop);
    Async<Result<Done>> begin_session(std::stop_token stop);
    Result<Duration> start_due(TaskGroup& tasks, const std::stop_token& stop);
    Async<void> work_on(DueGroup due, std::size_t looked_for, std::stop_token stop);
    Async<void> remember(Outcome outcome, std::stop_token stop);
    Async<void> drain(TaskGroup& tasks);
    [[nodiscard]] bool must_wait(const DueGroup& group,
                                 const std::vector<std::pair<GroupId, GroupId>>& nesting) const;
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
    std::optional<Duration> paused_until_;
    std::optional<Failure> standing_failure_;
    int failures_ = 0;
    std::int64_t writes_ = 0;
};

}  // namespace writeback
