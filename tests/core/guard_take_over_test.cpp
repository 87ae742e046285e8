#include "core/judging.hpp"

#include <doctest/doctest.h>

using namespace writeback;
using namespace writeback::examples;

TEST_CASE(
    "law 12: a group taken over at first gets attributes and members only, the rest is one hold") {
    Guard guard;
    guard.wish = desired(1, "Other_000000000001");
    guard.wish->attributes["displayName"] = {"Other"};
    guard.wish->group_type = universal_distribution_group;
    GroupWork taken =
        taken_over(work({1}, {present(2, Evidence::taken_over), present(3, Evidence::removed)}));
    taken.written->dn = Dn("CN=Sales_000000000001,OU=Inner," + container.text());
    Judgement judgement = guard.judge(taken);
    CHECK(kinds(judgement.permitted) == Names{"remove-members", "modify-group", "add-members"});
    CHECK(removed(judgement) == Numbers{3});
    REQUIRE(reasons(judgement.holds) == Names{"take-over"});
    CHECK(judgement.holds[0].targets.size() == 4);
    CHECK(judgement.holds[0].detail.find("its 4 renames") != std::string::npos);
    CHECK(judgement.owed == std::vector<MemberId>{member_id(2)});
    CHECK_FALSE(judgement.ours);

    const GroupWork approved = decided(taken, judgement.holds, Decision::approved);
    judgement = guard.judge(approved);
    CHECK(kinds(judgement.permitted) == Names{"remove-members", "modify-group", "convert-group",
                                              "add-members", "rename-group", "move-group"});
    CHECK(judgement.inferred_removals == 0);
    CHECK(judgement.holds.empty());
    CHECK(judgement.ours);

    judgement = guard.judge(decided(taken, approved.holds, Decision::rejected));
    CHECK(kinds(judgement.permitted) == Names{"remove-members", "modify-group", "add-members"});
    CHECK(reasons(judgement.holds) == Names{"take-over"});
    CHECK_FALSE(judgement.ours);
}

TEST_CASE("law 12: a group taken over that is found equal is ours again") {
    CHECK(Guard().judge(taken_over(work({1}, {present(1)}))).ours);
    CHECK(Guard().judge(taken_over(work({1}, {}))).ours);
    CHECK_FALSE(Guard().judge(work({1}, {present(1)})).ours);
    GroupWork partial = taken_over(work({1}, {present(1)}));
    partial.whole = false;
    CHECK_FALSE(Guard().judge(partial).ours);
    GroupWork unknown = taken_over(work({1}, {present(1)}));
    unknown.unknown_count = 1;
    CHECK_FALSE(Guard().judge(unknown).ours);
    GroupWork orphan = taken_over(work({}, {}));
    orphan.cloud.reset();
    CHECK_FALSE(Guard().judge(orphan).ours);
    GroupWork unread = taken_over(work({}, {}));
    unread.cloud->members_unread = true;
    CHECK_FALSE(Guard().judge(unread).ours);
    GroupWork garbled = taken_over(work({1}, {present(1)}));
    garbled.cloud->unreadable = "mailEnabled is text";
    CHECK_FALSE(Guard().judge(garbled).ours);
    GroupWork outside = taken_over(work({1}, {}));
    outside.written->dn = Dn("CN=x,OU=Elsewhere,DC=com");
    CHECK_FALSE(Guard().judge(outside).ours);
}

TEST_CASE(
    "law 12: the deletion of a group taken over waits, also beyond the deletion limit's yes") {
    GroupWork deleted = taken_over(work({}, {present(1)}));
    deleted.cloud->group.state = CloudState::deleted;
    const Judgement judgement = Guard().judge(deleted);
    CHECK(judgement.permitted.empty());
    REQUIRE(reasons(judgement.holds) == Names{"take-over"});
    CHECK(
        judgement.holds[0].targets ==
        std::vector<HoldTarget>{{OperationKind::delete_group, "deleted", Evidence::group_deleted}});
}

TEST_CASE("an approved deletion passes the take-over as well") {
    Guard guard;
    guard.verdict = DeletionVerdict::allowed;
    Hold deletion;
    deletion.targets = {{OperationKind::delete_group, "deleted", Evidence::group_deleted}};
    GroupWork deleted = decided(taken_over(work({}, {present(1)})), {deletion}, Decision::approved);
    deleted.cloud->group.state = CloudState::deleted;
    const Judgement judgement = guard.judge(deleted);
    CHECK(kinds(judgement.permitted) == Names{"delete-group"});
    CHECK(judgement.carried_out.size() == 1);
}

TEST_CASE("an adopted group keeps its name and place, and what it has beyond the cloud waits") {
    Guard guard;
    guard.wish = desired(1, "Other_000000000001");
    guard.wish->attributes["displayName"] = {"Other"};
    guard.wish->sam_account_name = "Other_000000000001";
    guard.wish->compares_sam_account_name = true;
    GroupWork adopted =
        taken_over(work({1}, {present(2, Evidence::taken_over), present(3, Evidence::removed)}));
    adopted.written->dn = Dn("CN=Group_x,OU=Inner," + container.text());
    adopted.written->cn = "Group_x";
    adopted.written->keeps_name = true;
    Judgement judgement = guard.judge(adopted);
    CHECK(kinds(judgement.permitted) == Names{"remove-members", "modify-group", "add-members"});
    CHECK(removed(judgement) == Numbers{3});
    REQUIRE(reasons(judgement.holds) == Names{"take-over"});
    CHECK(judgement.holds[0].targets.size() == 1);
    CHECK_FALSE(judgement.ours);

    judgement = guard.judge(decided(adopted, judgement.holds, Decision::approved));
    CHECK(removed(judgement) == Numbers{2, 3});
    CHECK(judgement.ours);

    // Once it is to follow the mapping, its names wait as well.
    adopted.written->keeps_name = false;
    judgement = guard.judge(adopted);
    CHECK(judgement.holds.at(0).targets.size() == 3);
}
