// The daemon at work: what a notification brings about, and what it survives.
#include "world.hpp"

using namespace writeback;
using namespace writeback::fakes;
using namespace std::chrono_literals;

namespace {

// A served world with one written group of one member.
struct Served : World {
    MemberId alice, bob;
    GroupId group;

    Served() {
        with_webhook = true;
        alice = cloud.add_user("alice", directory.add_user("alice"));
        bob = cloud.add_user("bob", directory.add_user("bob"));
        group = cloud.add_group("Finance");
        cloud.add_member(group, alice);
        serve();
        REQUIRE(settles());
        REQUIRE(thread->run_until([this] { return cloud.subscriptions.size() == 2; }, 1min));
        // The rounds that follow the subscriptions' creation.
        thread->run_for(5s);
        REQUIRE(difference() == "");
        static_cast<void>(written());
    }
    ~Served() {
        if (story) stop();
    }
};

}  // namespace

TEST_CASE("one hint costs one delta request, one getByIds for a new member, and one write") {
    Served world;
    const auto pages = world.cloud.calls("groups_page");
    const auto users = world.cloud.calls("users_page");
    const auto asked = world.cloud.calls("identities");
    world.cloud.add_member(world.group, world.bob);
    const auto began = world.clock.monotonic();
    REQUIRE(world.thread->run_until([&] { return world.difference().empty(); }, 10s));
    CHECK(world.clock.monotonic() - began < 1s);
    world.thread->run_for(10s);
    CHECK(world.cloud.calls("groups_page") == pages + 1);
    CHECK(world.cloud.calls("users_page") == users);
    CHECK(world.cloud.calls("identities") == asked + 1);
    CHECK(world.written() ==
          std::vector<std::string>{"add-members " + world.directory.group_of(world.group)->cn +
                                   " 1"});
    CHECK(world.inbox.kept.empty());
    CHECK(world.metrics.observed["notification_to_write_seconds"].size() == 1);

    // A member that is known already is not asked for.
    world.cloud.remove_member(world.group, world.alice);
    REQUIRE(world.thread->run_until([&] { return world.difference().empty(); }, 10s));
    CHECK(world.cloud.calls("identities") == asked + 1);
    CHECK(world.audit.lines.back().cause == "hint");
    CHECK(world.audit.lines.back().operation == "remove-members");
    CHECK(world.audit.lines.back().members_before == 2);
    CHECK(world.audit.lines.back().members_after == 1);
}

TEST_CASE("without a cause there is no round: an idle minute costs the poll alone") {
    Served world;
    world.thread->run_for(70s);
    const auto pages = world.cloud.calls("groups_page");
    world.thread->run_for(10min);
    CHECK(world.cloud.calls("groups_page") == pages + 10);
    CHECK(world.written().empty());
}

TEST_CASE("a change that delta does not show yet is written when it does") {
    Served world;
    world.cloud.lag = 6s;
    const auto pages = world.cloud.calls("groups_page");
    world.cloud.add_member(world.group, world.bob);
    REQUIRE(world.thread->run_until([&] { return world.difference().empty(); }, 15s));
    // At once, and after 0.25, 1, 1, 2 and 4 seconds: not each 250 ms.
    CHECK(world.cloud.calls("groups_page") - pages <= 7);
    CHECK(world.inbox.kept.empty());
}

TEST_CASE("a hint whose change never shows is given up, and counted") {
    Served world;
    Notification notification;
    const auto& kept = world.cloud.subscriptions.begin()->second;
    notification.subscription = kept.subscription.id;
    notification.tenant = world.cloud.tenant;
    notification.client_state = kept.client_state;
    notification.resource_id = "00000000-0000-4000-8000-00000000dead";
    world.post({notification});
    world.thread->run_for(5min);
    CHECK(world.inbox.kept.empty());
    CHECK(world.log.count("hints-given-up") == 1);
}

TEST_CASE("forged notifications start no round and are told once a minute, without the secret") {
    Served world;
    const auto pages = world.cloud.calls("groups_page");
    const auto& kept = world.cloud.subscriptions.begin()->second;
    Notification genuine;
    genuine.subscription = kept.subscription.id;
    genuine.tenant = world.cloud.tenant;
    genuine.client_state = kept.client_state;
    genuine.resource_id = world.group.text();
    auto wrong_state = genuine;
    wrong_state.client_state += "x";
    auto wrong_tenant = genuine;
    wrong_tenant.tenant = TenantId("99999999-2222-3333-4444-555555555555");
    auto wrong_subscription = genuine;
    wrong_subscription.subscription = SubscriptionId("someone-else");
    for (int i = 0; i < 20; ++i)
        world.post({wrong_state, wrong_tenant, wrong_subscription});
    world.thread->run_for(10s);
    CHECK(world.cloud.calls("groups_page") == pages);
    CHECK(world.inbox.kept.empty());
    CHECK(world.log.count("notifications-refused") == 1);
    CHECK(world.metrics.value("notifications_received_total{client-state}") == 20);
    CHECK(world.metrics.value("notifications_received_total{tenant}") == 20);
    CHECK(world.metrics.value("notifications_received_total{unknown-subscription}") == 20);
    for (const auto& line : world.log.lines) {
        for (const auto& [name, value] : line.fields) {
            CHECK(value.find(genuine.client_state) == std::string::npos);
        }
    }
}

TEST_CASE("an inbox that cannot be written makes the webhook say no, and nothing is begun") {
    Served world;
    world.inbox.full = failure(FailureKind::store, "The disk is full.");
    const auto& kept = world.cloud.subscriptions.begin()->second;
    Notification genuine;
    genuine.subscription = kept.subscription.id;
    genuine.tenant = world.cloud.tenant;
    genuine.client_state = kept.client_state;
    genuine.resource_id = world.group.text();
    const auto answer = world.thread->run(world.webhook->receive({genuine}));
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().kind == FailureKind::store);
}

TEST_CASE("with the directory down everything is kept, and written when it is back") {
    Served world;
    world.directory.down = failure(FailureKind::unreachable, "No server answers.");
    world.cloud.add_member(world.group, world.bob);
    const auto other = world.cloud.add_group("Sales");
    world.cloud.add_member(other, world.bob);
    world.thread->run_for(20s);
    CHECK(world.written().empty());
    CHECK(world.counts().dirty == 2);
    CHECK(world.live->snapshot().problems.contains("directory"));
    CHECK_FALSE(world.live->snapshot().directory_bound);
    world.directory.down.reset();
    REQUIRE(world.settles());
    CHECK(world.difference() == "");
    CHECK(world.live->snapshot().problems.empty());
    CHECK(world.live->snapshot().directory_bound);
}

TEST_CASE("refused credentials are tried again only after five minutes or when told to") {
    Served world;
    world.directory.down = failure(FailureKind::credentials, "The password is wrong.", "LDAP 49");
    world.cloud.add_member(world.group, world.bob);
    world.thread->run_for(5s);
    const auto tries = world.directory.calls["facts"];
    world.thread->run_for(4min);
    CHECK(world.directory.calls["facts"] == tries);
    world.directory.down.reset();
    world.story->directory_changed(true);
    REQUIRE(world.thread->run_until([&] { return world.difference().empty(); }, 5s));
}

TEST_CASE("Graph out of reach is a visible problem, tried again with backoff") {
    Served world;
    world.cloud.down = failure(FailureKind::unreachable, "No route to Graph.");
    world.thread->run_for(5min);
    CHECK(world.live->snapshot().problems.contains("stream groups"));
    const auto pages = world.cloud.calls("groups_page");
    CHECK(pages < 40);
    world.cloud.down.reset();
    world.cloud.add_member(world.group, world.bob);
    REQUIRE(world.thread->run_until([&] { return world.difference().empty(); }, 2min));
    CHECK(world.live->snapshot().problems.empty());
}

TEST_CASE("a page that cannot be read stops the stream visibly, until the poll interval") {
    Served world;
    world.cloud.fail("groups_page", failure(FailureKind::unreadable, "The page is no JSON."), 2);
    const auto pages = world.cloud.calls("groups_page");
    world.cloud.add_member(world.group, world.bob);
    world.thread->run_for(30s);
    CHECK(world.cloud.calls("groups_page") == pages + 1);
    CHECK(world.live->snapshot().problems.at("stream groups") == "The page is no JSON.");
    REQUIRE(world.thread->run_until([&] { return world.difference().empty(); }, 5min));
}

TEST_CASE("a write whose answer was lost is read before it is planned again") {
    Served world;
    world.directory.lose_answer_of_write(1);
    const auto reads = world.directory.calls["read_group"];
    world.cloud.add_member(world.group, world.bob);
    REQUIRE(world.thread->run_until([&] { return world.directory.calls["add_members"] > 0; }, 5s));
    REQUIRE(world.settles());
    CHECK(world.difference() == "");
    CHECK(world.directory.calls["read_group"] == reads + 1);
    // AD had obeyed: nothing is written twice.
    CHECK(world.written().size() == 1);
}

TEST_CASE("told to stop, it finishes the write that is under way and remembers it") {
    Served world;
    world.directory.latency = 500ms;
    world.cloud.add_member(world.group, world.bob);
    REQUIRE(world.thread->run_until([&] { return world.directory.calls["add_members"] == 1; }, 5s));
    world.stop();
    CHECK(world.difference() == "");
    CHECK(world.counts().dirty == 0);
    CHECK(world.log.count("draining") == 1);
}

TEST_CASE("hinted groups overtake a crawl's marks") {
    World world;
    world.with_webhook = true;
    const auto alice = world.cloud.add_user("alice", world.directory.add_user("alice"));
    const auto urgent = world.cloud.add_group("Urgent");
    world.serve();
    REQUIRE(world.settles());
    REQUIRE(world.thread->run_until([&] { return world.cloud.subscriptions.size() == 2; }, 1min));
    world.thread->run_for(5s);
    world.directory.latency = 50ms;
    world.config.directory.groups_at_once = 1;
    // Without notifications, found by the poll.
    auto post = std::move(world.cloud.post);
    world.cloud.post = nullptr;
    for (int i = 0; i < 300; ++i)
        world.cloud.add_group("crowd " + std::to_string(i));
    REQUIRE(world.thread->run_until([&] { return world.counts().dirty > 200; }, 3min));
    world.cloud.post = std::move(post);
    world.cloud.add_member(urgent, alice);
    const auto began = world.clock.monotonic();
    REQUIRE(world.thread->run_until([&] { return world.directory.members_of(urgent).size() == 1; },
                                    1min));
    CHECK(world.clock.monotonic() - began < 1s);
    CHECK(world.counts().dirty > 100);
    world.stop();
}

TEST_CASE("report-only reads everything and writes nothing, and the marks stay") {
    World world;
    world.config.groups.policy = Policy::report_only;
    const auto alice = world.cloud.add_user("alice", world.directory.add_user("alice"));
    const auto group = world.cloud.add_group("Finance");
    world.cloud.add_member(group, alice);
    world.serve();
    world.thread->run_for(10min);
    CHECK(world.directory.writes.empty());
    CHECK(world.counts().dirty == 1);
    world.stop();
}
