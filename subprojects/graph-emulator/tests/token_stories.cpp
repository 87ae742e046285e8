// The token endpoint and the check of access tokens.
#include "../src/base/text.hpp"
#include "certificate.hpp"
#include "running_emulator.hpp"

#include <doctest/doctest.h>

namespace {

const std::string endpoint = "/11111111-2222-3333-4444-555555555555/oauth2/v2.0/token";
const std::string application = "66666666-7777-8888-9999-000000000000";

std::string form(const std::string& credential) {
    return "grant_type=client_credentials&client_id=" + application +
           "&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default&" + credential;
}

std::int64_t first_code(const Answer& answer) {
    return answer.json().at("error_codes").as_array().at(0).as_int64();
}

std::string assertion(const TestCertificate& certificate, bool pss, json::object claims) {
    json::object header{{"alg", pss ? "PS256" : "RS256"}, {"typ", "JWT"}};
    header[pss ? "x5t#S256" : "x5t"] = certificate.thumbprint(pss);
    const std::string content = emulator::base64url(json::serialize(header)) + '.' +
                                emulator::base64url(json::serialize(claims));
    return content + '.' + certificate.signature(content, pss);
}

json::object good_claims() {
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    return {{"aud", "https://login.microsoftonline.com" + endpoint},
            {"iss", application},
            {"sub", application},
            {"jti", "22b3bb26-e046-42df-9c96-65dbd72c1c81"},
            {"nbf", now},
            {"exp", now + 600}};
}

std::string with_assertion(const std::string& text) {
    return form(
        "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
        "&client_assertion=" +
        text);
}

}  // namespace

TEST_CASE("the right secret gets a bearer token that opens the Graph API for an hour") {
    RunningEmulator emulator;
    const auto answer = emulator.plain("POST", endpoint, form("client_secret=emulator-secret"));
    REQUIRE(answer.status == 200);
    CHECK(answer.json().at("token_type").as_string() == "Bearer");
    CHECK(answer.json().at("expires_in").as_int64() == 3599);
    const std::string token(answer.json().at("access_token").as_string());
    CHECK(
        emulator.plain("GET", "/v1.0/groups", {}, {{"Authorization", "Bearer " + token}}).status ==
        200);

    emulator.control("POST", "clock/advance", {{"seconds", 3600}});
    const auto late =
        emulator.plain("GET", "/v1.0/groups", {}, {{"Authorization", "Bearer " + token}});
    CHECK(late.status == 401);
    CHECK(late.error_code() == "InvalidAuthenticationToken");
}

TEST_CASE("a wrong secret, application, tenant, scope or grant type is named by its AADSTS code") {
    RunningEmulator emulator;
    const auto wrong_secret = emulator.plain("POST", endpoint, form("client_secret=guess"));
    CHECK(wrong_secret.status == 401);
    CHECK(wrong_secret.json().at("error").as_string() == "invalid_client");
    CHECK(first_code(wrong_secret) == 7000215);
    CHECK(wrong_secret.json().contains("trace_id"));
    CHECK(wrong_secret.body.find("guess") == std::string::npos);

    CHECK(first_code(emulator.plain("POST", endpoint, form("nothing=1"))) == 7000218);
    const std::string rest = "&client_secret=emulator-secret";
    const std::string scope = "&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default";
    CHECK(first_code(emulator.plain("POST", endpoint,
                                    "grant_type=client_credentials&client_id=x" + scope + rest)) ==
          700016);
    CHECK(first_code(emulator.plain(
              "POST", endpoint, "grant_type=password&client_id=" + application + scope + rest)) ==
          70003);
    CHECK(first_code(emulator.plain("POST", endpoint,
                                    "grant_type=client_credentials&scope=User.Read&client_id=" +
                                        application + rest)) == 70011);
    CHECK(
        first_code(emulator.plain("POST", "/99999999-2222-3333-4444-555555555555/oauth2/v2.0/token",
                                  form("client_secret=emulator-secret"))) == 90002);
    CHECK(first_code(emulator.plain("POST", "/nonsense/oauth2/v2.0/token",
                                    form("client_secret=emulator-secret"))) == 900023);
    CHECK(first_code(emulator.plain("POST", endpoint, "scope=a")) == 900144);
}

TEST_CASE("a call without a token, or with somebody else's, is refused with 401") {
    RunningEmulator emulator;
    const auto none = emulator.plain("GET", "/v1.0/groups");
    CHECK(none.status == 401);
    CHECK(none.error_message() == "Access token is empty.");
    CHECK(none.headers.contains("www-authenticate"));
    const auto foreign =
        emulator.plain("GET", "/v1.0/groups", {}, {{"Authorization", "Bearer abc"}});
    CHECK(foreign.error_code() == "InvalidAuthenticationToken");
}

TEST_CASE("a signed assertion is as good as a secret, in both forms that clients send") {
    const TestCertificate certificate;
    emulator::Settings settings;
    settings.client_certificate_file = certificate.pem_file();
    RunningEmulator emulator(settings);
    for (const bool pss : {true, false}) {
        CAPTURE(pss);
        const auto answer = emulator.plain(
            "POST", endpoint, with_assertion(assertion(certificate, pss, good_claims())));
        CHECK(answer.status == 200);
    }
}

TEST_CASE("an assertion with a foreign signature, audience, issuer or time is refused") {
    const TestCertificate certificate;
    const TestCertificate foreign;
    emulator::Settings settings;
    settings.client_certificate_file = certificate.pem_file();
    RunningEmulator emulator(settings);
    const auto code_for = [&](const TestCertificate& signer, json::object claims) {
        const auto answer =
            emulator.plain("POST", endpoint, with_assertion(assertion(signer, true, claims)));
        CHECK(answer.status == 401);
        return first_code(answer);
    };
    CHECK(code_for(foreign, good_claims()) == 700027);
    auto claims = good_claims();
    claims["aud"] = "https://example.test/token";
    CHECK(code_for(certificate, claims) == 700023);
    claims = good_claims();
    claims["iss"] = "somebody";
    CHECK(code_for(certificate, claims) == 700021);
    claims = good_claims();
    claims["exp"] = 1000000000;
    CHECK(code_for(certificate, claims) == 700024);
    auto broken = assertion(certificate, true, good_claims());
    broken.resize(broken.size() - 8);
    CHECK(first_code(emulator.plain("POST", endpoint, with_assertion(broken))) == 700027);
    CHECK(first_code(emulator.plain("POST", endpoint, with_assertion("a.b"))) == 50027);
}

TEST_CASE("access tokens can be expired on demand") {
    RunningEmulator emulator;
    CHECK(emulator.call("GET", "/groups").status == 200);
    emulator.control("POST", "tokens/expire", {{"access", true}});
    CHECK(emulator.call("GET", "/groups").status == 401);
}
