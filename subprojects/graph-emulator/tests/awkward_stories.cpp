// What is rare on the real service and has to be asked for here: quotas, paused subscriptions that
// keep or lose what happens, budgets of writes, and errors of the layers around the directory.
#include "service_on_foreign_time.hpp"

#include <doctest/doctest.h>

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* webhook = "https://hooks.test/notifications";
constexpr const char* lifecycle = "https://hooks.test/lifecycle";

json::object error_of(const emulator::Response& response) {
    return json::parse(response.body).at("error").as_object();
}

json::object subscription(ServiceOnForeignTime& graph, const std::string& resource) {
    const auto expires = graph.service->clock().now() + hours(24);
    return {{"changeType", "updated"},
            {"notificationUrl", webhook},
            {"resource", resource},
            {"expirationDateTime", emulator::utc_text(expires)}};
}

std::size_t posts_to(const ServiceOnForeignTime& graph, const std::string& url) {
    std::size_t count = 0;
    for (const auto& post : graph.poster.delivered)
        count += post.url == url ? 1 : 0;
    return count;
}

}  // namespace

TEST_CASE("each of the three quotas of subscriptions is refused with 403 and a sentence") {
    for (const auto& limits :
         {json::object{{"per_application_and_tenant", 1}},
          json::object{{"per_tenant", 1000}, {"of_other_applications", 999}},
          json::object{{"per_application", 50000}, {"in_other_tenants", 49999}}}) {
        ServiceOnForeignTime graph;
        graph.ask("POST", "/emulator/subscriptions/limits", limits);
        CHECK(graph.call("POST", "/subscriptions", subscription(graph, "groups")).status == 201);
        const auto refused = graph.call("POST", "/subscriptions", subscription(graph, "users"));
        CHECK(refused.status == 403);
        CHECK(std::string(error_of(refused).at("message").as_string()).find("limit") !=
              std::string::npos);
    }
    ServiceOnForeignTime graph;
    CHECK(graph.ask("POST", "/emulator/subscriptions/limits", json::object{{"most", 1}}).status ==
          400);
}

TEST_CASE("without the permission to read groups, nobody subscribes to them") {
    ServiceOnForeignTime graph;
    graph.ask("POST", "/emulator/permissions",
              json::object{{"granted", json::array{"User.Read.All"}}});
    const auto refused = graph.call("POST", "/subscriptions", subscription(graph, "groups"));
    CHECK(refused.status == 403);
    CHECK(error_of(refused).at("code").as_string() == "ExtensionError");
    CHECK(error_of(refused).at("message").as_string() ==
          "Operation: Create; Exception: [Status Code: Forbidden; Reason: Forbidden]");
    CHECK(graph.call("POST", "/subscriptions", subscription(graph, "users")).status == 201);
}

TEST_CASE("what happens while a reauthorization is owed is lost, or kept for four hours") {
    for (const bool keep : {false, true}) {
        ServiceOnForeignTime graph;
        const auto id = graph.subscribe(webhook, lifecycle);
        graph.ask("POST", "/emulator/subscriptions/all/lifecycle",
                  json::object{{"pause", true}, {"keep", keep}});
        graph.create_group("Too early");
        graph.pass(hours(2));
        graph.sign_in();
        graph.create_group("Early enough");
        graph.pass(hours(2) + minutes(1));
        graph.sign_in();
        CHECK(posts_to(graph, lifecycle) == 1);
        CHECK(posts_to(graph, webhook) == 0);
        CHECK(graph.call("POST", "/subscriptions/" + id + "/reauthorize").status == 204);
        graph.pass(seconds(1));
        CHECK(posts_to(graph, webhook) == (keep ? 1 : 0));
        CHECK(graph.service->delivery().counts().items_accepted == (keep ? 2 : 1));
        graph.create_group("Afterwards");
        graph.pass(seconds(1));
        CHECK(posts_to(graph, webhook) == (keep ? 2 : 1));
    }
}

TEST_CASE("all subscriptions vanish at once, and nobody is told") {
    ServiceOnForeignTime graph;
    graph.call("POST", "/subscriptions", subscription(graph, "groups"));
    graph.call("POST", "/subscriptions", subscription(graph, "users"));
    const auto answer = graph.ask("POST", "/emulator/subscriptions/all/vanish");
    CHECK(json::parse(answer.body).at("subscriptions").to_number<int>() == 2);
    CHECK(graph.get("/subscriptions").at("value").as_array().empty());
    graph.pass(hours(1));
    CHECK(graph.poster.delivered.empty());
    CHECK(graph.ask("POST", "/emulator/subscriptions/all/vanish").status == 200);
    CHECK(graph.ask("POST", "/emulator/subscriptions/nobody/vanish").status == 404);
}

TEST_CASE("the list of subscriptions may come in pages and show what has expired") {
    ServiceOnForeignTime graph;
    graph.call("POST", "/subscriptions", subscription(graph, "groups"));
    graph.pass(hours(25));
    graph.sign_in();
    graph.call("POST", "/subscriptions", subscription(graph, "groups"));
    graph.call("POST", "/subscriptions", subscription(graph, "users"));
    CHECK(graph.get("/subscriptions").at("value").as_array().size() == 2);
    graph.ask("POST", "/emulator/subscriptions/listing",
              json::object{{"page_size", 1}, {"expired", true}});
    std::string link = "/subscriptions";
    std::size_t pages = 0;
    std::size_t expired = 0;
    for (; !link.empty(); ++pages) {
        const auto page = graph.get(link);
        const auto& value = page.at("value").as_array();
        REQUIRE(value.size() == 1);
        const auto expires = emulator::parse_time(value[0].at("expirationDateTime").as_string());
        expired += *expires < graph.service->clock().now() ? 1 : 0;
        const auto* next = page.if_contains("@odata.nextLink");
        link = next == nullptr ? "" : std::string(next->as_string());
        if (!link.empty()) link = link.substr(link.find("/v1.0") + 5);
    }
    CHECK(pages == 3);
    CHECK(expired == 1);
}

TEST_CASE("a budget of writes throttles changes only, and says which limit it was") {
    ServiceOnForeignTime graph;
    const auto group = graph.create_group("Guards");
    graph.ask("POST", "/emulator/throttle", json::object{{"writes_per_150s", 2}});
    const json::object change{{"description", "x"}};
    CHECK(graph.call("PATCH", "/groups/" + group, change).status == 204);
    CHECK(graph.call("PATCH", "/groups/" + group, change).status == 204);
    const auto refused = graph.call("PATCH", "/groups/" + group, change);
    CHECK(refused.status == 429);
    CHECK(emulator::header_of(refused.headers, "x-ms-throttle-information") ==
          "WriteLimitExceeded");
    CHECK(graph.call("GET", "/groups").status == 200);
    CHECK(
        graph.call("POST", "/directoryObjects/getByIds", json::object{{"ids", json::array{group}}})
            .status == 200);
    graph.pass(minutes(5));
    CHECK(graph.call("PATCH", "/groups/" + group, change).status == 204);
}

TEST_CASE("gateways, conflicts and expired pages answer in their own ways") {
    emulator::Settings settings;
    settings.page_size = 1;
    ServiceOnForeignTime graph(settings);
    const auto group = graph.create_group("One");
    graph.create_group("Two");
    const auto strike = [&](const char* kind, const char* operation) {
        graph.ask("POST", "/emulator/faults",
                  json::object{{"kind", kind}, {"operation", operation}, {"retry_after", 2.5}});
    };
    strike("502", "groups");
    const auto gateway = graph.call("GET", "/groups");
    CHECK(gateway.status == 502);
    CHECK(emulator::header_of(gateway.headers, "Content-Type") == "text/html");
    CHECK(emulator::header_of(gateway.headers, "Retry-After") == "2.5");
    strike("504", "groups");
    CHECK(graph.call("GET", "/groups").status == 504);
    strike("409", "groups");
    const auto conflict = graph.call("PATCH", "/groups/" + group, json::object{});
    CHECK(conflict.status == 409);
    CHECK(error_of(conflict).at("code").as_string() == "Directory_ConcurrencyViolation");
    strike("404", "groups");
    const auto lagging = graph.call("GET", "/groups/" + group);
    CHECK(error_of(lagging).at("code").as_string() == "Request_ResourceNotFound");

    strike("expired-page", "groups");
    const auto first = graph.get("/groups");
    const std::string next(first.at("@odata.nextLink").as_string());
    const auto expired = graph.call("GET", next.substr(next.find("/v1.0") + 5));
    CHECK(expired.status == 400);
    CHECK(error_of(expired).at("code").as_string() == "Directory_ExpiredPageToken");
    CHECK(graph.call("GET", next.substr(next.find("/v1.0") + 5)).status == 200);
}

TEST_CASE("delta tokens can live longer than documented, as some were seen to") {
    ServiceOnForeignTime graph;
    graph.ask("POST", "/emulator/delta", json::object{{"token_days", 14}});
    const std::string link(graph.get("/groups/delta").at("@odata.deltaLink").as_string());
    graph.pass(hours(24 * 13));
    graph.sign_in();
    CHECK(graph.call("GET", link.substr(link.find("/v1.0") + 5)).status == 200);
    graph.pass(hours(24 * 2));
    graph.sign_in();
    CHECK(graph.call("GET", link.substr(link.find("/v1.0") + 5)).status == 400);
}
