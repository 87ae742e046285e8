// What the holds of a group decide, and what remains of them after a judgement.
//
// Failures: none. Ownership: HoldReview borrows the group's work and plan. Threads: one.
#pragma once

#include "core/identity_set.hpp"

#include <writeback/plan.hpp>
#include <writeback/store.hpp>

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace writeback {

using HoldTargets = std::set<HoldTarget>;

// The target that a member of a remove-members stands for, and that any other operation does.
[[nodiscard]] HoldTarget target_of(const Operation& operation, const PlannedMember& member);
[[nodiscard]] HoldTarget target_of(const Operation& operation, const GroupWork& work);

class HoldReview {
 public:
    HoldReview(const Plan& plan, const GroupWork& work);

    // An approval is for a kind and a subject, whatever the evidence has become; a rejection stands
    // while the evidence is the same.
    [[nodiscard]] bool is_approved(const HoldTarget& target) const;
    [[nodiscard]] bool is_rejected(const HoldTarget& target) const;

    struct Remaining {
        std::vector<Hold> holds;        // existing ones, perhaps with fewer targets
        std::vector<Hold> carried_out;  // approved ones, as they were
        HoldTargets uncovered;          // when not empty: what one new hold must name
    };
    // left: planned targets that are not done now, for whatever reason; held: those of them that
    // this reason holds without a decision. An undecided hold never grows: where it would have to,
    // it goes, and its targets are among the uncovered.
    [[nodiscard]] Remaining remaining(HoldReason reason, const HoldTargets& left,
                                      const HoldTargets& held) const;

 private:
    [[nodiscard]] bool is_open(const HoldTarget& target, const HoldTargets& left) const;
    [[nodiscard]] bool is_due_deletion(const Hold& hold) const;
    [[nodiscard]] std::vector<HoldTarget> open_targets(const Hold& hold,
                                                       const HoldTargets& left) const;

    using KindAndSubject = std::pair<OperationKind, std::string>;
    const GroupWork& work_;
    IdentitySet wanted_;
    IdentitySet present_;
    std::set<KindAndSubject> planned_;
    std::set<KindAndSubject> approved_;
    HoldTargets rejected_;
};

}  // namespace writeback
