// Hard cases of the cloud's streams: resyncs, dead tokens, links and items that cannot be read.
#include "world.hpp"

using namespace writeback;
using namespace writeback::fakes;
using namespace std::chrono_literals;

TEST_CASE("resync 2: what a resync does not show is read directly before it counts as deleted") {
    World world;
    const auto alice = person(world, "alice");
    const auto stays = world.cloud.add_group("Stays");
    const auto purged = world.cloud.add_group("Purged");
    const auto trashed = world.cloud.add_group("Trashed");
    for (const auto& group : {stays, purged, trashed})
        world.cloud.add_member(group, alice);
    REQUIRE(world.once().has_value());
    const auto sid = world.directory.group_of(trashed)->sid;

    world.cloud.hard_delete(purged);
    world.cloud.soft_delete(trashed);
    world.cloud.kill_tokens();
    REQUIRE(world.once().has_value());
    CHECK(world.directory.group_of(purged) == nullptr);
    CHECK(world.directory.members_of(trashed).empty());
    CHECK(world.directory.group_of(trashed)->sid == sid);
    CHECK(world.directory.members_of(stays).size() == 1);
    CHECK(world.difference() == "");
    CHECK(world.log.count("resync-swept") == 1);
}

TEST_CASE("resync 2: members that a resync does not show leave, and nobody else") {
    World world;
    const auto group = world.cloud.add_group("Finance");
    const auto alice = person(world, "alice");
    const auto bob = person(world, "bob");
    world.cloud.add_member(group, alice);
    world.cloud.add_member(group, bob);
    REQUIRE(world.once().has_value());
    world.cloud.remove_member(group, alice);
    world.cloud.kill_tokens();
    REQUIRE(world.once().has_value());
    CHECK(world.difference() == "");
    CHECK(world.directory.members_of(group).size() == 1);
}

TEST_CASE("resync 2: one that shows no group at all is held whole, and a later one ends that") {
    World world;
    const auto alice = person(world, "alice");
    const auto group = world.cloud.add_group("Finance");
    world.cloud.add_member(group, alice);
    REQUIRE(world.once().has_value());
    world.cloud.shows_nothing = true;
    world.cloud.kill_tokens();
    auto report = world.once();
    REQUIRE(report.has_value());
    CHECK(report->waiting == 1);
    CHECK(world.directory.members_of(group).size() == 1);
    // Nor does another run, or a round with a change, conclude anything.
    world.cloud.change_group(group, [](CloudGroup& one) { one.description = "changed"; });
    REQUIRE(world.once().has_value());
    CHECK(world.directory.members_of(group).size() == 1);
    CHECK(world.holds().size() == 1);

    world.cloud.shows_nothing = false;
    world.cloud.kill_tokens();
    report = world.once();
    REQUIRE(report.has_value());
    CHECK(report->waiting == 0);
    CHECK(world.holds().empty());
    CHECK(world.difference() == "");
}

TEST_CASE("resync 2: an empty one that a person approves is carried out") {
    World world;
    const auto alice = person(world, "alice");
    const auto group = world.cloud.add_group("Finance");
    world.cloud.add_member(group, alice);
    world.serve();
    REQUIRE(world.settles());
    world.cloud.shows_nothing = true;
    world.cloud.hard_delete(group);
    world.cloud.kill_tokens();
    world.thread->run_for(2min);
    CHECK(world.directory.members_of(group).size() == 1);
    world.decide(Decision::approved);
    REQUIRE(
        world.thread->run_until([&] { return world.directory.group_of(group) == nullptr; }, 1min));
    CHECK(world.holds().empty());
    world.stop();
}

TEST_CASE("resync 2: a refused $skiptoken begins the round again with the link it began with") {
    World world;
    world.cloud.items_per_page = 2;
    for (int i = 0; i < 8; ++i)
        world.cloud.add_group("group " + std::to_string(i));
    world.cloud.expire_pages();
    REQUIRE(world.once().has_value());
    CHECK(world.difference() == "");
    // In an ordinary round as well.
    for (const auto& [id, group] : world.cloud.groups()) {
        world.cloud.change_group(id, [](CloudGroup& one) { one.display_name += "!"; });
    }
    world.cloud.expire_pages();
    REQUIRE(world.once().has_value());
    CHECK(world.difference() == "");
    CHECK(world.directory.group_count() == 8);
}

TEST_CASE("resync 2: another $select begins a resync") {
    World world;
    const auto group = world.cloud.add_group("Finance");
    REQUIRE(world.once().has_value());
    world.cloud.select = "v2";
    REQUIRE(world.once().has_value());
    CHECK(world.log.count("resync-begins") == 1);
    CHECK(world.directory.writes.size() == 1);
}

TEST_CASE("links 10: a link off the endpoint's origin stops the stream visibly") {
    World world;
    world.cloud.add_group("Finance");
    world.cloud.fail("groups_page", failure(FailureKind::link_refused, "The link points away."));
    world.serve();
    world.thread->run_for(30s);
    CHECK(world.live->snapshot().problems.at("stream groups") == "The link points away.");
    REQUIRE(world.thread->run_until([&] { return world.difference().empty(); }, 2min));
    world.stop();
}

TEST_CASE("links 10: an item that cannot be read holds its group, and no other") {
    World world;
    const auto alice = person(world, "alice");
    const auto bad = world.cloud.add_group("Bad");
    const auto good = world.cloud.add_group("Good");
    REQUIRE(world.once().has_value());
    world.cloud.unreadable.insert(bad);
    world.cloud.add_member(bad, alice);
    world.cloud.add_member(good, alice);
    REQUIRE(world.once().has_value());
    CHECK(world.directory.members_of(bad).empty());
    CHECK(world.directory.members_of(good).size() == 1);
    CHECK(reasons_of(world.holds()) == std::vector<std::string>{"unreadable"});
    world.cloud.unreadable.clear();
    world.cloud.kill_tokens();
    REQUIRE(world.once().has_value());
    CHECK(world.difference() == "");
    CHECK(world.holds().empty());
}
