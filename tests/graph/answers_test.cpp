// What answers mean, without a connection: points in time, addresses, errors, identities.
#include "graph/access_token.hpp"
#include "graph/directory_objects.hpp"
#include "graph/graph_error.hpp"
#include "graph/origin.hpp"
#include "graph/subscriptions.hpp"
#include "graph/timestamp.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace writeback;
using namespace std::chrono_literals;

namespace {

const Instant new_year =
    Instant(std::chrono::sys_days(std::chrono::year(2026) / std::chrono::January / 1));
const WebOrigin graph{true, "graph.example.com", "443"};

CallFacts reading(CallKind kind, const std::string& target = "/v1.0/groups/delta?$deltatoken=d") {
    return {kind, "read", "Group.Read.All", target, true};
}

HttpAnswer answer(unsigned status, const std::string& code, HttpHeaders headers = {}) {
    return {
        status, std::move(headers),
        R"({"error":{"code":")" + code + R"(","innerError":{"request-id":"r-1"},"message":"m"}})"};
}

Verdict judged(const CallFacts& facts, const HttpAnswer& told) {
    return judge(facts, told, graph, new_year);
}

}  // namespace

TEST_CASE("points in time come with fractions and offsets") {
    CHECK(parse_timestamp("2026-01-01T00:00:00Z") == new_year);
    CHECK(parse_timestamp("2026-01-01T00:00:00.0000000Z") == new_year);
    CHECK(parse_timestamp("2026-01-01T00:00:00.1239999Z") == new_year + 123ms);
    CHECK(parse_timestamp("2026-01-01T00:00:00.5Z") == new_year + 500ms);
    CHECK(parse_timestamp("2026-01-01T01:30:00+01:30") == new_year);
    CHECK(parse_timestamp("2025-12-31T17:00:00-07:00") == new_year);
    CHECK(parse_timestamp("2026-01-01T00:00:00+00:00") == new_year);
    CHECK(parse_timestamp("2026-01-01T00:00:00") == new_year);
    for (const char* odd :
         {"", "2026-01-01", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-01T00:00:00Zx",
          "2026-01-01T00:00:00+0100", "2026-01-01T99:00:00Z", "-026-01-01T00:00:00Z", "soon"}) {
        CHECK_MESSAGE(!parse_timestamp(odd), odd);
    }
}

TEST_CASE("Retry-After is seconds, seconds with a fraction, or a date") {
    CHECK(parse_retry_after("10", new_year) == 10s);
    CHECK(parse_retry_after("2.128", new_year) == 2128ms);
    CHECK(parse_retry_after(" 0 ", new_year) == 0ms);
    CHECK(parse_retry_after("Thu, 01 Jan 2026 00:00:30 GMT", new_year) == 30s);
    CHECK(parse_retry_after("Wed, 31 Dec 2025 00:00:00 GMT", new_year) == 0ms);
    CHECK(parse_retry_after("Wed, 31 Dec 2036 00:00:00 GMT", new_year) == longest_wait);
    CHECK(parse_retry_after("999999999", new_year) == longest_wait);
    for (const char* odd : {"", "-5", "soon", "1e9", "99999999999999999999", "10;q=1", "10.5s",
                            "Thu, 01 Foo 2026 00:00:30 GMT"}) {
        CHECK_MESSAGE(!parse_retry_after(odd, new_year), odd);
    }
}

TEST_CASE("addresses are split without changing what goes back to the peer") {
    const auto address =
        parse_address("https://Graph.Example.com/v1.0/groups/delta?$skiptoken=a%2Bb'(c)");
    REQUIRE(address);
    CHECK(address->origin == graph);
    CHECK(address->target == "/v1.0/groups/delta?$skiptoken=a%2Bb'(c)");
    CHECK(parse_address("http://127.0.0.1:8401")->origin == WebOrigin{false, "127.0.0.1", "8401"});
    CHECK(parse_address("http://127.0.0.1:8401")->target == "/");
    CHECK(parse_address("http://[::1]:8401/x")->origin.host == "::1");
    CHECK(host_header(parse_address("http://[::1]:8401/x")->origin) == "[::1]:8401");
    CHECK(to_text(parse_address("https://a.example:443")->origin) == "https://a.example");
    CHECK(parse_address("https://a.example?x=1")->target == "/?x=1");
    for (const char* odd : {"", "graph", "ftp://a/", "https://", "https://u@a/", "https://a/#f",
                            "https://a/ b", "https:///x", "https://a b/",
                            "http://127.0.0.1.evil.net/x", "http://[::1]x/", "https://a:99x/"}) {
        CHECK_MESSAGE(!parse_address(odd), odd);
    }
    CHECK(on_origin(graph, "/v1.0/x")->origin == graph);
    CHECK_FALSE(on_origin(graph, "//evil.net/x"));
}

TEST_CASE("parameters of a query are found encoded or not") {
    CHECK(has_query_parameter("/d?$skiptoken=x", "$skiptoken"));
    CHECK(has_query_parameter("/d?a=1&%24SkipToken=x", "$skiptoken"));
    CHECK_FALSE(has_query_parameter("/d?a=$skiptoken", "$skiptoken"));
    CHECK_FALSE(has_query_parameter("/d", "$skiptoken"));
    CHECK(percent_encoded("a b/c+ü") == "a%20b%2Fc%2B%C3%BC");
}

TEST_CASE("each cloud has its addresses, and overriding them leaves the scope alone") {
    GraphConfig config;
    CHECK(addresses_of(config).endpoint == "https://graph.microsoft.com");
    config.cloud = Cloud::usgov_dod;
    CHECK(addresses_of(config).endpoint == "https://dod-graph.microsoft.us");
    CHECK(addresses_of(config).authority == "https://login.microsoftonline.us");
    config.cloud = Cloud::china;
    config.endpoint = "http://127.0.0.1:8401/";
    config.authority = "http://127.0.0.1:8402";
    CHECK(addresses_of(config).endpoint == "http://127.0.0.1:8401");
    CHECK(addresses_of(config).authority == "http://127.0.0.1:8402");
    CHECK(addresses_of(config).resource == "https://microsoftgraph.chinacloudapi.cn");
}

TEST_CASE("both spellings of the inner error are read, nested, before or after the message") {
    const auto one = parse_error(
        R"({"error":{"code":"A","innerError":{"code":"B","innererror":{"code":"C"},"request-id":"r"},"message":"m"}})");
    CHECK(one.code == "A");
    CHECK(one.inner_code == "C");
    CHECK(one.request_id == "r");
    CHECK(one.message == "m");
    CHECK(parse_error(R"({"error":{"innererror":{"request-id":"r"}}})").request_id == "r");
    for (const char* odd : {"", "<html>", "[]", R"({"error":"text"})", R"({"error":{"code":5}})"}) {
        CHECK(parse_error(odd).code.empty());
    }
}

TEST_CASE("throttling holds all calls of the kind, for as long as the peer asks") {
    const auto asked = judged(reading(CallKind::delta), answer(429, "x", {{"Retry-After", "2.5"}}));
    CHECK(asked.next == Next::again_held);
    CHECK(asked.failure.kind == FailureKind::throttled);
    CHECK(asked.failure.retry_after == 2500ms);
    const auto mute = judged(reading(CallKind::delta), answer(429, "x"));
    CHECK(mute.next == Next::again_held);
    CHECK_FALSE(mute.failure.retry_after);
    CHECK(judged(reading(CallKind::reads), answer(503, "x", {{"retry-after", "1"}})).next ==
          Next::again_held);
    CHECK(judged(reading(CallKind::reads), answer(503, "x")).next == Next::again);
}

TEST_CASE("server errors are tried again, unless they may have done what must not be done twice") {
    auto create = reading(CallKind::subscriptions, "/v1.0/subscriptions");
    CHECK(judged(create, answer(500, "x")).next == Next::again);
    create.idempotent = false;
    CHECK(judged(create, answer(500, "x")).next == Next::fail);
    CHECK(judged(create, answer(504, "x")).next == Next::fail);
    CHECK(judged(create, answer(503, "x")).next == Next::again);
    CHECK(judged(create, answer(429, "x")).next == Next::again_held);
    CHECK(judged(reading(CallKind::reads), answer(501, "NotImplemented")).next == Next::fail);
}

TEST_CASE("refusals keep their kind, Graph's words, and the request's id") {
    const auto kind = [](unsigned status, const std::string& code) {
        return judged(reading(CallKind::reads, "/v1.0/groups/x"), answer(status, code))
            .failure.kind;
    };
    CHECK(kind(403, "Authorization_RequestDenied") == FailureKind::forbidden);
    CHECK(kind(404, "Request_ResourceNotFound") == FailureKind::not_found);
    CHECK(kind(409, "Conflict") == FailureKind::already_exists);
    CHECK(kind(400, "Request_BadRequest") == FailureKind::refused);
    CHECK(kind(400, "Directory_ExpiredPageToken") == FailureKind::page_expired);
    CHECK(kind(302, "") == FailureKind::link_refused);
    CHECK(judged(reading(CallKind::reads), answer(401, "x")).next == Next::renew_token);
    CHECK(judged(reading(CallKind::reads), answer(409, "Directory_ConcurrencyViolation")).next ==
          Next::again);
    const auto denied =
        judged(reading(CallKind::reads), answer(403, "Authorization_RequestDenied")).failure;
    CHECK(denied.code == "HTTP 403 Authorization_RequestDenied");
    CHECK(denied.detail.find("Group.Read.All") != std::string::npos);
    CHECK(denied.detail.find("r-1") != std::string::npos);
}

TEST_CASE("a dead delta token asks for a resync, in each of its spellings") {
    for (const char* code : {"syncStateNotFound", "SyncStateNotFound", "resyncRequired"}) {
        CHECK(judged(reading(CallKind::delta), answer(400, code)).failure.kind ==
              FailureKind::resync_required);
        CHECK(judged(reading(CallKind::delta), answer(404, code)).failure.kind ==
              FailureKind::resync_required);
    }
    HttpAnswer inner = answer(400, "");
    inner.body = R"({"error":{"code":"BadRequest","innerError":{"code":"syncStateNotFound"}}})";
    CHECK(judged(reading(CallKind::delta), inner).failure.kind == FailureKind::resync_required);
    CHECK(judged(reading(CallKind::delta), answer(410, "")).failure.kind ==
          FailureKind::resync_required);
    CHECK(judged(reading(CallKind::delta), answer(400, "Request_BadRequest")).failure.kind ==
          FailureKind::resync_required);
}

TEST_CASE("410's Location is handed on when it stays with us, and dropped when it leaves") {
    const auto location = [](const std::string& text) {
        return judged(reading(CallKind::delta), answer(410, "x", {{"Location", text}}))
            .failure.location;
    };
    CHECK(location("https://graph.example.com/v1.0/groups/delta?$deltatoken=") ==
          "https://graph.example.com/v1.0/groups/delta?$deltatoken=");
    CHECK(location("/v1.0/groups/delta?$deltatoken=") ==
          "https://graph.example.com/v1.0/groups/delta?$deltatoken=");
    CHECK(location("https://evil.net/v1.0/groups/delta?$deltatoken=").empty());
    CHECK(location("").empty());
}

TEST_CASE(
    "a refused skip token begins the round again; our own first request is never blamed on a "
    "token") {
    const auto skip = reading(CallKind::delta, "/v1.0/groups/delta?$skiptoken=s");
    CHECK(judged(skip, answer(400, "Request_BadRequest")).failure.kind ==
          FailureKind::page_expired);
    CHECK(judged(skip, answer(400, "syncStateNotFound")).failure.kind ==
          FailureKind::resync_required);
    const auto first = reading(CallKind::delta, "/v1.0/groups/delta?$select=members");
    CHECK(judged(first, answer(400, "Request_BadRequest")).failure.kind == FailureKind::refused);
    const auto latest = reading(CallKind::delta, "/v1.0/users/delta?$deltatoken=latest&$select=x");
    CHECK(judged(latest, answer(400, "Request_BadRequest")).failure.kind == FailureKind::refused);
}

TEST_CASE("an immutable id is the base64 of an objectGUID, mixed-endian") {
    CHECK(guid_of_immutable_id("Kki3kdkEcUuWyNMfnqu2uw==") ==
          ObjectGuid("91b7482a-04d9-4b71-96c8-d31f9eabb6bb"));
    for (const char* odd : {"", "jdoe@example.com", "Kki3kdkEcUuWyNMfnqu2uw",
                            "!!!!!!!!!!!!!!!!!!!!!!==", "Kki3kdkEcUuWyNMfnqu2uwAA"}) {
        CHECK(guid_of_immutable_id(odd).empty());
    }
}

TEST_CASE("identities tell what is synced, what is not, and what may not be read") {
    const auto answers = parse_identities(
        R"({"value":[)"
        R"({"@odata.type":"#microsoft.graph.user","id":"20000000-0000-0000-0000-00000000000A",)"
        R"("displayName":"A","userPrincipalName":"a@example.com","onPremisesSyncEnabled":true,)"
        R"("onPremisesSecurityIdentifier":"S-1-5-21-1-2-3-1104","onPremisesImmutableId":"Kki3kdkEcUuWyNMfnqu2uw=="},)"
        R"({"@odata.type":"#microsoft.graph.user","id":"20000000-0000-0000-0000-00000000000b",)"
        R"("displayName":"B","onPremisesSyncEnabled":null,"onPremisesSecurityIdentifier":null},)"
        R"({"@odata.type":"#microsoft.graph.device","id":"20000000-0000-0000-0000-00000000000c",)"
        R"("displayName":null,"onPremisesSyncEnabled":null},{"displayName":"no id"},7]})");
    REQUIRE(answers.has_value());
    REQUIRE(answers->size() == 3);
    const auto& synced = (*answers)[0];
    CHECK(synced.id == MemberId("20000000-0000-0000-0000-00000000000a"));
    CHECK(synced.type == MemberType::user);
    CHECK(synced.on_premises_sync_enabled);
    CHECK(synced.on_premises_security_identifier == Sid("S-1-5-21-1-2-3-1104"));
    CHECK(synced.on_premises_immutable_id == ObjectGuid("91b7482a-04d9-4b71-96c8-d31f9eabb6bb"));
    CHECK(synced.name == "a@example.com");
    CHECK(synced.readable);
    CHECK((*answers)[1].readable);
    CHECK_FALSE((*answers)[1].on_premises_sync_enabled);
    CHECK((*answers)[1].name == "B");
    CHECK_FALSE((*answers)[2].readable);
    CHECK(parse_identities("{}").error().kind == FailureKind::unreadable);
}

TEST_CASE("a subscription is read as Graph keeps it") {
    const auto read = parse_subscription(
        R"({"id":"s-1","resource":"/Groups","notificationUrl":"https://h.example/n","clientState":null,)"
        R"("expirationDateTime":"2026-01-01T01:00:00.0000000+01:00","encryptionCertificate":null})");
    REQUIRE(read.has_value());
    CHECK(read->id == SubscriptionId("s-1"));
    CHECK(read->resource == "groups");
    CHECK(read->expires == new_year);
    CHECK(parse_subscription(R"({"resource":"groups"})").error().kind == FailureKind::unreadable);
}

TEST_CASE("a token comes with its lifetime, as number or text") {
    const auto token = [](const std::string& body) {
        return parse_token_answer({200, {}, body}, new_year);
    };
    CHECK(token(R"({"access_token":"t","expires_in":3599,"ext_expires_in":3599})")->lifetime ==
          3599s);
    CHECK(token(R"({"access_token":"t","expires_in":"3599"})")->lifetime == 3599s);
    CHECK(token(R"({"access_token":"t"})")->lifetime > 0s);
    CHECK(token(R"({"access_token":"a b","expires_in":1})").error().kind ==
          FailureKind::unreadable);
    CHECK(token(R"({"expires_in":1})").error().kind == FailureKind::unreadable);
    CHECK(token("<html>").error().kind == FailureKind::unreadable);
}

TEST_CASE("a refused token names Entra ID's code and the remedy") {
    const auto refused = parse_token_answer(
        {401,
         {},
         R"({"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided.\r\nTrace ID: x","error_codes":[7000215]})"},
        new_year);
    REQUIRE(refused.has_error());
    CHECK(refused.error().kind == FailureKind::credentials);
    CHECK(refused.error().code == "AADSTS7000215");
    CHECK(refused.error().detail.find("client_secret_file") != std::string::npos);
    CHECK(refused.error().detail.find("Trace ID") == std::string::npos);
    const auto lines = parse_token_answer({400, {}, R"({"error": "a\r\nb\u0000"})"}, new_year);
    REQUIRE(lines.has_error());
    CHECK(lines.error().detail == "Entra ID gave no token: HTTP 400 a  b .");
    CHECK(lines.error().code == "a  b ");

    const auto busy = parse_token_answer({429, {{"Retry-After", "3"}}, ""}, new_year);
    CHECK(busy.error().kind == FailureKind::throttled);
    CHECK(busy.error().retry_after == 3s);
    CHECK(parse_token_answer({500, {}, ""}, new_year).error().kind == FailureKind::unavailable);
    CHECK(parse_token_answer({400, {}, R"({"error_codes":[70011]})"}, new_year).error().code ==
          "AADSTS70011");
}
