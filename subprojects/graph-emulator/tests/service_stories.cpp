// The service without sockets, timers and clocks: what takes hours on the real one passes here in
// a blink, and one seed is one history.
#include "service_on_foreign_time.hpp"

#include <doctest/doctest.h>

namespace {

using std::chrono::duration_cast;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* webhook = "https://hooks.test/notifications";

/// The path and query of a link.
std::string below_version(const json::value& link) {
    const std::string text(link.as_string());
    return text.substr(text.find("/v1.0") + 5);
}

std::string delta_link(ServiceOnForeignTime& graph) {
    return below_version(graph.get("/groups/delta?$deltatoken=latest").at("@odata.deltaLink"));
}

/// An hour of changes, lost, late and doubled notifications, failing webhooks and calls.
std::string history(std::uint64_t seed, std::uint64_t life) {
    emulator::Settings settings;
    settings.seed = seed;
    settings.generate = "groups=20,users=50,members=200";
    ServiceOnForeignTime graph(settings, life);
    graph.subscribe(webhook);
    graph.service->delivery().faults.lose_probability = 0.2;
    graph.service->delivery().faults.duplicate_probability = 0.3;
    graph.service->delivery().faults.reorder = true;
    graph.service->delivery().faults.other_tenant = true;
    int asked = 0;
    graph.poster.manner = [&](const std::string&) {
        return ForeignPoster::Manner{++asked % 3 == 0 ? 503 : 202, milliseconds(asked % 7 * 100)};
    };
    graph.ask("POST", "/emulator/faults",
              json::object{{"kind", "429"}, {"times", -1}, {"probability", 0.2}});
    std::string link = "/groups/delta";
    for (int minute = 0; minute < 60; ++minute) {
        graph.call("POST", "/groups",
                   json::object{{"displayName", "Made at " + std::to_string(minute)},
                                {"mailNickname", "nick"},
                                {"mailEnabled", false},
                                {"securityEnabled", true}});
        const auto page = graph.call("GET", link);
        if (page.status == 200) {
            const auto body = json::parse(page.body).as_object();
            const auto* next = body.if_contains("@odata.nextLink");
            link = below_version(next != nullptr ? *next : body.at("@odata.deltaLink"));
        }
        graph.pass(minutes(1));
    }
    for (const auto& post : graph.poster.delivered) {
        graph.everything += std::to_string(post.at.count()) + ' ' + post.url + ' ' + post.body;
    }
    return graph.everything;
}

}  // namespace

TEST_CASE("the same seed, life and requests give the same bytes, another seed gives others") {
    const auto first = history(7, 11);
    CHECK(first.size() > 10000);
    CHECK(first == history(7, 11));
    CHECK(first != history(8, 11));
    CHECK(first != history(7, 12));
}

TEST_CASE("a webhook that is down is tried for four hours with growing pauses") {
    ServiceOnForeignTime graph;
    graph.subscribe(webhook);
    graph.poster.manner = [](const std::string&) { return ForeignPoster::Manner{503, {}}; };
    graph.create_group("Guards");
    graph.pass(hours(5));

    const auto& posts = graph.poster.delivered;
    REQUIRE(posts.size() > 11);
    const auto pause = [&](std::size_t n) {
        return duration_cast<seconds>(posts[n + 1].at - posts[n].at).count();
    };
    const std::vector<long> doubling = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600};
    for (std::size_t n = 0; n < doubling.size(); ++n)
        CHECK(pause(n) == doubling[n]);
    CHECK(posts.back().at - posts.front().at <= hours(4));
    CHECK(posts.back().at - posts.front().at > hours(4) - minutes(10));
    CHECK(posts[0].deadline == seconds(3));
    CHECK(posts[1].deadline == seconds(10));
    CHECK(graph.service->delivery().counts().dropped == 1);
}

TEST_CASE("what comes back within the four hours gets what it missed") {
    ServiceOnForeignTime graph;
    graph.subscribe(webhook);
    bool down = true;
    graph.poster.manner = [&](const std::string&) {
        return ForeignPoster::Manner{down ? 503 : 202, {}};
    };
    graph.create_group("Guards");
    graph.pass(hours(3));
    CHECK(graph.service->delivery().counts().items_accepted == 0);
    down = false;
    graph.pass(minutes(11));
    CHECK(graph.service->delivery().counts().items_accepted == 1);
}

TEST_CASE("a slow webhook hears of changes ten minutes late, until the state ends") {
    ServiceOnForeignTime graph;
    graph.subscribe(webhook);
    graph.service->delivery().settings.health.enforced = true;
    graph.poster.manner = [](const std::string&) {
        return ForeignPoster::Manner{202, milliseconds(3000)};
    };
    graph.create_group("First");
    graph.pass(seconds(10));
    REQUIRE(graph.poster.delivered.size() == 1);

    graph.poster.manner = [](const std::string&) { return ForeignPoster::Manner{}; };
    graph.create_group("Late");
    graph.pass(minutes(9));
    CHECK(graph.poster.delivered.size() == 1);
    graph.pass(minutes(1) + seconds(1));
    CHECK(graph.poster.delivered.size() == 2);
    graph.create_group("In time again");
    graph.pass(seconds(1));
    CHECK(graph.poster.delivered.size() == 3);
}

TEST_CASE("a very slow webhook loses what happens within ten minutes") {
    ServiceOnForeignTime graph;
    graph.subscribe(webhook);
    graph.service->delivery().settings.health.enforced = true;
    graph.poster.manner = [](const std::string&) {
        return ForeignPoster::Manner{202, seconds(11)};
    };
    graph.create_group("First");
    graph.pass(minutes(2));
    graph.poster.manner = [](const std::string&) { return ForeignPoster::Manner{}; };
    graph.create_group("Lost");
    CHECK(graph.service->delivery().counts().dropped == 1);
    graph.pass(minutes(9));
    const auto before = graph.service->delivery().counts().items_accepted;
    graph.create_group("Heard");
    graph.pass(seconds(1));
    CHECK(graph.service->delivery().counts().items_accepted == before + 1);
}

TEST_CASE("a delta token lives for seven days of the given time") {
    ServiceOnForeignTime graph;
    const auto link = delta_link(graph);
    graph.pass(hours(24 * 7 - 1));
    graph.sign_in();
    CHECK(graph.call("GET", link).status == 200);
    graph.pass(hours(2));
    graph.sign_in();
    const auto refused = graph.call("GET", link);
    CHECK(refused.status == 400);
    CHECK(refused.body.find("syncStateNotFound") != std::string::npos);
}

TEST_CASE("an access token lives for an hour, also when the machine's clock jumps") {
    ServiceOnForeignTime graph;
    CHECK(graph.call("GET", "/groups").status == 200);
    graph.pass(minutes(59));
    CHECK(graph.call("GET", "/groups").status == 200);
    graph.time.jump(minutes(1));
    CHECK(graph.call("GET", "/groups").status == 401);
}

TEST_CASE("a deleted group is purged after thirty days, and its subscription told") {
    ServiceOnForeignTime graph;
    const auto group = graph.create_group("Guards");
    graph.call("DELETE", "/groups/" + group);
    graph.pass(hours(24 * 5));
    graph.sign_in();
    graph.subscribe(webhook);
    graph.pass(hours(24 * 24));
    graph.sign_in();
    CHECK(graph.call("GET", "/directory/deletedItems/" + group).status == 200);
    CHECK(graph.poster.delivered.empty());
    graph.pass(hours(24) + minutes(1));
    graph.sign_in();
    CHECK(graph.call("GET", "/directory/deletedItems/" + group).status == 404);
    graph.pass(seconds(1));
    REQUIRE(graph.poster.delivered.size() == 1);
    CHECK(graph.poster.delivered[0].body.find(R"("changeType":"deleted")") != std::string::npos);
}

TEST_CASE("a delay and a budget count by the given time") {
    ServiceOnForeignTime graph;
    graph.sign_in();
    graph.ask("POST", "/emulator/faults", json::object{{"kind", "delay"}, {"delay_ms", 40000}});
    const auto before = graph.time.steady();
    CHECK(graph.call("GET", "/groups").status == 200);
    CHECK(graph.time.steady() - before == seconds(40));

    graph.ask("POST", "/emulator/throttle", json::object{{"resource_units_per_10s", 2}});
    CHECK(graph.call("GET", "/groups").status == 200);
    CHECK(graph.call("GET", "/groups").status == 200);
    CHECK(graph.call("GET", "/groups").status == 429);
    graph.pass(seconds(15));
    CHECK(graph.call("GET", "/groups").status == 200);
}

TEST_CASE("a test may change the tenant itself, and subscribers hear of it") {
    ServiceOnForeignTime graph;
    graph.subscribe(webhook);
    const auto link = delta_link(graph);
    auto& tenant = graph.service->tenant();
    const auto made = tenant.create(emulator::Kind::group, {{"displayName", "Behind the scenes"}});
    REQUIRE(made);
    graph.pass(seconds(1));
    CHECK(graph.poster.delivered.size() == 1);
    const auto page = graph.get(link);
    CHECK(page.at("value").as_array().size() == 1);
}

TEST_CASE("links lead where the client came from") {
    ServiceOnForeignTime graph;
    graph.sign_in();
    const auto plain = graph.get("/groups/delta").at("@odata.deltaLink").as_string();
    CHECK(plain.starts_with("http://graph.test/v1.0/groups/delta?$deltatoken="));
    graph.behind_tls = true;
    const auto secure = graph.get("/groups/delta").at("@odata.deltaLink").as_string();
    CHECK(secure.starts_with("https://graph.test/v1.0/groups/delta?$deltatoken="));
}
