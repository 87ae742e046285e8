#include "store_fixture.hpp"

using namespace writeback;
using namespace writeback::test;

namespace {

Mark hinted(int number, std::int64_t second) {
    Mark mark = mark_of_group(number, Cause::hint);
    mark.hinted_at = at(second);
    return mark;
}

std::vector<GroupId> ids(const std::vector<DueGroup>& groups) {
    std::vector<GroupId> ids;
    for (const auto& due : groups)
        ids.push_back(due.group);
    return ids;
}

}  // namespace

TEST_CASE_FIXTURE(StoreFixture,
                  "hinted groups with removals come first, then hinted ones, then the rest") {
    written(4, 1, 2);
    MirrorChanges page;
    page.members = {leaves(4, user(1))};
    page.marks = {hinted(4, 5), hinted(3, 1), mark_of_group(2), mark_of_group(1, Cause::resync)};
    commit(page, at(5));
    const auto due = value(store->due(at(5), 10));
    CHECK(ids(due) == std::vector<GroupId>{group(4), group(3), group(1), group(2)});
    CHECK(due[0].removals);
    CHECK(due[0].written);
    CHECK(due[0].hinted_at == at(5));
    CHECK_FALSE(due[1].written);
    CHECK(ids(value(store->due(at(5), 2))) == std::vector<GroupId>{group(4), group(3)});
}

TEST_CASE_FIXTURE(StoreFixture, "many marks are one run, and each has a number of its own") {
    done(store->mark({hinted(1, 9)}, at(9)));
    const std::int64_t first = work(1).number;
    Mark second = mark_of_group(1, Cause::resync, true);
    second.read_first = true;
    done(store->mark({second}, at(10)));
    Mark third = hinted(1, 3);
    done(store->mark({third}, at(11)));
    const GroupWork work = this->work(1);
    CHECK(work.number > first);
    CHECK(work.cause == Cause::hint);
    CHECK(work.hinted_at == at(3));
    CHECK(work.whole);
    CHECK(work.read_first);
    const auto due = value(store->due(at(12), 10));
    REQUIRE(due.size() == 1);
    CHECK(due[0].marked_at == at(9));
}

TEST_CASE_FIXTURE(StoreFixture, "a mark during a run means another run (hard case 5)") {
    written(1, 1, 2);
    done(store->mark({hinted(1, 3)}, at(3)));
    const GroupWork planned = work(1);
    MirrorChanges page;
    page.members = {leaves(1, user(2))};
    page.marks = {hinted(1, 4)};
    commit(page, at(4));
    done(store->finish({outcome_of(planned, 1)}, at(5)));
    const GroupWork next = work(1);
    CHECK(next.number > planned.number);
    REQUIRE(next.present.size() == 1);
    CHECK(next.present[0].evidence == Evidence::removed);
}

TEST_CASE_FIXTURE(StoreFixture, "a member that comes while its group is being made is not lost") {
    show_group(1, 1, 2);
    const GroupWork planned = work(1);
    CHECK(planned.whole);
    done(store->begin_work({group(1)}, at(1)));
    MirrorChanges page;
    page.members = {joins(1, user(3)), leaves(1, user(2))};
    commit(page, at(4));
    know_users(3, 3);
    done(store->finish({outcome_of(planned, 1)}, at(5)));
    const GroupWork next = work(1);
    CHECK(next.wanted.size() == 2);
    REQUIRE(next.present.size() == 2);
    CHECK(next.present[1].identity == person(2));
    CHECK(next.present[1].evidence == Evidence::removed);
}

TEST_CASE_FIXTURE(StoreFixture,
                  "a whole mark is over when its run settles, later members are touched alone") {
    written(1, 1, 20);
    done(store->mark({mark_of_group(1, Cause::resync, true)}, at(2)));
    const GroupWork planned = work(1);
    CHECK(planned.present.size() == 20);
    MirrorChanges page;
    page.members = {joins(1, user(21))};
    commit(page, at(3));
    know_users(21, 21);
    done(store->finish({outcome_of(planned, 1)}, at(4)));
    const GroupWork next = work(1);
    CHECK_FALSE(next.whole);
    CHECK(next.wanted.size() == 1);
    CHECK(next.present.empty());
}

TEST_CASE_FIXTURE(StoreFixture, "work that was under way when the process ended is read first") {
    written(1, 1, 2);
    done(store->mark({hinted(1, 3)}, at(3)));
    CHECK_FALSE(work(1).under_way);
    done(store->begin_work({group(1)}, at(1), "dc1.test 4711"));
    reopen();
    GroupWork work = this->work(1);
    CHECK(work.under_way);
    CHECK(work.read_first);
    CHECK(work.begun_on == "dc1.test 4711");
    CHECK(work.begun_at == at(1));
    done(store->replace_written({ad_group(1), {person(1), person(7)}, Evidence::absent}, at(1)));
    work = this->work(1);
    CHECK_FALSE(work.under_way);
    CHECK_FALSE(work.read_first);
    CHECK(work.whole);
    CHECK(keys(work.wanted) == std::vector<std::string>{sid(1).text(), sid(2).text()});
    REQUIRE(work.present.size() == 2);
    CHECK(work.present[0].evidence == Evidence::none);
    CHECK(work.present[1].identity == person(7));
    CHECK(work.present[1].evidence == Evidence::absent);
    CHECK(work.written_count == 2);
    carry_out(1);
    CHECK_FALSE(dirty(1));
}

TEST_CASE_FIXTURE(StoreFixture, "a connection that ended under a run has it read first") {
    written(1, 1, 2);
    done(store->mark({hinted(1, 3)}, at(3)));
    done(store->begin_work({group(1)}, at(1)));
    Outcome outcome;
    outcome.group = group(1);
    outcome.number = work(1).number;
    outcome.outcome_unknown = true;
    outcome.not_before = at(20);
    outcome.last_error = "the connection ended";
    done(store->finish({outcome}, at(10)));
    const GroupWork work = this->work(1);
    CHECK(work.read_first);
    CHECK(work.under_way);  // what AD made of it is not known
    CHECK(work.attempts == 1);
    CHECK(value(store->due(at(19), 10)).empty());
    CHECK(value(store->next_due(at(19))) == at(20));
    CHECK(value(store->due(at(20), 10)).size() == 1);
    CHECK(value(store->counts()).last_errors ==
          std::vector<std::pair<std::string, std::string>>{{"Group 1", "the connection ended"}});
}

TEST_CASE_FIXTURE(StoreFixture,
                  "a new mark makes a waiting group due at once, and a hint resets its attempts") {
    Outcome outcome;
    outcome.group = group(1);
    outcome.not_before = at(1000);
    done(store->mark({mark_of_group(1)}, at(3)));
    for (int i = 0; i < 3; ++i) {
        outcome.number = work(1).number;
        done(store->finish({outcome}, at(4)));
    }
    CHECK(work(1).attempts == 3);
    done(store->mark({mark_of_group(1, Cause::identity)}, at(5)));
    CHECK(work(1).attempts == 3);
    CHECK(value(store->due(at(5), 10)).size() == 1);
    done(store->mark({hinted(1, 6)}, at(6)));
    CHECK(work(1).attempts == 0);
}

TEST_CASE_FIXTURE(StoreFixture, "an error of a run is told until one without") {
    written(1, 1, 1);
    done(store->mark({mark_of_group(1)}, at(3)));
    Outcome outcome;
    outcome.group = group(1);
    outcome.number = work(1).number;
    outcome.last_error = "refused";
    done(store->finish({outcome}, at(4)));
    CHECK(value(store->counts()).last_errors.size() == 1);
    carry_out(1);
    CHECK(value(store->counts()).last_errors.empty());
}

TEST_CASE_FIXTURE(StoreFixture, "owed removals are given to each plan until they are done") {
    written(1, 1, 4);
    MirrorChanges page;
    page.members = {leaves(1, user(2), Evidence::absent), leaves(1, user(3))};
    commit(page);
    Outcome outcome;
    outcome.group = group(1);
    outcome.number = work(1).number;
    outcome.settled = true;
    outcome.removed = {person(3)};
    outcome.owed = {user(2)};
    done(store->finish({outcome}, at(4)));
    CHECK_FALSE(dirty(1));
    page.members = {joins(1, user(5))};
    page.marks = {hinted(1, 5)};
    commit(page);
    know_users(5, 5);
    const GroupWork work = this->work(1);
    CHECK_FALSE(work.whole);
    CHECK(keys(work.present) == std::vector<std::string>{sid(2).text()});
    CHECK(work.present[0].evidence == Evidence::absent);
    CHECK(keys(work.wanted) == std::vector<std::string>{sid(5).text()});
}

TEST_CASE_FIXTURE(StoreFixture,
                  "what the policy kept back counts as inferred later (hard case 11)") {
    written(1, 1, 4);
    MirrorChanges page;
    page.members = {leaves(1, user(2))};
    commit(page);
    Outcome outcome;
    outcome.group = group(1);
    outcome.number = work(1).number;
    outcome.settled = true;
    outcome.owed = {user(2)};
    outcome.owed_to_policy = true;
    done(store->finish({outcome}, at(4)));
    CHECK(value(store->counts()).owed == 1);
    CHECK(whole_work(1).present.at(1).evidence == Evidence::policy);
    CHECK(value(store->guard_facts(at(0))).inferred_removals_pending == 1);
    carry_out(1);
    CHECK(value(store->counts()).owed == 0);
    CHECK(value(store->guard_facts(at(0))).inferred_removals_pending == 0);
}

TEST_CASE_FIXTURE(StoreFixture,
                  "members found in AD are matched to the cloud, or keep their evidence (law 12)") {
    MirrorChanges changes;
    changes.groups = {cloud_group(1)};
    changes.members = {joins(1, user(1)), joins(1, user(2))};
    commit(changes);
    know_users(1, 2);
    WrittenGroup found = ad_group(1);
    found.origin = Origin::taken_over;
    done(store->replace_written({found, {person(1), {sid(8), guid(8)}}, Evidence::taken_over},
                                at(1)));
    GroupWork work = this->work(1);
    CHECK(work.written == found);
    REQUIRE(work.present.size() == 2);
    CHECK(work.present[0].cloud_ids == std::vector<MemberId>{user(1)});
    CHECK(work.present[1].evidence == Evidence::taken_over);
    CHECK(work.present[1].cloud_ids.empty());
    // Held: the run settles without the removal, and the next whole plan still knows why.
    Outcome outcome = outcome_of(work, 1);
    outcome.removed.clear();
    done(store->finish({outcome}, at(4)));
    reopen();
    work = whole_work(1);
    CHECK(work.present.at(2).evidence == Evidence::taken_over);
    CHECK(value(store->guard_facts(at(0))).inferred_removals_pending == 1);
    // A whole read later does not make it something else.
    done(store->replace_written(
        {found, {person(1), person(2), {sid(8), guid(8)}}, Evidence::drift_undone}, at(1)));
    CHECK(this->work(1).present.at(2).evidence == Evidence::taken_over);
}

TEST_CASE_FIXTURE(StoreFixture, "the evidence that the stream left outlives a read of AD") {
    written(1, 1, 3);
    MirrorChanges page;
    page.members = {leaves(1, user(2))};
    commit(page);
    done(store->replace_written(
        {ad_group(1), {person(1), person(2), person(3), person(9)}, Evidence::drift_undone},
        at(1)));
    const GroupWork work = this->work(1);
    CHECK(work.present.at(1).evidence == Evidence::removed);
    CHECK(work.present.at(3).evidence == Evidence::drift_undone);
}

TEST_CASE_FIXTURE(StoreFixture, "a group that is forgotten takes its members with it") {
    written(1, 1, 3);
    done(store->mark({mark_of_group(1)}, at(3)));
    Outcome outcome;
    outcome.group = group(1);
    outcome.number = work(1).number;
    outcome.forgotten = true;
    outcome.settled = true;
    done(store->finish({outcome}, at(4)));
    CHECK_FALSE(value(store->written_group(group(1))));
    CHECK(whole_work(1).present.empty());
    CHECK(value(store->counts()).members_written == 0);
    CHECK(value(store->counts()).managed == 0);
}

TEST_CASE_FIXTURE(StoreFixture, "a written group is kept with every property") {
    WrittenGroup written = ad_group(1);
    written.attributes["description"] = {"tab\tquote\" \xff not UTF-8"};
    written.origin = Origin::taken_over;
    written.keeps_name = true;
    written.previous_mark = "TakenOver_a";
    written.usn = 1LL << 40;
    done(store->replace_written({written, {}, Evidence::none}, at(1)));
    reopen();
    CHECK(value(store->written_group(group(1))) == written);
    CHECK(work(1).written == written);
}

TEST_CASE_FIXTURE(StoreFixture,
                  "a plan sees a group that the store does not know at all as empty") {
    const GroupWork work = this->work(1);
    CHECK(work.number == 0);
    CHECK_FALSE(work.cloud);
    CHECK_FALSE(work.written);
}
