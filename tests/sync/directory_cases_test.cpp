// Hard cases of the directory: names, marks, objects that vanished, another domain.
#include "core/distinguished_name.hpp"
#include "world.hpp"

using namespace writeback;
using namespace writeback::fakes;
using namespace std::chrono_literals;

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

TEST_CASE("names 8: ten groups that take one another's names in a circle do so in one run") {
    World world;
    world.config.mapping["cn"] = "[displayName]";
    std::vector<GroupId> groups;
    for (int i = 0; i < 10; ++i)
        groups.push_back(world.cloud.add_group("Name " + std::to_string(i)));
    REQUIRE(world.once().has_value());
    for (std::size_t i = 0; i < groups.size(); ++i) {
        const auto next = "Name " + std::to_string((i + 1) % groups.size());
        world.cloud.change_group(groups[i], [&](CloudGroup& one) { one.display_name = next; });
    }
    REQUIRE(world.once().has_value());
    for (std::size_t i = 0; i < groups.size(); ++i) {
        const auto next = "Name " + std::to_string((i + 1) % groups.size());
        CHECK(world.directory.group_of(groups[i])->cn == next);
    }
    CHECK(world.holds().empty());
    const auto writes = world.directory.writes.size();
    REQUIRE(world.once().has_value());
    CHECK(world.directory.writes.size() == writes);
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
    CHECK(reasons_of(world.holds()) == std::vector<std::string>{"collision"});
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
    CHECK(reasons_of(world.holds()) == std::vector<std::string>{"missing"});
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
    CHECK(reasons_of(world.holds()) == std::vector<std::string>{"drift", "drift"});
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
