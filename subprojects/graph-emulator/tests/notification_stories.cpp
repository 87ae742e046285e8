// Delivery of notifications: shapes, retries, and everything that can go wrong on the way.
#include "running_emulator.hpp"
#include "webhook.hpp"

#include <doctest/doctest.h>

namespace {

std::string text(const json::value& value) {
    return std::string(value.as_string());
}

}  // namespace

TEST_CASE("a membership change is told in the shape that Graph really sends") {
    RunningEmulator emulator;
    Webhook webhook;
    const auto subscription = emulator.subscribe(webhook.url("/notifications?key=1"));
    const auto group = emulator.create_group("Guards");
    const auto user = emulator.create_user("adele");
    REQUIRE(webhook.wait_for_items(1));
    emulator.add_member(group, user);
    REQUIRE(webhook.wait_for_items(2));
    emulator.remove_member(group, user);
    REQUIRE(webhook.wait_for_items(3));

    const auto items = webhook.items();
    const auto& added = items[1];
    CHECK(text(added.at("changeType")) == "updated");
    CHECK(text(added.at("clientState")) == "s3cret");
    CHECK(text(added.at("resource")) == "Groups/" + group);
    CHECK(text(added.at("subscriptionId")) == subscription);
    CHECK(text(added.at("tenantId")) == "11111111-2222-3333-4444-555555555555");
    CHECK_FALSE(added.contains("id"));
    const auto& data = added.at("resourceData").as_object();
    CHECK(text(data.at("@odata.type")) == "#Microsoft.Graph.Group");
    CHECK(text(data.at("@odata.id")) == "Groups/" + group);
    CHECK(text(data.at("organizationId")) == "11111111-2222-3333-4444-555555555555");
    CHECK(data.at("members@delta") == json::array{{{"id", user}}});
    CHECK_FALSE(data.contains("sequenceNumber"));
    const auto& removed = items[2].at("resourceData").at("members@delta").as_array();
    // A string here; an object in delta query.
    CHECK(text(removed.at(0).at("@removed")) == "deleted");

    const auto post = webhook.posts().front();
    CHECK(post.target == "/notifications?key=1");
    CHECK(post.headers.at("content-type") == "application/json; charset=utf-8");
    CHECK_FALSE(post.headers.contains("user-agent"));
}

TEST_CASE("soft deletion and restore are 'updated', a purge is 'deleted'") {
    RunningEmulator emulator;
    Webhook webhook;
    const auto group = emulator.create_group("Guards");
    emulator.subscribe(webhook.url());
    emulator.call("DELETE", "/groups/" + group);
    REQUIRE(webhook.wait_for_items(1));
    emulator.call("POST", "/directory/deletedItems/" + group + "/restore");
    REQUIRE(webhook.wait_for_items(2));
    emulator.call("DELETE", "/groups/" + group);
    REQUIRE(webhook.wait_for_items(3));
    emulator.call("DELETE", "/directory/deletedItems/" + group);
    REQUIRE(webhook.wait_for_items(4));
    const auto items = webhook.items();
    CHECK(text(items[0].at("changeType")) == "updated");
    CHECK(text(items[1].at("changeType")) == "updated");
    CHECK(text(items[3].at("changeType")) == "deleted");
}

TEST_CASE("each subscription hears of its own resource only") {
    RunningEmulator emulator;
    Webhook users;
    Webhook one;
    const auto watched = emulator.create_group("Watched");
    const auto other = emulator.create_group("Other");
    emulator.subscribe(users.url(), "/users");
    emulator.subscribe(one.url(), "/groups/" + watched);
    emulator.call("PATCH", "/groups/" + other, json::object{{"description", "x"}});
    emulator.call("PATCH", "/groups/" + watched, json::object{{"description", "x"}});
    const auto user = emulator.create_user("adele");
    REQUIRE(one.wait_for_items(1));
    REQUIRE(users.wait_for_items(1));
    CHECK(one.items().size() == 1);
    CHECK(text(users.items()[0].at("resource")) == "Users/" + user);
    CHECK(text(users.items()[0].at("resourceData").at("@odata.type")) == "#Microsoft.Graph.User");
}

TEST_CASE("what is not answered 2xx is sent again until it is") {
    RunningEmulator emulator;
    Webhook webhook;
    emulator.subscribe(webhook.url());
    emulator.control("POST", "notifications", {{"first_pause_ms", 20}});
    webhook.failures_first = 3;
    const auto group = emulator.create_group("Guards");
    REQUIRE(webhook.wait_for_items(1));
    CHECK(webhook.posts().size() == 4);
    CHECK(text(webhook.items()[0].at("resource")) == "Groups/" + group);
    CHECK(emulator.control("GET", "notifications").at("failed_attempts").as_int64() == 3);
}

TEST_CASE("what can never be delivered is given up in the end") {
    RunningEmulator emulator;
    Webhook webhook;
    emulator.subscribe(webhook.url());
    emulator.control("POST", "notifications", {{"first_pause_ms", 10}, {"give_up_after_ms", 50}});
    webhook.status = 500;
    emulator.create_group("Guards");
    CHECK(webhook.wait_until(
        [&] { return emulator.control("GET", "notifications").at("dropped").as_int64() == 1; }));
}

TEST_CASE("several changes travel in one POST") {
    RunningEmulator emulator;
    Webhook webhook;
    emulator.subscribe(webhook.url());
    emulator.control("POST", "notifications", {{"hold", true}, {"batch_size", 4}});
    for (int i = 0; i < 8; ++i)
        emulator.create_group("Group " + std::to_string(i));
    CHECK(webhook.posts().empty());
    CHECK(emulator.control("GET", "notifications").at("held").as_int64() == 8);
    emulator.control("POST", "notifications/release");
    REQUIRE(webhook.wait_for_items(8));
    CHECK(webhook.posts().size() == 2);
}

TEST_CASE("notifications can be lost, doubled, reordered and dropped while held") {
    RunningEmulator emulator;
    Webhook webhook;
    emulator.subscribe(webhook.url());
    emulator.control("POST", "notifications", {{"lose", 2}});
    emulator.create_group("Lost");
    emulator.create_group("Lost too");
    const auto heard = emulator.create_group("Heard");
    REQUIRE(webhook.wait_for_items(1));
    CHECK(text(webhook.items()[0].at("resource")) == "Groups/" + heard);

    emulator.control("POST", "notifications", {{"duplicate", 1}});
    emulator.create_group("Twice");
    REQUIRE(webhook.wait_for_items(3));
    const auto items = webhook.items();
    CHECK(items[1].at("resource") == items[2].at("resource"));

    webhook.forget();
    emulator.control("POST", "notifications", {{"hold", true}, {"reorder", true}});
    std::vector<std::string> made;
    for (int i = 0; i < 12; ++i)
        made.push_back("Groups/" + emulator.create_group(std::to_string(i)));
    emulator.control("POST", "notifications/release");
    REQUIRE(webhook.wait_for_items(12));
    std::vector<std::string> told;
    for (const auto& item : webhook.items())
        told.push_back(text(item.at("resource")));
    CHECK(told != made);
    CHECK(std::set(told.begin(), told.end()) == std::set(made.begin(), made.end()));

    webhook.forget();
    emulator.control("POST", "notifications", {{"hold", true}});
    emulator.create_group("Never told");
    emulator.control("POST", "notifications/release", {{"drop", true}});
    const auto last = emulator.create_group("Told");
    REQUIRE(webhook.wait_for_items(1));
    CHECK(text(webhook.items()[0].at("resource")) == "Groups/" + last);
}

TEST_CASE("older payloads, another tenant's items and contradictory members come on demand") {
    RunningEmulator emulator;
    Webhook webhook;
    const auto group = emulator.create_group("Guards");
    const auto user = emulator.create_user("adele");
    emulator.subscribe(webhook.url());
    emulator.control("POST", "notifications",
                     {{"event_time", true}, {"other_tenant", true}, {"added_and_removed", true}});
    emulator.add_member(group, user);
    REQUIRE(webhook.wait_for_items(2));
    const auto items = webhook.items();
    const auto& data = items[0].at("resourceData").as_object();
    CHECK(data.at("sequenceNumber").as_int64() > 637628640120385565);
    CHECK(data.at("members@delta").as_array().size() == 2);
    CHECK(text(items[1].at("tenantId")) != text(items[0].at("tenantId")));
    CHECK(text(items[1].at("clientState")) != "s3cret");
}

TEST_CASE(
    "lifecycle events go to the lifecycle URL; while a reauthorization is owed, notifications are "
    "lost") {
    RunningEmulator emulator;
    Webhook webhook;
    Webhook lifecycle;
    const auto id = emulator.subscribe(webhook.url(), "groups", lifecycle.url("/lifecycle"));
    emulator.control("POST", "subscriptions/" + id + "/lifecycle",
                     {{"event", "reauthorizationRequired"}, {"pause", true}});
    REQUIRE(lifecycle.wait_for_items(1));
    const auto item = lifecycle.items()[0];
    CHECK(text(item.at("lifecycleEvent")) == "reauthorizationRequired");
    CHECK(text(item.at("clientState")) == "s3cret");
    CHECK_FALSE(item.contains("changeType"));
    CHECK_FALSE(item.contains("resource"));
    emulator.create_group("Unheard");
    CHECK(emulator.call("POST", "/subscriptions/" + id + "/reauthorize").status == 204);
    const auto heard = emulator.create_group("Heard");
    REQUIRE(webhook.wait_for_items(1));
    CHECK(text(webhook.items()[0].at("resource")) == "Groups/" + heard);

    emulator.control("POST", "subscriptions/" + id + "/lifecycle",
                     {{"event", "subscriptionRemoved"}});
    REQUIRE(lifecycle.wait_for_items(2));
    CHECK(emulator.call("GET", "/subscriptions/" + id).status == 404);
}

TEST_CASE("https webhooks are spoken to if their certificate is trusted") {
    const TestCertificate trusted;
    const TestCertificate unknown;
    emulator::Settings settings;
    settings.delivery_authorities_file = trusted.pem_file();
    RunningEmulator emulator(settings);
    Webhook webhook(&trusted);
    emulator.subscribe(webhook.url());
    emulator.create_group("Guards");
    CHECK(webhook.wait_for_items(1));
    Webhook impostor(&unknown);
    const json::object body{{"changeType", "updated"},
                            {"notificationUrl", impostor.url()},
                            {"resource", "users"},
                            {"expirationDateTime", minutes_from_now(100)}};
    CHECK(emulator.call("POST", "/subscriptions", body).error_code() == "ValidationError");
    CHECK(impostor.validations() == 0);
}

TEST_CASE("webhooks with a host name are reached where --delivery-connect says") {
    const TestCertificate certificate;
    Webhook webhook(&certificate);
    emulator::Settings settings;
    settings.delivery_authorities_file = certificate.pem_file();
    settings.delivery_connect = "127.0.0.1:" + std::to_string(webhook.port());
    RunningEmulator emulator(settings);
    emulator.subscribe("https://hooks.contoso.test/graph/notifications");
    emulator.create_group("Guards");
    REQUIRE(webhook.wait_for_items(1));
    CHECK(webhook.posts()[0].headers.at("host") == "hooks.contoso.test");
    const json::object body{{"changeType", "updated"},
                            {"notificationUrl", "https://other.contoso.test/"},
                            {"resource", "users"},
                            {"expirationDateTime", minutes_from_now(100)}};
    // The certificate does not bear that name.
    CHECK(emulator.call("POST", "/subscriptions", body).status == 400);
}

TEST_CASE(
    "an endpoint that answers slowly is delayed, and a very slow one loses notifications, for a "
    "window") {
    using namespace std::chrono_literals;
    emulator::HealthRules rules;
    rules.enforced = true;
    emulator::EndpointHealth health;
    const emulator::Duration start = 1h;
    for (int i = 0; i < 9; ++i)
        health.record(start, 100ms, rules);
    health.record(start, 3500ms, rules);
    CHECK(health.state(start, rules) == emulator::EndpointState::normal);
    health.record(start, 3500ms, rules);
    CHECK(health.state(start, rules) == emulator::EndpointState::slow);
    CHECK(health.state(start + 11min, rules) == emulator::EndpointState::normal);

    for (int i = 0; i < 10; ++i)
        health.record(start + 11min, 100ms, rules);
    health.record(start + 11min, 10s, rules);
    CHECK(health.state(start + 11min, rules) == emulator::EndpointState::normal);
    health.record(start + 11min, 10s, rules);
    CHECK(health.state(start + 11min, rules) == emulator::EndpointState::dropping);
    emulator::EndpointHealth dead;
    dead.record(start, 10s, rules);
    CHECK(dead.state(start, rules) == emulator::EndpointState::dropping);
    rules.enforced = false;
    CHECK(dead.state(start, rules) == emulator::EndpointState::normal);
}

TEST_CASE("with the slow states enforced, what a slow webhook would have been told is lost") {
    RunningEmulator emulator;
    Webhook webhook;
    emulator.subscribe(webhook.url());
    // Every answer counts as very slow.
    emulator.control("POST", "notifications", {{"slow_states", true}, {"very_slow_from_ms", 0}});
    emulator.create_group("Told");
    REQUIRE(webhook.wait_until([&] {
        return emulator.control("GET", "notifications").at("items_accepted").as_int64() == 1;
    }));
    emulator.create_group("Lost");
    CHECK(emulator.control("GET", "notifications").at("dropped").as_int64() == 1);
}
