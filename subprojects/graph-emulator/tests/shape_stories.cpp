// The shapes of answers and notifications as they were captured from the live service or printed in
// its documentation: which keys, in which order, of which types.
#include "service_on_foreign_time.hpp"

#include <doctest/doctest.h>

namespace {

using std::chrono::seconds;

constexpr const char* webhook = "https://hooks.test/notifications";

/// "id:text members@delta:[{id:text}]": keys in their order with the types of the values; of lists,
/// the first item.
std::string shape(const json::value& value) {
    switch (value.kind()) {
        case json::kind::null:
            return "null";
        case json::kind::bool_:
            return "flag";
        case json::kind::string:
            return "text";
        case json::kind::array:
            return value.get_array().empty() ? "[]" : '[' + shape(value.get_array()[0]) + ']';
        case json::kind::object: {
            std::string keys;
            for (const auto& [key, item] : value.get_object())
                keys += (keys.empty() ? "" : " ") + std::string(key) + ':' + shape(item);
            return '{' + keys + '}';
        }
        default:
            return "number";
    }
}

std::string shape(const emulator::Response& response) {
    return shape(json::parse(response.body));
}

std::string keys(const json::object& object) {
    std::string list;
    for (const auto& [key, value] : object)
        list += (list.empty() ? "" : " ") + std::string(key);
    return list;
}

std::string create_user(ServiceOnForeignTime& graph, const std::string& name) {
    const auto made = graph.call(
        "POST", "/users",
        json::object{{"displayName", name}, {"userPrincipalName", name + "@contoso.test"}});
    return std::string(json::parse(made.body).at("id").as_string());
}

void add_member(ServiceOnForeignTime& graph, const std::string& group, const std::string& member) {
    const std::string reference = "https://graph.microsoft.com/v1.0/directoryObjects/" + member;
    REQUIRE(graph
                .call("POST", "/groups/" + group + "/members/$ref",
                      json::object{{"@odata.id", reference}})
                .status == 204);
}

const std::string error_shape =
    "{error:{code:text message:text innerError:{date:text request-id:text "
    "client-request-id:text}}}";

}  // namespace

TEST_CASE("a delta page: context, link, value; annotations before the id they belong to") {
    ServiceOnForeignTime graph;
    const auto group = graph.create_group("Guards");
    const auto user = create_user(graph, "adele");
    add_member(graph, group, user);
    const std::string options = "/groups/delta?$select=displayName,description,members";
    const auto first = graph.get(options);
    CHECK(keys(first) == "@odata.context @odata.deltaLink value");
    CHECK(first.at("@odata.context").as_string() ==
          "http://graph.test/v1.0/$metadata#groups(displayName,description)");
    CHECK(shape(first.at("value").as_array().at(0).at("members@delta")) ==
          "[{@odata.type:text id:text}]");

    const std::string link(first.at("@odata.deltaLink").as_string());
    graph.call("DELETE", "/groups/" + group + "/members/" + user + "/$ref");
    const auto removal = graph.get(link.substr(link.find("/v1.0") + 5));
    CHECK(shape(removal.at("value").as_array().at(0).at("members@delta")) ==
          "[{@odata.type:text id:text @removed:{reason:text}}]");
    graph.call("DELETE", "/groups/" + group);
    const auto deletion = graph.get(link.substr(link.find("/v1.0") + 5));
    CHECK(shape(deletion.at("value")) == "[{id:text @removed:{reason:text}}]");

    const auto latest = graph.get("/groups/delta?$deltatoken=latest");
    CHECK(shape(json::value(latest)) == "{@odata.context:text @odata.deltaLink:text value:[]}");
}

TEST_CASE("a group's notification, in the shape of 2026 and in that of 2021") {
    for (const bool older : {false, true}) {
        ServiceOnForeignTime graph;
        const auto group = graph.create_group("Guards");
        const auto user = create_user(graph, "adele");
        graph.subscribe(webhook);
        graph.ask("POST", "/emulator/notifications", json::object{{"event_time", older}});
        add_member(graph, group, user);
        graph.pass(seconds(1));
        const std::string times = older ? " eventTime:text sequenceNumber:number" : "";
        REQUIRE(graph.poster.delivered.size() == 1);
        CHECK(shape(json::parse(graph.poster.delivered[0].body)) ==
              "{value:[{changeType:text clientState:text resource:text "
              "resourceData:{@odata.type:text @odata.id:text id:text organizationId:text" +
                  times +
                  " members@delta:[{id:text}]} "
                  "subscriptionExpirationDateTime:text subscriptionId:text tenantId:text}]}");
        graph.call("DELETE", "/groups/" + group + "/members/" + user + "/$ref");
        graph.pass(seconds(1));
        const auto removal = json::parse(graph.poster.delivered[1].body);
        CHECK(shape(removal.at("value").as_array()[0].at("resourceData").at("members@delta")) ==
              "[{id:text @removed:text}]");
    }
}

TEST_CASE("a lifecycle notification has its five fields and nothing of a change") {
    ServiceOnForeignTime graph;
    graph.subscribe(webhook, "https://hooks.test/lifecycle");
    graph.ask("POST", "/emulator/subscriptions/all/lifecycle", json::object{});
    graph.pass(seconds(1));
    REQUIRE(graph.poster.delivered.size() == 1);
    CHECK(shape(json::parse(graph.poster.delivered[0].body)) ==
          "{value:[{subscriptionId:text subscriptionExpirationDateTime:text tenantId:text "
          "clientState:text lifecycleEvent:text}]}");
}

TEST_CASE("a subscription shows everything that was not set as null, and a normalised expiry") {
    ServiceOnForeignTime graph;
    const auto made =
        graph.call("POST", "/subscriptions",
                   json::object{{"changeType", "created,updated"},
                                {"notificationUrl", webhook},
                                {"resource", "groups"},
                                {"expirationDateTime", "2026-01-05T14:00:00.0000000Z"},
                                {"clientState", "of our own"}});
    CHECK(made.status == 201);
    CHECK(shape(made) ==
          "{@odata.context:text id:text resource:text applicationId:text changeType:text "
          "clientState:text notificationUrl:text notificationQueryOptions:null "
          "lifecycleNotificationUrl:null expirationDateTime:text creatorId:text "
          "includeResourceData:null latestSupportedTlsVersion:text encryptionCertificate:null "
          "encryptionCertificateId:null notificationUrlAppId:null}");
    const auto body = json::parse(made.body);
    CHECK(body.at("@odata.context").as_string() ==
          "http://graph.test/v1.0/$metadata#subscriptions/$entity");
    CHECK(body.at("expirationDateTime").as_string() == "2026-01-05T14:00:00Z");
    CHECK(body.at("resource").as_string() == "groups");
    CHECK(keys(graph.get("/subscriptions")) == "@odata.context value");
}

TEST_CASE("refusals have their envelope, throttling has one of its own") {
    ServiceOnForeignTime graph;
    const auto nobody = "/groups/00000000-0000-4000-8000-000000000000";
    CHECK(shape(graph.call("GET", nobody)) == error_shape);
    CHECK(json::parse(graph.call("GET", nobody).body).at("error").at("message").as_string() ==
          "Resource '00000000-0000-4000-8000-000000000000' does not exist or one of its queried "
          "reference-property objects are not present.");
    const auto empty = graph.ask_with("GET", "/v1.0/groups", {});
    CHECK(empty.status == 401);
    CHECK(shape(empty) == error_shape);
    CHECK(json::parse(empty.body).at("error").at("message").as_string() ==
          "Access token is empty.");
    const auto unsupported = graph.call("GET", "/groups/delta?$select=unseenCount");
    CHECK(unsupported.status == 501);
    CHECK(json::parse(unsupported.body).at("error").at("message").as_string() ==
          "This operation target is not yet supported.");
    CHECK(shape(graph.call("DELETE", "/groups")) == error_shape);

    graph.ask("POST", "/emulator/faults", json::object{{"kind", "429"}, {"retry_after", 2.128}});
    const auto throttled = graph.call("GET", "/groups");
    CHECK(shape(throttled) ==
          "{error:{code:text innerError:{code:text date:text message:text request-id:text "
          "status:text} message:text}}");
    CHECK(emulator::header_of(throttled.headers, "Retry-After") == "2.128");
    const std::string scope(*emulator::header_of(throttled.headers, "x-ms-throttle-scope"));
    CHECK(scope ==
          "Tenant_Application/ReadWrite/66666666-7777-8888-9999-000000000000/"
          "11111111-2222-3333-4444-555555555555");
}

TEST_CASE("a whole M365 group has the keys of a real one, with null for what nobody set") {
    ServiceOnForeignTime graph;
    const auto made = graph.call("POST", "/groups",
                                 json::object{{"displayName", "Our site"},
                                              {"mailNickname", "OurSite"},
                                              {"mailEnabled", true},
                                              {"securityEnabled", false},
                                              {"groupTypes", json::array{"Unified"}}});
    const std::string id(json::parse(made.body).at("id").as_string());
    const auto shown = graph.get("/groups/" + id);
    for (const auto* name : {"id",
                             "deletedDateTime",
                             "classification",
                             "createdDateTime",
                             "creationOptions",
                             "description",
                             "displayName",
                             "expirationDateTime",
                             "groupTypes",
                             "isAssignableToRole",
                             "mail",
                             "mailEnabled",
                             "mailNickname",
                             "membershipRule",
                             "membershipRuleProcessingState",
                             "onPremisesDomainName",
                             "onPremisesLastSyncDateTime",
                             "onPremisesNetBiosName",
                             "onPremisesSamAccountName",
                             "onPremisesSecurityIdentifier",
                             "onPremisesSyncEnabled",
                             "preferredDataLocation",
                             "preferredLanguage",
                             "proxyAddresses",
                             "renewedDateTime",
                             "resourceBehaviorOptions",
                             "resourceProvisioningOptions",
                             "securityEnabled",
                             "securityIdentifier",
                             "theme",
                             "visibility",
                             "onPremisesProvisioningErrors"}) {
        CHECK_MESSAGE(shown.contains(name), name);
    }
    CHECK(shape(shown.at("onPremisesSyncEnabled")) == "null");
    CHECK(shape(shown.at("onPremisesProvisioningErrors")) == "[]");
    CHECK(shown.at("securityIdentifier").as_string().starts_with("S-1-12-1-"));
    CHECK_FALSE(shown.contains("writebackConfiguration"));
}

TEST_CASE("lists name their type in the context, and each object its type where they are mixed") {
    ServiceOnForeignTime graph;
    const auto group = graph.create_group("Guards");
    const auto user = create_user(graph, "adele");
    add_member(graph, group, user);
    const auto context = [](const json::object& page) {
        const std::string text(page.at("@odata.context").as_string());
        return text.substr(text.find('#') + 1);
    };
    const auto members = graph.get("/groups/" + group + "/members");
    CHECK(context(members) == "directoryObjects");
    CHECK(keys(members.at("value").as_array()[0].as_object()).starts_with("@odata.type id"));
    const auto cast = graph.get("/groups/" + group +
                                "/members/microsoft.graph.user?$count=true&$select=displayName,id");
    CHECK(keys(cast) == "@odata.context @odata.count value");
    CHECK(context(cast) == "users(displayName,id)");
    CHECK(shape(cast.at("value")) == "[{id:text displayName:text}]");

    const auto found = graph.call("POST", "/directoryObjects/getByIds",
                                  json::object{{"ids", json::array{user, group}}});
    const auto page = json::parse(found.body).as_object();
    CHECK(context(page) == "directoryObjects");
    for (const auto& object : page.at("value").as_array())
        CHECK(keys(object.as_object()).starts_with("@odata.type id"));

    graph.call("DELETE", "/groups/" + group);
    const auto deleted = graph.get("/directory/deletedItems/microsoft.graph.group");
    CHECK(context(deleted) == "groups");
    CHECK(deleted.at("value").as_array().size() == 1);
}

TEST_CASE("a batch answers items of id, status, headers and body") {
    ServiceOnForeignTime graph;
    const auto step = [](const char* id, const char* method, const char* url) {
        return json::object{{"id", id}, {"method", method}, {"url", url}};
    };
    const auto answer = graph.call(
        "POST", "/$batch",
        json::object{
            {"requests", json::array{step("1", "GET", "/groups"), step("4", "DELETE", "/groups"),
                                     step("5", "GET", "/users?$select=id,displayName")}}});
    CHECK(answer.status == 200);
    const auto body = json::parse(answer.body).as_object();
    CHECK(keys(body) == "responses");
    for (const auto& item : body.at("responses").as_array()) {
        const auto& one = item.as_object();
        CHECK(keys(one) == "id status headers body");
        const auto& headers = one.at("headers").as_object();
        CHECK(headers.contains("Content-Type"));
        if (one.at("status").to_number<int>() != 200) {
            CHECK(one.at("status").to_number<int>() == 405);
            CHECK(one.at("body").at("error").at("message").as_string() ==
                  "Specified HTTP method is not allowed for the request target.");
            continue;
        }
        CHECK(headers.at("x-ms-resource-unit").as_string() == "1");
        CHECK(headers.at("OData-Version").as_string() == "4.0");
        CHECK(headers.at("Cache-Control").as_string() == "no-cache");
    }
}

TEST_CASE("tokens and their refusals have Entra ID's shape, a machine's token its own") {
    ServiceOnForeignTime graph;
    const auto ask = [&](const std::string& secret, const std::string& scope) {
        return graph.ask(
            "POST", "/11111111-2222-3333-4444-555555555555/oauth2/v2.0/token",
            json::string("grant_type=client_credentials&client_secret=" + secret +
                         "&client_id=66666666-7777-8888-9999-000000000000&scope=" + scope));
    };
    CHECK(shape(ask("emulator-secret", "https%3A%2F%2Fgraph.microsoft.com%2F.default")) ==
          "{token_type:text expires_in:number ext_expires_in:number access_token:text}");
    const auto refused = ask("emulator-secret", "https%3A%2F%2Ffoo.test");
    CHECK(refused.status == 400);
    const auto body = json::parse(refused.body).as_object();
    CHECK(shape(json::value(body))
              .starts_with("{error:text error_description:text error_codes:[number] timestamp:text "
                           "trace_id:text "
                           "correlation_id:text"));
    CHECK(body.at("error").as_string() == "invalid_scope");
    CHECK(body.at("error_codes").as_array().at(0).to_number<int>() == 70011);
    CHECK(shape(graph.ask_with("GET",
                               "/metadata/identity/oauth2/token?api-version=2018-02-01"
                               "&resource=https%3A%2F%2Fgraph.microsoft.com",
                               {{"Metadata", "true"}})) ==
          "{access_token:text refresh_token:text expires_in:text expires_on:text not_before:text "
          "resource:text token_type:text}");
}
