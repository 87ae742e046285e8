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
    // What is held once `permitted` is done, of the reasons guard, take-over, drift (outside the
    // containers, or without our mark), refused (a target outside the containers) and unreadable.
    // Those with an id are in the store already, perhaps with more targets. Holds of other origin
    // (collision, refused, enforcement, missing) are the caller's to keep or drop.
    std::vector<Hold> holds;
    // Approved holds that `permitted` carries out. They vanish when every operation was done; when
    // one failed they are to be listed in Outcome::holds as well, or the approval is lost.
    std::vector<Hold> carried_out;
    std::vector<MemberId> owed;          // members whose removal is held or owed: Outcome::owed
    bool owed_to_policy = false;         // removals wait for the policy: Outcome::owed_to_policy
    std::int64_t inferred_removals = 0;  // in `permitted`, without approval
    // The group was taken over, the plan knew all its members, and nothing of the take-over is left
    // to decide: with `permitted` done it is ours (Origin::created).
    bool ours = false;
};

// report-only permits nothing and leaves the holds as they are; to show what would be done, judge
// with the policy `full`. no-removals owes removals, emptying and deletions. Approved holds permit
// exactly their targets (kind and subject); rejected ones stay; what is no longer due is dropped;
// what is new is judged anew.
[[nodiscard]] Judgement judge(const Plan& plan, const GroupWork& work, const GuardFacts& facts,
                              const GuardRules& rules);

struct DeletionJudgement {
    std::vector<GroupId> allowed;
    std::vector<Hold> held;
};

// Judges the pending deletions that were not judged before: all are allowed when they, those that
// wait for a person, and those done without approval in the window stay within
// max_group_deletions; otherwise each is held. Deletions that the configuration keeps in AD
// (on_soft_delete or on_delete = keep) are neither. Under any policy but `full` nothing is judged,
// so that what piled up is judged as one when the policy becomes `full`. An active group in the
// list is one that left the scope: it counts when on_out_of_scope is convert or remove, and is
// neither otherwise.
[[nodiscard]] DeletionJudgement judge_deletions(const std::vector<PendingDeletion>& pending,
                                                const GuardFacts& facts, const GuardConfig& guard,
                                                const GroupsConfig& groups);

// How many of `total` a limit allows.
[[nodiscard]] std::int64_t allowed_by(const Limit& limit, std::int64_t total);

}  // namespace writeback
