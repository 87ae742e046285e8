#include "core/hold_review.hpp"

#include "core/planner.hpp"

#include <algorithm>
#include <iterator>

namespace writeback {

namespace {

bool names_a_deletion(const Hold& hold) {
    return hold.targets.size() == 1 && hold.targets.front().kind == OperationKind::delete_group;
}

}  // namespace

HoldTarget target_of(const Operation& operation, const PlannedMember& member) {
    return {operation.kind, member.identity.key(), member.evidence};
}

HoldTarget target_of(const Operation& operation, const GroupWork& work) {
    HoldTarget target{operation.kind, {}, operation.evidence};
    if (operation.kind == OperationKind::rename_group) target.subject = operation.new_cn;
    if (operation.kind == OperationKind::move_group) {
        target.subject = operation.new_container.text();
    }
    if (operation.kind == OperationKind::convert_group) {
        target.subject = std::to_string(operation.to_type);
    }
    if (operation.kind == OperationKind::delete_group && work.cloud) {
        target.subject = deletion_subject(work.cloud->group.state);
    }
    return target;
}

HoldReview::HoldReview(const Plan& plan, const GroupWork& work) : work_(work) {
    if (work.holds.empty()) return;
    wanted_ = identities_of(work.wanted);
    present_ = identities_of(work.present);
    for (const Operation& operation : plan.operations) {
        for (const PlannedMember& member : operation.members) {
            planned_.emplace(operation.kind, member.identity.key());
        }
        planned_.emplace(operation.kind, target_of(operation, work).subject);
    }
    for (const Hold& hold : work.holds) {
        for (const HoldTarget& target : hold.targets) {
            if (hold.decision == Decision::approved) approved_.emplace(target.kind, target.subject);
            if (hold.decision == Decision::rejected) rejected_.insert(target);
        }
    }
}

bool HoldReview::is_approved(const HoldTarget& target) const {
    return approved_.contains({target.kind, target.subject});
}

bool HoldReview::is_rejected(const HoldTarget& target) const {
    return rejected_.contains(target);
}

// A target that the plan names is open while it is left undone. One that the plan does not name is
// no longer due, unless the plan could not know: it is suspended, or it did not see the member.
bool HoldReview::is_open(const HoldTarget& target, const HoldTargets& left) const {
    if (left.contains(target)) return true;
    if (planned_.contains({target.kind, target.subject})) return false;
    if (target.kind != OperationKind::remove_members) return suspended(work_);
    if (wanted_.contains(target.subject)) return false;
    return present_.contains(target.subject) || !work_.whole;
}

std::vector<HoldTarget> HoldReview::open_targets(const Hold& hold, const HoldTargets& left) const {
    std::vector<HoldTarget> open;
    std::copy_if(hold.targets.begin(), hold.targets.end(), std::back_inserter(open),
                 [&](const HoldTarget& target) { return is_open(target, left); });
    return open;
}

// The deletion that the hold names is what the cloud still asks for.
bool HoldReview::is_due_deletion(const Hold& hold) const {
    if (!work_.written || !work_.cloud || released(work_)) return false;
    const CloudState state = work_.cloud->group.state;
    return hold.targets.front().subject == deletion_subject(state) &&
           (state != CloudState::active || !work_.cloud->in_scope);
}

HoldReview::Remaining HoldReview::remaining(HoldReason reason, const HoldTargets& left,
                                            const HoldTargets& held) const {
    Remaining result;
    std::vector<Hold> undecided;
    HoldTargets covered;
    for (const Hold& hold : work_.holds) {
        if (hold.reason != reason) continue;
        Hold rest = hold;
        rest.targets = open_targets(hold, left);
        // The plan does not name a deletion that waits for a decision; it leaves the group alone.
        const bool waits = names_a_deletion(hold) && is_due_deletion(hold);
        if (waits && hold.decision != Decision::approved) rest.targets = hold.targets;
        if (hold.decision == Decision::approved && rest.targets != hold.targets) {
            result.carried_out.push_back(hold);
        }
        if (rest.targets.empty()) continue;
        if (hold.decision == Decision::pending) {
            covered.insert(rest.targets.begin(), rest.targets.end());
            undecided.push_back(std::move(rest));
        } else {
            result.holds.push_back(std::move(rest));
        }
    }
    if (std::includes(covered.begin(), covered.end(), held.begin(), held.end())) {
        std::move(undecided.begin(), undecided.end(), std::back_inserter(result.holds));
    } else {
        result.uncovered = held;
        result.uncovered.merge(covered);
    }
    return result;
}

}  // namespace writeback
