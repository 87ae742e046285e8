// managedBy follows the first owner with an account, whether or not the stream shows owners.
#include "world.hpp"

using namespace writeback;
using namespace writeback::fakes;

namespace {

// The name of whom the directory has as the group's manager; empty: nobody.
std::string manager_of(const World& world, const GroupId& group) {
    const auto* entry = world.directory.group_of(group);
    if (entry == nullptr) return "no group";
    const auto found = entry->attributes.find("managedBy");
    if (found == entry->attributes.end() || found->second.empty()) return "";
    for (const std::string name : {"anna", "bert"}) {
        const auto* person = world.directory.named(name);
        if (person == nullptr) continue;
        const auto& value = found->second.front();
        if (value == person->dn.text() || value == person->sid.text()) return name;
    }
    return found->second.front();
}

struct OwnedWorld : World {
    explicit OwnedWorld(bool shows_owners) {
        config.mapping["managedBy"] = "[owners]";
        cloud.owners_in_delta = shows_owners;
        anna = person(*this, "anna");
        bert = person(*this, "bert");
        group = cloud.add_group("Finance");
        cloud.add_member(group, anna);
        cloud.add_owner(group, anna);
        cloud.add_owner(group, bert);
    }
    [[nodiscard]] std::string manager() const { return manager_of(*this, group); }

    MemberId anna, bert;
    GroupId group;
};

}  // namespace

TEST_CASE("an owner manages the group until it leaves, then the next one does, and then nobody") {
    for (const bool shows_owners : {true, false}) {
        CAPTURE(shows_owners);
        OwnedWorld world(shows_owners);
        REQUIRE(world.once().has_value());
        CHECK(world.manager() == "anna");
        CHECK(world.cloud.calls("read_owners") == (shows_owners ? 0 : 1));
        REQUIRE(world.once().has_value());
        CHECK(world.manager() == "anna");
        world.cloud.remove_owner(world.group, world.anna);
        REQUIRE(world.once().has_value());
        CHECK(world.manager() == "bert");
        // Who manages it stays, though another owner comes first by id.
        world.cloud.add_owner(world.group, world.anna);
        REQUIRE(world.once().has_value());
        CHECK(world.manager() == "bert");
        world.cloud.remove_owner(world.group, world.bert);
        world.cloud.remove_owner(world.group, world.anna);
        REQUIRE(world.once().has_value());
        CHECK(world.manager() == "");
        world.written();
        REQUIRE(world.once().has_value());
        CHECK(world.written().empty());
    }
}

TEST_CASE("an owner that left while the groups token was dead manages nothing") {
    for (const bool shows_owners : {true, false}) {
        CAPTURE(shows_owners);
        OwnedWorld world(shows_owners);
        REQUIRE(world.once().has_value());
        world.cloud.remove_owner(world.group, world.anna);
        world.cloud.kill_tokens(Stream::groups);
        REQUIRE(world.once().has_value());
        CHECK(world.manager() == "bert");
    }
}

TEST_CASE("an owner who loses the account is followed by the next") {
    OwnedWorld world(true);
    REQUIRE(world.once().has_value());
    world.cloud.delete_user(world.anna);
    REQUIRE(world.once().has_value());
    CHECK(world.manager() == "bert");
}

TEST_CASE("while owners cannot be read the group is filled, and its manager stays") {
    OwnedWorld world(false);
    REQUIRE(world.once().has_value());
    world.cloud.remove_owner(world.group, world.anna);
    world.cloud.add_member(world.group, world.bert);
    world.cloud.fail("read_owners", failure(FailureKind::unavailable, "Not now."));
    REQUIRE(world.once().has_value());
    CHECK(world.directory.members_of(world.group).size() == 2);
    CHECK(world.manager() == "anna");
    REQUIRE(world.once().has_value());
    CHECK(world.manager() == "bert");
}
