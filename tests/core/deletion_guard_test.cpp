#include "core/examples.hpp"
#include "core/guard.hpp"
#include "core/planner.hpp"

#include <doctest/doctest.h>

using namespace writeback;
using namespace writeback::examples;

namespace {

PendingDeletion deletion(int number, CloudState state = CloudState::soft_deleted) {
    return {group_id(number), "Group " + std::to_string(number), state, false, false};
}

std::vector<PendingDeletion> deletions(int count) {
    std::vector<PendingDeletion> result;
    for (int i = 0; i < count; ++i)
        result.push_back(deletion(i));
    return result;
}

struct Judge {
    GuardConfig guard;
    GroupsConfig groups;
    GuardFacts facts;

    Judge() {
        groups.policy = Policy::full;
        facts.written_groups = 1000;
    }
    [[nodiscard]] DeletionJudgement judge(const std::vector<PendingDeletion>& pending) const {
        return judge_deletions(pending, facts, guard, groups);
    }
};

}  // namespace

TEST_CASE("deletions within the limit are all allowed") {
    const DeletionJudgement judgement = Judge().judge(deletions(10));
    CHECK(judgement.allowed.size() == 10);
    CHECK(judgement.held.empty());
    CHECK(Judge().judge({}).allowed.empty());
}

TEST_CASE("over the limit every one is held, each with a hold that a person understands") {
    const DeletionJudgement judgement = Judge().judge(deletions(11));
    CHECK(judgement.allowed.empty());
    REQUIRE(judgement.held.size() == 11);
    const Hold& hold = judgement.held[3];
    CHECK(hold.group == group_id(3));
    CHECK(hold.name == "Group 3");
    CHECK(hold.reason == HoldReason::guard);
    CHECK(hold.targets == std::vector<HoldTarget>{{OperationKind::delete_group, "soft-deleted",
                                                   Evidence::group_deleted}});
    CHECK(hold.detail ==
          "11 group deletions, soft ones counted, are pending and 0 were done in the last 24 "
          "hours, more than guard.max_group_deletions = 10, which allows 10; `group-writeback "
          "approve` lets it happen, `group-writeback reject` keeps things as they are.");
}

TEST_CASE(
    "what was done without approval in the window counts, so that an accident cannot trickle "
    "through") {
    Judge judge;
    judge.facts.deletions_done = 8;
    CHECK(judge.judge(deletions(2)).allowed.size() == 2);
    CHECK(judge.judge(deletions(3)).held.size() == 3);
}

TEST_CASE("what waits for a person counts, what was judged before is not judged again") {
    std::vector<PendingDeletion> pending = deletions(11);
    for (int i = 0; i < 10; ++i) {
        pending[static_cast<std::size_t>(i)].judged = true;
        pending[static_cast<std::size_t>(i)].held = true;
    }
    DeletionJudgement judgement = Judge().judge(pending);
    REQUIRE(judgement.held.size() == 1);
    CHECK(judgement.held[0].group == group_id(10));
    for (PendingDeletion& one : pending)
        one.held = false;
    judgement = Judge().judge(pending);
    CHECK(judgement.allowed == std::vector<GroupId>{group_id(10)});
}

TEST_CASE("a share is one of the written groups, at least one") {
    Judge judge;
    judge.guard.max_group_deletions = {5, true};
    judge.facts.written_groups = 30;
    CHECK(judge.judge(deletions(1)).allowed.size() == 1);
    CHECK(judge.judge(deletions(2)).held.size() == 2);
    judge.guard.max_group_deletions = {2.5, true};
    CHECK(judge.judge(deletions(2)).held[0].detail.find("\"2.5%\"") != std::string::npos);
    judge.guard.max_group_deletions = {5, true};
    judge.guard.window = 90min;
    CHECK(
        judge.judge(deletions(2))
            .held[0]
            .detail.find("in the last 90 minutes, more than guard.max_group_deletions = \"5%\"") !=
        std::string::npos);
    judge.guard.window = 90s;
    CHECK(judge.judge(deletions(2)).held[0].detail.find("the last 90 seconds") !=
          std::string::npos);
}

TEST_CASE(
    "hard case 11: nothing is judged before the policy is full, so that what piled up is one "
    "judgement") {
    for (const Policy policy : {Policy::report_only, Policy::no_removals}) {
        Judge judge;
        judge.groups.policy = policy;
        CHECK(judge.judge(deletions(3)).allowed.empty());
        CHECK(judge.judge(deletions(30)).held.empty());
    }
}

TEST_CASE("deletions that AD does not follow are not counted") {
    Judge judge;
    judge.groups.on_soft_delete = OnGone::keep;
    std::vector<PendingDeletion> pending = deletions(20);
    CHECK(judge.judge(pending).held.empty());
    CHECK(judge.judge(pending).allowed.empty());
    pending.push_back(deletion(50, CloudState::deleted));
    CHECK(judge.judge(pending).allowed == std::vector<GroupId>{group_id(50)});
}

TEST_CASE("a group that left the scope is a deletion when it is to be converted or deleted") {
    Judge judge;
    std::vector<PendingDeletion> pending;
    for (int i = 0; i < 11; ++i)
        pending.push_back(deletion(i, CloudState::active));
    CHECK(judge.judge(pending).held.empty());
    CHECK(judge.judge(pending).allowed.empty());
    judge.groups.on_out_of_scope = OnGone::remove;
    REQUIRE(judge.judge(pending).held.size() == 11);
    CHECK(judge.judge(pending).held[0].targets ==
          std::vector<HoldTarget>{
              {OperationKind::delete_group, "out-of-scope", Evidence::out_of_scope}});
    judge.groups.on_out_of_scope = OnGone::convert;
    pending.pop_back();
    CHECK(judge.judge(pending).allowed.size() == 10);
}

TEST_CASE(
    "an absent group's deletion is held with inferred evidence, under the name of a soft one") {
    std::vector<PendingDeletion> pending = deletions(10);
    pending.push_back(deletion(10, CloudState::absent));
    CHECK(Judge().judge(pending).held.at(10).targets ==
          std::vector<HoldTarget>{{OperationKind::delete_group, "soft-deleted", Evidence::absent}});
}
