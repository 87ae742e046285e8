#include "core/guard.hpp"

#include "core/examples.hpp"
#include "core/limits.hpp"
#include "core/planner.hpp"

#include <doctest/doctest.h>

using namespace writeback;
using namespace writeback::examples;

namespace {

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
GroupWork shrinking(int gone, Evidence evidence = Evidence::absent) {
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

GroupWork decided(GroupWork work, std::vector<Hold> holds, Decision decision) {
    int number = 0;
    for (Hold& hold : holds) {
        hold.id = "h" + std::to_string(++number);
        hold.decision = decision;
    }
    work.holds = std::move(holds);
    return work;
}

GroupWork taken_over(GroupWork work) {
    work.written->origin = Origin::taken_over;
    return work;
}

std::vector<std::string> reasons(const std::vector<Hold>& holds) {
    std::vector<std::string> result;
    for (const Hold& hold : holds)
        result.emplace_back(name_of(hold.reason));
    return result;
}

Numbers removed(const Judgement& judgement) {
    return members(judgement.permitted, OperationKind::remove_members);
}

}  // namespace

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
    unmarked.written->attributes.erase("adminDescription");
    CHECK(Guard().judge(unmarked).permitted.empty());
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

TEST_CASE("hard case 10: an unreadable group is held visibly, with what cannot be read") {
    GroupWork unreadable = work({1}, {present(2, Evidence::removed)});
    unreadable.cloud->unreadable = "mailEnabled is text";
    const Judgement judgement = Guard().judge(unreadable);
    CHECK(removed(judgement) == Numbers{2});
    REQUIRE(reasons(judgement.holds) == Names{"unreadable"});
    CHECK(judgement.holds[0].detail.find("mailEnabled is text") != std::string::npos);
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

TEST_CASE("holds of other origin are not the guard's") {
    Hold collision;
    collision.reason = HoldReason::collision;
    const GroupWork held = decided(work({1}, {}), {collision}, Decision::pending);
    const Judgement judgement = Guard().judge(held);
    CHECK(judgement.holds.empty());
    CHECK(kinds(judgement.permitted) == Names{"add-members"});
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
