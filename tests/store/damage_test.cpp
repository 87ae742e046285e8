// What something else has written into the store's rows is told as damage, and never taken for a
// value.
#include "store/database.hpp"
#include "store_fixture.hpp"

using namespace writeback;
using namespace writeback::test;

namespace {

struct Damaged : StoreFixture {
    // Group 1 is written and dirty with a removal; group 2 has a hold that names one member.
    Damaged() {
        written(1, 1, 2);
        MirrorChanges changes;
        changes.members = {leaves(1, user(1))};
        changes.marks = {mark_of_group(1, Cause::hint)};
        commit(changes);
        show_group(2, 1, 2);
        Outcome outcome;
        outcome.group = group(2);
        Hold hold;
        hold.group = group(2);
        hold.targets = {{OperationKind::remove_members, person(1).key(), Evidence::absent}};
        outcome.holds = {hold};
        done(store->finish({outcome}, at(1)));
    }

    void set(const std::string& sql) const {
        DatabaseOptions options;
        options.path = path;
        auto database = value(Database::open(options));
        database->script("PRAGMA foreign_keys = OFF; " + sql);
        REQUIRE_FALSE(database->failure().has_value());
    }
};

template <class T>
void is_damage(const Result<T>& answer, const std::string& path) {
    REQUIRE(answer.has_error());
    CHECK(answer.error().kind == FailureKind::store);
    CHECK(answer.error().detail.starts_with("The file " + path + " is damaged"));
}

}  // namespace

TEST_CASE_FIXTURE(Damaged,
                  "a number that stands for nothing is damage, whichever column it is in") {
    SUBCASE("the cause of a mark") {
        set("UPDATE mark SET cause = 99");
        is_damage(store->due(at(100), 10), path);
        is_damage(store->work(group(1)), path);
    }
    SUBCASE("why a member is to leave") {
        set("UPDATE touched SET evidence = -3");
        is_damage(store->work(group(1)), path);
    }
    SUBCASE("the state of a group") {
        set("UPDATE mirror_group SET state = 7");
        is_damage(store->groups_after(GroupId{}, 10), path);
    }
    SUBCASE("where a stream stands") {
        set("UPDATE stream SET phase = 9");
        is_damage(store->position(Stream::groups), path);
    }
    SUBCASE("what a person decided") {
        set("UPDATE hold SET decision = 9");
        is_damage(store->holds(), path);
    }
}

TEST_CASE_FIXTURE(Damaged, "a list that cannot be read is damage, and no hold covers more by it") {
    // A hold without targets covers the whole group.
    for (const auto* damage : {"[[6,", "{}", "[[99,\"x\",0]]", "[[6,\"x\"]]", "5"}) {
        set("UPDATE hold SET targets = '" + std::string(damage) + "', decision = 1");
        is_damage(store->holds(), path);
        is_damage(store->work(group(2)), path);
        is_damage(store->guard_facts(at(0)), path);
    }
    set("UPDATE hold SET targets = '[]'; UPDATE mirror_group SET proxy_addresses = '[1]'");
    CHECK(value(store->holds()).size() == 1);
    is_damage(store->mirror_group(group(1)), path);
    set("UPDATE mirror_group SET proxy_addresses = '[]'; "
        "UPDATE written_group SET attributes = '{\"a\": 1}'");
    is_damage(store->written_group(group(1)), path);
}

TEST_CASE_FIXTURE(Damaged, "an identity that is nobody is damage") {
    set("UPDATE identity SET sid = NULL, guid = NULL");
    is_damage(store->work(group(1)), path);
    is_damage(store->written_members(group(1)), path);
    is_damage(store->member_standing(group(1), user(2)), path);
}
