#include "core/judging.hpp"

#include <doctest/doctest.h>

using namespace writeback;
using namespace writeback::examples;

TEST_CASE("hard case 4: an approval covers exactly what was held; what is new is judged anew") {
    Guard guard;
    const Judgement before = guard.judge(shrinking(40));
    GroupWork approved = decided(shrinking(40), before.holds, Decision::approved);
    Judgement judgement = guard.judge(approved);
    CHECK(removed(judgement).size() == 40);
    CHECK(judgement.inferred_removals == 0);
    CHECK(judgement.holds.empty());
    CHECK(judgement.carried_out == approved.holds);
    CHECK(holds_after(judgement, true).empty());
    CHECK(holds_after(judgement, false) == approved.holds);

    // Ten more have gone since: within the limit.
    approved = decided(shrinking(50), before.holds, Decision::approved);
    judgement = guard.judge(approved);
    CHECK(removed(judgement).size() == 50);
    CHECK(judgement.inferred_removals == 10);

    // Forty more have gone since: they wait for a decision of their own.
    approved = decided(shrinking(80), before.holds, Decision::approved);
    judgement = guard.judge(approved);
    CHECK(removed(judgement).size() == 40);
    REQUIRE(judgement.holds.size() == 1);
    CHECK(judgement.holds[0].id.empty());
    CHECK(judgement.holds[0].targets.size() == 40);
}

TEST_CASE("hard case 4: what is no longer due is dropped from a hold") {
    Guard guard;
    const Judgement before = guard.judge(shrinking(40));
    GroupWork fewer = decided(shrinking(35), before.holds, Decision::pending);
    Judgement judgement = guard.judge(fewer);
    REQUIRE(judgement.holds.size() == 1);
    CHECK(judgement.holds[0].id == "h1");
    CHECK(judgement.holds[0].targets.size() == 35);
    // So few remain that nothing is held.
    judgement = guard.judge(decided(shrinking(5), before.holds, Decision::pending));
    CHECK(judgement.holds.empty());
    CHECK(removed(judgement).size() == 5);
    judgement = guard.judge(decided(shrinking(0), before.holds, Decision::approved));
    CHECK(judgement.holds.empty());
    CHECK(judgement.permitted.empty());
}

TEST_CASE(
    "an undecided hold never grows: it is replaced, so that nobody approves what they did not "
    "see") {
    Guard guard;
    const Judgement before = guard.judge(shrinking(40));
    const Judgement judgement =
        guard.judge(decided(shrinking(45), before.holds, Decision::pending));
    REQUIRE(judgement.holds.size() == 1);
    CHECK(judgement.holds[0].id.empty());
    CHECK(judgement.holds[0].targets.size() == 45);
}

TEST_CASE("a rejection stands while the evidence is the same, and stays visible") {
    Guard guard;
    const Judgement before = guard.judge(shrinking(40));
    const GroupWork rejected = decided(shrinking(40), before.holds, Decision::rejected);
    Judgement judgement = guard.judge(rejected);
    CHECK(judgement.permitted.empty());
    CHECK(judgement.holds == rejected.holds);
    CHECK(judgement.owed.size() == 40);
    // New removals beside it are judged on their own.
    judgement = guard.judge(decided(shrinking(45), before.holds, Decision::rejected));
    CHECK(removed(judgement) == Numbers{40, 41, 42, 43, 44});
    // An administrator removes one of them in the cloud.
    GroupWork changed = rejected;
    changed.present[3].evidence = Evidence::removed;
    judgement = guard.judge(changed);
    CHECK(removed(judgement) == Numbers{3});
    REQUIRE(judgement.holds.size() == 1);
    CHECK(judgement.holds[0].targets.size() == 39);
}

TEST_CASE("law 7: a revocation does not wait for another hold of the group") {
    Guard guard;
    GroupWork held = decided(shrinking(40), guard.judge(shrinking(40)).holds, Decision::pending);
    held.present[50].evidence = Evidence::removed;
    held.wanted.erase(held.wanted.begin() + 10);
    const Judgement judgement = guard.judge(held);
    CHECK(removed(judgement) == Numbers{50});
    CHECK(judgement.holds == held.holds);
}

TEST_CASE("after a failed operation an approved hold stays beside the new ones") {
    Guard guard;
    GroupWork approved =
        decided(shrinking(80), guard.judge(shrinking(40)).holds, Decision::approved);
    const Judgement judgement = guard.judge(approved);
    const std::vector<Hold> left = holds_after(judgement, false);
    REQUIRE(left.size() == 2);
    CHECK(left[0].decision == Decision::approved);
    CHECK(left[0].targets.size() == 40);
    CHECK(left[1].id.empty());
    CHECK(left[1].targets.size() == 40);
}

TEST_CASE(
    "after a failed operation a hold that was carried out and one that waits are told apart") {
    Judgement judgement;
    judgement.carried_out.emplace_back().id = "h1";
    judgement.holds.emplace_back().id = "h2";
    judgement.holds.emplace_back().id = "h1";
    const std::vector<Hold> left = holds_after(judgement, false);
    REQUIRE(left.size() == 2);
    CHECK(left[0].id == "h1");
    CHECK(left[1].id == "h2");
}

TEST_CASE("a whole plan drops what AD does not have any more from a hold") {
    Guard guard;
    GroupWork left = decided(shrinking(40), guard.judge(shrinking(40)).holds, Decision::pending);
    left.present.erase(left.present.begin(), left.present.begin() + 4);
    REQUIRE(guard.judge(left).holds.size() == 1);
    CHECK(guard.judge(left).holds[0].targets.size() == 36);
}

TEST_CASE("a plan that sees only the touched members drops no hold for what it did not see") {
    Guard guard;
    GroupWork partial = decided(work({1}, {present(2, Evidence::removed)}),
                                guard.judge(shrinking(40)).holds, Decision::approved);
    partial.whole = false;
    partial.written_count = 100;
    Judgement judgement = guard.judge(partial);
    CHECK(removed(judgement) == Numbers{2});
    CHECK(judgement.owed.empty());
    REQUIRE(judgement.holds.size() == 1);
    // 1 is wanted again and 2 was removed explicitly: the other 38 are still to be decided.
    CHECK(judgement.holds[0].targets.size() == 38);
    CHECK(judgement.holds[0].decision == Decision::approved);
    CHECK(holds_after(judgement, false).size() == 1);
    CHECK(holds_after(judgement, false)[0].targets.size() == 40);
}

TEST_CASE("while identities are unknown, holds stay and the evidence of what waits is kept") {
    Guard guard;
    GroupWork unknown =
        decided(shrinking(40), guard.judge(shrinking(40)).holds, Decision::approved);
    unknown.unknown_count = 1;
    const Judgement judgement = guard.judge(unknown);
    CHECK(judgement.permitted.empty());
    CHECK(judgement.holds == unknown.holds);
    CHECK(judgement.carried_out.empty());
    CHECK(judgement.owed.size() == 40);
    CHECK_FALSE(judgement.owed_to_policy);
}

TEST_CASE("a suspended group keeps the holds of operations that it cannot plan now") {
    Guard guard;
    guard.wish = desired(1, "Other_000000000001");
    const GroupWork taken = taken_over(work());
    GroupWork suspended_work = decided(taken, guard.judge(taken).holds, Decision::approved);
    suspended_work.cloud->unreadable = "mailEnabled is text";
    Judgement judgement = guard.judge(suspended_work);
    CHECK(reasons(judgement.holds) == Names{"take-over", "unreadable"});
    suspended_work.cloud->unreadable.clear();
    guard.wish = desired();
    CHECK(guard.judge(suspended_work).holds.empty());
}

TEST_CASE("a held deletion stays until it is decided, and vanishes when the group comes back") {
    Guard guard;
    Hold deletion;
    deletion.group = group_id();
    deletion.targets = {{OperationKind::delete_group, "soft-deleted", Evidence::group_deleted}};
    GroupWork soft = decided(work({1}, {present(1)}), {deletion}, Decision::pending);
    soft.cloud->group.state = CloudState::soft_deleted;

    guard.verdict = DeletionVerdict::held;
    CHECK(guard.judge(soft).holds == soft.holds);
    soft.holds[0].decision = Decision::rejected;
    CHECK(guard.judge(soft).holds == soft.holds);

    guard.verdict = DeletionVerdict::allowed;
    soft.holds[0].decision = Decision::approved;
    const Judgement judgement = guard.judge(soft);
    CHECK(removed(judgement) == Numbers{1});
    CHECK(judgement.holds.empty());
    CHECK(judgement.carried_out == soft.holds);

    soft.holds[0].decision = Decision::rejected;
    for (const CloudState state : {CloudState::active, CloudState::deleted}) {
        GroupWork changed = soft;
        changed.cloud->group.state = state;
        guard.verdict = DeletionVerdict::unjudged;
        CHECK(guard.judge(changed).holds.empty());
    }
    // An out-of-scope deletion, while the group is outside and when it is back.
    GroupWork outside = soft;
    outside.cloud->group.state = CloudState::active;
    outside.cloud->in_scope = false;
    outside.holds[0].targets[0].subject = "out-of-scope";
    CHECK(guard.judge(outside).holds == outside.holds);
    outside.cloud->in_scope = true;
    CHECK(guard.judge(outside).holds.empty());

    GroupWork synced = soft;
    synced.cloud->group.on_premises_sync_enabled = true;
    CHECK(guard.judge(synced).holds.empty());
    GroupWork forgotten = soft;
    forgotten.written.reset();
    CHECK(guard.judge(forgotten).holds.empty());
    GroupWork unknown = soft;
    unknown.cloud.reset();
    CHECK(guard.judge(unknown).holds.empty());
}
