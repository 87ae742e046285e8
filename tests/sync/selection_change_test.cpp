// A configuration that asks the cloud for other properties than before.
#include "world.hpp"

using namespace writeback;
using namespace writeback::fakes;
using namespace std::chrono_literals;

namespace {

// A world that was written once, and whose mapping now reads what the mirror does not have yet.
struct Asking : World {
    GroupId group = cloud.add_group("Finance");
    MemberId alice = person(*this, "alice");

    Asking() {
        cloud.add_member(group, alice);
        REQUIRE(once().has_value());
        REQUIRE(difference() == "");
        static_cast<void>(written());
        config.mapping = {
            {"description", "IIF(IsPresent([mailNickname]), \"known\", \"not known\")"}};
        cloud.select = "v2";
        cloud.remove_member(group, alice);
    }
    ~Asking() {
        if (story) stop();
    }
};

Failure away() {
    return failure(FailureKind::unavailable, "Graph answers 503.");
}

}  // namespace

TEST_CASE("while the cloud has not answered a changed question no group is worked on") {
    Asking world;
    world.cloud.down = away();
    world.serve();
    world.thread->run_for(2min);
    CHECK(world.written().empty());
    CHECK(world.counts().dirty > 0);

    world.cloud.down.reset();
    REQUIRE(world.settles());
    CHECK(world.difference() == "");
    CHECK(world.directory.group_of(world.group)->attributes.at("description") ==
          std::vector<std::string>{"not known"});
}

TEST_CASE("a crash in the crawl that asks the changed question does not end the waiting") {
    Asking world;
    world.cloud.items_per_page = 1;
    world.cloud.add_group("Second");
    world.serve();
    REQUIRE(world.thread->run_until([&] { return world.cloud.calls("groups_page") >= 3; }, 1min));
    world.crash();
    world.cloud.down = away();
    world.serve();
    world.thread->run_for(2min);
    CHECK(world.written().empty());
    world.cloud.down.reset();
    REQUIRE(world.settles());
    CHECK(world.difference() == "");
}

TEST_CASE("a resync that asks the same question holds nothing up") {
    World world;
    const GroupId group = world.cloud.add_group("Finance");
    const MemberId alice = person(world, "alice");
    world.cloud.add_member(group, alice);
    REQUIRE(world.once().has_value());
    world.cloud.kill_tokens();
    world.cloud.remove_member(group, alice);
    REQUIRE(world.once().has_value());
    CHECK(world.difference() == "");
}
