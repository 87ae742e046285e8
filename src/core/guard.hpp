// What of a plan may be done: policy, containers and mark, take-over, and the limits on deletions
// and inferred removals. Everything else is held until a person approves, or owed.
//
// Limits, exactly: a number n allows n. A percentage allows that share of the total, rounded down,
// but at least one when it is above 0 (else 5% of ten groups would hold every deletion for ever).
// What is over a limit is held whole, not in part: nobody can say which part is the accident.
//   max_member_removals    of one group with at least min_members members in AD: its inferred
//                          removals in this plan; with limit_explicit_removals the explicit ones
//                          as well, except the emptying of a deleted group, which counts as a
//                          group deletion.
//   max_inferred_removals  inferred removals pending over all groups plus those done in the window
//                          without approval, against the limit or inferred_removals_floor,
//                          whichever is more.
//   max_group_deletions    see judge_deletions.
// Failures: none. Ownership: GuardRules borrows the configuration. Threads: pure, any thread.
#pragma once

#include <writeback/config.hpp>
#include <writeback/plan.hpp>
#include <writeback/store.hpp>

#include <cstdint>
#include <vector>

namespace writeback {

struct GuardRules {
    const GuardConfig& guard;
    const GroupsConfig& groups;
    std::vector<Dn> containers;  // DirectoryConfig::container and ::containers
};

struct Judgement {
    std::vector<Operation> permitted;  // in the plan's order
    // What is held once `permitted` is done. Of the reasons guard and take-over all that remain,
    // new ones without id; of drift (the group stands outside the containers, or bears our mark no
    // more), refused (a target outside the containers, or Plan::refused) and unreadable only what
    // this judgement found. Holds of other origin are the caller's to keep or drop.
    std::vector<Hold> holds;
    // Approved holds that `permitted` carries out, as they were.
    std::vector<Hold> carried_out;
    // Members in AD that are not wanted and that `permitted` leaves there: Outcome::owed.
    std::vector<MemberId> owed;
    bool owed_to_policy = false;         // some wait for the policy: Outcome::owed_to_policy
    std::int64_t inferred_removals = 0;  // in `permitted`, without approval
    // The group was taken over, the plan knew all its members, and nothing of the take-over is left
    // to decide: with `permitted` done it is ours (Origin::created).
    bool ours = false;
};

// report-only permits nothing and leaves the holds as they are; to show what would be done, judge
// with the policy `full`. no-removals owes removals, emptying, deletions and the conversions that
// stand for one. An approved hold permits exactly its targets (kind and subject). A rejected one
// stays while the evidence is the same. What is no longer due is dropped, what is new is judged
// anew: a hold never grows, it is replaced, so that nobody approves what they have not seen.
[[nodiscard]] Judgement judge(const Plan& plan, const GroupWork& work, const GuardFacts& facts,
                              const GuardRules& rules);

// The holds to store after the run: `holds`, and while an operation failed also those that were to
// be carried out, or the approval would be lost.
[[nodiscard]] std::vector<Hold> holds_after(const Judgement& judgement, bool all_done);

struct DeletionJudgement {
    std::vector<GroupId> allowed;
    std::vector<Hold> held;
};

// Judges the pending deletions that were not judged before: all are allowed when they, those that
// wait for a person, and those done without approval in the window stay within
// max_group_deletions; otherwise each is held. Those that do not count (counts_as_deletion) are
// neither. Under any policy but `full` nothing is judged, so that what piled up is judged as one
// when the policy becomes `full`. An active group in the list is one that left the scope.
[[nodiscard]] DeletionJudgement judge_deletions(const std::vector<PendingDeletion>& pending,
                                                const GuardFacts& facts, const GuardConfig& guard,
                                                const GroupsConfig& groups);

}  // namespace writeback
