// The hard cases of the design: where connectors of this kind lose data or leak access.
#include "core/distinguished_name.hpp"
#include "world.hpp"

#include <algorithm>

using namespace writeback;
using namespace writeback::fakes;
using namespace std::chrono_literals;

namespace {

std::vector<std::string> kinds(const std::vector<Hold>& holds) {
    std::vector<std::string> reasons;
    for (const auto& hold : holds)
        reasons.emplace_back(name_of(hold.reason));
    return reasons;
}

MemberId person(World& world, const std::string& name) {
    return world.cloud.add_user(name, world.directory.add_user(name));
}

}  // namespace

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
    CHECK(kinds(world.holds()) == std::vector<std::string>{"guard"});

    world.cloud.remove_member(group, people[9]);
    REQUIRE(world.once().has_value());
    CHECK(world.directory.members_of(group).size() == 9);
    CHECK(world.holds().size() == 1);

    world.decide(Decision::approved);
    REQUIRE(world.once().has_value());
    CHECK(world.directory.members_of(group).size() == 4);
    CHECK(world.holds().empty());
}

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
    CHECK(kinds(world.holds()) == std::vector<std::string>{"collision"});
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

TEST_CASE("names 8: a change of case only is a rename, and a rename keeps the SID") {
    World world;
    const auto group = world.cloud.add_group("finance");
    REQUIRE(world.once().has_value());
    const auto sid = world.directory.group_of(group)->sid;
    world.cloud.change_group(group, [](CloudGroup& one) { one.display_name = "Finance"; });
    REQUIRE(world.once().has_value());
    CHECK(world.directory.group_of(group)->cn.starts_with("Finance_"));
    CHECK(world.directory.group_of(group)->sid == sid);
    CHECK(world.difference() == "");
}

TEST_CASE("names 8: groups that swap their names go through a temporary one") {
    World world;
    const auto one = world.cloud.add_group("One");
    const auto two = world.cloud.add_group("Two");
    REQUIRE(world.once().has_value());
    // The default names carry the id; here each stands under the name the other is to have.
    const auto guid_one = world.directory.group_of(one)->guid;
    const auto guid_two = world.directory.group_of(two)->guid;
    const auto cn_one = world.directory.group_of(one)->cn;
    const auto cn_two = world.directory.group_of(two)->cn;
    const auto rename = [&](const ObjectGuid& guid, const std::string& cn) {
        world.directory.meddle(guid, [&](ModelDirectory::Entry& entry) {
            entry.cn = cn;
            entry.dn = dn_in(World::container, cn);
        });
    };
    rename(guid_one, cn_two);
    rename(guid_two, cn_one);
    world.request_resync(one);
    world.request_resync(two);
    world.serve();
    REQUIRE(world.thread->run_until(
        [&] {
            return world.directory.group_of(one)->cn == cn_one &&
                   world.directory.group_of(two)->cn == cn_two;
        },
        1min));
    CHECK(world.directory.group_of(one)->guid == guid_one);
    REQUIRE(world.settles());
    CHECK(world.holds().empty());
    world.stop();
}

TEST_CASE("directory 9: two objects with one mark: neither is written") {
    World world;
    const auto alice = person(world, "alice");
    const auto group = world.cloud.add_group("Finance");
    world.cloud.add_member(group, alice);
    for (const auto* name : {"first", "second"}) {
        const auto guid = world.directory.add_foreign_group(World::container, name);
        world.directory.meddle(guid, [&](ModelDirectory::Entry& entry) {
            entry.attributes["adminDescription"] = {mark_of(group)};
        });
    }
    REQUIRE(world.once().has_value());
    CHECK(world.directory.writes.empty());
    CHECK(kinds(world.holds()) == std::vector<std::string>{"collision"});
}

TEST_CASE("directory 9: a known object that is missing is held, and not made anew") {
    World world;
    const auto alice = person(world, "alice");
    const auto bob = person(world, "bob");
    const auto group = world.cloud.add_group("Finance");
    world.cloud.add_member(group, alice);
    REQUIRE(world.once().has_value());
    static_cast<void>(world.written());
    world.directory.delete_object(world.directory.group_of(group)->guid);
    world.cloud.add_member(group, bob);
    REQUIRE(world.once().has_value());
    CHECK(world.written().empty());
    CHECK(kinds(world.holds()) == std::vector<std::string>{"missing"});
    CHECK(world.counts().dirty == 0);

    world.config.groups.recreate = true;
    REQUIRE(world.once().has_value());
    CHECK(world.difference() == "");
    CHECK(world.holds().empty());
}

TEST_CASE("directory 9: an object that was moved away or lost its mark is held as drift") {
    World world;
    const auto alice = person(world, "alice");
    const auto moved = world.cloud.add_group("Moved");
    const auto unmarked = world.cloud.add_group("Unmarked");
    REQUIRE(world.once().has_value());
    static_cast<void>(world.written());
    world.directory.meddle(world.directory.group_of(moved)->guid, [](ModelDirectory::Entry& entry) {
        entry.dn = dn_in(Dn("OU=Elsewhere,DC=test"), entry.cn);
    });
    world.directory.meddle(
        world.directory.group_of(unmarked)->guid,
        [](ModelDirectory::Entry& entry) { entry.attributes.erase("adminDescription"); });
    world.cloud.add_member(moved, alice);
    world.cloud.add_member(unmarked, alice);
    REQUIRE(world.once().has_value());
    CHECK(world.written().empty());
    CHECK(kinds(world.holds()) == std::vector<std::string>{"drift", "drift"});
}

TEST_CASE("directory 9: a directory of another domain is refused") {
    World world;
    world.cloud.add_group("Finance");
    REQUIRE(world.once().has_value());
    world.directory.domain_sid = Sid("S-1-5-21-9-9-9");
    const auto report = world.once();
    REQUIRE_FALSE(report.has_value());
    CHECK(report.error().kind == FailureKind::store);
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
    CHECK(kinds(world.holds()) == std::vector<std::string>{"unreadable"});
    world.cloud.unreadable.clear();
    world.cloud.kill_tokens();
    REQUIRE(world.once().has_value());
    CHECK(world.difference() == "");
    CHECK(world.holds().empty());
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
