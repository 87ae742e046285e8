// A run of `once`: what the cloud has stands in the directory, and a second run writes nothing.
#include "world.hpp"

using namespace writeback;
using namespace writeback::fakes;
using namespace std::chrono_literals;

TEST_CASE("the first run writes every group with its members, and a second run writes nothing") {
    World world;
    const auto alice = world.cloud.add_user("alice", world.directory.add_user("alice"));
    const auto bob = world.cloud.add_user("bob", world.directory.add_user("bob"));
    const auto guest = world.cloud.add_cloud_user("guest");
    for (int i = 0; i < 20; ++i) {
        const auto group = world.cloud.add_group("group " + std::to_string(i), i % 2 == 0);
        world.cloud.add_member(group, alice);
        if (i % 3 == 0) world.cloud.add_member(group, bob);
        world.cloud.add_member(group, guest);
    }
    const auto first = world.once();
    REQUIRE(first.has_value());
    CHECK(first->writes == 20);
    CHECK(first->dirty == 0);
    CHECK(first->waiting == 0);
    CHECK(world.difference() == "");
    CHECK(world.directory.group_count() == 20);
    CHECK(world.directory.calls["find_marked"] == 1);
    CHECK(world.directory.calls["find_mark"] == 0);

    static_cast<void>(world.written());
    const auto second = world.once();
    REQUIRE(second.has_value());
    CHECK(second->writes == 0);
    CHECK(world.written().empty());
}
