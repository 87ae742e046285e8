// Bad requests, many clients, large tenants.
#include "running_emulator.hpp"

#include <doctest/doctest.h>

#include <random>

namespace {

bool still_answers(RunningEmulator& emulator) {
    return emulator.call("GET", "/groups?$top=1").status == 200;
}

}  // namespace

TEST_CASE("what is no HTTP is refused, and the emulator goes on") {
    RunningEmulator emulator;
    Conversation raw(emulator.port());
    CHECK(raw.send_raw("nonsense\r\n\r\n").find("400") != std::string::npos);
    raw.send_raw("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n");
    CHECK(raw.send_raw("POST /x HTTP/1.1\r\nContent-Length: 5000000\r\n\r\n").find("413") !=
          std::string::npos);
    CHECK(raw.send_raw("GET /" + std::string(80000, 'a') + " HTTP/1.1\r\n\r\n").find("431") !=
          std::string::npos);
    raw.send_raw(std::string("\0\0\0\0", 4));
    raw.send_raw("");
    CHECK(still_answers(emulator));
}

TEST_CASE("a body in chunks and one announced by Expect are read") {
    RunningEmulator emulator;
    Conversation raw(emulator.port());
    const auto chunked = raw.send_raw(
        "POST /emulator/delta HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: "
        "close\r\n\r\n"
        "f\r\n{\"page_size\": 7\r\n1\r\n}\r\n0\r\n\r\n");
    CHECK(chunked.find("\"page_size\":7") != std::string::npos);
    const auto expected = raw.send_raw(
        "POST /emulator/delta HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 17\r\n"
        "Connection: close\r\n\r\n{\"page_size\": 8 }");
    CHECK(expected.find("\"page_size\":8") != std::string::npos);
}

TEST_CASE("random requests never end the emulator") {
    RunningEmulator emulator;
    const auto group = emulator.create_group("Guards");
    const std::vector<std::string> methods = {"GET", "POST", "PATCH", "DELETE", "PUT", "HEAD"};
    const std::vector<std::string> targets = {"/groups",
                                              "/groups/" + group,
                                              "/groups/" + group + "/members/$ref",
                                              "/groups/" + group + "/members/x",
                                              "/groups/delta?$deltatoken=%00%ff",
                                              "/groups/delta?$skiptoken=AAAA",
                                              "/$batch",
                                              "/subscriptions",
                                              "/subscriptions/x/reauthorize",
                                              "/directoryObjects/getByIds",
                                              "/directory/deletedItems/x/restore",
                                              "/users/%F0%9F",
                                              "/groups('" + group + "')",
                                              "/groups?$filter=((((",
                                              "/groups?$select=,,,",
                                              "//",
                                              "/%2e%2e/"};
    const std::vector<std::string> bodies = {
        "",
        "{",
        "[]",
        "null",
        "{}",
        "\"x\"",
        R"({"ids": [null, 1, {}]})",
        R"({"requests": [{}]})",
        R"({"requests": [{"id":"1","method":"","url":""}]})",
        R"({"@odata.id": 7})",
        R"({"displayName": {"a": [1]}})",
        R"({"members@odata.bind": {"a": 1}})",
        std::string(2000, '['),
        "\xff\xfe",
        R"({"changeType": []})",
        R"({"requests": [{"id":"1","method":"DELETE","url":"//","dependsOn":["1"]}]})"};
    std::mt19937 random(4711);
    int answered = 0;
    for (int i = 0; i < 1500; ++i) {
        auto body = bodies[random() % bodies.size()];
        for (int flips = static_cast<int>(random() % 3); flips > 0 && !body.empty(); --flips) {
            body[random() % body.size()] = static_cast<char>(random());
        }
        HeaderList headers{{"Authorization", "Bearer " + (i % 50 == 0 ? std::string("x")
                                                                      : emulator.access_token())}};
        const auto answer = emulator.plain(
            methods[random() % methods.size()],
            (i % 3 == 0 ? "/beta" : "/v1.0") + targets[random() % targets.size()], body, headers);
        CHECK(answer.status >= 200);
        CHECK(answer.status != 500);
        ++answered;
    }
    CHECK(answered == 1500);
    CHECK(still_answers(emulator));
}

TEST_CASE("many clients that keep their connections are served side by side") {
    RunningEmulator emulator;
    const std::string token = emulator.access_token();
    std::vector<std::thread> clients;
    std::atomic<int> good = 0;
    for (int client = 0; client < 50; ++client) {
        clients.emplace_back([&] {
            Conversation conversation(emulator.port());
            for (int i = 0; i < 20; ++i) {
                const auto answer = conversation.ask("GET", "/v1.0/groups/delta", {},
                                                     {{"Authorization", "Bearer " + token}});
                if (answer.status == 200) ++good;
            }
        });
    }
    for (auto& client : clients)
        client.join();
    CHECK(good == 1000);
}

TEST_CASE("ten thousand groups with a million memberships can be crawled") {
    emulator::Settings settings;
    settings.generate = "groups=10000,users=20000,members=1000000,nested=0%";
    RunningEmulator emulator(settings);
    std::string link = "/groups/delta?$select=displayName,members";
    std::size_t members = 0;
    std::set<std::string> groups;
    while (!link.empty()) {
        const auto page = emulator.get(link);
        for (const auto& entry : page.at("value").as_array()) {
            groups.emplace(entry.at("id").as_string());
            if (const auto* changes = entry.as_object().if_contains("members@delta")) {
                members += changes->as_array().size();
            }
        }
        const auto* next = page.if_contains("@odata.nextLink");
        link = next ? std::string(next->as_string()) : std::string();
    }
    CHECK(groups.size() == 10000);
    CHECK(members == 1000000);
}
