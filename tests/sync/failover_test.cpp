// A domain controller that answers after a fail-over may be behind: what it does not have is not
// gone.
#include "world.hpp"

#include <utility>

using namespace writeback;
using namespace writeback::fakes;

namespace {

// Finance was made on dc1, and replication has not brought it to dc2.
struct TwoControllers : World {
    MemberId alice, bob;
    GroupId group;
    ObjectGuid guid;

    TwoControllers() : alice(person(*this, "alice")), bob(person(*this, "bob")) {
        other_.fail_over("dc2.test");
        group = cloud.add_group("Finance");
        cloud.add_member(group, alice);
        REQUIRE(once().has_value());
        guid = directory.group_of(group)->guid;
        static_cast<void>(written());
    }
    void fail_over() { std::swap(directory.tree, other_); }

 private:
    DirectoryTree other_ = directory.tree;
};

}  // namespace

TEST_CASE("fail-over: a group that is deleted while it seems missing is remembered, and followed") {
    TwoControllers world;
    world.fail_over();
    world.cloud.hard_delete(world.group);
    for (int i = 0; i < 2; ++i) {
        REQUIRE(world.once().has_value());
        CHECK(world.written().empty());
        REQUIRE(reasons_of(world.holds()) == std::vector<std::string>{"missing"});
        const auto detail = world.holds().front().detail;
        CHECK(detail.find("is not on dc2.test, which may be behind dc1") != std::string::npos);
    }
    CHECK(world.log.count("group-gone") == 0);

    world.fail_over();
    REQUIRE(world.directory.group_of(world.group) != nullptr);
    REQUIRE(world.once().has_value());
    CHECK(world.difference() == "");
    CHECK(world.holds().empty());
    CHECK(world.counts().dirty == 0);
}

TEST_CASE("fail-over: whom the cloud took out while the group seemed missing leaves it") {
    TwoControllers world;
    world.fail_over();
    world.cloud.remove_member(world.group, world.alice);
    world.cloud.add_member(world.group, world.bob);
    REQUIRE(world.once().has_value());
    CHECK(reasons_of(world.holds()) == std::vector<std::string>{"missing"});

    world.fail_over();
    REQUIRE(world.once().has_value());
    CHECK(world.difference() == "");
    CHECK(world.holds().empty());
}

TEST_CASE("fail-over: not even groups.recreate makes anew what another one may still have") {
    TwoControllers world;
    world.config.groups.recreate = true;
    world.fail_over();
    world.cloud.add_member(world.group, world.bob);
    REQUIRE(world.once().has_value());
    CHECK(world.written().empty());
    CHECK(reasons_of(world.holds()) == std::vector<std::string>{"missing"});

    world.fail_over();
    REQUIRE(world.once().has_value());
    CHECK(world.directory.group_of(world.group)->guid == world.guid);
    CHECK(world.difference() == "");
    CHECK(world.holds().empty());
}

TEST_CASE("fail-over: what is missing where it was last seen is gone, and is let go") {
    TwoControllers world;
    world.directory.delete_object(world.guid);
    world.cloud.hard_delete(world.group);
    REQUIRE(world.once().has_value());
    CHECK(world.holds().empty());
    CHECK(world.log.count("group-gone") == 1);
    CHECK(world.counts().managed == 0);
}
