// The daemon's story: hints wake the puller, the puller fills the mirror, the reconciler brings the
// directory in line with it, the keeper keeps the hints coming. This class owns the parts and lets
// them run beside one another.
//
// Use: construct, prepare(), open the webhook's listener, then serve() until `stop`; or once().
//
// Failures: prepare() and once() give theirs; serve() gives none, what goes wrong is told by
// LiveState and log and tried again. Ownership: what SyncPorts names outlives the story. Threads:
// one, that of the coroutine which runs serve() or once(); hints_arrived() may be called from any.
// Cancellation: after `stop` nothing new is begun; calls to the cloud end at once; writes that are
// under way end and are remembered, for Reconciler::drain_limit at most.
#pragma once

#include "sync/assigned_groups.hpp"
#include "sync/auditor.hpp"
#include "sync/bound_directory.hpp"
#include "sync/hold_retry.hpp"
#include "sync/keeper.hpp"
#include "sync/ports.hpp"
#include "sync/puller.hpp"
#include "sync/reconciler.hpp"
#include "sync/rescope.hpp"
#include "sync/restoration.hpp"

#include <cstdint>
#include <memory>
#include <stop_token>

namespace writeback {

struct OnceReport {
    std::int64_t writes = 0;   // operations that the directory obeyed
    std::int64_t dirty = 0;    // groups that could not be brought in line now
    std::int64_t waiting = 0;  // holds that wait for a person's decision: exit code 3
    std::int64_t held = 0;     // all holds
};

class Story {
 public:
    // Throws std::invalid_argument when the configuration selects groups in a way that this program
    // does not know; check-config tells that before.
    explicit Story(SyncPorts ports);
    Story(const Story&) = delete;
    Story& operator=(const Story&) = delete;
    ~Story();

    // Binds the store to the tenant and knows our subscriptions again. To be called before the
    // webhook listens, so that its first notification is judged rightly.
    [[nodiscard]] Result<Done> prepare();

    Async<void> serve(std::stop_token stop);
    // Pulls, and reconciles until nothing dirty may be done now.
    Async<Result<OnceReport>> once(std::stop_token stop);
    // The one half of it: the mirror is brought up to the cloud, and nothing is written to the
    // directory.
    Async<Result<Done>> pull(std::stop_token stop);
    // The other: the directory is brought in line with the mirror as it is; the cloud is not asked.
    Async<Result<OnceReport>> reconcile(std::stop_token stop);

    void hints_arrived();
    // The directory's connection came or went.
    void directory_changed(bool bound);

 private:
    Async<void> read_inbox(std::stop_token stop);
    Async<void> look_around(std::stop_token stop);
    Async<void> tell_numbers(std::stop_token stop);
    Async<void> when_stopped(std::stop_token stop);
    Async<Result<Done>> begin(std::stop_token stop);
    [[nodiscard]] Result<Done> take_in_hints();
    void take_in_lifecycle(const Hint& hint);
    void forget_hints(const std::vector<std::int64_t>& ids);
    [[nodiscard]] Result<Done> take_in_requests();
    [[nodiscard]] Result<Done> set_gauges();
    Result<OnceReport> report() const;

    SyncPorts ports_;
    BoundDirectory bound_;
    Puller puller_;
    Rescope rescope_;
    AssignedGroups assigned_;
    Restoration restoration_;
    Reconciler reconciler_;
    Auditor auditor_;
    std::unique_ptr<Keeper> keeper_;
    HoldRetry hold_retry_;
    std::unique_ptr<Alarm> inbox_alarm_, look_alarm_, gauge_alarm_, stop_alarm_;
    std::int64_t last_hint_ = 0;
};

}  // namespace writeback
