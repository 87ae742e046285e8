// What one change costs must not depend on how large its group is. Cost is counted in instructions
// of SQLite's machine, which are the same on every computer.
#include "store_fixture.hpp"

#include <array>

using namespace writeback;
using namespace writeback::test;

namespace {

struct Costs {
    std::int64_t commit = 0;
    std::int64_t work = 0;
    std::int64_t finish = 0;
    std::int64_t user_deleted = 0;
    std::int64_t to_identify = 0;
};

Costs costs_in_a_group_of(int members) {
    StoreFixture fixture;
    SqliteStore& store = *fixture.store;
    fixture.written(1, 1, members);
    std::int64_t before = store.steps();
    const auto spent = [&] {
        const std::int64_t now = store.steps();
        return now - std::exchange(before, now);
    };
    Costs costs;
    MirrorChanges page;
    page.groups = {cloud_group(1)};
    page.members = {leaves(1, user(members / 2))};
    page.marks = {mark_of_group(1, Cause::hint)};
    fixture.commit(page);
    costs.commit = spent();
    const GroupWork work = fixture.work(1);
    CHECK(work.present.size() == 1);
    CHECK(work.written_count == members);
    costs.work = spent();
    done(store.begin_work({group(1)}, at(1)));
    done(store.finish({StoreFixture::outcome_of(work, 1)}, at(3)));
    costs.finish = spent();
    UserItem deleted;
    deleted.id = user(1);
    deleted.removal = Removal::changed;
    done(store.commit_users({deleted}, steady(), at(4)));
    costs.user_deleted = spent();
    CHECK(value(store.to_identify(at(0), at(0), {}, 1000)).empty());
    costs.to_identify = spent();
    return costs;
}

}  // namespace

TEST_CASE("one member's change costs the same in a large group as in a small one") {
    const Costs small = costs_in_a_group_of(100);
    const Costs large = costs_in_a_group_of(20000);
    CHECK(large.commit <= small.commit + 50);
    CHECK(large.work <= small.work + 50);
    CHECK(large.finish <= small.finish + 50);
    CHECK(large.user_deleted <= small.user_deleted + 50);
    CHECK(large.to_identify <= small.to_identify + 50);
    CHECK(small.work > 0);
}

TEST_CASE("an owner's change, and a look for what others changed, cost the same in any tenant") {
    const auto costs = [](int groups) {
        StoreFixture fixture;
        SqliteStore& store = *fixture.store;
        MirrorChanges tenant;
        std::vector<Outcome> outcomes;
        for (int number = 1; number <= groups; ++number) {
            tenant.groups.push_back(cloud_group(number));
            Outcome outcome;
            outcome.group = group(number);
            outcome.settled = true;
            outcome.written = ad_group(number);
            outcomes.push_back(outcome);
        }
        fixture.commit(tenant);
        done(store.finish(outcomes, at(1)));
        std::int64_t before = store.steps();
        const auto spent = [&] {
            const std::int64_t now = store.steps();
            return now - std::exchange(before, now);
        };
        MirrorChanges page;
        page.owners = {joins(1, user(7))};
        fixture.commit(page);
        const std::int64_t owner = spent();
        done(store.store_identities({known(7)}, value(store.change_number()), at(2)));
        const std::int64_t identity = spent();
        CHECK(value(store.written_by_guid({guid(1), guid(900)})).size() == 1);
        CHECK(value(store.written_after({}, 1)).size() == 1);
        CHECK(value(store.dirty_among({group(1)})).size() == 1);
        return std::array{owner, identity, spent()};
    };
    const auto small = costs(10);
    const auto large = costs(500);
    for (std::size_t i = 0; i < small.size(); ++i) {
        CAPTURE(i);
        CHECK(large[i] <= small[i] + 50);
        CHECK(small[i] > 0);
    }
}

TEST_CASE_FIXTURE(StoreFixture,
                  "the next due group costs the same whether ten are dirty or thousands") {
    const auto cost = [&] {
        const std::int64_t before = store->steps();
        CHECK(value(store->due(at(1), 5)).size() == 5);
        return store->steps() - before;
    };
    std::vector<Mark> marks;
    for (int number = 1; number <= 10; ++number)
        marks.push_back(mark_of_group(number));
    done(store->mark(marks, at(0)));
    const std::int64_t small = cost();
    for (int number = 11; number <= 5000; ++number)
        marks.push_back(mark_of_group(number));
    done(store->mark(marks, at(0)));
    CHECK(cost() <= small + 50);
}
