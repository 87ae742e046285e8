#include "core/judging.hpp"

#include <doctest/doctest.h>

using namespace writeback;
using namespace writeback::examples;

TEST_CASE("nothing to do is nothing held, owed or permitted") {
    const Judgement judgement = Guard().judge(work({1}, {present(1)}));
    CHECK(judgement.permitted.empty());
    CHECK(judgement.holds.empty());
    CHECK(judgement.owed.empty());
    CHECK_FALSE(judgement.ours);
}

TEST_CASE("law 10: report-only permits nothing and keeps the holds as they are") {
    Guard guard;
    guard.groups.policy = Policy::report_only;
    GroupWork held = decided(shrinking(1, Evidence::removed), {Hold{}}, Decision::pending);
    const Judgement judgement = guard.judge(held);
    CHECK(judgement.permitted.empty());
    CHECK(judgement.holds.size() == 1);
}

TEST_CASE("hard case 11: no-removals owes removals and deletions, and lets the rest through") {
    Guard guard;
    guard.groups.policy = Policy::no_removals;
    guard.wish->attributes["displayName"] = {"Other"};
    const Judgement judgement =
        guard.judge(work({1, 2}, {present(1), present(3, Evidence::removed)}));
    CHECK(kinds(judgement.permitted) == Names{"modify-group", "add-members"});
    CHECK(judgement.owed == std::vector<MemberId>{member_id(3)});
    CHECK(judgement.owed_to_policy);
    CHECK(judgement.holds.empty());

    guard.verdict = DeletionVerdict::allowed;
    for (const OnGone action : {OnGone::remove, OnGone::convert, OnGone::empty}) {
        guard.groups.on_delete = action;
        GroupWork gone = work({1}, {present(1)});
        gone.cloud->group.state = CloudState::deleted;
        CHECK(guard.judge(gone).permitted.empty());
        CHECK(guard.judge(gone).owed_to_policy);
    }
}

TEST_CASE("hard case 11: what stayed owed counts as inferred when the policy becomes full") {
    const Judgement judgement = Guard().judge(shrinking(40, Evidence::policy));
    CHECK(judgement.permitted.empty());
    CHECK(reasons(judgement.holds) == Names{"guard"});
}

TEST_CASE("law 6: nothing is written to a group outside the containers, whoever approved it") {
    Guard guard;
    GroupWork outside = shrinking(31);
    outside.present[0].evidence = Evidence::removed;
    outside.written->dn = Dn("CN=Sales_000000000001,OU=Elsewhere,DC=contoso,DC=com");
    const Judgement judgement = guard.judge(outside);
    CHECK(judgement.permitted.empty());
    REQUIRE(reasons(judgement.holds) == Names{"drift"});
    CHECK(judgement.holds[0].detail.find("OU=Elsewhere") != std::string::npos);
    CHECK(judgement.owed.size() == 31);
    guard.containers.push_back(Dn("ou=elsewhere,dc=contoso,dc=com"));
    CHECK(removed(guard.judge(outside)).size() == 31);
}

TEST_CASE("law 6: nothing is written to a group that lost its mark or bears another's") {
    GroupWork unmarked = work({1}, {present(2, Evidence::removed)});
    unmarked.written->attributes["adminDescription"] = {mark_of(group_id(2))};
    CHECK(Guard().judge(unmarked).permitted.empty());
    CHECK(reasons(Guard().judge(unmarked).holds) == Names{"drift"});
    unmarked.written->attributes["adminDescription"] = {};
    CHECK(Guard().judge(unmarked).permitted.empty());
    unmarked.written->attributes.erase("adminDescription");
    CHECK(Guard().judge(unmarked).permitted.empty());
}

TEST_CASE("what is planned for a group that the mirror does not know is judged by itself") {
    const Guard guard;
    GroupWork unknown = work({}, {present(1)});
    unknown.cloud.reset();
    Plan plan;
    plan.group = unknown.group;
    Operation removal;
    removal.kind = OperationKind::remove_members;
    removal.dn = unknown.written->dn;
    removal.members.emplace_back();
    removal.members[0].identity = identity(1);
    removal.members[0].evidence = Evidence::removed;
    Operation deletion;
    deletion.kind = OperationKind::delete_group;
    deletion.dn = unknown.written->dn;
    deletion.evidence = Evidence::group_deleted;
    plan.operations = {removal, deletion};
    const Judgement judgement =
        judge(plan, unknown, guard.facts, {guard.guard, guard.groups, guard.containers});
    CHECK(kinds(judgement.permitted) == Names{"remove-members", "delete-group"});
}

TEST_CASE(
    "hard case 9: a group is neither created in nor moved to a place outside the containers") {
    Guard guard;
    guard.wish->container = Dn("OU=Elsewhere,DC=contoso,DC=com");
    GroupWork fresh = work({1});
    fresh.written.reset();
    Judgement judgement = guard.judge(fresh);
    CHECK(judgement.permitted.empty());
    REQUIRE(reasons(judgement.holds) == Names{"refused"});
    CHECK(judgement.holds[0].targets.at(0).kind == OperationKind::create_group);
    judgement = guard.judge(work({1}));
    CHECK(kinds(judgement.permitted) == Names{"add-members"});
    REQUIRE(reasons(judgement.holds) == Names{"refused"});
    CHECK(judgement.holds[0].targets.at(0).kind == OperationKind::move_group);
    CHECK(judgement.holds[0].detail.find("directory.containers") != std::string::npos);
    guard.containers.push_back(Dn("OU=Elsewhere,DC=contoso,DC=com"));
    CHECK(kinds(guard.judge(work({1})).permitted) == Names{"add-members", "move-group"});
    CHECK(kinds(guard.judge(fresh).permitted) == Names{"create-group"});
    guard.containers = {container, Dn("DC=contoso,DC=com")};
    CHECK(kinds(guard.judge(work({1})).permitted) == Names{"add-members", "move-group"});
}

TEST_CASE("hard case 10: an unreadable group is held visibly, with what cannot be read") {
    GroupWork unreadable = work({1}, {present(2, Evidence::removed)});
    unreadable.cloud->unreadable = "mailEnabled is text";
    const Judgement judgement = Guard().judge(unreadable);
    CHECK(removed(judgement) == Numbers{2});
    REQUIRE(reasons(judgement.holds) == Names{"unreadable"});
    CHECK(judgement.holds[0].detail.find("mailEnabled is text") != std::string::npos);
}

TEST_CASE("holds of other origin are not the guard's") {
    Hold collision;
    collision.reason = HoldReason::collision;
    const GroupWork held = decided(work({1}, {}), {collision}, Decision::pending);
    const Judgement judgement = Guard().judge(held);
    CHECK(judgement.holds.empty());
    CHECK(kinds(judgement.permitted) == Names{"add-members"});
}

TEST_CASE("law 6: why nothing is written to a group is said, whatever became of its mark") {
    GroupWork unmarked = work({1}, {present(1)});
    unmarked.written->attributes.erase("adminDescription");
    Judgement judgement = Guard().judge(unmarked);
    REQUIRE(reasons(judgement.holds) == Names{"drift"});
    CHECK(judgement.holds[0].detail ==
          "Its mark, Group_" + guid(1) +
              " in adminDescription, has been removed: it is not ours to change, and nothing is "
              "written to it. Restore the mark to have it written again.");
    unmarked.written->attributes["adminDescription"] = {"kept by hand"};
    judgement = Guard().judge(unmarked);
    REQUIRE(reasons(judgement.holds) == Names{"drift"});
    CHECK(judgement.holds[0].detail.find("is \"kept by hand\" and no longer its mark") !=
          std::string::npos);
}

TEST_CASE("law 6: a group that was taken away is told before the next change has to wait") {
    GroupWork outside = work({1}, {present(1)});
    outside.written->dn = Dn("CN=Sales_000000000001,OU=Elsewhere,DC=contoso,DC=com");
    outside.written->keeps_name = true;
    CHECK(reasons(Guard().judge(outside).holds) == Names{"drift"});
    // One that is gone in the cloud and needs nothing more is nobody's concern.
    GroupWork emptied = work({}, {});
    emptied.cloud->group.state = CloudState::soft_deleted;
    emptied.written->attributes.erase("adminDescription");
    CHECK(Guard().judge(emptied).holds.empty());
    GroupWork kept = work({1}, {present(1)});
    kept.cloud->in_scope = false;
    kept.written->attributes.erase("adminDescription");
    Guard guard;
    guard.groups.on_out_of_scope = OnGone::keep;
    CHECK(guard.judge(kept).holds.empty());
    GroupWork missing = work({1}, {});
    missing.missing = true;
    missing.written->attributes.erase("adminDescription");
    CHECK(Guard().judge(missing).holds.empty());
}

TEST_CASE("a group whose properties cannot be computed is held with the reason; members go on") {
    Guard guard;
    guard.wish.reset();
    const GroupWork refused = work({1}, {present(2, Evidence::removed)});
    Plan plan = guard.plan(refused);
    plan.refused = "[mapping] info: the group's description is no number";
    const Judgement judgement =
        judge(plan, refused, guard.facts, {guard.guard, guard.groups, guard.containers});
    CHECK(kinds(judgement.permitted) == Names{"remove-members", "add-members"});
    REQUIRE(reasons(judgement.holds) == Names{"refused"});
    CHECK(judgement.holds[0].detail == plan.refused);
    CHECK(judgement.holds[0].targets.empty());
}
