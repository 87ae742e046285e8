// groups.select = "assigned": the groups that are assigned to our enterprise application.
#include "world.hpp"

using namespace writeback;
using namespace writeback::fakes;
using namespace std::chrono_literals;

TEST_CASE("assigned groups are written, and follow their assignment within the poll interval") {
    World world;
    world.config.groups.select = Select::assigned;
    const auto alice = person(world, "alice");
    const auto one = world.cloud.add_group("One");
    const auto two = world.cloud.add_group("Two");
    for (const auto& group : {one, two})
        world.cloud.add_member(group, alice);
    world.cloud.assigned = {one};
    world.serve();
    REQUIRE(world.settles());
    CHECK(world.directory.members_of(one).size() == 1);
    CHECK(world.directory.group_of(two) == nullptr);
    const auto asked = world.cloud.calls("assigned_groups");
    world.thread->run_for(10min);
    CHECK(world.cloud.calls("assigned_groups") <= asked + 10);

    world.cloud.assigned = {two};
    CHECK(world.thread->run_until(
        [&] {
            return world.directory.members_of(two).size() == 1 &&
                   world.directory.members_of(one).empty();
        },
        2min));
    world.stop();
}

TEST_CASE("a list of assigned groups that cannot be read leaves the known one in force") {
    World world;
    world.config.groups.select = Select::assigned;
    const auto alice = person(world, "alice");
    const auto group = world.cloud.add_group("One");
    world.cloud.add_member(group, alice);
    world.cloud.assigned = {group};
    REQUIRE(world.once().has_value());
    world.cloud.assigned.clear();
    world.cloud.fail("assigned_groups", failure(FailureKind::forbidden, "Not permitted."));
    const auto bob = person(world, "bob");
    world.cloud.add_member(group, bob);
    REQUIRE(world.once().has_value());
    CHECK(world.directory.members_of(group).size() == 2);
    CHECK(world.log.count("assigned-groups-failed") == 1);
    // Read again, the empty list counts.
    REQUIRE(world.once().has_value());
    CHECK(world.directory.members_of(group).empty());
}

TEST_CASE("while no list of assigned groups is known, nothing is decided") {
    World world;
    const auto alice = person(world, "alice");
    const auto group = world.cloud.add_group("One");
    world.cloud.add_member(group, alice);
    REQUIRE(world.once().has_value());
    world.config.groups.select = Select::assigned;
    world.cloud.fail("assigned_groups", failure(FailureKind::unavailable, "HTTP 503"));
    CHECK_FALSE(world.once().has_value());
    CHECK(world.directory.members_of(group).size() == 1);
    world.cloud.assigned = {group};
    REQUIRE(world.once().has_value());
    CHECK(world.difference() == "");
}
