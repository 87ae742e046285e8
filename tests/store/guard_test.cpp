#include "store_fixture.hpp"

using namespace writeback;
using namespace writeback::test;

namespace {

struct GuardFixture : StoreFixture {
    void cloud_state(int number, CloudState state, Instant now = at(2),
                     std::optional<Instant> hinted_at = std::nullopt) {
        MirrorChanges changes;
        changes.groups = {cloud_group(number)};
        changes.groups[0].group.state = state;
        Mark mark = mark_of_group(number, hinted_at ? Cause::hint : Cause::poll);
        mark.hinted_at = hinted_at;
        changes.marks = {mark};
        commit(changes, now);
    }
    void settle(int number, Instant now = at(3)) {
        Outcome outcome;
        outcome.group = group(number);
        outcome.number = work(number).number;
        outcome.settled = true;
        done(store->finish({outcome}, now));
    }
    [[nodiscard]] std::vector<PendingDeletion> pending() const {
        return value(store->pending_deletions());
    }
};

Hold deletion_hold(int number) {
    Hold hold;
    hold.group = group(number);
    hold.reason = HoldReason::guard;
    hold.name = "Group";
    hold.detail = "more deletions than max_group_deletions allows";
    hold.targets = {{OperationKind::delete_group, "", Evidence::group_deleted}};
    return hold;
}

Hold removal_hold(int number, std::vector<int> users, HoldReason reason = HoldReason::guard) {
    Hold hold;
    hold.group = group(number);
    hold.reason = reason;
    hold.name = "Group";
    hold.detail = "detail";
    for (const int user : users) {
        hold.targets.push_back({OperationKind::remove_members, sid(user).text(), Evidence::absent});
    }
    return hold;
}

}  // namespace

TEST_CASE_FIXTURE(GuardFixture,
                  "a deletion waits for its judgement, and is followed once it is allowed") {
    written(1, 1, 2);
    cloud_state(1, CloudState::soft_deleted, at(2), at(1));
    REQUIRE(pending().size() == 1);
    CHECK(pending()[0].group == group(1));
    CHECK(pending()[0].state == CloudState::soft_deleted);
    CHECK_FALSE(pending()[0].judged);
    CHECK(work(1).deletion == DeletionVerdict::unjudged);
    settle(1);
    CHECK(pending().size() == 1);
    done(store->judge_deletions({group(1)}, {}, at(3)));
    CHECK(pending()[0].judged);
    CHECK_FALSE(pending()[0].held);
    const GroupWork work = this->work(1);
    CHECK(work.deletion == DeletionVerdict::allowed);
    CHECK(work.number != 0);
    CHECK_MESSAGE(work.present.size() == 2, "all members are to leave");
    CHECK_MESSAGE(work.hinted_at == at(1), "the hint outlives the mark that was cleared before");
    CHECK(work.cause == Cause::hint);
    CHECK(value(store->guard_facts(at(0))).deletions_done == 1);
    settle(1);
    CHECK(pending().empty());
}

TEST_CASE_FIXTURE(GuardFixture, "a verdict that comes during a run is not taken for followed") {
    written(1, 1, 2);
    cloud_state(1, CloudState::soft_deleted);
    Outcome outcome;
    outcome.group = group(1);
    outcome.number = work(1).number;
    outcome.settled = true;
    done(store->judge_deletions({group(1)}, {}, at(3)));
    done(store->finish({outcome}, at(4)));
    CHECK(pending().size() == 1);
    CHECK(dirty(1));
}

TEST_CASE_FIXTURE(GuardFixture, "what the policy keeps back is not followed") {
    written(1, 1, 2);
    cloud_state(1, CloudState::soft_deleted);
    done(store->judge_deletions({group(1)}, {}, at(3)));
    Outcome outcome;
    outcome.group = group(1);
    outcome.number = work(1).number;
    outcome.settled = true;
    outcome.owed_to_policy = true;
    CHECK(value(store->guard_facts(at(0))).inferred_removals_pending == 0);
    CHECK_FALSE(work(1).deletion_was_owed);
    done(store->finish({outcome}, at(4)));
    CHECK(pending().size() == 1);
    // Hard case 11: once the policy allows it, the emptying counts as inferred.
    reopen();
    CHECK(work(1).deletion_was_owed);
    CHECK(value(store->guard_facts(at(0))).inferred_removals_pending == 2);
}

TEST_CASE_FIXTURE(GuardFixture, "a deletion that the policy kept back stays so when it is final") {
    written(1, 1, 2);
    cloud_state(1, CloudState::soft_deleted);
    done(store->judge_deletions({group(1)}, {}, at(3)));
    Outcome outcome;
    outcome.group = group(1);
    outcome.number = work(1).number;
    outcome.settled = true;
    outcome.owed_to_policy = true;
    done(store->finish({outcome}, at(4)));
    cloud_state(1, CloudState::deleted);
    CHECK(work(1).deletion_was_owed);
    done(store->judge_deletions({group(1)}, {}, at(5)));
    outcome.owed_to_policy = false;
    outcome.number = work(1).number;
    outcome.removed = {person(1), person(2)};
    done(store->finish({outcome}, at(6)));
    CHECK_FALSE(whole_work(1).deletion_was_owed);
    CHECK(value(store->guard_facts(at(0))).inferred_removals_pending == 0);
    cloud_state(1, CloudState::active);
    CHECK_FALSE(work(1).deletion_was_owed);
}

TEST_CASE_FIXTURE(GuardFixture, "a soft deletion and the final one within the window count once") {
    written(1, 1, 2);
    written(2, 1, 2);
    cloud_state(1, CloudState::soft_deleted);
    cloud_state(2, CloudState::soft_deleted);
    done(store->judge_deletions({group(1), group(2)}, {}, at(3)));
    settle(1);
    settle(2);
    cloud_state(1, CloudState::deleted);
    REQUIRE(pending().size() == 1);
    CHECK_FALSE(pending()[0].judged);
    CHECK(work(1).deletion == DeletionVerdict::unjudged);
    CHECK(value(store->guard_facts(at(0))).deletions_done == 1);
    done(store->judge_deletions({group(1)}, {}, at(5)));
    CHECK(value(store->guard_facts(at(0))).deletions_done == 2);
    CHECK(value(store->guard_facts(at(4))).deletions_done == 1);
}

TEST_CASE_FIXTURE(GuardFixture, "absent and soft-deleted are one evidence") {
    written(1, 1, 2);
    cloud_state(1, CloudState::absent);
    done(store->judge_deletions({group(1)}, {}, at(3)));
    cloud_state(1, CloudState::soft_deleted);
    CHECK(pending()[0].judged);
}

TEST_CASE_FIXTURE(GuardFixture, "a restore ends the deletion and its hold") {
    written(1, 1, 2);
    cloud_state(1, CloudState::soft_deleted);
    done(store->judge_deletions({}, {deletion_hold(1)}, at(3)));
    CHECK(work(1).deletion == DeletionVerdict::held);
    CHECK(value(store->holds()).size() == 1);
    cloud_state(1, CloudState::active);
    CHECK(pending().empty());
    CHECK(value(store->holds()).empty());
    CHECK(work(1).deletion == DeletionVerdict::none_pending);
}

TEST_CASE_FIXTURE(
    GuardFixture,
    "a held deletion stays through other runs, and an approval lets it pass uncounted") {
    written(1, 1, 2);
    cloud_state(1, CloudState::soft_deleted);
    done(store->judge_deletions({}, {deletion_hold(1)}, at(3)));
    settle(1);
    REQUIRE(value(store->holds()).size() == 1);
    CHECK(value(store->holds())[0].id == "h1");
    CHECK(value(store->holds())[0].since == at(3));
    CHECK(pending()[0].held);
    REQUIRE_FALSE(dirty(1));
    CHECK(value(store->decide("h1", Decision::approved, at(4))) == 1);
    CHECK(work(1).deletion == DeletionVerdict::allowed);
    CHECK(work(1).cause == Cause::approval);
    CHECK(value(store->guard_facts(at(0))).deletions_done == 0);
    settle(1);
    CHECK(value(store->holds()).empty());
    CHECK(pending().empty());
}

TEST_CASE_FIXTURE(GuardFixture,
                  "a rejection stands until the cloud's evidence changes (hard case 4)") {
    written(1, 1, 2);
    cloud_state(1, CloudState::soft_deleted);
    done(store->judge_deletions({}, {deletion_hold(1)}, at(3)));
    CHECK(value(store->decide("", Decision::rejected, at(4))) == 1);
    settle(1);
    cloud_state(1, CloudState::soft_deleted);
    settle(1);
    REQUIRE(pending().size() == 1);
    CHECK(pending()[0].judged);
    CHECK_FALSE(pending()[0].held);
    CHECK(work(1).deletion == DeletionVerdict::held);
    CHECK(value(store->holds())[0].decision == Decision::rejected);
    CHECK(value(store->decide("", Decision::approved, at(5))) == 0);
    cloud_state(1, CloudState::deleted);
    CHECK_FALSE(pending()[0].judged);
    CHECK(value(store->holds()).empty());
}

TEST_CASE_FIXTURE(GuardFixture,
                  "a written group that left the scope is pending too, a synced one is not") {
    written(1, 1, 2);
    written(2, 3, 5);
    MirrorChanges changes;
    changes.groups = {cloud_group(1, false), cloud_group(2, false)};
    changes.groups[1].group.on_premises_sync_enabled = true;
    commit(changes);
    REQUIRE(pending().size() == 1);
    CHECK(pending()[0].group == group(1));
    CHECK(pending()[0].state == CloudState::active);
    const GuardFacts facts = value(store->guard_facts(at(0)));
    CHECK(facts.inferred_removals_pending == 2);
    CHECK(facts.out_of_scope_memberships == 2);
    CHECK(facts.written_groups == 2);
    CHECK(facts.written_memberships == 5);
}

TEST_CASE_FIXTURE(
    GuardFixture,
    "a written state that was rebuilt after the deletion is pending, and can be judged") {
    MirrorChanges changes;
    changes.groups = {cloud_group(1)};
    changes.groups[0].group.state = CloudState::deleted;
    commit(changes);
    CHECK(pending().empty());
    done(store->replace_written({ad_group(1), {person(1)}, Evidence::taken_over}, at(1)));
    REQUIRE(pending().size() == 1);
    done(store->judge_deletions({group(1)}, {}, at(3)));
    CHECK(work(1).deletion == DeletionVerdict::allowed);
}

TEST_CASE_FIXTURE(GuardFixture, "a hold keeps its id, since and decision while it is listed") {
    written(1, 1, 4);
    done(store->mark({mark_of_group(1)}, at(2)));
    Outcome outcome;
    outcome.group = group(1);
    outcome.number = work(1).number;
    outcome.settled = true;
    outcome.holds = {removal_hold(1, {2, 1})};
    done(store->finish({outcome}, at(3)));
    done(store->finish({outcome}, at(4)));
    auto holds = value(store->holds());
    REQUIRE(holds.size() == 1);
    CHECK(holds[0].id == "h1");
    CHECK(holds[0].since == at(3));
    CHECK(holds[0].targets.size() == 2);
    CHECK(value(store->decide("h1", Decision::rejected, at(5))) == 1);
    outcome.holds = {removal_hold(1, {1, 2})};
    done(store->finish({outcome}, at(6)));
    CHECK(value(store->holds())[0].decision == Decision::rejected);
    CHECK(value(store->counts()).held == 1);
    outcome.holds = {removal_hold(1, {1, 2, 3})};
    done(store->finish({outcome}, at(7)));
    holds = value(store->holds());
    REQUIRE(holds.size() == 1);
    CHECK(holds[0].id == "h2");
    CHECK(holds[0].decision == Decision::pending);
    outcome.holds.clear();
    done(store->finish({outcome}, at(8)));
    CHECK(value(store->holds()).empty());
}

TEST_CASE_FIXTURE(GuardFixture, "an approval never grows, and may shrink") {
    written(1, 1, 4);
    Outcome outcome;
    outcome.group = group(1);
    outcome.holds = {removal_hold(1, {1, 2})};
    done(store->finish({outcome}, at(3)));
    CHECK(value(store->decide("h1", Decision::approved, at(4))) == 1);
    outcome.holds = value(store->holds());
    outcome.holds[0].targets.pop_back();
    done(store->finish({outcome}, at(5)));
    CHECK(value(store->holds())[0].decision == Decision::approved);
    outcome.holds[0].targets = removal_hold(1, {1, 2, 3}).targets;
    done(store->finish({outcome}, at(6)));
    CHECK(value(store->holds())[0].id == "h1");
    CHECK(value(store->holds())[0].decision == Decision::pending);
}

TEST_CASE_FIXTURE(GuardFixture, "a decision that comes during a run outlives it") {
    written(1, 1, 4);
    Outcome outcome;
    outcome.group = group(1);
    outcome.settled = true;
    outcome.holds = {removal_hold(1, {1, 2})};
    done(store->finish({outcome}, at(3)));
    done(store->mark({mark_of_group(1)}, at(4)));
    const GroupWork planned = work(1);
    CHECK(value(store->decide("h1", Decision::approved, at(5))) == 1);
    outcome.number = planned.number;
    outcome.holds = planned.holds;
    done(store->finish({outcome}, at(6)));
    CHECK(dirty(1));
    CHECK(work(1).holds.at(0).decision == Decision::approved);
}

TEST_CASE_FIXTURE(GuardFixture, "only what waits for a person is decided") {
    written(1, 1, 4);
    Outcome outcome;
    outcome.group = group(1);
    Hold collision;
    collision.group = group(1);
    collision.reason = HoldReason::collision;
    Hold refused = removal_hold(1, {3}, HoldReason::refused);
    refused.member = user(3);
    refused.sid = sid(3);
    outcome.holds = {collision, refused, removal_hold(1, {1}),
                     removal_hold(1, {2}, HoldReason::take_over)};
    done(store->finish({outcome}, at(3)));
    CHECK(value(store->decide("h1", Decision::approved, at(4))) == 0);
    CHECK(value(store->decide("h77", Decision::approved, at(4))) == 0);
    CHECK(value(store->decide("x", Decision::approved, at(4))) == 0);
    CHECK_FALSE(dirty(1));
    CHECK(value(store->decide("", Decision::approved, at(4))) == 2);
    CHECK(dirty(1));
    const auto holds = value(store->holds());
    CHECK(holds.at(1).member == user(3));
    CHECK(holds.at(1).sid == sid(3));
}

TEST_CASE_FIXTURE(GuardFixture, "what a person has decided does not count as pending") {
    written(1, 1, 4);
    MirrorChanges sweep;
    sweep.members = {leaves(1, user(1), Evidence::absent), leaves(1, user(2), Evidence::absent)};
    commit(sweep);
    Outcome outcome;
    outcome.group = group(1);
    outcome.number = work(1).number;
    outcome.settled = true;
    outcome.owed = {user(1), user(2)};
    outcome.holds = {removal_hold(1, {1})};
    done(store->finish({outcome}, at(3)));
    CHECK(value(store->guard_facts(at(0))).inferred_removals_pending == 2);
    CHECK(value(store->decide("h1", Decision::rejected, at(4))) == 1);
    CHECK(value(store->guard_facts(at(0))).inferred_removals_pending == 1);
}

TEST_CASE_FIXTURE(GuardFixture, "inferred removals count within the window only") {
    written(1, 1, 4);
    Outcome outcome;
    outcome.group = group(1);
    outcome.inferred_removals = 3;
    done(store->finish({outcome}, at(100)));
    outcome.inferred_removals = 4;
    done(store->finish({outcome}, at(200)));
    CHECK(value(store->guard_facts(at(100))).inferred_removals_done == 7);
    CHECK(value(store->guard_facts(at(101))).inferred_removals_done == 4);
    reopen();
    CHECK(value(store->guard_facts(at(201))).inferred_removals_done == 0);
}

TEST_CASE_FIXTURE(GuardFixture, "status counts what it names") {
    written(1, 1, 3);
    written(2, 3, 4);
    show_group(3, 5, 6);
    done(store->mark({mark_of_group(1)}, at(50)));
    const Store::Counts counts = value(store->counts());
    CHECK(counts.managed == 2);
    CHECK(counts.dirty == 2);
    CHECK(counts.members_written == 5);
    CHECK(counts.held == 0);
    CHECK(counts.unresolved.empty());
    CHECK(counts.oldest_dirty == at(0));
}
