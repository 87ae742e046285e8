#include "core/guard.hpp"

#include "core/distinguished_name.hpp"
#include "core/drift.hpp"
#include "core/hold_review.hpp"
#include "core/limits.hpp"
#include "core/planner.hpp"
#include "core/scope.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <utility>

namespace writeback {

namespace {

enum class Fate {
    permitted,  // nothing speaks against it, or a person has approved it
    limited,    // permitted unless a limit is exceeded
    take_over,  // waits for the approval of the take-over
    rejected,   // a person has rejected it
    owed,       // waits for the policy
    out_of_place,
    target_out_of_place,
};

// One judgement. Each operation, and each member of a removal, is a target with a fate; limits are
// judged over all targets that they count, and what is held becomes a hold for each reason.
class Judging {
 public:
    Judging(const Plan& plan, const GroupWork& work, const GuardFacts& facts,
            const GuardRules& rules)
        : plan_(plan), work_(work), facts_(facts), rules_(rules), review_(plan, work) {}

    [[nodiscard]] Judgement judge() && {
        in_place_ = stands_in_place();
        for (const Operation& operation : plan_.operations)
            count(operation);
        over_limit_ =
            exceeded_limit(count_, work_.written_count, facts_, rules_.guard, rules_.groups);
        for (const Operation& operation : plan_.operations)
            decide(operation);
        settle_holds(HoldReason::guard, held_by_guard_, over_limit_);
        settle_holds(HoldReason::take_over, held_by_take_over_, take_over_sentence());
        settle_owed();
        hold_what_is_unreadable();
        if (!plan_.refused.empty()) add_hold(HoldReason::refused, plan_.refused, {});
        judgement_.ours = is_ours();
        return std::move(judgement_);
    }

 private:
    // --- fates ---

    // Law 6: the group stands inside a container and bears our mark. If not, it is held, also while
    // nothing is to be done to it: the next change would wait. One that is gone in the cloud, and
    // needs nothing more, may have been taken by somebody on purpose.
    bool stands_in_place() {
        if (!work_.written || work_.missing || !work_.cloud) return true;
        if (plan_.operations.empty() && !is_active()) return true;
        const WrittenGroup& written = *work_.written;
        std::string fault;
        if (!lies_in_a_container(written.dn)) {
            fault = moved_away_sentence(written.dn);
        } else {
            const auto mark = written.attributes.find("adminDescription");
            const bool marked = mark != written.attributes.end() && !mark->second.empty();
            fault = changed_mark_sentence(work_.group, marked ? mark->second.front() : "");
        }
        if (fault.empty()) return true;
        add_hold(HoldReason::drift, fault, {});
        return false;
    }

    [[nodiscard]] bool is_active() const {
        return work_.cloud->in_scope && !released(work_) &&
               work_.cloud->group.state == CloudState::active;
    }

    [[nodiscard]] bool lies_in_a_container(const Dn& name) const {
        return std::any_of(rules_.containers.begin(), rules_.containers.end(),
                           [&](const Dn& container) { return is_below(name, container); });
    }

    [[nodiscard]] bool is_a_container(const Dn& name) const {
        return std::any_of(rules_.containers.begin(), rules_.containers.end(),
                           [&](const Dn& container) {
                               return is_same_name(name, container) || is_below(name, container);
                           });
    }

    [[nodiscard]] bool has_target_in_place(const Operation& operation) const {
        if (operation.kind == OperationKind::create_group) return lies_in_a_container(operation.dn);
        if (operation.kind == OperationKind::move_group) {
            return is_a_container(operation.new_container);
        }
        return true;
    }

    [[nodiscard]] static bool stands_for_a_deletion(const Operation& operation) {
        return operation.kind == OperationKind::delete_group ||
               (operation.kind == OperationKind::convert_group &&
                operation.evidence != Evidence::none);
    }

    [[nodiscard]] bool waits_for_take_over(OperationKind kind, Evidence evidence) const {
        if (!work_.written || work_.written->origin != Origin::taken_over) return false;
        if (kind == OperationKind::remove_members) return is_inferred(evidence);
        return kind != OperationKind::modify_group && kind != OperationKind::add_members;
    }

    [[nodiscard]] bool counts_as_removal(const HoldTarget& target) const {
        if (is_inferred(target.evidence)) return true;
        return rules_.guard.limit_explicit_removals &&
               target.kind == OperationKind::remove_members &&
               target.evidence != Evidence::group_deleted;
    }

    // Whoever approved the deletion of a group has approved the emptying that stands for it.
    [[nodiscard]] bool belongs_to_approved_deletion(const HoldTarget& target) const {
        if (target.kind != OperationKind::remove_members || !work_.cloud) return false;
        const CloudState state = work_.cloud->group.state;
        return state != CloudState::active &&
               review_.is_approved(
                   {OperationKind::delete_group, deletion_subject(state), Evidence::none});
    }

    [[nodiscard]] Fate fate_of(const Operation& operation, const HoldTarget& target) const {
        if (!in_place_) return Fate::out_of_place;
        if (!has_target_in_place(operation)) return Fate::target_out_of_place;
        const bool removes =
            operation.kind == OperationKind::remove_members || stands_for_a_deletion(operation);
        if (removes && rules_.groups.policy == Policy::no_removals) return Fate::owed;
        if (review_.is_rejected(target)) return Fate::rejected;
        if (review_.is_approved(target) || belongs_to_approved_deletion(target)) {
            return Fate::permitted;
        }
        if (waits_for_take_over(target.kind, target.evidence)) return Fate::take_over;
        return removes && counts_as_removal(target) ? Fate::limited : Fate::permitted;
    }

    // --- limits ---

    void count(const Operation& operation) {
        if (operation.kind != OperationKind::remove_members) {
            const HoldTarget target = target_of(operation, work_);
            if (fate_of(operation, target) == Fate::limited) count_.inferred += work_.written_count;
            return;
        }
        for (const PlannedMember& member : operation.members) {
            const HoldTarget target = target_of(operation, member);
            if (fate_of(operation, target) != Fate::limited) continue;
            ++(is_inferred(member.evidence) ? count_.inferred : count_.explicit_ones);
        }
    }

    // --- decisions ---

    // True when the target is done now; otherwise it is held or owed.
    bool decide_target(const Operation& operation, const HoldTarget& target) {
        switch (fate_of(operation, target)) {
            case Fate::permitted:
                return true;
            case Fate::limited:
                if (over_limit_.empty()) return true;
                held_by_guard_.insert(target);
                break;
            case Fate::take_over:
                held_by_take_over_.insert(target);
                break;
            case Fate::owed:
                judgement_.owed_to_policy = true;
                break;
            case Fate::target_out_of_place:
                add_hold(HoldReason::refused, out_of_place_sentence(operation), {target});
                break;
            case Fate::rejected:
            case Fate::out_of_place:
                break;
        }
        left_.insert(target);
        return false;
    }

    void decide(const Operation& operation) {
        if (operation.kind != OperationKind::remove_members) {
            const HoldTarget target = target_of(operation, work_);
            if (!decide_target(operation, target)) return;
            const bool limited = fate_of(operation, target) == Fate::limited;
            judgement_.inferred_removals += limited ? work_.written_count : 0;
            judgement_.permitted.push_back(operation);
            return;
        }
        Operation rest = operation;
        rest.members.clear();
        for (const PlannedMember& member : operation.members) {
            const HoldTarget target = target_of(operation, member);
            if (!decide_target(operation, target)) continue;
            const bool counted = is_inferred(member.evidence);
            if (counted && fate_of(operation, target) == Fate::limited) {
                ++judgement_.inferred_removals;
            }
            removed_.insert(member.identity);
            rest.members.push_back(member);
        }
        if (!rest.members.empty()) judgement_.permitted.push_back(std::move(rest));
    }

    // --- holds ---

    void settle_holds(HoldReason reason, const HoldTargets& held, const std::string& sentence) {
        HoldReview::Remaining remaining = review_.remaining(reason, left_, held);
        std::move(remaining.holds.begin(), remaining.holds.end(),
                  std::back_inserter(judgement_.holds));
        std::move(remaining.carried_out.begin(), remaining.carried_out.end(),
                  std::back_inserter(judgement_.carried_out));
        if (!remaining.uncovered.empty()) add_hold(reason, sentence, remaining.uncovered);
    }

    void add_hold(HoldReason reason, const std::string& sentence, const HoldTargets& targets) {
        Hold hold;
        hold.group = work_.group;
        hold.reason = reason;
        hold.name = plan_.name;
        hold.detail = sentence;
        hold.targets.assign(targets.begin(), targets.end());
        judgement_.holds.push_back(std::move(hold));
    }

    void hold_what_is_unreadable() {
        if (!work_.cloud || work_.cloud->unreadable.empty()) return;
        const std::string& why = work_.cloud->unreadable;
        if (is_scope_fault(why)) {
            return add_hold(HoldReason::unreadable,
                            "W" + why.substr(1) +
                                ". But for explicit removals it stays as it is, until the group or "
                                "the setting changes.",
                            {});
        }
        add_hold(HoldReason::unreadable,
                 "What the cloud showed of this group cannot be read: " + why +
                     ". Only explicit removals are written until it shows the group again.",
                 {});
    }

    [[nodiscard]] static std::string out_of_place_sentence(const Operation& operation) {
        const bool create = operation.kind == OperationKind::create_group;
        return std::string(create ? "It would be created at " : "It would be moved to ") +
               (create ? operation.dn : operation.new_container).text() +
               ", which is outside the configured containers; change the mapping, or add the "
               "container to directory.containers.";
    }

    [[nodiscard]] std::string take_over_sentence() const {
        return "This group bears the mark but was never written by this store: its " +
               std::to_string(held_by_take_over_.size()) +
               " renames, moves, conversions, deletions and inferred removals wait; " +
               std::string(how_to_decide);
    }

    // --- the rest ---

    // Evidence must outlive the mark for every removal that is left undone, also for those that the
    // planner left out because something is not known yet.
    void settle_owed() {
        const IdentitySet wanted = identities_of(work_.wanted);
        std::set<MemberId> owed;
        for (const WrittenMember& member : work_.present) {
            if (wanted.contains(member.identity) || removed_.contains(member.identity)) continue;
            owed.insert(member.cloud_ids.begin(), member.cloud_ids.end());
        }
        for (const Operation& operation : plan_.operations) {
            if (operation.kind != OperationKind::remove_members) continue;
            for (const PlannedMember& member : operation.members) {
                if (removed_.contains(member.identity)) continue;
                owed.insert(member.cloud_ids.begin(), member.cloud_ids.end());
            }
        }
        judgement_.owed.assign(owed.begin(), owed.end());
    }

    [[nodiscard]] bool is_ours() const {
        if (!work_.written || work_.written->origin != Origin::taken_over) return false;
        const auto& holds = judgement_.holds;
        const bool undecided = std::any_of(holds.begin(), holds.end(), [](const Hold& hold) {
            return hold.reason == HoldReason::take_over || hold.reason == HoldReason::drift;
        });
        return work_.cloud && work_.whole && work_.unknown_count == 0 && !suspended(work_) &&
               judgement_.owed.empty() && !undecided;
    }

    const Plan& plan_;
    const GroupWork& work_;
    const GuardFacts& facts_;
    const GuardRules& rules_;
    HoldReview review_;
    IdentitySet removed_;  // by `permitted`
    HoldTargets left_;     // planned and not in `permitted`
    HoldTargets held_by_guard_;
    HoldTargets held_by_take_over_;
    bool in_place_ = true;
    RemovalCount count_;
    std::string over_limit_;  // the sentence about the limit that is exceeded
    Judgement judgement_;
};

}  // namespace

Judgement judge(const Plan& plan, const GroupWork& work, const GuardFacts& facts,
                const GuardRules& rules) {
    if (rules.groups.policy == Policy::report_only) {
        Judgement judgement;
        judgement.holds = work.holds;
        return judgement;
    }
    return Judging(plan, work, facts, rules).judge();
}

std::vector<Hold> holds_after(const Judgement& judgement, bool all_done) {
    if (all_done) return judgement.holds;
    std::vector<Hold> holds = judgement.carried_out;
    for (const Hold& hold : judgement.holds) {
        const bool listed = std::any_of(holds.begin(), holds.end(), [&](const Hold& other) {
            return !hold.id.empty() && other.id == hold.id;
        });
        if (!listed) holds.push_back(hold);
    }
    return holds;
}

}  // namespace writeback
