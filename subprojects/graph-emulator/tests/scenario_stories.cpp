// Scenarios: what may stand in a file, when its steps are done, and each of those that are shipped.
#include "../src/control/scenario.hpp"
#include "service_on_foreign_time.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::string problem_with(const std::string& text) {
    const auto parsed = emulator::parse_scenario(text);
    const auto* problem = std::get_if<std::string>(&parsed);
    return problem == nullptr ? "" : *problem;
}

std::string of_steps(const std::string& steps) {
    return R"({"steps": [)" + steps + "]}";
}

json::object begin(ServiceOnForeignTime& graph, const std::string& scenario) {
    const auto answer = graph.ask("POST", "/emulator/scenario", json::string(scenario));
    REQUIRE_MESSAGE(answer.status == 201, answer.body);
    return json::parse(answer.body).as_object();
}

json::object told(ServiceOnForeignTime& graph) {
    return json::parse(graph.ask("GET", "/emulator/scenario").body).as_object();
}

std::string failures(ServiceOnForeignTime& graph) {
    return json::serialize(told(graph).at("failures"));
}

std::string shipped(const std::string& name) {
    const char* folder = std::getenv("GRAPH_EMULATOR_SCENARIOS");
    REQUIRE(folder != nullptr);
    std::ifstream file(std::string(folder) + '/' + name + ".json");
    std::ostringstream text;
    text << file.rdbuf();
    REQUIRE_FALSE(text.str().empty());
    return text.str();
}

/// A client that never gives up: it follows delta round upon round and begins anew when told to.
struct Crawler {
    ServiceOnForeignTime& graph;
    std::string link = "/groups/delta?$select=displayName,description,members";
    std::map<int, int> statuses = {};
    int restarts = 0;
    std::map<std::string, std::set<std::string>> members = {};
    std::map<std::string, std::string> descriptions = {};

    void take(const json::object& page) {
        for (const auto& item : page.at("value").as_array()) {
            const auto& entry = item.as_object();
            const std::string id(entry.at("id").as_string());
            if (const auto* text = entry.if_contains("description"))
                descriptions[id] = text->is_null() ? "" : text->as_string().c_str();
            const auto* changes = entry.if_contains("members@delta");
            if (changes == nullptr) continue;
            for (const auto& change : changes->as_array()) {
                const std::string member(change.at("id").as_string());
                if (change.as_object().contains("@removed")) {
                    members[id].erase(member);
                } else {
                    members[id].insert(member);
                }
            }
        }
        const auto* next = page.if_contains("@odata.nextLink");
        const std::string url((next ? *next : page.at("@odata.deltaLink")).as_string());
        link = url.substr(url.find("/v1.0") + 5);
    }

    void ask() {
        const auto answer = graph.call("GET", link);
        ++statuses[answer.status];
        boost::system::error_code error;
        const auto page = json::parse(answer.body, error);
        if (answer.status == 401) graph.sign_in();
        if (answer.status == 410 ||
            (answer.status == 400 && answer.body.find("syncStateNotFound") != std::string::npos)) {
            ++restarts;
            members.clear();
            link = "/groups/delta?$select=displayName,description,members";
        }
        const bool whole = answer.delivery == emulator::Delivery::whole && !error;
        if (answer.status == 200 && whole) take(page.as_object());
    }

    void crawl(emulator::Duration time, milliseconds pause = milliseconds(500)) {
        const auto end = graph.time.steady() + time;
        while (graph.time.steady() < end) {
            ask();
            graph.pass(pause);
        }
    }
};

emulator::Settings made_up() {
    emulator::Settings settings;
    settings.generate = "groups=20,users=50,members=200";
    return settings;
}

/// What the client has gathered equals what the tenant holds.
void check_converged(ServiceOnForeignTime& graph, Crawler& crawler) {
    const auto state = json::parse(graph.ask("GET", "/emulator/state").body).as_object();
    std::size_t groups = 0;
    for (const auto& item : state.at("groups").as_array()) {
        const auto& group = item.as_object();
        const std::string id(group.at("id").as_string());
        std::set<std::string> expected;
        for (const auto& member : group.at("members").as_array())
            expected.insert(member.is_string() ? member.as_string().c_str()
                                               : member.at("id").as_string().c_str());
        CHECK_MESSAGE(crawler.members[id] == expected, id);
        ++groups;
    }
    CHECK(groups == 21);
}

}  // namespace

TEST_CASE("a scenario that makes no sense is refused, and the step is named") {
    CHECK(problem_with("no JSON") == "a scenario is a JSON object");
    CHECK(problem_with(R"({"step": []})") == "unknown key 'step'");
    CHECK(problem_with(R"({"steps": 1})") == "'steps' must be a list of at most 1000");
    CHECK(problem_with(R"({"steps": [], "speed": 0})").find("'speed'") == 0);
    const auto good = std::string(R"({"request": "GET /v1.0/groups"})");
    CHECK(problem_with(of_steps(good)).empty());
    const auto second = [&](const std::string& step) {
        return problem_with(of_steps(good + ',' + step));
    };
    CHECK(second("3") == "step 2: it is no object");
    CHECK(second(R"({"do": "x"})") == "step 2: unknown key 'do'");
    CHECK(second(R"({"request": "GET"})") == "step 2: 'request' must be \"METHOD /path\"");
    CHECK(second(R"({"request": "SEND /v1.0/x"})") == "step 2: unknown method SEND");
    CHECK(second(R"({"request": "GET /etc/passwd"})").find("must begin with") != std::string::npos);
    CHECK(second(R"({"request": "POST /emulator/scenario"})").find("can't begin another") !=
          std::string::npos);
    const std::string get = R"({"request": "GET /v1.0/groups", )";
    CHECK(second(get + R"("on": "grops"})") == "step 2: 'on' names no operation: 'grops'");
    CHECK(second(get + R"("on": "groups", "at_seconds": 1})").find("either a time or 'on'") !=
          std::string::npos);
    CHECK(second(get + R"("nth": 2})") == "step 2: 'nth' needs 'on'");
    CHECK(second(get + R"("times": 2})") == "step 2: 'times' needs 'every_seconds'");
    CHECK(second(get + R"("times": 0})") == "step 2: 'times' must be a number from 1 on");
    CHECK(second(get + R"("at_seconds": -1})") ==
          "step 2: 'at_seconds' must be seconds, up to a week");
    CHECK(second(get + R"("remember": {"a": "id"}})").find("'remember'") != std::string::npos);
    CHECK(second(R"({"request": "GET /v1.0/groups/{team}"})") == "no step remembers 'team'");
}

TEST_CASE("timed steps are done at their times, in order, and know what earlier ones remembered") {
    ServiceOnForeignTime graph;
    begin(graph, of_steps(R"(
        {"at_seconds": 20, "every_seconds": 10, "times": 3,
         "request": "PATCH /v1.0/groups/{team}", "body": {"description": "round {n}"}},
        {"at_seconds": 10, "request": "POST /v1.0/groups", "remember": {"team": "/id"},
         "body": {"displayName": "Made", "mailNickname": "made", "mailEnabled": false,
                  "securityEnabled": true}})"));
    const auto shown = [&] {
        const auto groups = graph.get("/groups?$select=description").at("value").as_array();
        return groups.empty() ? std::string("none") : json::serialize(groups[0].at("description"));
    };
    graph.pass(seconds(9));
    CHECK(shown() == "none");
    graph.pass(seconds(2));
    CHECK(shown() == "null");
    graph.pass(seconds(10));
    CHECK(shown() == "\"round 1\"");
    CHECK(told(graph).at("running").as_bool());
    graph.pass(seconds(20));
    CHECK(shown() == "\"round 3\"");
    const auto end = told(graph);
    CHECK_FALSE(end.at("running").as_bool());
    CHECK(end.at("done").to_number<int>() == 4);
    CHECK(failures(graph) == "[]");
}

TEST_CASE("a triggered step is done before the request that triggers it is answered") {
    ServiceOnForeignTime graph;
    graph.sign_in();
    begin(graph, of_steps(R"({"on": "groups", "nth": 3, "times": 2,
        "request": "POST /emulator/faults", "body": {"operation": "groups", "kind": "503"}})"));
    std::vector<int> statuses;
    for (int i = 0; i < 9; ++i)
        statuses.push_back(graph.call("GET", "/groups").status);
    CHECK(statuses == std::vector<int>{200, 200, 503, 200, 200, 503, 200, 200, 200});
    CHECK(told(graph).at("waiting").to_number<int>() == 0);
}

TEST_CASE("a scenario's own requests need no token, meet no fault, and are not counted") {
    ServiceOnForeignTime graph;
    begin(graph, of_steps(R"({"request": "POST /emulator/faults",
                               "body": {"kind": "503", "times": -1}},
                              {"request": "POST /emulator/throttle",
                               "body": {"resource_units_per_10s": 1}},
                              {"request": "GET /v1.0/groups"}, {"request": "GET /v1.0/users"},
                              {"request": "GET /v1.0/groups"}, {"request": "GET /v1.0/users"})"));
    graph.pass(seconds(1));
    CHECK(told(graph).at("done").to_number<int>() == 6);
    CHECK(failures(graph) == "[]");
    const auto requests = json::parse(graph.ask("GET", "/emulator/requests").body).as_object();
    CHECK(requests.at("total").to_number<int>() == 0);
}

TEST_CASE("what fails is told with its step, and the scenario goes on") {
    ServiceOnForeignTime graph;
    begin(graph, of_steps(R"({"request": "GET /v1.0/groups/nobody"},
                              {"request": "GET /v1.0/groups", "remember": {"one": "/value/0/id"}},
                              {"request": "GET /v1.0/users"})"));
    graph.pass(seconds(1));
    const auto end = told(graph);
    CHECK(end.at("done").to_number<int>() == 3);
    const auto& failures = end.at("failures").as_array();
    REQUIRE(failures.size() == 2);
    CHECK(failures[0].at("step").to_number<int>() == 1);
    CHECK(failures[0].at("why").as_string().starts_with("40"));
    CHECK(failures[1].at("why").as_string() == "there is no text at /value/0/id");
}

TEST_CASE("a scenario can be quickened, replaced and stopped") {
    ServiceOnForeignTime graph;
    const std::string steps = of_steps(R"({"at_seconds": 3600, "request": "GET /v1.0/users"})");
    begin(graph, R"({"speed": 60, )" + steps.substr(1));
    graph.pass(seconds(59));
    CHECK(told(graph).at("running").as_bool());
    graph.pass(seconds(2));
    CHECK_FALSE(told(graph).at("running").as_bool());
    begin(graph, steps);
    CHECK(told(graph).at("done").to_number<int>() == 0);
    graph.ask("POST", "/emulator/reset");
    graph.pass(hours(2));
    CHECK(told(graph).at("description").is_null());
}

TEST_CASE("an evening of throttling: a client that waits as told gets everything in the end") {
    ServiceOnForeignTime graph(made_up());
    begin(graph, shipped("evening-of-throttling"));
    graph.sign_in_patiently = true;
    Crawler crawler{graph};
    crawler.crawl(seconds(125), milliseconds(400));
    CHECK(crawler.statuses[429] > 20);
    CHECK(crawler.statuses[401] == 1);
    crawler.crawl(seconds(5));
    const auto end = told(graph);
    CHECK(failures(graph) == "[]");
    CHECK_FALSE(end.at("running").as_bool());
    CHECK(crawler.statuses[200] > 10);
    check_converged(graph, crawler);
}

TEST_CASE("lost and late notifications: some never come, some come twice, and some late") {
    ServiceOnForeignTime graph(made_up());
    graph.subscribe("https://hooks.test/notifications");
    begin(graph, shipped("lost-and-late-notifications"));
    graph.pass(seconds(120));
    CHECK(failures(graph) == "[]");
    const auto counts = graph.service->delivery().counts();
    CHECK(counts.lost > 3);
    CHECK(counts.duplicated > 0);
    CHECK(counts.held == 0);
    CHECK(counts.items_accepted > 0);
    Crawler crawler{graph};
    crawler.crawl(seconds(5));
    check_converged(graph, crawler);
}

TEST_CASE("token expiry in a crawl: the client begins anew and ends with the truth") {
    ServiceOnForeignTime graph(made_up());
    begin(graph, shipped("token-expiry-in-a-crawl"));
    Crawler crawler{graph};
    crawler.crawl(seconds(25));
    CHECK(crawler.restarts >= 2);
    CHECK(crawler.statuses[401] == 1);
    CHECK(crawler.statuses[410] == 1);
    CHECK(failures(graph) == "[]");
    crawler.crawl(seconds(20));
    check_converged(graph, crawler);
}

TEST_CASE("vanishing subscriptions: they are paused, vanish, and the webhook falls from grace") {
    ServiceOnForeignTime graph(made_up());
    const auto subscription =
        graph.subscribe("https://hooks.test/notifications", "https://hooks.test/lifecycle");
    graph.poster.manner = [](const std::string&) {
        return ForeignPoster::Manner{202, milliseconds(1200)};
    };
    begin(graph, shipped("vanishing-subscriptions"));
    graph.pass(seconds(19));
    CHECK(graph.service->subscriptions().find(subscription) != nullptr);
    std::set<std::string> events;
    for (const auto& post : graph.poster.delivered) {
        for (const auto* event : {"reauthorizationRequired", "missed"}) {
            if (post.body.find(event) != std::string::npos) events.insert(event);
        }
    }
    CHECK(events.size() == 2);
    graph.pass(seconds(2));
    CHECK(graph.service->subscriptions().all().empty());
    graph.pass(seconds(60));
    CHECK(failures(graph) == "[]");
}

TEST_CASE("a storm: through 5xx, cut and garbled pages a patient client gets everything") {
    ServiceOnForeignTime graph(made_up());
    begin(graph, shipped("storm"));
    Crawler crawler{graph};
    graph.sign_in_patiently = true;
    crawler.crawl(seconds(64), milliseconds(250));
    for (const int status : {500, 502, 503, 504})
        CHECK(crawler.statuses[status] > 0);
    crawler.crawl(seconds(15));
    CHECK(failures(graph) == "[]");
    check_converged(graph, crawler);
}
