// Subscriptions against a scripted peer.
#include "pages.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace writeback;
using namespace std::chrono_literals;
using namespace pages;
using cloud::ScriptedCloud;

TEST_CASE("subscriptions are created, renewed, listed and removed in Graph's own terms") {
    ScriptedCloud cloud([](const Question& question) {
        const std::string one =
            R"({"id":"s-1","resource":"groups","notificationUrl":"https://h.example/n","expirationDateTime":"2026-01-02T00:00:00Z"})";
        if (question.line().starts_with("DELETE")) return scripted::answer(204, "");
        if (question.line().starts_with("POST")) return scripted::answer(201, one);
        if (question.line().starts_with("PATCH")) return scripted::answer(200, one);
        if (question.target().find("$skiptoken") != std::string::npos) {
            return scripted::answer(200, R"({"value":[{"resource":"no id"},{"id":"s-2"}]})");
        }
        return scripted::answer(200, "{\"value\":[" + one + "],\"@odata.nextLink\":\"" +
                                         at(question, "/v1.0/subscriptions?$skiptoken=2") + "\"}");
    });
    cloud.run([&]() -> Async<void> {
        auto& service = cloud.graph->subscriptions();
        const NewSubscription wanted{Stream::groups, "https://h.example/n", "https://h.example/l",
                                     "state-secret", cloud.clock.wall + 24h};
        const auto made = co_await service.create(wanted);
        REQUIRE(made.has_value());
        CHECK(made->id == SubscriptionId("s-1"));
        CHECK(made->expires == cloud.clock.wall + 24h);
        CHECK((co_await service.renew(made->id, cloud.clock.wall + 24h)).has_value());
        const auto listed = co_await service.list();
        REQUIRE(listed.has_value());
        CHECK(listed->size() == 2);
        CHECK((co_await service.remove(made->id)).has_value());
    }());
    const auto calls = cloud.calls();
    CHECK(calls[0].body ==
          R"({"changeType":"updated,deleted","notificationUrl":"https://h.example/n",)"
          R"("lifecycleNotificationUrl":"https://h.example/l","resource":"groups",)"
          R"("expirationDateTime":"2026-01-02T00:00:00Z","clientState":"state-secret",)"
          R"("latestSupportedTlsVersion":"v1_2"})");
    CHECK(calls[1].line() == "PATCH /v1.0/subscriptions/s-1 HTTP/1.1");
    CHECK(calls[1].body == R"({"expirationDateTime":"2026-01-02T00:00:00Z"})");
    for (const auto& line : cloud.log.lines) {
        CHECK(line.find("state-secret") == std::string::npos);
    }
}

TEST_CASE("a subscription that is gone is not_found to renew, and nothing to remove") {
    ScriptedCloud cloud([](const Question&) { return scripted::error(404, "ResourceNotFound"); });
    cloud.run([&]() -> Async<void> {
        const SubscriptionId id("s-1");
        const auto renewed = co_await cloud.graph->subscriptions().renew(id, cloud.clock.wall);
        REQUIRE(renewed.has_error());
        CHECK(renewed.error().kind == FailureKind::not_found);
        CHECK((co_await cloud.graph->subscriptions().remove(id)).has_value());
    }());
}

TEST_CASE("a 409 at subscribing says that one exists") {
    ScriptedCloud cloud([](const Question&) { return scripted::error(409, "Conflict"); });
    cloud.run([&]() -> Async<void> {
        const NewSubscription wanted{Stream::users, "https://h.example/n", "", "state",
                                     cloud.clock.wall + 24h};
        const auto refused = co_await cloud.graph->subscriptions().create(wanted);
        REQUIRE(refused.has_error());
        CHECK(refused.error().kind == FailureKind::already_exists);
    }());
    CHECK(cloud.calls()[0].body.find("lifecycleNotificationUrl") == std::string::npos);
}
