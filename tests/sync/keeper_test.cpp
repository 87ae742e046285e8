// The life of the subscriptions.
#include "world.hpp"

using namespace writeback;
using namespace writeback::fakes;
using namespace std::chrono_literals;

namespace {

struct Kept : World {
    Kept() {
        with_webhook = true;
        config.webhook.emplace();
        config.webhook->public_url = "https://hooks.test/graph";
        config.graph.poll_interval = 24h;
        config.webhook->subscription_lifetime = 4h;
        cloud.add_group("Finance");
    }
    void begin() {
        serve();
        REQUIRE(settles());
        REQUIRE(thread->run_until([this] { return live->snapshot().subscriptions.size() == 2; },
                                  10min));
        thread->run_for(5s);
    }
    [[nodiscard]] SubscriptionId id_of(Stream stream) const {
        for (const auto& [id, kept] : cloud.subscriptions) {
            if (kept.subscription.resource == name_of(stream)) return id;
        }
        return {};
    }
};

}  // namespace

TEST_CASE("two subscriptions are made, to the two addresses, and each is followed by one round") {
    Kept world;
    world.begin();
    CHECK(world.cloud.calls("create") == 2);
    for (const auto& [id, kept] : world.cloud.subscriptions) {
        CHECK(kept.subscription.notification_url == "https://hooks.test/graph/notifications");
        CHECK(kept.lifecycle_url == "https://hooks.test/graph/lifecycle");
        CHECK(kept.client_state.size() == 64);
    }
    CHECK(world.live->snapshot().subscriptions.size() == 2);
    CHECK(world.cloud.calls("groups_page") == 2);
    CHECK(world.cloud.calls("users_page") == 2);
    CHECK(world.metrics.value("subscription_expiration_timestamp_seconds") > 4e9);
    world.stop();
}

TEST_CASE("they are renewed by PATCH at half of their life, and once") {
    Kept world;
    world.begin();
    world.thread->run_for(110min);
    CHECK(world.cloud.calls("renew") == 0);
    world.thread->run_for(20min);
    CHECK(world.cloud.calls("renew") == 2);
    CHECK(world.cloud.calls("create") == 2);
    world.stop();
}

TEST_CASE("a storm of reauthorizationRequired is one PATCH, and a later event another") {
    Kept world;
    world.begin();
    for (int i = 0; i < 5; ++i) {
        world.cloud.send_lifecycle(Stream::groups, LifecycleEvent::reauthorization_required);
        world.thread->run_for(1s);
    }
    world.thread->run_for(10s);
    CHECK(world.cloud.calls("renew") == 1);
    CHECK(world.inbox.kept.empty());
    world.thread->run_for(5min);
    world.cloud.send_lifecycle(Stream::groups, LifecycleEvent::reauthorization_required);
    world.thread->run_for(3s);
    CHECK(world.cloud.calls("renew") == 2);
    world.stop();
}

TEST_CASE("a subscription that is gone is made anew, and one round follows") {
    Kept world;
    world.begin();
    const auto pages = world.cloud.calls("groups_page");
    world.cloud.subscriptions.erase(world.id_of(Stream::groups));
    world.thread->run_for(130min);
    CHECK(world.cloud.subscriptions.size() == 2);
    CHECK(world.cloud.calls("create") == 3);
    CHECK(world.cloud.calls("groups_page") >= pages + 1);
    world.stop();
}

TEST_CASE("subscriptionRemoved makes it anew within seconds; missed brings a round") {
    Kept world;
    world.begin();
    world.cloud.send_lifecycle(Stream::groups, LifecycleEvent::subscription_removed);
    world.cloud.subscriptions.erase(world.id_of(Stream::groups));
    world.thread->run_for(5s);
    CHECK(world.cloud.subscriptions.size() == 2);
    CHECK(world.live->snapshot().subscriptions.size() == 2);
    const auto users = world.cloud.calls("users_page");
    world.cloud.send_lifecycle(Stream::users, LifecycleEvent::missed);
    world.thread->run_for(3s);
    CHECK(world.cloud.calls("users_page") == users + 1);
    world.stop();
}

TEST_CASE("after a restart they are taken up again, and nothing is made or removed") {
    Kept world;
    world.begin();
    const auto id = world.id_of(Stream::groups);
    world.stop();
    world.begin();
    CHECK(world.cloud.calls("create") == 2);
    CHECK(world.cloud.calls("remove") == 0);
    CHECK(world.id_of(Stream::groups) == id);
    world.stop();
}

TEST_CASE("with another client state they are made anew, because theirs would be refused") {
    Kept world;
    world.client_state = "the first secret";
    world.begin();
    world.stop();
    world.client_state = "the second secret";
    world.begin();
    CHECK(world.cloud.calls("remove") == 2);
    CHECK(world.cloud.calls("create") == 4);
    for (const auto& [id, kept] : world.cloud.subscriptions) {
        CHECK(kept.client_state == "the second secret");
    }
    world.stop();
}

TEST_CASE("a 409 is resolved by itself: ours of an earlier life is removed and made anew") {
    Kept world;
    Subscription old;
    old.id = SubscriptionId("old-one");
    old.resource = "groups";
    old.notification_url = "https://hooks.test/graph/notifications";
    old.expires = world.clock.now() + 24h;
    world.cloud.subscriptions[old.id] = {old, "forgotten", ""};
    world.begin();
    CHECK_FALSE(world.cloud.subscriptions.contains(old.id));
    CHECK(world.cloud.calls("create") == 2);
    world.stop();
}

TEST_CASE("another's subscription is left alone and named in the log") {
    Kept world;
    Subscription other;
    other.id = SubscriptionId("their-own");
    other.resource = "groups/some-group";
    other.notification_url = "https://elsewhere.test/hook";
    other.expires = world.clock.now() + 24h;
    world.cloud.subscriptions[other.id] = {other, "theirs", ""};
    world.serve();
    world.thread->run_for(10s);
    CHECK(world.cloud.subscriptions.size() == 3);
    CHECK(world.cloud.subscriptions.contains(other.id));
    CHECK(world.log.count("subscription-of-another") == 1);
    world.stop();
}

TEST_CASE("no crawl waits for a subscription") {
    Kept world;
    world.cloud.fail("create", failure(FailureKind::refused, "The endpoint did not answer."), 6);
    world.serve();
    REQUIRE(world.settles());
    CHECK(world.difference() == "");
    CHECK(world.cloud.subscriptions.empty());
    CHECK(world.live->snapshot().problems.contains("subscription groups"));
    REQUIRE(world.thread->run_until([&] { return world.cloud.subscriptions.size() == 2; }, 10min));
    world.thread->run_for(1s);
    CHECK_FALSE(world.live->snapshot().problems.contains("subscription groups"));
    world.stop();
}

TEST_CASE("a notification that comes before its subscription's id is known is accepted") {
    AcceptedSubscriptions accepted;
    accepted.set_client_state("secret");
    using Verdict = AcceptedSubscriptions::Verdict;
    CHECK(accepted.ask(SubscriptionId("a"), "secret").verdict == Verdict::unknown_subscription);
    accepted.creation_begins();
    CHECK(accepted.ask(SubscriptionId("a"), "secret").verdict == Verdict::accepted);
    CHECK(accepted.ask(SubscriptionId("a"), "guess").verdict == Verdict::client_state);
    accepted.add(SubscriptionId("a"), Stream::users);
    accepted.creation_ends();
    CHECK(accepted.ask(SubscriptionId("a"), "secret").stream == Stream::users);
    CHECK(accepted.ask(SubscriptionId("b"), "secret").verdict == Verdict::unknown_subscription);
    CHECK_FALSE(equal_in_constant_time("", ""));
    CHECK_FALSE(equal_in_constant_time("secre", "secret"));
    CHECK_FALSE(equal_in_constant_time("secretsecret", "secret"));
}
