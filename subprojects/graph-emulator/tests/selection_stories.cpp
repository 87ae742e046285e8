// What writeback selects by: writebackConfiguration, roles, dynamic groups, directory extensions,
// owners, and the assignments to an application.
#include "running_emulator.hpp"

#include <doctest/doctest.h>

namespace {

const std::string extension = "extension_0123456789abcdef0123456789abcdef_adContainer";

std::string reference(const RunningEmulator& emulator, const std::string& id) {
    return emulator.base_url() + "/v1.0/directoryObjects/" + id;
}

std::vector<std::string> ids_of(const json::array& list) {
    std::vector<std::string> ids;
    for (const auto& item : list)
        ids.emplace_back(item.at("id").as_string());
    return ids;
}

std::vector<std::string> owners_of(RunningEmulator& emulator, const std::string& group) {
    return ids_of(emulator.get("/groups/" + group + "/owners").at("value").as_array());
}

int own(RunningEmulator& emulator, const std::string& group, const std::string& user) {
    return emulator
        .call("POST", "/groups/" + group + "/owners/$ref",
              json::object{{"@odata.id", reference(emulator, user)}})
        .status;
}

json::object assignment(const std::string& principal, const json::object& application) {
    return {{"principalId", principal},
            {"resourceId", application.at("id")},
            {"appRoleId", "00000000-0000-0000-0000-000000000000"}};
}

json::object own_application(RunningEmulator& emulator) {
    return emulator.get("/servicePrincipals(appId='66666666-7777-8888-9999-000000000000')");
}

}  // namespace

TEST_CASE(
    "owners are added, listed, bound at creation and removed, and are users or applications") {
    RunningEmulator emulator;
    const auto group = emulator.create_group("Guards");
    const auto adele = emulator.create_user("adele");
    const auto alex = emulator.create_user("alex");
    CHECK(own(emulator, group, adele) == 204);
    CHECK(own(emulator, group, alex) == 204);
    CHECK(own(emulator, group, adele) == 400);
    CHECK(own(emulator, group, emulator.create_group("Others")) == 400);
    CHECK(owners_of(emulator, group) == std::vector{adele, alex});
    CHECK(emulator.get("/groups/" + group + "/owners/microsoft.graph.user?$select=id")
              .at("value")
              .as_array()
              .size() == 2);
    CHECK(emulator.call("DELETE", "/groups/" + group + "/owners/" + adele + "/$ref").status == 204);
    CHECK(emulator.call("DELETE", "/groups/" + group + "/owners/" + adele + "/$ref").status == 404);
    CHECK(owners_of(emulator, group) == std::vector{alex});
    emulator.call("DELETE", "/users/" + alex);
    CHECK(owners_of(emulator, group).empty());
    const auto created = emulator.call(
        "POST", "/groups",
        json::object{{"displayName", "Bound"},
                     {"mailEnabled", false},
                     {"mailNickname", "bound"},
                     {"securityEnabled", true},
                     {"owners@odata.bind", {json::value(reference(emulator, adele))}}});
    REQUIRE(created.status == 201);
    CHECK(owners_of(emulator, std::string(created.json().at("id").as_string())) ==
          std::vector{adele});
}

TEST_CASE("owners are in the delta stream where $select names them, unless that is switched off") {
    RunningEmulator emulator;
    const auto group = emulator.create_group("Guards");
    const auto adele = emulator.create_user("adele");
    own(emulator, group, adele);
    CHECK_FALSE(emulator.follow("/groups/delta").about(group).at(0).contains("owners@delta"));
    auto without = emulator.follow("/groups/delta?$select=displayName,members");
    auto round = emulator.follow("/groups/delta?$select=displayName,members,owners");
    const auto first = round.about(group).at(0).at("owners@delta").as_array();
    CHECK(ids_of(first) == std::vector{adele});
    CHECK(first.at(0).at("@odata.type").as_string() == "#microsoft.graph.user");

    emulator.call("DELETE", "/groups/" + group + "/owners/" + adele + "/$ref");
    CHECK(emulator.follow(without.delta_link).entries.empty());
    const auto link = round.delta_link;
    round = emulator.follow(link);
    REQUIRE(round.entries.size() == 1);
    CHECK_FALSE(round.entries[0].contains("members@delta"));
    CHECK(round.entries[0].at("owners@delta").at(0).at("@removed").at("reason").as_string() ==
          "deleted");

    emulator.control("POST", "delta", {{"owners", false}});
    round = emulator.follow(link);
    REQUIRE(round.entries.size() == 1);
    CHECK(round.entries[0].at("displayName").as_string() == "Guards");
    CHECK_FALSE(round.entries[0].contains("owners@delta"));
}

TEST_CASE("writebackConfiguration is in beta's delta stream, null where it was never configured") {
    RunningEmulator emulator;
    const auto group = emulator.create_group("Guards");
    const std::string select = "/groups/delta?$select=displayName,writebackConfiguration";
    CHECK(emulator.call("GET", select).status == 400);
    auto round = emulator.follow("/beta" + select);
    const auto never = round.about(group).at(0).at("writebackConfiguration").as_object();
    CHECK(never.at("isEnabled").is_null());
    CHECK(never.at("onPremisesGroupType").is_null());

    const auto configure = [&](const json::value& value) {
        return emulator
            .call("PATCH", "/beta/groups/" + group, json::object{{"writebackConfiguration", value}})
            .status;
    };
    const json::value enabled{{"isEnabled", true},
                              {"onPremisesGroupType", "universalSecurityGroup"}};
    CHECK(configure(enabled) == 204);
    CHECK(configure({{"isEnabled", false}}) == 204);
    round = emulator.follow(round.delta_link);
    REQUIRE(round.entries.size() == 1);
    const auto changed = round.entries[0].at("writebackConfiguration").as_object();
    CHECK_FALSE(changed.at("isEnabled").as_bool());
    CHECK(changed.at("onPremisesGroupType").as_string() == "universalSecurityGroup");
    CHECK_FALSE(
        emulator.follow("/groups/delta").about(group).at(0).contains("writebackConfiguration"));

    CHECK(configure(nullptr) == 204);
    round = emulator.follow(round.delta_link);
    CHECK(round.entries.at(0).at("writebackConfiguration").at("isEnabled").is_null());
    CHECK(configure({{"isEnabled", "yes"}}) == 400);
    CHECK(configure({{"onPremisesGroupType", "universalDistributionGroup"}}) == 400);
    CHECK(configure({{"somethingElse", true}}) == 400);
}

TEST_CASE(
    "a group that can be given a role is a security group that is assigned, from the start on") {
    RunningEmulator emulator;
    json::object body{{"displayName", "Admins"},
                      {"mailEnabled", false},
                      {"mailNickname", "admins"},
                      {"securityEnabled", true},
                      {"isAssignableToRole", true}};
    const auto created = emulator.call("POST", "/groups", body);
    REQUIRE(created.status == 201);
    const std::string id(created.json().at("id").as_string());
    const auto round = emulator.follow("/groups/delta?$select=isAssignableToRole");
    CHECK(round.about(id).at(0).at("isAssignableToRole").as_bool());
    const auto set = [&](bool value) {
        return emulator.call("PATCH", "/groups/" + id, json::object{{"isAssignableToRole", value}})
            .status;
    };
    CHECK(set(false) == 400);
    CHECK(set(true) == 204);
    body["groupTypes"] = {"DynamicMembership"};
    body["membershipRule"] = "user.department -eq \"Guards\"";
    body["membershipRuleProcessingState"] = "On";
    CHECK(emulator.call("POST", "/groups", body).status == 400);
}

TEST_CASE("a dynamic group is created with its rule") {
    RunningEmulator emulator;
    json::object body{{"displayName", "All guards"},
                      {"mailEnabled", false},
                      {"mailNickname", "guards"},
                      {"securityEnabled", true},
                      {"groupTypes", {"DynamicMembership"}},
                      {"membershipRuleProcessingState", "On"}};
    CHECK(emulator.call("POST", "/groups", body).status == 400);
    body["membershipRule"] = "user.department -eq \"Guards\"";
    const auto created = emulator.call("POST", "/groups", body);
    REQUIRE(created.status == 201);
    const auto found =
        emulator.get("/groups?$filter=groupTypes/any(g:g%20eq%20'DynamicMembership')");
    REQUIRE(found.at("value").as_array().size() == 1);
    CHECK(found.at("value").at(0).at("membershipRuleProcessingState").as_string() == "On");
}

TEST_CASE("directory extensions are set, selected and tracked like other properties") {
    RunningEmulator emulator;
    const auto group = emulator.create_group("Guards");
    const std::string select = "$select=displayName," + extension;
    auto round = emulator.follow("/groups/delta?" + select);
    CHECK_FALSE(round.about(group).at(0).contains(extension));
    const auto set = [&](const json::value& value) {
        return emulator.call("PATCH", "/groups/" + group, json::object{{extension, value}}).status;
    };
    CHECK(set("OU=Guards") == 204);
    CHECK(emulator.get("/groups/" + group + "?" + select).at(extension).as_string() == "OU=Guards");
    CHECK_FALSE(emulator.get("/groups/" + group).contains(extension));
    round = emulator.follow(round.delta_link);
    CHECK(round.entries.at(0).at(extension).as_string() == "OU=Guards");
    CHECK(set(nullptr) == 204);
    round = emulator.follow(round.delta_link);
    CHECK(round.entries.at(0).at(extension).is_null());
    CHECK_FALSE(emulator.get("/groups/" + group + "?" + select).contains(extension));
    CHECK(set(json::object{{"a", 1}}) == 400);
    CHECK(emulator.call("PATCH", "/groups/" + group, json::object{{"extension_12_name", "x"}})
              .status == 400);
}

TEST_CASE("a round that is filtered by ids stays filtered, and 50 ids are the most") {
    RunningEmulator emulator;
    const auto wanted = emulator.create_group("Guards");
    const auto other = emulator.create_group("Others");
    std::string filter = "id%20eq%20'" + wanted + "'";
    auto round = emulator.follow("/groups/delta?$select=displayName&$filter=" + filter);
    CHECK(round.entries.size() == 1);
    for (const auto& id : {wanted, other}) {
        emulator.call("PATCH", "/groups/" + id, json::object{{"displayName", "Renamed"}});
    }
    round = emulator.follow(round.delta_link);
    REQUIRE(round.entries.size() == 1);
    CHECK(round.about(wanted).size() == 1);
    for (int more = 1; more < 50; ++more)
        filter += "%20or%20id%20eq%20'" + other + "'";
    CHECK(emulator.call("GET", "/groups/delta?$filter=" + filter).status == 200);
    filter += "%20or%20id%20eq%20'" + other + "'";
    CHECK(emulator.call("GET", "/groups/delta?$filter=" + filter).error_code() ==
          "Request_UnsupportedQuery");
}

TEST_CASE("groups and users are assigned to the client's own application, seen from both sides") {
    RunningEmulator emulator;
    const auto application = own_application(emulator);
    const std::string application_id(application.at("id").as_string());
    const auto group = emulator.create_group("Guards");
    const auto user = emulator.create_user("adele");
    const auto made = emulator.call("POST", "/groups/" + group + "/appRoleAssignments",
                                    assignment(group, application));
    REQUIRE(made.status == 201);
    CHECK(made.json().at("principalType").as_string() == "Group");
    const std::string to = "/servicePrincipals/" + application_id + "/appRoleAssignedTo";
    CHECK(emulator.call("POST", to, assignment(user, application)).status == 201);
    CHECK(emulator.call("POST", to, assignment(user, application)).status == 400);
    CHECK(emulator.call("POST", to, assignment(application_id, {{"id", user}})).status == 400);
    auto other_role = assignment(group, application);
    other_role["appRoleId"] = "12345678-0000-4000-8000-000000000000";
    CHECK(emulator.call("POST", to, other_role).status == 400);

    std::vector<std::string> types;
    std::string link = to + "?$top=1";
    for (int pages = 0; !link.empty(); ++pages) {
        REQUIRE(pages < 2);
        const auto page = emulator.get(link);
        for (const auto& one : page.at("value").as_array())
            types.emplace_back(one.at("principalType").as_string());
        const auto* next = page.if_contains("@odata.nextLink");
        link = next ? std::string(next->as_string()) : std::string();
    }
    CHECK(types == std::vector<std::string>{"Group", "User"});
    CHECK(emulator.get("/users/" + user + "/appRoleAssignments").at("value").as_array().size() ==
          1);

    const std::string id(made.json().at("id").as_string());
    CHECK(emulator.call("DELETE", "/users/" + user + "/appRoleAssignments/" + id).status == 404);
    CHECK(emulator.call("DELETE", "/groups/" + group + "/appRoleAssignments/" + id).status == 204);
    CHECK(emulator.call("DELETE", to + "/" + id).status == 404);
    CHECK(emulator.get(to).at("value").as_array().size() == 1);
}

TEST_CASE("the assignment of a deleted group is hidden until the group is restored") {
    RunningEmulator emulator;
    const auto application = own_application(emulator);
    const std::string to = "/servicePrincipals/" + std::string(application.at("id").as_string()) +
                           "/appRoleAssignedTo";
    const auto group = emulator.create_group("Guards");
    emulator.call("POST", to, assignment(group, application));
    emulator.call("DELETE", "/groups/" + group);
    CHECK(emulator.get(to).at("value").as_array().empty());
    emulator.call("POST", "/directory/deletedItems/" + group + "/restore");
    CHECK(emulator.get(to).at("value").as_array().size() == 1);
}

TEST_CASE("what the application may not read is refused, or shown by type and id alone") {
    RunningEmulator emulator;
    const auto group = emulator.create_group("Guards");
    const auto user = emulator.create_user("adele");
    emulator.add_member(group, user);
    const std::string application(own_application(emulator).at("id").as_string());
    emulator.control("POST", "permissions", {{"granted", {"GroupMember.Read.All"}}});
    const auto refused =
        emulator.call("GET", "/servicePrincipals/" + application + "/appRoleAssignedTo");
    CHECK(refused.status == 403);
    CHECK(refused.error_code() == "Authorization_RequestDenied");
    CHECK(emulator.call("GET", "/users/delta").status == 403);
    CHECK(emulator.call("GET", "/groups/delta").status == 200);
    const auto answer = emulator.call("POST", "/directoryObjects/getByIds?$select=displayName",
                                      json::object{{"ids", {json::value(user)}}});
    const auto hidden = answer.json().at("value").at(0).as_object();
    CHECK(hidden.at("id").as_string() == user);
    CHECK(hidden.at("displayName").is_null());
    emulator.control("POST", "permissions", {{"granted", nullptr}});
    CHECK(emulator.call("GET", "/users/delta").status == 200);
}

TEST_CASE("mail contacts are members of groups, Microsoft 365 groups too, and found by their ids") {
    RunningEmulator emulator;
    const auto created =
        emulator.call("POST", "/contacts",
                      json::object{{"displayName", "Supplier"},
                                   {"mail", "supplier@example.com"},
                                   {"proxyAddresses", {"SMTP:supplier@example.com"}},
                                   {"onPremisesSyncEnabled", true}});
    REQUIRE(created.status == 201);
    const std::string contact(created.json().at("id").as_string());
    const auto unified = emulator.create_group("Falcon", true);
    emulator.add_member(unified, contact);
    const auto round = emulator.follow("/groups/delta?$select=members");
    CHECK(round.about(unified).at(0).at("members@delta").at(0).at("@odata.type").as_string() ==
          "#microsoft.graph.orgContact");
    const auto answer =
        emulator.call("POST", "/directoryObjects/getByIds?$select=mail,proxyAddresses",
                      json::object{{"ids", {json::value(contact)}}});
    const auto found = answer.json().at("value").at(0).as_object();
    CHECK(found.at("mail").as_string() == "supplier@example.com");
    CHECK(found.at("proxyAddresses").as_array().size() == 1);
    CHECK(emulator.call("DELETE", "/contacts/" + contact).status == 204);
    CHECK(emulator.get("/groups/" + unified + "/members").at("value").as_array().empty());
}
