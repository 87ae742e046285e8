// A plan: the story with a recorder in the directory's place.
#include "world.hpp"

#include <algorithm>

using namespace writeback;
using namespace writeback::fakes;

namespace {

std::vector<std::string> kinds(const std::vector<RecordedOperation>& operations) {
    std::vector<std::string> names;
    for (const auto& one : operations)
        names.emplace_back(name_of(one.operation.kind));
    return names;
}

}  // namespace

TEST_CASE("a plan shows what would be done, in its order, nesting included, and writes nothing") {
    World world;
    const auto alice = world.cloud.add_user("alice", world.directory.add_user("alice"));
    const auto parent = world.cloud.add_group("Parent");
    const auto child = world.cloud.add_group("Child");
    world.cloud.add_member(parent, as_member(child));
    world.cloud.add_member(child, alice);
    const auto planned = world.plan();
    REQUIRE(planned.size() == 2);
    CHECK(kinds(planned) == std::vector<std::string>{"create-group", "create-group"});
    CHECK(planned[0].group == child);
    CHECK(planned[0].name == "Child");
    CHECK(planned[1].operation.members.size() == 1);
    CHECK(world.directory.writes.empty());
    CHECK(world.counts().managed == 0);
    CHECK(world.counts().dirty == 0);

    // What was planned is what is done.
    REQUIRE(world.once().has_value());
    CHECK(world.directory.writes.size() == 2);
    CHECK(world.plan().empty());
}

TEST_CASE("one removed member is one operation of a plan, with its evidence") {
    World world;
    const auto alice = world.cloud.add_user("alice", world.directory.add_user("alice"));
    const auto group = world.cloud.add_group("Finance");
    world.cloud.add_member(group, alice);
    REQUIRE(world.once().has_value());
    world.cloud.remove_member(group, alice);
    const auto planned = world.plan();
    REQUIRE(planned.size() == 1);
    CHECK(planned[0].operation.kind == OperationKind::remove_members);
    REQUIRE(planned[0].operation.members.size() == 1);
    CHECK(planned[0].operation.members[0].evidence == Evidence::removed);
    CHECK(world.directory.members_of(group).size() == 1);
}

TEST_CASE("under report-only a plan shows what the policy full would do") {
    World world;
    world.config.groups.policy = Policy::report_only;
    world.cloud.add_group("Finance");
    CHECK(kinds(world.plan()) == std::vector<std::string>{"create-group"});
}
