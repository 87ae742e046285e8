// Names that a mapping gives to several groups, or that somebody else has: who keeps them, and what
// stands in their place.
#include "core/distinguished_name.hpp"
#include "world.hpp"

using namespace writeback;
using namespace writeback::fakes;

namespace {

std::string last_of(const GroupId& group) {
    return group.text().substr(24);
}

}  // namespace

TEST_CASE("groups of one name: one keeps it, the others have the end of their id as well") {
    World world;
    world.config.mapping["cn"] = "[displayName]";
    std::vector<GroupId> groups;
    for (int i = 0; i < 3; ++i)
        groups.push_back(world.cloud.add_group("Sales"));
    REQUIRE(world.once().has_value());
    CHECK(world.holds().empty());
    int plain = 0;
    for (const auto& group : groups) {
        const auto* object = world.directory.group_of(group);
        REQUIRE(object != nullptr);
        if (object->cn == "Sales") {
            ++plain;
        } else {
            CHECK(object->cn == "Sales_" + last_of(group));
        }
    }
    CHECK(plain == 1);
    static_cast<void>(world.written());
    world.cloud.kill_tokens();
    REQUIRE(world.once().has_value());
    CHECK(world.written().empty());
}

TEST_CASE("a group that is renamed to another's name takes its alternative, and keeps its SID") {
    World world;
    world.config.mapping["cn"] = "[displayName]";
    const auto sales = world.cloud.add_group("Sales");
    const auto other = world.cloud.add_group("Other");
    REQUIRE(world.once().has_value());
    const auto sid = world.directory.group_of(other)->sid;
    world.cloud.change_group(other, [](CloudGroup& one) { one.display_name = "Sales"; });
    REQUIRE(world.once().has_value());
    CHECK(world.directory.group_of(sales)->cn == "Sales");
    CHECK(world.directory.group_of(other)->cn == "Sales_" + last_of(other));
    CHECK(world.directory.group_of(other)->sid == sid);
    CHECK(world.holds().empty());
    static_cast<void>(world.written());
    REQUIRE(world.once().has_value());
    CHECK(world.written().empty());
}

TEST_CASE("where a foreign object holds the name, nothing is made under another one") {
    World world;
    world.config.mapping["cn"] = "[displayName]";
    static_cast<void>(world.directory.add_foreign_group(World::container, "Sales"));
    const auto group = world.cloud.add_group("Sales");
    REQUIRE(world.once().has_value());
    CHECK(reasons_of(world.holds()) == std::vector<std::string>{"collision"});
    CHECK(world.directory.group_of(group) == nullptr);
    CHECK(world.written().empty());
}

TEST_CASE("a sAMAccountName that anyone has gives way, at creation and later") {
    World world;
    world.config.mapping["sAMAccountName"] = "[displayName]";
    const Dn elsewhere("OU=Elsewhere,DC=test");
    for (const auto* name : {"Sales", "Money"}) {
        const auto guid = world.directory.add_foreign_group(elsewhere, name);
        world.directory.meddle(
            guid, [&](ModelDirectory::Entry& entry) { entry.sam_account_name = name; });
    }
    const auto group = world.cloud.add_group("Sales");
    REQUIRE(world.once().has_value());
    REQUIRE(world.directory.group_of(group) != nullptr);
    CHECK(world.directory.group_of(group)->sam_account_name == "Sales_" + last_of(group));
    CHECK(world.holds().empty());
    static_cast<void>(world.written());
    REQUIRE(world.once().has_value());
    CHECK(world.written().empty());

    world.cloud.change_group(group, [](CloudGroup& one) { one.display_name = "Money"; });
    REQUIRE(world.once().has_value());
    CHECK(world.directory.group_of(group)->sam_account_name == "Money_" + last_of(group));
    CHECK(world.holds().empty());
    static_cast<void>(world.written());
    REQUIRE(world.once().has_value());
    CHECK(world.written().empty());
}

TEST_CASE("a value that AD could not take holds its group before any write, and no removal") {
    World world;
    world.config.mapping["displayNamePrintable"] = "[displayName]";
    const auto alice = person(world, "alice");
    const auto good = world.cloud.add_group("Good");
    const auto known = world.cloud.add_group("Known");
    world.cloud.add_member(known, alice);
    REQUIRE(world.once().has_value());
    static_cast<void>(world.written());
    const auto fresh = world.cloud.add_group("Fr\u00fch");
    world.cloud.change_group(known, [](CloudGroup& one) { one.display_name = "Gr\u00fcn"; });
    world.cloud.change_group(good, [](CloudGroup& one) { one.display_name = "Better"; });
    world.cloud.remove_member(known, alice);
    REQUIRE(world.once().has_value());
    CHECK(reasons_of(world.holds()) == std::vector<std::string>{"refused", "refused"});
    for (const auto& hold : world.holds())
        CHECK(hold.detail.find("displayNamePrintable") != std::string::npos);
    CHECK(world.directory.group_of(fresh) == nullptr);
    CHECK(world.directory.members_of(known).empty());
    CHECK(world.directory.group_of(known)->attributes.at("displayName").front() == "Known");
    CHECK(world.directory.group_of(good)->cn.starts_with("Better_"));
    world.cloud.change_group(fresh, [](CloudGroup& one) { one.display_name = "Early"; });
    world.cloud.change_group(known, [](CloudGroup& one) { one.display_name = "Green"; });
    REQUIRE(world.once().has_value());
    CHECK(world.holds().empty());
    CHECK(world.difference() == "");
}
