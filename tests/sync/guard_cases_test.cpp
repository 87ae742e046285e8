// Hard cases of evidence, limits and decisions: what leaves at once, what waits for a person.
#include "world.hpp"

using namespace writeback;
using namespace writeback::fakes;

TEST_CASE("evidence 1: a member removed explicitly leaves at once, also beside a held removal") {
    World world;
    world.config.guard.min_members = 2;
    const auto group = world.cloud.add_group("Finance");
    std::vector<MemberId> people;
    for (int i = 0; i < 10; ++i) {
        people.push_back(person(world, "user " + std::to_string(i)));
        world.cloud.add_member(group, people.back());
    }
    REQUIRE(world.once().has_value());
    // Half of them are no longer synchronised: an inference that exceeds 30%.
    for (int i = 0; i < 5; ++i) {
        world.cloud.change_principal(people[static_cast<std::size_t>(i)],
                                     [](ModelCloud::Principal& one) { one.synced = false; });
    }
    auto report = world.once();
    REQUIRE(report.has_value());
    CHECK(report->waiting == 1);
    CHECK(world.directory.members_of(group).size() == 10);
    CHECK(reasons_of(world.holds()) == std::vector<std::string>{"guard"});

    world.cloud.remove_member(group, people[9]);
    REQUIRE(world.once().has_value());
    CHECK(world.directory.members_of(group).size() == 9);
    CHECK(world.holds().size() == 1);

    world.decide(Decision::approved);
    REQUIRE(world.once().has_value());
    CHECK(world.directory.members_of(group).size() == 4);
    CHECK(world.holds().empty());
}

TEST_CASE("deletions 4: more than the limit are held, all of them, and other groups go on") {
    World world;
    world.config.guard.max_group_deletions = {3, false};
    const auto alice = person(world, "alice");
    std::vector<GroupId> groups;
    for (int i = 0; i < 12; ++i) {
        groups.push_back(world.cloud.add_group("group " + std::to_string(i)));
        world.cloud.add_member(groups.back(), alice);
    }
    REQUIRE(world.once().has_value());
    for (std::size_t i = 0; i < 5; ++i)
        world.cloud.soft_delete(groups[i]);
    const auto bob = person(world, "bob");
    world.cloud.add_member(groups[11], bob);
    auto report = world.once();
    REQUIRE(report.has_value());
    CHECK(report->waiting == 5);
    for (std::size_t i = 0; i < 5; ++i)
        CHECK(world.directory.members_of(groups[i]).size() == 1);
    CHECK(world.directory.members_of(groups[11]).size() == 2);
    CHECK(world.metrics.value("guard_trips_total{max_group_deletions}") == 1);

    world.decide(Decision::approved);
    report = world.once();
    REQUIRE(report.has_value());
    CHECK(report->waiting == 0);
    CHECK(world.difference() == "");
}

TEST_CASE("deletions 4: what was rejected is not done by a later run, until resync asks again") {
    World world;
    world.config.guard.max_group_deletions = {0, false};
    const auto alice = person(world, "alice");
    const auto group = world.cloud.add_group("Finance");
    world.cloud.add_member(group, alice);
    REQUIRE(world.once().has_value());
    world.cloud.hard_delete(group);
    REQUIRE(world.once().has_value());
    REQUIRE(world.holds().size() == 1);
    world.decide(Decision::rejected);
    for (int i = 0; i < 3; ++i) {
        const auto report = world.once();
        REQUIRE(report.has_value());
        CHECK(report->waiting == 0);
    }
    CHECK(world.directory.group_of(group) != nullptr);
    REQUIRE(world.holds().size() == 1);
    CHECK(world.holds().front().decision == Decision::rejected);

    world.request_resync(group);
    const auto report = world.once();
    REQUIRE(report.has_value());
    CHECK(report->waiting == 1);
    world.decide(Decision::approved);
    REQUIRE(world.once().has_value());
    CHECK(world.directory.group_of(group) == nullptr);
}

TEST_CASE("no-removals 11: removals stay owed, and count as inferred when the policy is full") {
    World world;
    world.config.guard.min_members = 2;
    world.config.groups.policy = Policy::no_removals;
    const auto group = world.cloud.add_group("Finance");
    std::vector<MemberId> people;
    for (int i = 0; i < 4; ++i) {
        people.push_back(person(world, "user " + std::to_string(i)));
        world.cloud.add_member(group, people.back());
    }
    REQUIRE(world.once().has_value());
    for (std::size_t i = 0; i < 3; ++i)
        world.cloud.remove_member(group, people[i]);
    const auto report = world.once();
    REQUIRE(report.has_value());
    CHECK(report->waiting == 0);
    CHECK(world.directory.members_of(group).size() == 4);
    CHECK(world.counts().owed == 1);

    world.config.groups.policy = Policy::full;
    const auto full = world.once();
    REQUIRE(full.has_value());
    CHECK(full->waiting == 1);
    CHECK(world.directory.members_of(group).size() == 4);
    world.decide(Decision::approved);
    REQUIRE(world.once().has_value());
    CHECK(world.difference() == "");
}
