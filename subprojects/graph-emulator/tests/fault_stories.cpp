// Faults on demand.
#include "running_emulator.hpp"

#include <doctest/doctest.h>

TEST_CASE("a fault strikes its operation, after and for as many requests as asked") {
    RunningEmulator emulator;
    emulator.control("POST", "faults",
                     {{"operation", "groups-delta"}, {"kind", "503"}, {"after", 1}, {"times", 2}});
    const auto status = [&](const char* target) { return emulator.call("GET", target).status; };
    CHECK(status("/groups") == 200);
    CHECK(status("/groups/delta") == 200);
    CHECK(status("/groups/delta") == 503);
    CHECK(status("/users/delta") == 200);
    CHECK(status("/groups/delta") == 503);
    CHECK(status("/groups/delta") == 200);
    const auto counters = emulator.control("GET", "requests").at("counters").as_object();
    CHECK(counters.at("groups-delta").at("503").as_int64() == 2);
}

TEST_CASE("throttling has a decimal Retry-After and the identity service's headers") {
    RunningEmulator emulator;
    emulator.control("POST", "faults",
                     {{"operation", "getByIds"}, {"kind", "429"}, {"retry_after", 2.128}});
    const auto answer =
        emulator.call("POST", "/directoryObjects/getByIds", json::object{{"ids", json::array{}}});
    CHECK(answer.status == 429);
    CHECK(answer.headers.at("retry-after") == "2.128");
    CHECK(answer.headers.at("x-ms-throttle-information") == "ResourceUnitLimitExceeded");
    CHECK(answer.headers.contains("x-ms-throttle-scope"));
    CHECK(answer.error_code() == "TooManyRequests");
    CHECK(answer.json().at("error").at("innerError").at("status").as_string() == "429");
    emulator.control("POST", "faults", {{"kind", 429}});
    CHECK_FALSE(emulator.call("GET", "/groups").headers.contains("retry-after"));
}

TEST_CASE("410 sends a Location that begins the same round anew") {
    RunningEmulator emulator;
    const auto group = emulator.create_group("Guards");
    const auto round = emulator.follow("/groups/delta?$select=displayName,members");
    emulator.control("POST", "faults", {{"operation", "groups-delta"}, {"kind", "410"}});
    const auto gone = emulator.call("GET", round.delta_link);
    CHECK(gone.status == 410);
    const std::string location = gone.headers.at("location");
    CHECK(location.ends_with("$deltatoken="));
    const auto again = emulator.follow(location);
    REQUIRE(again.about(group).size() == 1);
    CHECK_FALSE(again.about(group)[0].contains("mailNickname"));

    emulator.control("POST", "faults", {{"operation", "any"}, {"kind", "syncStateNotFound"}});
    CHECK(emulator.call("GET", "/groups").status == 200);
    CHECK(emulator.call("GET", round.delta_link).error_code() == "syncStateNotFound");
}

TEST_CASE("answers can be cut, garbled, late, empty, or lead in a circle") {
    RunningEmulator emulator;
    const auto group = emulator.create_group("Guards");
    emulator.control("POST", "faults", {{"operation", "groups"}, {"kind", "cut"}});
    CHECK_FALSE(emulator.call("GET", "/groups").complete);
    emulator.control("POST", "faults", {{"operation", "groups"}, {"kind", "garbage"}});
    CHECK_THROWS(emulator.call("GET", "/groups").json());
    emulator.control("POST", "faults",
                     {{"operation", "groups"}, {"kind", "delay"}, {"delay_ms", 30}});
    CHECK(emulator.call("GET", "/groups").status == 200);

    emulator.control("POST", "faults", {{"operation", "groups-delta"}, {"kind", "empty-page"}});
    const auto round = emulator.follow("/groups/delta");
    CHECK(round.pages.at(0).empty());
    CHECK(round.about(group).size() == 1);
    emulator.control("POST", "faults",
                     {{"operation", "groups-delta"}, {"kind", "loop"}, {"times", -1}});
    const auto page = emulator.get("/groups/delta");
    const std::string next(page.at("@odata.nextLink").as_string());
    CHECK(next == emulator.base_url() + "/v1.0/groups/delta");
    CHECK(page.at("value").as_array().size() == 1);
    emulator.control("DELETE", "faults");
    CHECK(emulator.get("/groups/delta").contains("@odata.deltaLink"));
}

TEST_CASE("a change whose answer was cut has happened all the same") {
    RunningEmulator emulator;
    const auto group = emulator.create_group("Guards");
    emulator.control("POST", "faults",
                     {{"operation", "groups"}, {"kind", "cut"}, {"method", "POST"}});
    CHECK(emulator.call("GET", "/groups/" + group).complete);
    CHECK_FALSE(emulator
                    .call("POST", "/groups",
                          json::object{{"displayName", "Half heard"},
                                       {"mailNickname", "h"},
                                       {"mailEnabled", false},
                                       {"securityEnabled", true}})
                    .complete);
    CHECK(emulator.get("/groups").at("value").as_array().size() == 2);
}

TEST_CASE("the token endpoint and the tokens themselves can fail") {
    RunningEmulator emulator;
    CHECK(emulator.call("GET", "/groups").status == 200);
    emulator.control("POST", "faults", {{"operation", "any"}, {"kind", "expired-token"}});
    CHECK(emulator.call("GET", "/groups").error_code() == "InvalidAuthenticationToken");
    emulator.control("POST", "faults", {{"operation", "token"}, {"kind", "500"}});
    CHECK_THROWS(emulator.access_token());
    CHECK_NOTHROW(emulator.access_token());
}

TEST_CASE("a fault that makes no sense is refused") {
    RunningEmulator emulator;
    const auto status = [&](const json::object& body) {
        return emulator.plain("POST", "/emulator/faults", json::serialize(body)).status;
    };
    CHECK(status({{"operation", "coffee"}, {"kind", "503"}}) == 400);
    CHECK(status({{"operation", "groups"}, {"kind", "meltdown"}}) == 400);
    CHECK(status({{"operation", "groups"}}) == 400);
    CHECK(status({{"kind", "503"}, {"tiems", 3}}) == 400);
    CHECK(status({{"kind", "503"}, {"times", 3}}) == 201);
    CHECK(emulator.control("GET", "faults").at("faults").as_array().size() == 1);
    CHECK(emulator.plain("DELETE", "/emulator/faults/1").status == 200);
    CHECK(emulator.plain("DELETE", "/emulator/faults/1").status == 404);
    CHECK(emulator.plain("GET", "/emulator/nothing").status == 404);
    CHECK(emulator.plain("POST", "/emulator/delta", R"({"page_size": 0})").status == 400);
    CHECK(emulator.plain("POST", "/emulator/delta", R"({"pages": 1})").status == 400);
    CHECK(emulator.plain("POST", "/emulator/notifications", R"({"lose": -1})").status == 400);
    CHECK(emulator.plain("POST", "/emulator/notifications", "nonsense").status == 400);
}

TEST_CASE("the log of requests tells operations, statuses and request ids, and can be emptied") {
    RunningEmulator emulator;
    emulator.call("GET", "/groups", {}, {{"client-request-id", "my-id"}});
    const auto log = emulator.control("GET", "requests?last=1");
    REQUIRE(log.at("last").as_array().size() == 1);
    CHECK(log.at("last").as_array()[0].at("client-request-id").as_string() == "my-id");
    emulator.control("DELETE", "requests");
    CHECK(emulator.control("GET", "requests").at("total").as_int64() == 0);
}

TEST_CASE("a budget of resource units fills up again with time") {
    using namespace std::chrono_literals;
    const emulator::Duration start = 1h;
    emulator::ResourceBudget budget;
    CHECK_FALSE(budget.take(1000, start));
    budget.limit(10, start);
    for (int i = 0; i < 5; ++i)
        CHECK_FALSE(budget.take(2, start));
    CHECK(budget.used() == doctest::Approx(1));
    const auto wait = budget.take(2, start);
    REQUIRE(wait);
    CHECK(*wait == doctest::Approx(3));  // The refused request has cost one unit.
    CHECK(budget.take(2, start + 1s));
    CHECK_FALSE(budget.take(2, start + 20s));
}

TEST_CASE("what exceeds the budget of resource units is throttled") {
    RunningEmulator emulator;
    CHECK(emulator.call("GET", "/groups").status == 200);
    emulator.control("POST", "throttle", {{"resource_units_per_10s", 1}});
    const auto last = emulator.call("GET", "/groups");
    CHECK(last.status == 200);
    CHECK(last.headers.contains("x-ms-throttle-limit-percentage"));
    const auto refused = emulator.call("GET", "/groups");
    CHECK(refused.status == 429);
    CHECK(std::stod(refused.headers.at("retry-after")) > 0);
    emulator.control("POST", "reset");
    CHECK(emulator.call("GET", "/groups").status == 200);
}
