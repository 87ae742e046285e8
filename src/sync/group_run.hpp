// One group's turn: what is known of it is brought in line with the directory where that is asked
// for, planned, judged, carried out, and summed up as the Outcome that the store remembers.
//
// The run writes nothing before `begin` has answered: from then on a crash leaves the group to be
// read whole. When AD contradicts, the group is read whole and planned again, a bounded number of
// times.
//
// Failures: none come out. What concerns the group is in the outcome; what concerns the directory
// as a whole is in `lost`. Threads: one. Cancellation: between operations, by `stop`.
#pragma once

#include "core/guard.hpp"
#include "sync/anchors.hpp"
#include "sync/bound_directory.hpp"
#include "sync/drift_report.hpp"
#include "sync/operations_run.hpp"
#include "sync/ports.hpp"

#include <writeback/store.hpp>

#include <functional>
#include <optional>
#include <stop_token>
#include <string>

namespace writeback {

struct GroupRunEnd {
    std::optional<Outcome> outcome;  // nothing: there is nothing to remember
    std::optional<Failure> lost;     // the directory as a whole
    std::optional<Failure> store;    // the store failed
    std::int64_t writes = 0;
};

class GroupRun {
 public:
    using Begin = std::function<Async<Result<Done>>(GroupId)>;

    // looked_for: how many groups of this batch are to be looked for by their mark.
    GroupRun(SyncPorts& ports, BoundDirectory& bound, Anchors& anchors, const GuardRules& guard,
             Begin begin, DueGroup due, std::size_t looked_for, std::stop_token stop);

    Async<GroupRunEnd> run();

 private:
    enum class Step { go_on, again, finished };

    Async<Step> turn();
    // Brings the store in line with AD where the work asks for it.
    Async<Step> look_up();
    Async<Step> look_at_known();
    Async<Step> look_for_mark();
    Async<Step> look_for_copies();
    Async<Step> take_as_written(ObjectGuid guid, Origin origin, bool new_object);
    Async<Step> plan_and_write();
    [[nodiscard]] std::optional<DesiredGroup> desired_group();
    // Under drift = report: what a read has shown, and what an earlier one has.
    void report_drift(const std::optional<DesiredGroup>& desired);
    [[nodiscard]] bool reports_drift() const;
    [[nodiscard]] ReplaceExtent extent_of_read(bool new_object) const;
    Async<Step> carry_out(Judgement judgement, std::optional<DesiredGroup> desired);

    Step release();
    Step gone_from_directory();
    // A known object was not found. Whether that shows it to be gone, rather than not yet
    // replicated to the domain controller that answers now.
    [[nodiscard]] bool is_gone(const WrittenGroup& known) const;
    Step hold_missing(const WrittenGroup& known);
    // A domain controller that does not answer now may have made the group.
    [[nodiscard]] bool may_stand_elsewhere() const;
    Step await_replication();
    Step settle(std::vector<Hold> holds, std::vector<MemberId> owed);
    Step hold_whole(HoldReason reason, std::string detail);
    Step hold_copies(const std::vector<MarkedObject>& marked);
    Step await_verdict(std::vector<Hold> holds);
    Step directory_failed(const Failure& failure);
    Step store_failed(const Failure& failure);
    Step sum_up(const Judgement& judgement, Account account);
    void add_to_outcome(const Account& account);
    void settle_after_writes(const Judgement& judgement, const Account& account,
                             std::vector<Hold> holds);

    [[nodiscard]] std::vector<Hold> holds_left(const Judgement& judgement,
                                               const Account& account) const;
    void note_guard(const Judgement& judgement);
    [[nodiscard]] std::string name() const;
    [[nodiscard]] Duration retry_wait() const;
    // The connection that this turn began on is there no more.
    [[nodiscard]] bool session_ended() const;
    Step end_with_session();

    SyncPorts& ports_;
    BoundDirectory& bound_;
    Anchors& anchors_;
    const GuardRules& guard_;
    Begin begin_;
    DueGroup due_;
    std::size_t looked_for_;
    std::stop_token stop_;

    GroupWork work_;
    Plan plan_;
    std::vector<Hold> reported_;           // drift that stays as it is
    std::optional<GroupReading> reading_;  // of this run, under drift = report
    Outcome outcome_;
    std::int64_t session_ = 0;  // of this turn, and whose domain controller it is on
    std::string usn_source_;
    bool looked_up_ = false;
    bool looked_for_copies_ = false;
    bool read_again_ = false;  // AD contradicted: read before planning again
    int contradictions_ = 0;
    GroupRunEnd end_;
};

}  // namespace writeback
