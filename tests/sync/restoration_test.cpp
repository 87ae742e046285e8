// A group that someone deleted in the directory comes back on request, with its SID.
#include "world.hpp"

using namespace writeback;
using namespace writeback::fakes;

namespace {

struct Deleted : World {
    GroupId group, parent;
    Sid sid;
    ObjectGuid guid;

    Deleted() {
        const auto alice = person(*this, "alice");
        group = cloud.add_group("Finance");
        parent = cloud.add_group("Parent");
        cloud.add_member(group, alice);
        cloud.add_member(parent, as_member(group));
        REQUIRE(once().has_value());
        guid = directory.group_of(group)->guid;
        sid = directory.group_of(group)->sid;
        directory.delete_object(guid);
        REQUIRE(once().has_value());
        CHECK(reasons_of(holds()) == std::vector<std::string>{"missing"});
    }
};

}  // namespace

TEST_CASE("a restored object has its GUID, its SID and its members, and its parents have it") {
    Deleted world;
    world.request("restore", world.group);
    REQUIRE(world.once().has_value());
    REQUIRE(world.directory.group_of(world.group) != nullptr);
    CHECK(world.directory.group_of(world.group)->guid == world.guid);
    CHECK(world.directory.group_of(world.group)->sid == world.sid);
    CHECK(world.difference() == "");
    CHECK(world.holds().empty());
    static_cast<void>(world.written());
    REQUIRE(world.once().has_value());
    CHECK(world.written().empty());
}

TEST_CASE("what cannot be restored stays held, and says why") {
    Deleted world;
    world.directory.shows_deleted = false;
    world.request("restore", world.group);
    REQUIRE(world.once().has_value());
    REQUIRE(world.holds().size() == 1);
    CHECK(world.holds().front().reason == HoldReason::missing);
    CHECK(world.holds().front().detail.find("could not be restored") != std::string::npos);
    CHECK(world.directory.group_of(world.group) == nullptr);
    // The request is done with; another one may go better.
    world.directory.shows_deleted = true;
    REQUIRE(world.once().has_value());
    CHECK(world.directory.group_of(world.group) == nullptr);
    CHECK(world.holds().front().detail.find("could not be restored") != std::string::npos);
    world.request("restore", world.group);
    REQUIRE(world.once().has_value());
    CHECK(world.difference() == "");
    CHECK(world.holds().empty());
}

TEST_CASE("a directory out of reach leaves the request standing") {
    Deleted world;
    world.request("restore", world.group);
    world.directory.fail("find_deleted",
                         failure(FailureKind::disconnected, "The connection ended."));
    static_cast<void>(world.once());
    CHECK(world.directory.group_of(world.group) == nullptr);
    REQUIRE(world.once().has_value());
    CHECK(world.difference() == "");
}

TEST_CASE("a group that stands where it was is read, and nothing is restored") {
    World world;
    const auto group = world.cloud.add_group("Finance");
    REQUIRE(world.once().has_value());
    static_cast<void>(world.written());
    world.request("restore", group);
    REQUIRE(world.once().has_value());
    CHECK(world.written().empty());
    CHECK(world.directory.calls["reanimate"] == 0);
    CHECK(world.holds().empty());
}
