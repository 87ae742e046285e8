// Hard cases of members: who they are on premises, and when nobody can tell.
#include "world.hpp"

using namespace writeback;
using namespace writeback::fakes;

TEST_CASE("users 3: the users link is committed before the first getByIds") {
    World world;
    const auto alice = person(world, "alice");
    const auto group = world.cloud.add_group("Finance");
    world.cloud.add_member(group, alice);
    bool link_came_first = false;
    world.cloud.on_call = [&](const std::string& call) {
        if (call == "identities") {
            link_came_first = world.store->position(Stream::users)->phase != StreamPhase::empty;
        }
        return false;
    };
    REQUIRE(world.once().has_value());
    CHECK(link_came_first);
}

TEST_CASE("users 3: without the users link nobody is asked for, and nothing is inferred") {
    World world;
    const auto alice = person(world, "alice");
    const auto group = world.cloud.add_group("Finance");
    world.cloud.add_member(group, alice);
    world.cloud.fail("users_page", failure(FailureKind::forbidden, "User.Read.All is missing."));
    CHECK_FALSE(world.once().has_value());
    CHECK(world.cloud.calls("identities") == 0);
    REQUIRE(world.once().has_value());
    CHECK(world.difference() == "");
}

TEST_CASE("users 3: when the users token dies, latest comes first and everyone is asked again") {
    World world;
    const auto alice = person(world, "alice");
    const auto group = world.cloud.add_group("Finance");
    world.cloud.add_member(group, alice);
    REQUIRE(world.once().has_value());
    // What happened while no token lived.
    world.cloud.change_principal(alice, [](ModelCloud::Principal& one) { one.synced = false; });
    world.cloud.kill_tokens();
    REQUIRE(world.once().has_value());
    CHECK(world.difference() == "");
    CHECK(world.directory.members_of(group).empty());
}

TEST_CASE(
    "users 3: who was deleted while the users token was dead leaves, though no answer says so") {
    World world;
    const auto alice = person(world, "alice");
    const auto bob = person(world, "bob");
    const auto group = world.cloud.add_group("Finance");
    world.cloud.add_member(group, alice);
    world.cloud.add_member(group, bob);
    REQUIRE(world.once().has_value());
    world.cloud.delete_user(alice);
    world.cloud.kill_tokens(Stream::users);
    REQUIRE(world.once().has_value());
    CHECK(world.difference() == "");
    CHECK(world.directory.members_of(group).size() == 1);
    CHECK(world.log.count("members-vanished") == 1);
    REQUIRE(world.once().has_value());
    CHECK(world.log.count("members-vanished") == 1);
}

TEST_CASE("users 3: a member that gets its SID later is added then") {
    World world;
    const auto alice = world.cloud.add_cloud_user("alice");
    const auto group = world.cloud.add_group("Finance");
    world.cloud.add_member(group, alice);
    REQUIRE(world.once().has_value());
    CHECK(world.directory.members_of(group).empty());
    const auto sid = world.directory.add_user("alice");
    world.cloud.change_principal(alice, [&](ModelCloud::Principal& one) {
        one.synced = true;
        one.sid = sid;
    });
    REQUIRE(world.once().has_value());
    CHECK(world.directory.members_of(group) == std::set<std::string>{sid.text()});
}

TEST_CASE("users 3: a recreated AD user is one removal and one addition") {
    World world;
    const auto alice = person(world, "alice");
    const auto group = world.cloud.add_group("Finance");
    world.cloud.add_member(group, alice);
    REQUIRE(world.once().has_value());
    static_cast<void>(world.written());
    const auto sid = world.directory.add_user("alice the second");
    world.cloud.change_principal(alice, [&](ModelCloud::Principal& one) { one.sid = sid; });
    REQUIRE(world.once().has_value());
    CHECK(world.directory.members_of(group) == std::set<std::string>{sid.text()});
    CHECK(world.written().size() == 2);
}

TEST_CASE("users 3: a deleted user leaves, and comes back with a restore") {
    World world;
    const auto alice = person(world, "alice");
    const auto group = world.cloud.add_group("Finance");
    world.cloud.add_member(group, alice);
    REQUIRE(world.once().has_value());
    world.cloud.delete_user(alice);
    REQUIRE(world.once().has_value());
    CHECK(world.directory.members_of(group).empty());
    world.cloud.delete_user(alice, CloudState::active);
    REQUIRE(world.once().has_value());
    CHECK(world.difference() == "");
    CHECK(world.directory.members_of(group).size() == 1);
}

TEST_CASE("unknown members: while one is unknown nothing is inferred, and additions go on") {
    World world;
    const auto group = world.cloud.add_group("Finance");
    const auto alice = person(world, "alice");
    const auto bob = person(world, "bob");
    const auto carol = person(world, "carol");
    world.cloud.add_member(group, alice);
    world.cloud.add_member(group, bob);
    REQUIRE(world.once().has_value());
    ModelCloud::Principal hidden;
    hidden.type = MemberType::device;
    hidden.readable = false;
    const auto device = world.cloud.add_principal(hidden);
    world.cloud.add_member(group, device);
    world.cloud.add_member(group, carol);
    world.cloud.change_principal(alice, [](ModelCloud::Principal& one) { one.synced = false; });
    REQUIRE(world.once().has_value());
    // carol came; alice is no longer synchronised, which is an inference.
    CHECK(world.directory.members_of(group).size() == 3);
    world.cloud.remove_member(group, bob);
    REQUIRE(world.once().has_value());
    CHECK(world.directory.members_of(group).size() == 2);
    world.cloud.remove_member(group, device);
    REQUIRE(world.once().has_value());
    CHECK(world.difference() == "");
}

TEST_CASE("members: a device that is no longer synced leaves within a day") {
    World world;
    const auto alice = person(world, "alice");
    ModelCloud::Principal laptop;
    laptop.type = MemberType::device;
    laptop.synced = true;
    laptop.sid = world.directory.add_user("laptop");
    const auto device = world.cloud.add_principal(laptop);
    const auto group = world.cloud.add_group("Finance");
    world.cloud.add_member(group, alice);
    world.cloud.add_member(group, device);
    world.config.graph.poll_interval = std::chrono::hours(1);
    world.serve();
    REQUIRE(world.settles());
    REQUIRE(world.directory.members_of(group).size() == 2);
    world.cloud.change_principal(device, [](ModelCloud::Principal& one) { one.synced = false; });
    CHECK(world.thread->run_until([&] { return world.directory.members_of(group).size() == 1; },
                                  std::chrono::hours(26)));
    CHECK(world.difference() == "");
    const auto asked = world.cloud.calls("identities");
    world.thread->run_for(std::chrono::hours(12));
    CHECK(world.cloud.calls("identities") == asked);
    world.stop();
}

TEST_CASE("members: a SID of another domain is never written as a SID") {
    World world;
    const auto foreign = world.cloud.add_user("eve", Sid("S-1-5-21-9-9-9-1100"));
    const auto alice = person(world, "alice");
    const auto group = world.cloud.add_group("Finance");
    world.cloud.add_member(group, foreign);
    world.cloud.add_member(group, alice);
    REQUIRE(world.once().has_value());
    CHECK(world.directory.members_of(group).size() == 1);
    CHECK(world.counts().unresolved ==
          std::vector<std::pair<std::string, std::int64_t>>{{"other-domain", 1}});
}

TEST_CASE("members: the immutable id is the second way to an identity") {
    World world;
    const auto sid = world.directory.add_user("alice");
    ModelCloud::Principal principal;
    principal.synced = true;
    principal.immutable_id = world.directory.named("alice")->guid;
    const auto alice = world.cloud.add_principal(principal);
    const auto group = world.cloud.add_group("Finance");
    world.cloud.add_member(group, alice);
    REQUIRE(world.once().has_value());
    CHECK(world.directory.members_of(group) == std::set<std::string>{sid.text()});
}

TEST_CASE("members: who is of another domain of the forest is found, and written") {
    World world;
    const auto sid = world.directory.add_elsewhere("eve");
    const auto eve = world.cloud.add_user("eve", sid);
    const auto group = world.cloud.add_group("Finance");
    world.cloud.add_member(group, eve);
    REQUIRE(world.once().has_value());
    CHECK(world.directory.members_of(group) == std::set<std::string>{sid.text()});
    CHECK(world.directory.calls["look_up"] == 1);
}

TEST_CASE("members: a global catalog out of reach leaves them unknown, and nobody else") {
    World world;
    const auto sid = world.directory.add_elsewhere("eve");
    const auto eve = world.cloud.add_user("eve", sid);
    const auto alice = person(world, "alice");
    const auto group = world.cloud.add_group("Finance");
    world.cloud.add_member(group, eve);
    world.cloud.add_member(group, alice);
    world.directory.fail("look_up", failure(FailureKind::unreachable, "No global catalog."));
    REQUIRE(world.once().has_value());
    CHECK(world.directory.members_of(group).size() == 1);
    world.clock.jump(std::chrono::minutes(2));
    REQUIRE(world.once().has_value());
    CHECK(world.directory.members_of(group).size() == 2);
}

TEST_CASE("members: synchronised groups are members, but for domain-local ones") {
    World world;
    const Dn elsewhere("OU=Elsewhere,DC=test");
    const auto member = [&](const std::string& name, std::int32_t type) {
        const auto guid = world.directory.add_foreign_group(elsewhere, name, type);
        ModelCloud::Principal principal;
        principal.type = MemberType::group;
        principal.synced = true;
        principal.sid = world.directory.named(name)->sid;
        principal.name = name;
        static_cast<void>(guid);
        return world.cloud.add_principal(principal);
    };
    const auto group = world.cloud.add_group("Finance");
    world.cloud.add_member(group, member("Universal", universal_security_group));
    world.cloud.add_member(group, member("Local", -2147483644));
    REQUIRE(world.once().has_value());
    CHECK(world.directory.members_of(group) ==
          std::set<std::string>{world.directory.named("Universal")->sid.text()});
    CHECK(world.holds().empty());
    CHECK(world.counts().unresolved ==
          std::vector<std::pair<std::string, std::int64_t>>{{"domain-local", 1}});
}
