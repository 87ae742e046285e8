// Answers in every shape that Graph is known to have given, or to have documented: shapes, names
// and types are Graph's, ids and texts our own.
#include "graph/access_token.hpp"
#include "graph/delta_page.hpp"
#include "graph/directory_objects.hpp"
#include "graph/graph_error.hpp"
#include "graph/subscriptions.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace writeback;
using namespace std::chrono_literals;

namespace {

const WebOrigin graph{true, "graph.microsoft.com", "443"};
const std::string service = "https://graph.microsoft.com/v1.0/";
const std::string guards = "4f0e6c1d-7a52-4b93-8e1f-60718293a4b5";
const std::string alice = "c0ffee00-1111-4222-8333-444455556666";
const std::string bob = "c0ffee00-1111-4222-8333-777788889999";
const Instant noon = Instant(std::chrono::sys_days(std::chrono::year(2026) / 11 / 22)) + 12h;

std::string page(const std::string& context, const std::string& link, const std::string& value) {
    return R"({"@odata.context":")" + service + "$metadata#" + context + "\",\"@odata." + link +
           R"(","value":[)" + value + "]}";
}

const std::string next = R"(nextLink":")" + service + "groups/delta?$skiptoken=pqwSUjG_b3jQ-";
const std::string last = R"(deltaLink":")" + service + "groups/delta?$deltatoken=sZwAFZibx-LQ_";

GroupPage groups(const std::string& body) {
    auto read = parse_groups_page(body, graph);
    REQUIRE_MESSAGE(read.has_value(), (read.has_error() ? read.error().detail : ""));
    return std::move(*read);
}

std::string user(const std::string& id, const std::string& more = {}) {
    return R"({"@odata.type":"#microsoft.graph.user","id":")" + id + "\"" + more + "}";
}

const std::string gone = R"(,"@removed":{"reason":"deleted"})";

std::string error(const std::string& code, const std::string& message) {
    return R"({"error":{"code":")" + code + R"(","message":")" + message +
           R"(","innerError":{"date":"2026-11-22T11:59:58","request-id":"5e4d3c2b-1a09-4f8e-9d7c-6b5a49382716",)"
           R"("client-request-id":"5e4d3c2b-1a09-4f8e-9d7c-6b5a49382716"}}})";
}

Verdict judged(unsigned status, const std::string& body, HttpHeaders headers = {},
               CallKind kind = CallKind::reads, const std::string& target = "/v1.0/groups/x") {
    const CallFacts facts{kind, "ask", "Group.Read.All", target, kind != CallKind::subscriptions};
    return judge(facts, {status, std::move(headers), body}, graph, noon);
}

}  // namespace

TEST_CASE("the documented round: contexts that name the selection or don't, members or no key") {
    const auto first = groups(page(
        "groups(displayName,description)", next,
        R"({"displayName":"Guards","description":"Of the gate","id":")" + guards +
            R"(","members@delta":[)" + user(alice) + "," + user(bob) +
            R"(]},{"displayName":"Cooks","description":"Of the soup","id":"ab22655c-8eb2-432a-b4ea-8b8a254b0001"})"));
    REQUIRE(first.items.size() == 2);
    CHECK(first.link.kind == LinkKind::next);
    CHECK(first.items[0].members.size() == 2);
    CHECK(first.items[1].members.empty());
    CHECK(first.items[1].unreadable.empty());

    const auto end = groups(page("groups", last, ""));
    CHECK(end.link.kind == LinkKind::delta);
    CHECK(end.link.url == service + "groups/delta?$deltatoken=sZwAFZibx-LQ_");
    CHECK(end.items.empty());
}

TEST_CASE("a documented id that is one digit short is taken as it is") {
    const auto read = groups(page("groups", last,
                                  R"({"displayName":"Guards","description":"Changed","id":")" +
                                      guards + R"(","members@delta":[)" +
                                      user("c0ffee00-1111-4222-8333-77778888999", gone) + "," +
                                      user(bob) + "]}"));
    REQUIRE(read.items.size() == 1);
    REQUIRE(read.items[0].members.size() == 2);
    CHECK(read.items[0].members[0].removed);
    CHECK(read.items[0].members[1] == MemberChange{MemberId(bob), MemberType::user, false});
}

TEST_CASE("documented entries without an id can't be anybody's, and say so") {
    for (
        const char* entry :
        {R"({"createdDateTime":"2021-03-12T10:36:14Z","description":"For all","displayName":"All",)"
         R"("groupTypes":["Unified"],"mail":"all@example.com"})",
         R"({"displayName":"All","description":null,"mailNickname":"all@example.com"})",
         R"({"displayName":"All","description":null})"}) {
        const auto read = groups(page("groups", next, entry));
        REQUIRE(read.items.size() == 1);
        CHECK_FALSE(read.items[0].unreadable.empty());
    }
}

TEST_CASE(
    "a first crawl that lists a former member, seen without context, must still have a link") {
    const std::string value = R"("value":[{"id":")" + guards + R"(","members@delta":[)" +
                              user(alice) + "," + user(bob, gone) + "]}]";
    const auto read = groups("{" + value + R"(,"@odata.)" + last + "\"}");
    CHECK_FALSE(read.items.at(0).members.at(0).removed);
    CHECK(read.items.at(0).members.at(1).removed);
    CHECK(parse_groups_page("{" + value + "}", graph).has_error());
}

TEST_CASE("a part of a large group removes and adds at once") {
    const auto read =
        groups(page("groups", next,
                    R"({"displayName":"Large","description":"Thousands","id":")" + guards +
                        R"(","members@delta":[)" + user(alice, gone) + "," + user(bob) + "]}"));
    CHECK(read.items.at(0).members.at(0).removed);
    CHECK_FALSE(read.items.at(0).members.at(1).removed);
}

TEST_CASE("a whole M365 group as the live service shows it is read without loss") {
    const auto item = parse_group(
        R"({"@odata.type":"#microsoft.graph.group","id":")" + guards +
        R"(","deletedDateTime":null,"classification":null,"createdDateTime":"2022-09-03T03:46:02Z",)"
        R"("creationOptions":["ProvisionGroupHomepage","HubSiteId:00000000-0000-0000-0000-000000000000"],)"
        R"("description":"Our site","displayName":"Our site","expirationDateTime":null,"groupTypes":["Unified"],)"
        R"("isAssignableToRole":null,"mail":"OurSite@example.com","mailEnabled":true,"mailNickname":"OurSite",)"
        R"("membershipRule":null,"membershipRuleProcessingState":null,"onPremisesDomainName":null,)"
        R"("onPremisesLastSyncDateTime":null,"onPremisesNetBiosName":null,"onPremisesSamAccountName":null,)"
        R"("onPremisesSecurityIdentifier":null,"onPremisesSyncEnabled":null,"preferredDataLocation":null,)"
        R"("preferredLanguage":null,"proxyAddresses":["SPO:SPO_c0ffee00-1111@SPO_c0ffee00-2222","SMTP:OurSite@example.com"],)"
        R"("renewedDateTime":"2022-09-03T03:46:02Z","resourceBehaviorOptions":[],"resourceProvisioningOptions":[],)"
        R"("securityEnabled":false,"securityIdentifier":"S-1-12-1-1-2-3-4","theme":null,"visibility":"Public",)"
        R"("onPremisesProvisioningErrors":[]})");
    REQUIRE(item.has_value());
    CHECK(item->unreadable.empty());
    CHECK(item->id == GroupId(guards));
    CHECK(item->mail == Patch<std::string>{true, "OurSite@example.com"});
    CHECK(item->proxy_addresses.value->size() == 2);
    CHECK(item->on_premises_sync_enabled == Patch<bool>{true, std::nullopt});
    CHECK(item->security_enabled == Patch<bool>{true, false});
}

TEST_CASE("member lists come with a type or, where a cast was asked for, without") {
    const auto typed =
        parse_members_page(R"({"value":[{"@odata.type":"#microsoft.graph.user","id":")" + alice +
                               R"(","mail":"alice@example.com"}]})",
                           graph);
    REQUIRE(typed.has_value());
    CHECK(typed->members.size() == 1);
    const auto cast = parse_members_page(
        R"x({"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#users(displayName,id)",)x"
        R"("@odata.count":7,"value":[{"displayName":"Alice","id":")" +
            alice + "\"}]}",
        graph);
    REQUIRE(cast.has_value());
    CHECK(cast->members.size() == 1);
    CHECK(cast->next.empty());
}

TEST_CASE("getByIds answers users, groups and devices in one list, each with what it has") {
    const auto answers = parse_identities(
        R"({"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#directoryObjects","value":[)"
        R"({"@odata.type":"#microsoft.graph.user","id":")" +
        alice +
        R"(","displayName":"Alice"},)"
        R"({"@odata.type":"#microsoft.graph.group","id":")" +
        guards +
        R"(","description":"Of the gate","groupTypes":["Unified"]},)"
        R"({"@odata.type":"#microsoft.graph.device","id":"d0d0d0d0-1111-4222-8333-444455556666",)"
        R"("displayName":"e8ba","deviceId":"d1d1d1d1-1111-4222-8333-444455556666"}]})");
    REQUIRE(answers.has_value());
    REQUIRE(answers->size() == 3);
    CHECK((*answers)[0].type == MemberType::user);
    CHECK((*answers)[1].type == MemberType::group);
    CHECK((*answers)[2].type == MemberType::device);
}

TEST_CASE("subscriptions are read with nulls, with empty texts, or with neither") {
    const std::string own = R"("id":"7b6a5948-3726-4150-9f8e-7d6c5b4a3928","resource":"groups",)"
                            R"("changeType":"created,updated","clientState":"of our own",)"
                            R"("notificationUrl":"https://hooks.example.com/api/",)";
    const auto live = parse_subscription(
        R"({"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#subscriptions/$entity",)" +
        own +
        R"("applicationId":"a","notificationQueryOptions":null,"lifecycleNotificationUrl":null,)"
        R"("expirationDateTime":"2026-11-22T12:00:00Z","creatorId":"c","includeResourceData":null,)"
        R"("latestSupportedTlsVersion":"v1_2","encryptionCertificate":null,"encryptionCertificateId":null,)"
        R"("notificationUrlAppId":null})");
    REQUIRE(live.has_value());
    CHECK(live->expires == noon);
    CHECK(live->resource == "groups");
    const auto documented = parse_subscription(
        "{" + own +
        R"("lifecycleNotificationUrl":"https://hooks.example.com/l","expirationDateTime":"2026-11-22T12:00:00.9356913Z",)"
        R"("encryptionCertificate":"","encryptionCertificateId":"","includeResourceData":false,)"
        R"("notificationContentType":"application/json"})");
    REQUIRE(documented.has_value());
    CHECK(documented->expires == noon + 935ms);
}

TEST_CASE("each way in which Graph has refused to validate a webhook is told in its words") {
    const std::string must =
        "Notification endpoint must respond with 200 OK to validation request.";
    for (const auto& [code, message] :
         {std::pair<std::string, std::string>{"ValidationError",
                                              "Subscription validation request failed. " + must},
          {"InvalidRequest", "Subscription validation request failed. " + must},
          {"ValidationError",
           "Subscription validation request failed. HTTP status code is 'Forbidden'. " + must},
          {"InvalidRequest", "Subscription validation request timed out."},
          {"ExtensionError", "Subscription expiration can only be 4230 minutes in the future."}}) {
        const auto verdict =
            judged(400, error(code, message), {}, CallKind::subscriptions, "/v1.0/subscriptions");
        CHECK(verdict.next == Next::fail);
        CHECK(verdict.failure.kind == FailureKind::refused);
        CHECK(verdict.failure.detail.find(message.substr(0, 50)) != std::string::npos);
        CHECK(verdict.failure.code.find(code) != std::string::npos);
    }
    CHECK(
        judged(409,
               error("Conflict", "Subscription Id <> already exists for the requested combination"),
               {}, CallKind::subscriptions, "/v1.0/subscriptions")
            .failure.kind == FailureKind::already_exists);
}

TEST_CASE("each refusal that was seen on the live service has its meaning") {
    CHECK(judged(401, error("InvalidAuthenticationToken", "Access token is empty.")).next ==
          Next::renew_token);
    CHECK(judged(403, error("Authorization_RequestDenied",
                            "Insufficient privileges to complete the operation."))
              .failure.kind == FailureKind::forbidden);
    CHECK(judged(404, error("Request_ResourceNotFound", "Resource '" + alice + "' does not exist."))
              .failure.kind == FailureKind::not_found);
    const std::string stream = "/v1.0/groups/delta?$deltatoken=d";
    CHECK(judged(400,
                 error("syncStateNotFound",
                       "The sync state generation is not found. The delta token is expired and "
                       "data must be synchronized again."),
                 {}, CallKind::delta, stream)
              .failure.kind == FailureKind::resync_required);
    // What a real 410 carries in its body is not known: it must not matter.
    for (const auto& body :
         {std::string(), std::string("<html></html>"), error("resyncRequired", "Reset.")}) {
        const auto verdict =
            judged(410, body, {{"Location", service + "groups/delta?$deltatoken="}},
                   CallKind::delta, stream);
        CHECK(verdict.failure.kind == FailureKind::resync_required);
        CHECK(verdict.failure.location == service + "groups/delta?$deltatoken=");
    }
    CHECK(
        judged(
            501,
            R"({"error":{"code":"NotImplemented","message":"This operation target is not yet supported.",)"
            R"("innerError":{"request-id":"r","date":"2019-09-20T21:47:50"}}})")
            .next == Next::fail);
}

TEST_CASE("throttling has its inner error before the message, with a message of its own") {
    const std::string body =
        R"({"error":{"code":"TooManyRequests","innerError":{"code":"429","date":"2020-08-18T12:51:51",)"
        R"("message":"Please retry after","request-id":"5e4d3c2b-1a09-4f8e-9d7c-6b5a49382716","status":"429"},)"
        R"("message":"Please retry again later."}})";
    const auto read = parse_error(body);
    CHECK(read.code == "TooManyRequests");
    CHECK(read.message == "Please retry again later.");
    CHECK(read.request_id == "5e4d3c2b-1a09-4f8e-9d7c-6b5a49382716");
    for (const auto& [text, wait] :
         {std::pair<std::string, Duration>{"10", 10s}, {"2.128", 2128ms}}) {
        const auto verdict = judged(
            429, body, {{"Retry-After", text}, {"x-ms-throttle-information", "CPULimitExceeded"}});
        CHECK(verdict.next == Next::again_held);
        CHECK(verdict.failure.retry_after == wait);
    }
}

TEST_CASE("tokens come from Entra ID with numbers, from a machine's service with texts") {
    const auto entra = parse_token_answer(
        {200, {}, R"({"token_type":"Bearer","expires_in":3599,"access_token":"eyJ0.eyJh.c2ln"})"},
        noon);
    CHECK(entra->lifetime == 3599s);
    CHECK(entra->text == "eyJ0.eyJh.c2ln");
    const auto machine = parse_token_answer(
        {200,
         {},
         R"({"access_token":"eyJ0.eyJh.c2ln","refresh_token":"","expires_in":"3599","expires_on":"1795352399",)"
         R"("not_before":"1795348499","resource":"https://graph.microsoft.com/","token_type":"Bearer"})"},
        noon);
    CHECK(machine->lifetime == 3599s);
    const auto refused = parse_token_answer(
        {400,
         {},
         R"({"error":"invalid_scope","error_description":"AADSTS70011: The provided value for the input parameter )"
         R"('scope' is not valid. The scope https://foo.example.com/.default is not valid.\r\nTrace ID: )"
         R"(1d2e3f40-5162-4738-8495-a6b7c8d9eafb\r\nCorrelation ID: 2e3f4051-6273-4849-95a6-b7c8d9eafb0c\r\n)"
         R"(Timestamp: 2016-01-09 02:02:12Z","error_codes":[70011],"timestamp":"YYYY-MM-DD HH:MM:SSZ",)"
         R"("trace_id":"1d2e3f40-5162-4738-8495-a6b7c8d9eafb","correlation_id":"2e3f4051-6273-4849-95a6-b7c8d9eafb0c"})"},
        noon);
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == "AADSTS70011");
    CHECK(refused.error().detail.find("Trace ID") == std::string::npos);
}
