// Graph is eventually consistent: what hints and the poll make of that, on the model clock.
#include "world.hpp"

using namespace writeback;
using namespace writeback::fakes;
using namespace std::chrono_literals;

namespace {

// A served world with written groups of one member, whose notifications a test may hold back.
struct Hinted : World {
    std::vector<GroupId> groups;
    MemberId alice, bob;

    explicit Hinted(int count = 1) {
        with_webhook = true;
        alice = cloud.add_user("alice", directory.add_user("alice"));
        bob = cloud.add_user("bob", directory.add_user("bob"));
        for (int i = 0; i < count; ++i) {
            groups.push_back(cloud.add_group("Group " + std::to_string(i)));
            cloud.add_member(groups.back(), alice);
        }
        serve();
        REQUIRE(settles());
        REQUIRE(thread->run_until([this] { return cloud.subscriptions.size() == 2; }, 1min));
        thread->run_for(5s);
        REQUIRE(difference() == "");
    }
    ~Hinted() {
        if (story) stop();
    }

    void hint(const std::string& object) {
        Notification notification;
        const auto& kept = cloud.subscriptions.begin()->second;
        notification.subscription = kept.subscription.id;
        notification.tenant = cloud.tenant;
        notification.client_state = kept.client_state;
        notification.resource_id = object;
        post({notification});
    }
    double settled(const std::string& outcome) {
        return metrics.value("hints_settled_total{" + outcome + "}");
    }
    double rounds(const std::string& cause) {
        return metrics.value("delta_rounds_begun_total{groups," + cause + "}");
    }
};

std::string absent(int number) {
    return "00000000-0000-4000-8000-00000000" + std::to_string(1000 + number);
}

}  // namespace

TEST_CASE("a lost notification is made up by the poll, within its interval and two seconds") {
    Hinted world;
    world.cloud.post = nullptr;
    for (int round = 0; round < 3; ++round) {
        const auto began = world.clock.monotonic();
        if (round % 2 == 0) {
            world.cloud.add_member(world.groups[0], world.bob);
        } else {
            world.cloud.remove_member(world.groups[0], world.bob);
        }
        REQUIRE(world.thread->run_until([&] { return world.difference().empty(); }, 2min));
        CHECK(world.clock.monotonic() - began <= world.config.graph.poll_interval + 2s);
    }
}

TEST_CASE("hints that wait share their rounds: one each second at most, each counted as extra") {
    Hinted world;
    const auto extra = world.rounds("extra");
    const auto pages = world.cloud.calls("groups_page");
    for (int i = 0; i < 200; ++i) {
        world.hint(absent(i));
        world.thread->run_for(50ms);
    }
    // Ten seconds: each hint brings a round of its own at once, and all of them one more a second.
    CHECK(world.rounds("extra") - extra <= 11);
    CHECK(world.cloud.calls("groups_page") - pages <= 200 + 11);
    world.thread->run_for(5min);
    CHECK(world.settled("given-up") == 200);
    CHECK(world.inbox.kept.empty());
    CHECK(world.metrics.value("hints_waiting") == 0);
}

TEST_CASE("a group that is hinted again and again and never shows keeps one hint, not all") {
    Hinted world;
    for (int i = 0; i < 3000; ++i) {
        world.hint(absent(0));
        world.thread->run_for(100ms);
    }
    CHECK(world.inbox.kept.size() <= 3);
    CHECK(world.metrics.value("hints_waiting") == 1);
    world.thread->run_for(5min);
    CHECK(world.settled("superseded") == 2999);
    CHECK(world.settled("given-up") == 1);
    CHECK(world.inbox.kept.empty());
}

TEST_CASE("a crash while hints wait: they wait again after the start, and bring the change") {
    Hinted world;
    world.cloud.lag = 20s;
    world.cloud.add_member(world.groups[0], world.bob);
    world.thread->run_for(3s);
    CHECK(world.inbox.kept.size() == 1);
    world.crash();
    world.serve();
    world.cloud.post = nullptr;
    // The schedule begins anew: at 7.75 s after the start at the latest a round has seen it.
    REQUIRE(world.thread->run_until([&] { return world.difference().empty(); }, 40s));
    world.thread->run_for(10s);
    CHECK(world.inbox.kept.empty());
}

TEST_CASE("a hint of a group that is not asked for brings no round at all") {
    World bare;
    const auto mine = bare.cloud.add_group("Mine");
    const auto other = bare.cloud.add_group("Other");
    bare.with_webhook = true;
    bare.config.groups.select = Select::listed;
    bare.config.groups.include = {mine.text()};
    bare.serve();
    REQUIRE(bare.thread->run_until([&] { return bare.cloud.subscriptions.size() == 2; }, 1min));
    bare.thread->run_for(5s);
    const auto hints = bare.metrics.value("delta_rounds_begun_total{groups,hint}");
    Notification notification;
    const auto& kept = bare.cloud.subscriptions.begin()->second;
    notification.subscription = kept.subscription.id;
    notification.tenant = bare.cloud.tenant;
    notification.client_state = kept.client_state;
    notification.resource_id = other.text();
    bare.post({notification});
    bare.thread->run_for(10s);
    CHECK(bare.metrics.value("delta_rounds_begun_total{groups,hint}") == hints);
    CHECK(bare.metrics.value("hints_settled_total{unwatched}") == 1);
    CHECK(bare.inbox.kept.empty());
    bare.stop();
}
