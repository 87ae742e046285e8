// $batch.
#include "running_emulator.hpp"

#include <doctest/doctest.h>

namespace {

std::map<std::string, json::object> answers_of(const Answer& answer) {
    std::map<std::string, json::object> by_id;
    for (const auto body = answer.json(); const auto& item : body.at("responses").as_array()) {
        by_id[std::string(item.at("id").as_string())] = item.as_object();
    }
    return by_id;
}

json::object item(const char* id, const char* method, const std::string& url) {
    return {{"id", id}, {"method", method}, {"url", url}};
}

}  // namespace

TEST_CASE("a batch answers each request with a status of its own, in any order") {
    RunningEmulator emulator;
    const auto group = emulator.create_group("Guards");
    auto create = item("3", "POST", "/users");
    create["body"] = {{"displayName", "x"}, {"userPrincipalName", "x@contoso.com"}};
    create["headers"] = {{"Content-Type", "application/json"}};
    const auto answer = emulator.call(
        "POST", "/$batch",
        json::object{{"requests", json::array{item("1", "GET", "/groups/" + group + "?$select=id"),
                                              item("2", "GET", "groups/nothing"), create,
                                              item("4", "PUT", "/groups/" + group)}}});
    REQUIRE(answer.status == 200);
    const auto answers = answers_of(answer);
    CHECK(answers.at("1").at("status").as_int64() == 200);
    CHECK(answers.at("1").at("body").at("id").as_string() == group);
    CHECK(answers.at("2").at("status").as_int64() == 404);
    CHECK(answers.at("3").at("status").as_int64() == 201);
    CHECK(answers.at("4").at("status").as_int64() == 405);
}

TEST_CASE("an item can be throttled while the batch succeeds") {
    RunningEmulator emulator;
    emulator.control("POST", "faults",
                     {{"operation", "users"}, {"kind", "429"}, {"retry_after", 10}});
    const auto answers = answers_of(emulator.call(
        "POST", "/$batch",
        json::object{
            {"requests", json::array{item("1", "GET", "/users"), item("2", "GET", "/groups")}}}));
    CHECK(answers.at("1").at("status").as_int64() == 429);
    CHECK(answers.at("1").at("headers").at("Retry-After").as_string() == "10");
    CHECK(answers.at("2").at("status").as_int64() == 200);
}

TEST_CASE("what depends on a failed request fails with 424") {
    RunningEmulator emulator;
    auto second = item("2", "GET", "/groups");
    second["dependsOn"] = json::array{"1"};
    auto third = item("3", "GET", "/groups");
    third["dependsOn"] = json::array{"2"};
    const auto answers = answers_of(emulator.call(
        "POST", "/$batch",
        json::object{{"requests", json::array{item("1", "GET", "/groups/none"), second, third}}}));
    CHECK(answers.at("2").at("status").as_int64() == 424);
    CHECK(answers.at("3").at("status").as_int64() == 424);
}

TEST_CASE("a malformed batch is refused whole") {
    RunningEmulator emulator;
    const auto status = [&](const json::array& requests) {
        return emulator.call("POST", "/$batch", json::object{{"requests", requests}}).status;
    };
    json::array many;
    for (int i = 0; i < 21; ++i)
        many.push_back(item(std::to_string(i).c_str(), "GET", "/groups"));
    CHECK(status(many) == 400);
    many.pop_back();
    CHECK(status(many) == 200);
    CHECK(status({}) == 400);
    CHECK(status({item("1", "GET", "/groups"), item("1", "GET", "/users")}) == 400);
    CHECK(status({json::value(1)}) == 400);
    auto lost = item("1", "GET", "/groups");
    lost["dependsOn"] = json::array{"2"};
    CHECK(status({lost}) == 400);
    const auto nested = answers_of(emulator.call(
        "POST", "/$batch", json::object{{"requests", json::array{item("1", "POST", "/$batch")}}}));
    CHECK(nested.at("1").at("status").as_int64() == 400);
}
