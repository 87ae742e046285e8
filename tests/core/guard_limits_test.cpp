#include "core/judging.hpp"
#include "core/limits.hpp"

#include <doctest/doctest.h>

using namespace writeback;
using namespace writeback::examples;

TEST_CASE("law 7: explicit removals go through whatever their number") {
    const Judgement judgement = Guard().judge(shrinking(100, Evidence::removed));
    CHECK(removed(judgement).size() == 100);
    CHECK(judgement.inferred_removals == 0);
    CHECK(judgement.holds.empty());
    CHECK(judgement.owed.empty());
}

TEST_CASE("law 7: inferred removals within the limits are done and counted") {
    const Judgement judgement = Guard().judge(shrinking(30));
    CHECK(removed(judgement).size() == 30);
    CHECK(judgement.inferred_removals == 30);
    CHECK(judgement.holds.empty());
}

TEST_CASE("law 7: more inferred removals than a group may lose are held whole, the rest goes on") {
    Guard guard;
    GroupWork mixed = shrinking(31);
    mixed.present[0].evidence = Evidence::removed;
    mixed.present[1].evidence = Evidence::identity_lost;
    mixed.wanted.push_back(wanted(200));
    guard.guard.max_member_removals = {29, false};
    const Judgement judgement = guard.judge(mixed);
    CHECK(removed(judgement) == Numbers{0});
    CHECK(members(judgement.permitted, OperationKind::add_members) == Numbers{200});
    REQUIRE(reasons(judgement.holds) == Names{"guard"});
    const Hold& hold = judgement.holds[0];
    CHECK(hold.id.empty());
    CHECK(hold.group == group_id());
    CHECK(hold.name == "Sales");
    CHECK(hold.targets.size() == 30);
    CHECK(hold.detail ==
          "30 of this group's 100 members would leave, more than guard.max_member_removals = 29, "
          "which allows 29; `group-writeback approve` lets it happen, `group-writeback reject` "
          "keeps things as they are.");
    CHECK(judgement.owed.size() == 30);
    CHECK(judgement.inferred_removals == 0);
}

TEST_CASE("small groups are not limited by share") {
    GroupWork small = work({}, many(0, 19, Evidence::absent));
    CHECK(removed(Guard().judge(small)).size() == 19);
    small = work({}, many(0, 20, Evidence::absent));
    CHECK(removed(Guard().judge(small)).empty());
}

TEST_CASE(
    "explicit removals count where the configuration says so, but not the emptying of a deleted "
    "group") {
    Guard guard;
    guard.guard.limit_explicit_removals = true;
    CHECK(removed(guard.judge(shrinking(30, Evidence::removed))).size() == 30);
    Judgement judgement = guard.judge(shrinking(31, Evidence::removed));
    CHECK(judgement.permitted.empty());
    CHECK(judgement.holds.size() == 1);
    CHECK(judgement.inferred_removals == 0);
    GroupWork soft = shrinking(0);
    soft.cloud->group.state = CloudState::soft_deleted;
    judgement = guard.judge(soft);
    CHECK(removed(judgement).size() == 100);
}

TEST_CASE("a deletion for good is no member removal, however those are limited") {
    Guard guard;
    guard.guard.limit_explicit_removals = true;
    GroupWork deleted = shrinking(0);
    deleted.cloud->group.state = CloudState::deleted;
    CHECK(kinds(guard.judge(deleted).permitted) == Names{"delete-group"});
}

TEST_CASE("a soft-deleted group is emptied at once whatever its size") {
    GroupWork soft = shrinking(0);
    soft.cloud->group.state = CloudState::soft_deleted;
    const Judgement judgement = Guard().judge(soft);
    CHECK(removed(judgement).size() == 100);
    CHECK(judgement.holds.empty());
}

TEST_CASE("inferred removals over all groups are limited by share, never below the floor") {
    Guard guard;
    guard.facts.written_memberships = 500;
    guard.facts.inferred_removals_pending = 60;
    guard.facts.inferred_removals_done = 40;
    CHECK(removed(guard.judge(shrinking(5))).size() == 5);
    guard.facts.inferred_removals_done = 41;
    const Judgement judgement = guard.judge(shrinking(5));
    CHECK(judgement.permitted.empty());
    REQUIRE(judgement.holds.size() == 1);
    CHECK(judgement.holds[0].detail.find("guard.max_inferred_removals = \"10%\" of 500") !=
          std::string::npos);
    CHECK(judgement.holds[0].detail.find("60 inferred removals are pending") != std::string::npos);
    CHECK(judgement.holds[0].detail.find("41 were done in the last 24 hours") != std::string::npos);
    guard.facts.written_memberships = 2000;
    CHECK(removed(guard.judge(shrinking(5))).size() == 5);
}

TEST_CASE("members that stay in groups out of scope are not pending removals") {
    Guard guard;
    guard.facts.inferred_removals_pending = 5000;
    guard.facts.out_of_scope_memberships = 4990;
    CHECK(removed(guard.judge(shrinking(5))).empty());
    guard.groups.on_out_of_scope = OnGone::keep;
    CHECK(removed(guard.judge(shrinking(5))).size() == 5);
}

TEST_CASE("the group's own removals count even where the facts do not know of them yet") {
    Guard guard;
    guard.facts.inferred_removals_done = 998;
    guard.facts.inferred_removals_pending = 0;
    CHECK(removed(guard.judge(shrinking(2))).size() == 2);
    CHECK(removed(guard.judge(shrinking(3))).empty());
}

TEST_CASE("deleting or converting a group that left the scope counts as losing all its members") {
    for (const OnGone action : {OnGone::remove, OnGone::convert}) {
        Guard guard;
        guard.groups.on_out_of_scope = action;
        guard.verdict = DeletionVerdict::allowed;
        GroupWork outside = work({}, many(0, 19));
        outside.cloud->in_scope = false;
        Judgement judgement = guard.judge(outside);
        CHECK(judgement.permitted.size() == 1);
        CHECK(judgement.inferred_removals == 19);
        outside = work({}, many(0, 20));
        outside.cloud->in_scope = false;
        judgement = guard.judge(outside);
        CHECK(judgement.permitted.empty());
        REQUIRE(reasons(judgement.holds) == Names{"guard"});
        // Judged again, the same hold stays; approved, it is carried out.
        GroupWork held = decided(outside, judgement.holds, Decision::pending);
        CHECK(guard.judge(held).holds == held.holds);
        held.holds[0].decision = Decision::approved;
        CHECK(guard.judge(held).permitted.size() == 1);
        CHECK(guard.judge(held).inferred_removals == 0);
    }
}

TEST_CASE("a limit is a number, or a share that is rounded down but never to nothing") {
    CHECK(allowed_by({10, false}, 5) == 10);
    CHECK(allowed_by({0, false}, 5) == 0);
    CHECK(allowed_by({30, true}, 20) == 6);
    CHECK(allowed_by({30, true}, 23) == 6);
    CHECK(allowed_by({5, true}, 10) == 1);
    CHECK(allowed_by({5, true}, 0) == 1);
    CHECK(allowed_by({0, true}, 100) == 0);
    CHECK(allowed_by({2.5, true}, 1000) == 25);
}

TEST_CASE("hard case 11: the emptying that a policy kept back counts as inferred later") {
    Guard guard;
    guard.verdict = DeletionVerdict::allowed;
    GroupWork soft = work({}, many(0, 20));
    soft.cloud->group.state = CloudState::soft_deleted;
    soft.deletion_was_owed = true;
    Judgement judgement = guard.judge(soft);
    CHECK(judgement.permitted.empty());
    REQUIRE(reasons(judgement.holds) == Names{"guard"});
    CHECK(judgement.holds[0].targets.at(0).evidence == Evidence::policy);
    CHECK(judgement.owed.size() == 20);

    GroupWork small = work({}, many(0, 19));
    small.cloud->group.state = CloudState::soft_deleted;
    small.deletion_was_owed = true;
    judgement = guard.judge(small);
    CHECK(removed(judgement).size() == 19);
    CHECK(judgement.inferred_removals == 19);

    soft.deletion_was_owed = false;
    CHECK(removed(guard.judge(soft)).size() == 20);
}

TEST_CASE("hard case 11: so does the deletion that a policy kept back") {
    Guard guard;
    guard.verdict = DeletionVerdict::allowed;
    GroupWork deleted = work({}, many(0, 20));
    deleted.cloud->group.state = CloudState::deleted;
    CHECK(kinds(guard.judge(deleted).permitted) == Names{"delete-group"});
    deleted.deletion_was_owed = true;
    CHECK(guard.judge(deleted).permitted.empty());
    CHECK(reasons(guard.judge(deleted).holds) == Names{"guard"});
}

TEST_CASE("who approved a group's deletion has approved the emptying that stands for it") {
    Guard guard;
    guard.verdict = DeletionVerdict::allowed;
    Hold deletion;
    deletion.targets = {{OperationKind::delete_group, "soft-deleted", Evidence::group_deleted}};
    GroupWork soft = decided(work({}, many(0, 100)), {deletion}, Decision::approved);
    soft.cloud->group.state = CloudState::soft_deleted;
    soft.deletion_was_owed = true;
    const Judgement judgement = guard.judge(soft);
    CHECK(removed(judgement).size() == 100);
    CHECK(judgement.inferred_removals == 0);
    CHECK(judgement.carried_out.size() == 1);
    // Another deletion than the one that was approved.
    soft.holds[0].targets[0].subject = "deleted";
    CHECK(guard.judge(soft).permitted.empty());
}
