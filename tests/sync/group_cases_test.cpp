// Hard cases of a group's life: nesting, restoring, leaving the scope, becoming synchronised.
#include "world.hpp"

using namespace writeback;
using namespace writeback::fakes;
using namespace std::chrono_literals;

TEST_CASE("marks 5: a group that is created later is nested into its parents") {
    World world;
    const auto parent = world.cloud.add_group("Parent");
    const auto child = world.cloud.add_group("Child");
    world.cloud.add_member(parent, as_member(child));
    REQUIRE(world.once().has_value());
    CHECK(world.difference() == "");
    CHECK(world.directory.members_of(parent).size() == 1);
    // One run is enough: the child came first.
    CHECK(world.directory.writes.size() == 2);
}

TEST_CASE("marks 5: groups that are members of one another are created and nested") {
    World world;
    const auto one = world.cloud.add_group("One");
    const auto two = world.cloud.add_group("Two");
    world.cloud.add_member(one, as_member(two));
    world.cloud.add_member(two, as_member(one));
    REQUIRE(world.once().has_value());
    CHECK(world.difference() == "");
}

TEST_CASE("marks 5: a held child never delays its parent") {
    World world;
    const auto parent = world.cloud.add_group("Parent");
    const auto child = world.cloud.add_group("Child");
    const auto alice = person(world, "alice");
    world.cloud.add_member(parent, as_member(child));
    world.cloud.add_member(parent, alice);
    const auto cn = "Child_" + child.text().substr(24);
    const auto foreign = world.directory.add_foreign_group(World::container, cn);
    REQUIRE(world.once().has_value());
    CHECK(reasons_of(world.holds()) == std::vector<std::string>{"collision"});
    CHECK(world.directory.members_of(parent).size() == 1);
    CHECK(world.counts().dirty == 0);
    // When the name is free the child is made, and nested.
    world.directory.delete_object(foreign);
    world.serve();
    REQUIRE(world.thread->run_until([&] { return world.difference().empty(); }, 10min));
    CHECK(world.holds().empty());
    world.stop();
}

TEST_CASE("restore 6: a restored group has its members read whole, and keeps its SID") {
    World world;
    const auto alice = person(world, "alice");
    const auto bob = person(world, "bob");
    const auto group = world.cloud.add_group("Finance");
    world.cloud.add_member(group, alice);
    REQUIRE(world.once().has_value());
    const auto sid = world.directory.group_of(group)->sid;
    world.cloud.soft_delete(group);
    REQUIRE(world.once().has_value());
    CHECK(world.directory.members_of(group).empty());
    world.cloud.restore(group);
    world.cloud.add_member(group, bob);
    REQUIRE(world.once().has_value());
    CHECK(world.difference() == "");
    CHECK(world.directory.members_of(group).size() == 2);
    CHECK(world.directory.group_of(group)->sid == sid);
    CHECK(world.cloud.calls("read_members") == 1);
}

TEST_CASE("restore 6: while its members cannot be read a restored group stays empty, not half") {
    World world;
    const auto alice = person(world, "alice");
    const auto group = world.cloud.add_group("Finance");
    world.cloud.add_member(group, alice);
    REQUIRE(world.once().has_value());
    world.cloud.soft_delete(group);
    REQUIRE(world.once().has_value());
    world.cloud.restore(group);
    world.cloud.fail("read_members", failure(FailureKind::unavailable, "HTTP 503"), 2);
    world.serve();
    REQUIRE(world.thread->run_until([&] { return world.difference().empty(); }, 5min));
    CHECK(world.cloud.calls("read_members") == 3);
    world.stop();
}

TEST_CASE("scope 6: a group that leaves the scope is emptied, and filled when it comes back") {
    World world;
    const auto alice = person(world, "alice");
    const auto group = world.cloud.add_group("Finance");
    world.cloud.add_member(group, alice);
    REQUIRE(world.once().has_value());
    world.config.groups.kind_security = false;
    REQUIRE(world.once().has_value());
    CHECK(world.directory.members_of(group).empty());
    world.config.groups.kind_security = true;
    REQUIRE(world.once().has_value());
    CHECK(world.difference() == "");
}

TEST_CASE("synced 7: a group that becomes synced is left exactly as it stands, and reported") {
    World world;
    const auto alice = person(world, "alice");
    const auto group = world.cloud.add_group("Finance");
    world.cloud.add_member(group, alice);
    REQUIRE(world.once().has_value());
    static_cast<void>(world.written());
    const auto sid = world.directory.group_of(group)->sid;
    world.cloud.change_group(group, [&](CloudGroup& one) {
        one.on_premises_sync_enabled = true;
        one.on_premises_security_identifier = sid;
        one.display_name = "Finance, now ours";
    });
    world.cloud.remove_member(group, alice);
    REQUIRE(world.once().has_value());
    CHECK(world.written().empty());
    CHECK(world.directory.members_of(group).size() == 1);
    CHECK(world.log.count("group-released") == 1);
    CHECK(world.counts().managed == 0);
    CHECK(world.counts().dirty == 0);
}
