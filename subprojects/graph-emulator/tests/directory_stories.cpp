// getByIds, directoryObjects, and the life of deleted objects.
#include "running_emulator.hpp"

#include <doctest/doctest.h>

namespace {

std::size_t found_by_ids(RunningEmulator& emulator, const json::array& ids,
                         const json::array& types = {}) {
    const auto answer = emulator.call("POST", "/directoryObjects/getByIds?$select=id,displayName",
                                      json::object{{"ids", ids}, {"types", types}});
    REQUIRE(answer.status == 200);
    return answer.json().at("value").as_array().size();
}

}  // namespace

TEST_CASE("getByIds returns what lives, with its type, and is silent about the rest") {
    RunningEmulator emulator;
    const auto group = emulator.create_group("Guards");
    const auto user = emulator.create_user("adele");
    const auto gone = emulator.create_user("alex");
    emulator.call("DELETE", "/users/" + gone);
    const json::array ids{json::value(group), json::value(user), json::value(gone),
                          "12345678-0000-4000-8000-000000000000"};
    CHECK(found_by_ids(emulator, ids) == 2);
    CHECK(found_by_ids(emulator, ids, {"user"}) == 1);
    const auto answer =
        emulator.call("POST", "/directoryObjects/getByIds?$select=onPremisesSecurityIdentifier",
                      json::object{{"ids", ids}});
    CHECK(answer.headers.at("x-ms-resource-unit") == "2");
    for (const auto body = answer.json(); const auto& object : body.at("value").as_array()) {
        CHECK(object.as_object().contains("@odata.type"));
        CHECK(object.at("onPremisesSecurityIdentifier").is_null());
    }
    CHECK(emulator.get("/directoryObjects/" + user).at("@odata.type").as_string() ==
          "#microsoft.graph.user");
    CHECK(emulator.call("GET", "/directoryObjects/" + gone).status == 404);
}

TEST_CASE("getByIds takes 1000 ids, not one more, and GUIDs only") {
    RunningEmulator emulator;
    json::array ids(1000, json::value("12345678-0000-4000-8000-000000000000"));
    CHECK(found_by_ids(emulator, ids) == 0);
    ids.push_back("12345678-0000-4000-8000-000000000000");
    CHECK(emulator.call("POST", "/directoryObjects/getByIds", json::object{{"ids", ids}}).status ==
          400);
    CHECK(
        emulator.call("POST", "/directoryObjects/getByIds", json::object{{"ids", json::array{"x"}}})
            .status == 400);
    CHECK(emulator.call("POST", "/directoryObjects/getByIds", json::object{{"ids", 3}}).status ==
          400);
}

TEST_CASE(
    "a deleted security group lies in deletedItems looking like no security group, and can be "
    "restored") {
    RunningEmulator emulator;
    const auto group = emulator.create_group("Guards");
    const auto user = emulator.create_user("adele");
    emulator.add_member(group, user);
    CHECK(emulator.call("DELETE", "/groups/" + group).status == 204);
    CHECK(emulator.call("GET", "/groups/" + group).status == 404);
    CHECK(emulator.call("DELETE", "/groups/" + group).status == 404);
    const auto deleted = emulator.get("/directory/deletedItems/" + group);
    CHECK_FALSE(deleted.at("securityEnabled").as_bool());
    CHECK(deleted.at("deletedDateTime").is_string());
    CHECK(emulator.get("/directory/deletedItems/microsoft.graph.group")
              .at("value")
              .as_array()
              .size() == 1);
    CHECK(emulator.get("/directory/deletedItems/microsoft.graph.user")
              .at("value")
              .as_array()
              .empty());
    CHECK(emulator.call("GET", "/directory/deletedItems").status == 400);

    const auto restored = emulator.call("POST", "/directory/deletedItems/" + group + "/restore");
    CHECK(restored.status == 200);
    CHECK(restored.json().at("securityEnabled").as_bool());
    CHECK(emulator.get("/groups/" + group + "/members").at("value").as_array().size() == 1);
    CHECK(emulator.call("GET", "/directory/deletedItems/" + group).status == 404);
}

TEST_CASE("a purged object is gone for good, and purging happens by itself after 30 days") {
    RunningEmulator emulator;
    const auto first = emulator.create_group("First");
    const auto second = emulator.create_group("Second");
    emulator.call("DELETE", "/groups/" + first);
    emulator.call("DELETE", "/groups/" + second);
    CHECK(emulator.call("DELETE", "/directory/deletedItems/" + first).status == 204);
    CHECK(emulator.call("DELETE", "/directory/deletedItems/" + first).status == 404);
    CHECK(emulator.call("POST", "/directory/deletedItems/" + first + "/restore").status == 404);
    emulator.control("POST", "clock/advance", {{"days", 31}});
    emulator.sign_in();
    CHECK(emulator.call("GET", "/directory/deletedItems/" + second).status == 404);
    CHECK(emulator.control("GET", "state").at("deleted_groups").as_array().empty());
}

TEST_CASE("devices are deleted at once") {
    RunningEmulator emulator;
    const auto device =
        std::string(emulator.call("POST", "/devices", json::object{{"displayName", "PC"}})
                        .json()
                        .at("id")
                        .as_string());
    CHECK(emulator.call("DELETE", "/devices/" + device).status == 204);
    CHECK(emulator.call("GET", "/directory/deletedItems/" + device).status == 404);
}
