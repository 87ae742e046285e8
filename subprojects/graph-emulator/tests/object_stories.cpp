// Groups, users, devices and memberships through Graph's own verbs.
#include "running_emulator.hpp"

#include <doctest/doctest.h>

TEST_CASE(
    "a group that is created has the properties Graph fills in, and null for those never set") {
    RunningEmulator emulator;
    const auto answer = emulator.call("POST", "/groups",
                                      json::object{{"displayName", "Library Assist"},
                                                   {"description", "Self help"},
                                                   {"mailEnabled", false},
                                                   {"mailNickname", "library"},
                                                   {"securityEnabled", true}});
    REQUIRE(answer.status == 201);
    const auto group = answer.json();
    CHECK(group.at("displayName").as_string() == "Library Assist");
    CHECK(group.at("groupTypes").as_array().empty());
    CHECK(group.at("onPremisesSyncEnabled").is_null());
    CHECK(std::string(group.at("securityIdentifier").as_string()).starts_with("S-1-12-1-"));
    CHECK_FALSE(group.contains("writebackConfiguration"));
    CHECK_FALSE(group.contains("assignedLabels"));
    const std::string id(group.at("id").as_string());
    CHECK(emulator.get("/groups/" + id).at("description").as_string() == "Self help");
    const auto selected = emulator.get("/groups/" + id + "?$select=displayName");
    CHECK(selected.contains("displayName"));
    CHECK(selected.contains("id"));
    CHECK_FALSE(selected.contains("description"));
}

TEST_CASE("writebackConfiguration is a property of beta, and documented defaults can be had") {
    RunningEmulator emulator;
    const auto unified = emulator.create_group("Falcon", true);
    const auto security = emulator.create_group("Guards");
    CHECK(emulator.call("GET", "/groups/" + unified + "?$select=writebackConfiguration").status ==
          400);
    const auto configuration = [&](const std::string& id) {
        return emulator.get("/beta/groups/" + id).at("writebackConfiguration").as_object();
    };
    CHECK(configuration(unified).at("isEnabled").is_null());
    CHECK(configuration(security).at("onPremisesGroupType").is_null());
    emulator.control("POST", "tenant", {{"writeback_defaults", true}});
    CHECK(configuration(unified).at("isEnabled").as_bool());
    CHECK(configuration(unified).at("onPremisesGroupType").as_string() ==
          "universalDistributionGroup");
    CHECK_FALSE(configuration(security).at("isEnabled").as_bool());
    const json::object change{
        {"writebackConfiguration",
         {{"isEnabled", true}, {"onPremisesGroupType", "universalSecurityGroup"}}}};
    CHECK(emulator.call("PATCH", "/v1.0/groups/" + unified, change).status == 400);
    CHECK(emulator.call("PATCH", "/beta/groups/" + unified, change).status == 204);
    CHECK(configuration(unified).at("onPremisesGroupType").as_string() == "universalSecurityGroup");
}

TEST_CASE("what Graph refuses in a new or changed group is refused") {
    RunningEmulator emulator;
    const json::object good{{"displayName", "A"},
                            {"mailEnabled", false},
                            {"mailNickname", "a"},
                            {"securityEnabled", true}};
    const auto status_with = [&](const char* key, json::value value) {
        auto body = good;
        body[key] = std::move(value);
        return emulator.call("POST", "/groups", body).status;
    };
    CHECK(status_with("displayName", nullptr) == 400);
    CHECK(status_with("displayName", "") == 400);
    CHECK(status_with("displayName", std::string(256, 'x').c_str()) == 201);
    CHECK(status_with("displayName", std::string(257, 'x').c_str()) == 400);
    CHECK(status_with("mailNickname", std::string(65, 'x').c_str()) == 400);
    CHECK(status_with("securityEnabled", "yes") == 400);
    CHECK(status_with("nonsense", 1) == 400);
    CHECK(status_with("id", "x") == 400);
    CHECK(status_with("mailEnabled", true) == 400);
    auto without = good;
    without.erase("mailNickname");
    CHECK(emulator.call("POST", "/groups", without).status == 400);
    const auto id = emulator.create_group("B");
    CHECK(emulator.call("PATCH", "/groups/" + id, json::object{{"displayName", 7}}).status == 400);
    CHECK(emulator.call("PATCH", "/groups/" + id, json::object{{"description", nullptr}}).status ==
          204);
    CHECK(emulator.call("PATCH", "/groups/unknown", json::object{{"description", "x"}}).status ==
          404);
}

TEST_CASE("a test may set what Active Directory's synchronisation would set on a user") {
    RunningEmulator emulator;
    const auto id = emulator.create_user("adele");
    CHECK(emulator
              .call("PATCH", "/users/adele@contoso.com",
                    json::object{{"onPremisesSecurityIdentifier", "S-1-5-21-1-2-3-1103"},
                                 {"onPremisesImmutableId", "AAAA"},
                                 {"onPremisesSyncEnabled", true}})
              .status == 204);
    // Without $select a user is shown with a few properties only, and those are not among them.
    CHECK_FALSE(emulator.get("/users/" + id).contains("onPremisesSecurityIdentifier"));
    const auto user = emulator.get(
        "/users/" + id + "?$select=id,onPremisesSecurityIdentifier,onPremisesSyncEnabled");
    CHECK(user.at("onPremisesSecurityIdentifier").as_string() == "S-1-5-21-1-2-3-1103");
    CHECK(user.at("onPremisesSyncEnabled").as_bool());
    CHECK(emulator
              .call("POST", "/users",
                    json::object{{"displayName", "x"}, {"userPrincipalName", "ADELE@contoso.com"}})
              .status == 400);
}

TEST_CASE("listings come in pages whose links repeat the options") {
    RunningEmulator emulator;
    for (int i = 0; i < 7; ++i)
        emulator.create_group("Group " + std::to_string(i), i % 2 == 1);
    std::string link = "/groups?$top=3&$select=id,displayName&$count=true";
    std::vector<std::string> names;
    for (int pages = 1; !link.empty(); ++pages) {
        REQUIRE(pages <= 3);
        const auto page = emulator.get(link);
        CHECK(page.contains("@odata.count") == (pages == 1));
        for (const auto& group : page.at("value").as_array()) {
            CHECK(group.as_object().size() == 2);
            names.emplace_back(group.at("displayName").as_string());
        }
        const auto* next = page.if_contains("@odata.nextLink");
        link = next ? std::string(next->as_string()) : std::string();
    }
    CHECK(names.size() == 7);
    CHECK(emulator.call("GET", "/groups?$top=0").error_code() == "Request_UnsupportedQuery");
    CHECK(emulator.call("GET", "/groups?$top=1000").status == 400);
    CHECK(emulator.call("GET", "/groups?$skiptoken=nonsense").error_code() ==
          "Directory_ExpiredPageToken");
}

TEST_CASE("filters of listings understand what directory clients ask") {
    RunningEmulator emulator;
    emulator.create_group("Sales", false);
    emulator.create_group("Sales Europe", true);
    emulator.create_group("O'Brien's", false);
    const auto count = [&](const std::string& filter) {
        return emulator.get("/groups?$filter=" + filter).at("value").as_array().size();
    };
    CHECK(count("displayName%20eq%20'sales'") == 1);
    CHECK(count("displayName%20eq%20'O''Brien''s'") == 1);
    CHECK(count("startswith(displayName,'Sales')") == 2);
    CHECK(count("groupTypes/any(c:c+eq+'Unified')") == 1);
    CHECK(count("not(groupTypes/any(c:c+eq+'Unified'))+and+securityEnabled+eq+true") == 2);
    CHECK(count("displayName+in+('Sales','Sales+Europe')") == 2);
    CHECK(count("mail+eq+null+or+displayName+eq+'x'") == 3);
    CHECK(emulator.call("GET", "/groups?$filter=displayName+eq").error_code() ==
          "Request_UnsupportedQuery");
    CHECK(emulator.call("GET", "/groups?$filter=" + std::string(200, '(')).status == 400);
}

TEST_CASE("members are added, listed with their types, and removed") {
    RunningEmulator emulator;
    const auto group = emulator.create_group("Guards");
    const auto nested = emulator.create_group("Night shift");
    const auto user = emulator.create_user("adele");
    const auto device =
        std::string(emulator.call("POST", "/devices", json::object{{"displayName", "PC"}})
                        .json()
                        .at("id")
                        .as_string());
    for (const auto& member : {user, nested, device})
        emulator.add_member(group, member);

    const auto all = emulator.get("/groups/" + group + "/members?$count=true",
                                  {{"ConsistencyLevel", "eventual"}});
    CHECK(all.at("@odata.count").as_int64() == 3);
    CHECK(all.at("value").as_array().at(0).at("@odata.type").as_string() ==
          "#microsoft.graph.user");
    CHECK(all.at("value").as_array().at(1).at("@odata.type").as_string() ==
          "#microsoft.graph.group");
    const auto users =
        emulator.get("/groups/" + group + "/members/microsoft.graph.user?$select=id");
    CHECK(users.at("value").as_array().size() == 1);
    CHECK_FALSE(users.at("value").as_array().at(0).as_object().contains("@odata.type"));

    const auto again = emulator.call("POST", "/groups/" + group + "/members/$ref",
                                     json::object{{"@odata.id", "https://x/v1.0/users/" + user}});
    CHECK(again.status == 400);
    CHECK(again.error_message().find("already exist") != std::string::npos);
    emulator.remove_member(group, user);
    CHECK(emulator.call("DELETE", "/groups/" + group + "/members/" + user + "/$ref").status == 404);
    CHECK(emulator.get("/groups/" + group + "/members").at("value").as_array().size() == 2);
}

TEST_CASE("up to 20 members may be bound in one PATCH, and Microsoft 365 groups hold users only") {
    RunningEmulator emulator;
    const auto group = emulator.create_group("Guards");
    json::array references;
    for (int i = 0; i < 21; ++i) {
        references.push_back(json::value(emulator.base_url() + "/v1.0/directoryObjects/" +
                                         emulator.create_user("user" + std::to_string(i))));
    }
    const auto bind = [&](const std::string& id, const json::array& list) {
        return emulator.call("PATCH", "/groups/" + id, json::object{{"members@odata.bind", list}})
            .status;
    };
    CHECK(bind(group, references) == 400);
    references.pop_back();
    CHECK(bind(group, references) == 204);
    CHECK(emulator.get("/groups/" + group + "/members").at("value").as_array().size() == 20);
    const auto unified = emulator.create_group("Falcon", true);
    CHECK(bind(unified, {json::value(emulator.base_url() + "/v1.0/directoryObjects/" + group)}) ==
          400);
    CHECK(
        bind(group, {json::value(
                        "https://x/v1.0/directoryObjects/12345678-0000-4000-8000-000000000000")}) ==
        404);
    CHECK(bind(group, {json::value(7)}) == 400);
}

TEST_CASE("transitive members are found through nested groups, circles included") {
    RunningEmulator emulator;
    const auto outer = emulator.create_group("Outer");
    const auto inner = emulator.create_group("Inner");
    const auto user = emulator.create_user("adele");
    emulator.add_member(outer, inner);
    emulator.add_member(inner, outer);
    emulator.add_member(inner, user);
    CHECK(emulator.get("/groups/" + outer + "/transitiveMembers").at("value").as_array().size() ==
          3);
}

TEST_CASE("every answer carries the request's ids, and its price in resource units") {
    RunningEmulator emulator;
    const auto group = emulator.create_group("Guards");
    const auto answer = emulator.call(
        "GET", "/groups", {}, {{"client-request-id", "0e0b1f8a-aaaa-4bbb-8ccc-123456789012"}});
    CHECK(answer.headers.at("client-request-id") == "0e0b1f8a-aaaa-4bbb-8ccc-123456789012");
    CHECK(answer.headers.contains("request-id"));
    CHECK(answer.headers.contains("date"));
    const auto price = [&](const std::string& target) {
        return emulator.call("GET", target).headers.at("x-ms-resource-unit");
    };
    CHECK(price("/groups/" + group + "/members") == "3");
    CHECK(price("/groups/" + group + "/members?$select=id") == "2");
    CHECK(price("/groups/" + group + "/members?$select=id&$top=5") == "1");
    CHECK(price("/users") == "2");
    CHECK(price("/groups/delta") == "1");
    const auto missing =
        emulator.call("GET", "/groups/" + std::string("12345678-0000-4000-8000-000000000000"));
    CHECK(missing.error_code() == "Request_ResourceNotFound");
    CHECK(missing.json().at("error").at("innerError").as_object().contains("request-id"));
}
