// Carries out the permitted operations of one group, in their order, and keeps account of what the
// directory has obeyed.
//
// An operation that is refused is held, and the next ones go on; a refused member is found by
// halves and held alone. What shows that the directory is not as believed ends the run with
// read_again; what concerns the directory as a whole ends it with directory_lost.
//
// Failures: none come out, they become part of the account. Threads: one. Cancellation: between two
// operations, when `stop` was requested.
#pragma once

#include "core/guard.hpp"
#include "core/retry.hpp"
#include "sync/anchors.hpp"
#include "sync/bound_directory.hpp"
#include "sync/ports.hpp"

#include <writeback/directory.hpp>
#include <writeback/plan.hpp>
#include <writeback/store.hpp>

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace writeback {

// What a run of operations has come to.
struct Account {
    enum class End { finished, read_again, try_again, directory_lost, stopped };
    End end = End::finished;
    std::optional<Failure> failed;  // what ended it early
    Duration wait{};                // for read_again and try_again
    std::string last_error;

    // What AD now has.
    std::optional<WrittenGroup> written;
    bool forgotten = false;
    bool created = false;
    std::vector<PlannedMember> added;
    std::vector<AdIdentity> removed;

    std::vector<Hold> holds;  // of what was refused
    bool all_done = true;     // every operation was obeyed
    bool in_flight = false;   // the last one's outcome is unknown
    std::int64_t writes = 0;
    std::optional<std::int64_t> usn;  // uSNChanged that they left, where it is known to be ours
};

class OperationsRun {
 public:
    OperationsRun(SyncPorts& ports, const BoundDirectory& bound, Anchors& anchors,
                  const GroupWork& work, std::optional<DesiredGroup> desired, std::string name,
                  std::stop_token stop);

    Async<Account> run(std::vector<Operation> operations);

 private:
    Async<void> carry_out(const Operation& operation);
    Async<void> create(Operation operation);
    Async<void> modify(Operation operation);
    Async<void> rename_or_move(Operation operation);
    Async<void> convert(const Operation& operation);
    Async<void> change_members(const Operation& operation);
    Async<void> remove(const Operation& operation);

    Async<Result<Done>> send_members(OperationKind kind, std::vector<PlannedMember> members);
    Async<void> bisect(OperationKind kind, std::vector<PlannedMember> members, Failure refusal);
    Async<void> change_attributes_singly(const Operation& operation);
    Async<bool> name_taken(const Operation& operation, const Failure& failure);
    void note_created(const Operation& operation, const CreatedGroup& created);
    [[nodiscard]] bool take_alternative_account_name(Operation& operation) const;
    [[nodiscard]] bool has_alternative(const Operation& operation) const;
    [[nodiscard]] Dn wanted_name(const Operation& operation) const;

    // Notes a failure and decides what becomes of the run.
    void refused(const Operation& operation, const Failure& failure);
    Hold& hold(HoldTarget target, HoldReason reason, std::string detail);
    void hold_operation(const Operation& operation, HoldReason reason, std::string detail);
    void hold_member(OperationKind kind, const PlannedMember& member, HoldReason reason,
                     std::string detail);
    [[nodiscard]] NextStep step_for(const Failure& failure, OperationKind kind);
    void end_with(const NextStep& step, const Failure& failure);
    void done(const Operation& operation, std::int64_t members_before);
    void tell(const Operation& operation, const std::optional<Failure>& failure,
              std::int64_t members_before);
    void note_members(OperationKind kind, const std::vector<PlannedMember>& members);
    [[nodiscard]] WriteTarget target() const;
    [[nodiscard]] bool ended() const { return account_.end != Account::End::finished; }
    [[nodiscard]] WrittenGroup& written();

    SyncPorts& ports_;
    const BoundDirectory& bound_;
    Anchors& anchors_;
    const GroupWork& work_;
    std::optional<DesiredGroup> desired_;  // nothing when it is gone or could not be computed
    std::string name_;
    std::stop_token stop_;
    std::int64_t members_ = 0;  // that AD has, as far as we know
    std::int64_t session_;      // of the directory, when the run began
    Account account_;
};

// A hold of a group as it begins, before the store gives it an id.
[[nodiscard]] Hold draft_hold(const GroupId& group, std::string name, HoldReason reason,
                              std::string detail, Instant since);
[[nodiscard]] std::vector<AdIdentity> identities_of(const std::vector<PlannedMember>& members);
// A write that failed so may have been obeyed.
[[nodiscard]] bool outcome_is_unknown(const Failure& failure);

}  // namespace writeback
