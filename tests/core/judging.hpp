// The guard at work under the default configuration, for its stories.
#pragma once

#include "core/examples.hpp"
#include "core/guard.hpp"
#include "core/planner.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace writeback::examples {

// Plans and judges with the default configuration under the policy `full`; tests change what they
// are about.
struct Guard {
    GuardConfig guard;
    GroupsConfig groups;
    GuardFacts facts;
    std::vector<Dn> containers = {container};
    std::optional<DesiredGroup> wish = desired();
    DeletionVerdict verdict = DeletionVerdict::none_pending;

    Guard() {
        groups.policy = Policy::full;
        facts.written_groups = 100;
        facts.written_memberships = 10000;
    }
    [[nodiscard]] Plan plan(const GroupWork& work) const {
        const PlanRules rules{groups, 1000, {"adminDescription", "description", "displayName"}};
        return plan_group(work, wish, rules, verdict);
    }
    [[nodiscard]] Judgement judge(const GroupWork& work) const {
        return writeback::judge(plan(work), work, facts, {guard, groups, containers});
    }
};

// A group of 100 members in AD, of whom this many are absent in the cloud.
inline GroupWork shrinking(int gone, Evidence evidence = Evidence::absent) {
    GroupWork result = work({}, many(0, 100));
    for (int i = 0; i < 100; ++i) {
        if (i < gone) {
            result.present[static_cast<std::size_t>(i)].evidence = evidence;
        } else {
            result.wanted.push_back(wanted(i));
        }
    }
    return result;
}

inline GroupWork decided(GroupWork work, std::vector<Hold> holds, Decision decision) {
    int number = 0;
    for (Hold& hold : holds) {
        hold.id = "h" + std::to_string(++number);
        hold.decision = decision;
    }
    work.holds = std::move(holds);
    return work;
}

inline GroupWork taken_over(GroupWork work) {
    work.written->origin = Origin::taken_over;
    return work;
}

inline std::vector<std::string> reasons(const std::vector<Hold>& holds) {
    std::vector<std::string> result;
    for (const Hold& hold : holds)
        result.emplace_back(name_of(hold.reason));
    return result;
}

inline Numbers removed(const Judgement& judgement) {
    return members(judgement.permitted, OperationKind::remove_members);
}

}  // namespace writeback::examples
