// How the client gets, keeps and renews its access token, and how it reaches its peers.
#include "cloud.hpp"
#include "graph/access_token.hpp"
#include "graph/client_assertion.hpp"
#include "graph/http_client.hpp"
#include "graph/managed_identity.hpp"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

using namespace writeback;
using namespace std::chrono_literals;
using cloud::ScriptedCloud;
using scripted::Question;
using scripted::Reply;

namespace {

Reply nothing_new(const Question& question) {
    return scripted::answer(200, R"({"value":[],"@odata.deltaLink":"http://)" +
                                     question.header("Host") +
                                     R"(/v1.0/groups/delta?$deltatoken=d"})");
}

std::vector<Question> token_requests(const ScriptedCloud& cloud) {
    std::vector<Question> found;
    for (const auto& question : cloud.peer.questions) {
        if (cloud::asks_for_token(question)) found.push_back(question);
    }
    return found;
}

std::string from_base64url(std::string text) {
    for (char& c : text) {
        if (c == '-') c = '+';
        if (c == '_') c = '/';
    }
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    unsigned buffer = 0;
    int bits = 0;
    for (const char c : text) {
        buffer = (buffer << 6) | static_cast<unsigned>(digits.find(c));
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes.push_back(static_cast<char>((buffer >> bits) & 0xff));
        }
    }
    return bytes;
}

}  // namespace

TEST_CASE("a token is asked for with the secret and the cloud's scope, and serves many calls") {
    ScriptedCloud cloud(nothing_new);
    cloud.run([&]() -> Async<void> {
        for (int i = 0; i < 3; ++i) {
            CHECK((co_await cloud.graph->changes().groups_page("")).has_value());
        }
    }());
    const auto asked = token_requests(cloud);
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].line() ==
          "POST /11111111-2222-3333-4444-555555555555/oauth2/v2.0/token HTTP/1.1");
    CHECK(asked[0].header("Content-Type") == "application/x-www-form-urlencoded");
    CHECK(asked[0].body ==
          "grant_type=client_credentials&client_id=66666666-7777-8888-9999-000000000000"
          "&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default&client_secret=s3cret%20value");
}

TEST_CASE("a token is renewed before its end, with the secret that the file then holds") {
    ScriptedCloud cloud(nothing_new);
    cloud.run([&]() -> Async<void> {
        CHECK((co_await cloud.graph->check_token()).has_value());
        cloud.clock.advance(3599s - 301s);
        CHECK((co_await cloud.graph->check_token()).has_value());
        CHECK(token_requests(cloud).size() == 1);
        cloud.directory.write("secret", "another");
        cloud.clock.advance(2s);
        CHECK((co_await cloud.graph->check_token()).has_value());
    }());
    const auto asked = token_requests(cloud);
    REQUIRE(asked.size() == 2);
    CHECK(asked[1].body.ends_with("client_secret=another"));
}

TEST_CASE("many calls at once ask for one token") {
    ScriptedCloud cloud(nothing_new);
    cloud.run([&]() -> Async<void> {
        int done = 0;
        const auto one = [&]() -> Async<void> {
            CHECK((co_await cloud.graph->changes().users_page("")).has_value());
            ++done;
        };
        for (int i = 0; i < 10; ++i) {
            boost::asio::co_spawn(cloud.context, one(), boost::asio::detached);
        }
        while (done < 10) {
            boost::asio::steady_timer turn(cloud.context, 1ms);
            co_await turn.async_wait(boost::asio::use_awaitable);
        }
    }());
    CHECK(token_requests(cloud).size() == 1);
}

TEST_CASE("a token that Graph refuses is replaced once, and a second refusal is told") {
    int tokens = 0;
    std::string accepted;
    ScriptedCloud cloud([&](const Question& question) {
        if (question.header("Authorization") == accepted) return nothing_new(question);
        return scripted::error(401, "InvalidAuthenticationToken");
    });
    cloud.token_reply = [&](const Question&) {
        return cloud::token("token-" + std::to_string(++tokens));
    };
    cloud.run([&]() -> Async<void> {
        accepted = "Bearer token-2";
        CHECK((co_await cloud.graph->changes().groups_page("")).has_value());
        CHECK(tokens == 2);
        accepted = "none";
        const auto refused = co_await cloud.graph->changes().groups_page("");
        REQUIRE(refused.has_error());
        CHECK(refused.error().kind == FailureKind::credentials);
        CHECK(tokens == 3);
    }());
    CHECK(cloud.clock.waits.empty());
}

TEST_CASE("a wrong secret is told with code and remedy, at once, and never shows itself") {
    ScriptedCloud cloud(nothing_new);
    cloud.token_reply = [](const Question&) {
        return scripted::answer(
            401,
            R"({"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided: s3cret value."})");
    };
    cloud.run([&]() -> Async<void> {
        const auto refused = co_await cloud.graph->changes().groups_page("");
        REQUIRE(refused.has_error());
        CHECK(refused.error().kind == FailureKind::credentials);
        CHECK(refused.error().code == "AADSTS7000215");
        CHECK(refused.error().detail.find("s3cret") == std::string::npos);
    }());
    CHECK(token_requests(cloud).size() == 1);
    CHECK(cloud.calls().empty());
    CHECK_FALSE(cloud.log.lines.empty());
    for (const auto& line : cloud.log.lines)
        CHECK(line.find("s3cret") == std::string::npos);
}

TEST_CASE(
    "a token endpoint that is down is tried again; one that throttles is left alone as asked") {
    int failures = 2;
    std::string headers;
    ScriptedCloud cloud(nothing_new);
    cloud.token_reply = [&](const Question&) {
        if (failures-- > 0) return scripted::answer(headers.empty() ? 503 : 429, "", headers);
        return cloud::token("token-1");
    };
    SUBCASE("down") {}
    SUBCASE("throttling") {
        headers = "Retry-After: 3\r\n";
    }
    cloud.run([&]() -> Async<void> {
        CHECK((co_await cloud.graph->changes().groups_page("")).has_value());
    }());
    CHECK(token_requests(cloud).size() == 3);
    if (!headers.empty()) CHECK(cloud.clock.waits == std::vector<Duration>{3s, 3s});
}

TEST_CASE("while the token endpoint's Retry-After runs, no other call asks it again") {
    ScriptedCloud cloud(nothing_new, [](GraphConfig& config) { config.max_attempts = 1; });
    cloud.token_reply = [](const Question&) {
        return scripted::answer(429, "", "Retry-After: 60\r\n");
    };
    cloud.run([&]() -> Async<void> {
        for (int i = 0; i < 3; ++i) {
            const auto refused = co_await cloud.graph->check_token();
            REQUIRE(refused.has_error());
            CHECK(refused.error().kind == FailureKind::throttled);
            CHECK(refused.error().retry_after == 60s);
        }
        CHECK(token_requests(cloud).size() == 1);
        cloud.clock.advance(61s);
        CHECK((co_await cloud.graph->check_token()).has_error());
        CHECK(token_requests(cloud).size() == 2);
    }());
}

TEST_CASE("while renewing fails, the old token serves to its end") {
    bool down = false;
    ScriptedCloud cloud(nothing_new);
    cloud.token_reply = [&](const Question&) {
        return down ? scripted::answer(500, "") : cloud::token("token-1");
    };
    cloud.run([&]() -> Async<void> {
        CHECK((co_await cloud.graph->check_token()).has_value());
        down = true;
        cloud.clock.advance(3599s - 100s);
        CHECK((co_await cloud.graph->check_token()).has_value());
        CHECK((co_await cloud.graph->check_token()).has_value());
        CHECK(token_requests(cloud).size() == 2);
        cloud.clock.advance(101s);
        CHECK((co_await cloud.graph->check_token()).has_error());
    }());
}

TEST_CASE("a missing secret file is named and nothing is sent") {
    ScriptedCloud cloud(nothing_new,
                        [](GraphConfig& config) { config.client_secret_file += "-absent"; });
    cloud.run([&]() -> Async<void> {
        const auto refused = co_await cloud.graph->changes().groups_page("");
        REQUIRE(refused.has_error());
        CHECK(refused.error().kind == FailureKind::invalid_configuration);
        CHECK(refused.error().detail.find("secret-absent") != std::string::npos);
    }());
    CHECK(cloud.peer.questions.empty());
}

TEST_CASE("a federated token is sent as the assertion, read anew each time") {
    std::string file;
    ScriptedCloud cloud(nothing_new, [&](GraphConfig& config) {
        file = config.client_secret_file;
        config.federated_token_file = file;
        config.client_secret_file.clear();
    });
    cloud.run([&]() -> Async<void> { co_await cloud.graph->check_token(); }());
    CHECK(token_requests(cloud)[0].body.ends_with(
        "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
        "&client_assertion=s3cret%20value"));
}

TEST_CASE("a certificate signs a statement that its public key confirms") {
    const loopback::Directory directory;
    loopback::make_certificate(directory, "app", "DNS:app");
    const Instant now(std::chrono::sys_days(std::chrono::year(2026) / std::chrono::January / 1));
    const auto jwt = client_assertion(directory.file("app.pem"), directory.file("app.key"),
                                      {"client", "https://login.example/token", "jti-1", now});
    REQUIRE(jwt.has_value());
    const auto first = jwt->find('.');
    const auto second = jwt->rfind('.');
    const auto header = boost::json::parse(from_base64url(jwt->substr(0, first))).as_object();
    CHECK(header.at("alg") == "PS256");
    CHECK(header.at("x5t#S256").as_string().size() == 43);
    const auto claims =
        boost::json::parse(from_base64url(jwt->substr(first + 1, second - first - 1))).as_object();
    CHECK(claims.at("iss") == "client");
    CHECK(claims.at("sub") == "client");
    CHECK(claims.at("aud") == "https://login.example/token");
    CHECK(claims.at("nbf").as_int64() == 1767225600);
    CHECK(claims.at("exp").as_int64() == 1767225600 + 600);

    directory.write("signed", jwt->substr(0, second));
    directory.write("signature", from_base64url(jwt->substr(second + 1)));
    const std::string verify =
        "cd '" + directory.file("") +
        "' && openssl x509 -in app.pem -pubkey -noout > app.pub && "
        "openssl dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 "
        "-verify app.pub -signature signature signed >/dev/null 2>&1";
    CHECK(std::system(verify.c_str()) == 0);

    loopback::make_certificate(directory, "other", "DNS:other");
    const auto mixed = client_assertion(directory.file("app.pem"), directory.file("other.key"),
                                        {"client", "aud", "jti", now});
    REQUIRE(mixed.has_error());
    CHECK(mixed.error().detail.find("other.key") != std::string::npos);
}

TEST_CASE("the Arc agent's challenge is answered from its own directory only") {
    loopback::Directory directory;
    std::filesystem::create_directory(directory.file("tokens"));
    directory.write("tokens/good.key", "arc-secret");
    directory.write("tokens/good.txt", "arc-secret");
    directory.write("elsewhere.key", "not for you");
    std::filesystem::create_symlink(directory.file("elsewhere.key"),
                                    directory.file("tokens/link.key"));
    std::string realm;
    boost::asio::io_context context;
    scripted::Peer agent(context, [&](const Question& question) {
        if (question.header("Metadata") != "true") return scripted::answer(400, "");
        const std::string shown = question.header("Authorization");
        if (shown == "Basic arc-secret") return cloud::token("arc-token");
        return scripted::answer(401, "", "WWW-Authenticate: Basic realm=" + realm + "\r\n");
    });
    ManagedIdentityPlaces places;
    places.arc = agent.url();
    places.arc_agent = directory.write("himds", "");
    places.arc_tokens = directory.file("tokens");
    GraphConfig config;
    config.proxy = "http://127.0.0.1:9";  // never used for these
    HttpClient http(config);
    loopback::run(context, [&]() -> Async<void> {
        realm = directory.file("tokens/good.key");
        const auto token = co_await ask_managed_identity(http, places, "https://graph.example", "");
        REQUIRE(token.has_value());
        CHECK(token->status == 200);
        for (const std::string& file :
             {directory.file("elsewhere.key"), directory.file("tokens/../elsewhere.key"),
              directory.file("tokens/link.key"), directory.file("tokens/good.txt"),
              directory.file("tokens/absent.key"), std::string("/etc/passwd"), std::string()}) {
            realm = file;
            const auto refused =
                co_await ask_managed_identity(http, places, "https://graph.example", "");
            REQUIRE(refused.has_error());
            CHECK(refused.error().kind == FailureKind::credentials);
        }
    }());
    for (const auto& question : agent.questions) {
        CHECK(question.head.find("not for you") == std::string::npos);
    }
}

TEST_CASE("the instance metadata service is asked without secret, and may name an identity") {
    loopback::Directory directory;
    boost::asio::io_context context;
    scripted::Peer service(context, [](const Question&) {
        return scripted::answer(200, R"({"access_token":"vm-token","expires_in":"3599"})");
    });
    ManagedIdentityPlaces places;
    places.instance_metadata = service.url();
    places.arc_agent = directory.file("absent");
    const GraphConfig config;
    HttpClient http(config);
    loopback::run(context, [&]() -> Async<void> {
        const auto answer =
            co_await ask_managed_identity(http, places, "https://graph.example", "id-1");
        REQUIRE(answer.has_value());
    }());
    CHECK(service.questions[0].target() ==
          "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fgraph."
          "example&client_id=id-1");
}

TEST_CASE("Graph is reached over TLS with ca_file, and not without it") {
    const loopback::Directory certificates;
    loopback::make_certificate(certificates, "graph", "IP:127.0.0.1");
    const auto server = server_tls(certificates.file("graph.pem"), certificates.file("graph.key"));
    REQUIRE(server.has_value());
    std::string ca_file;
    bool trusted = false;
    SUBCASE("with it") {
        ca_file = certificates.file("graph.pem");
        trusted = true;
    }
    SUBCASE("with the system's certificates only") {}
    ScriptedCloud cloud(
        [](const Question& question) {
            return scripted::answer(200, R"({"value":[],"@odata.deltaLink":"https://)" +
                                             question.header("Host") + R"(/d?$deltatoken=d"})");
        },
        [&](GraphConfig& config) { config.ca_file = ca_file; }, *server);
    cloud.run([&]() -> Async<void> {
        const auto told = co_await cloud.graph->changes().groups_page("");
        CHECK(told.has_value() == trusted);
        if (told.has_error()) CHECK(told.error().kind == FailureKind::tls);
    }());
}

TEST_CASE("a configured proxy is asked for the way, and its refusal is told") {
    ScriptedCloud cloud(
        [](const Question&) {
            return Reply{"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", true};
        },
        [&](GraphConfig& config) {
            config.proxy = config.endpoint;
            config.authority = "http://login.example:80";
        });
    cloud.run([&]() -> Async<void> {
        const auto told = co_await cloud.graph->changes().groups_page("");
        REQUIRE(told.has_error());
        CHECK(told.error().kind == FailureKind::refused);
        CHECK(told.error().code != "HTTP 407");
    }());
    REQUIRE_FALSE(cloud.peer.questions.empty());
    CHECK(cloud.peer.questions[0].line() == "CONNECT login.example:80 HTTP/1.1");
}
