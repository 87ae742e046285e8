// The identity platform beside the token endpoint: discovery, IMDS, and Azure Arc's agent.
#include "service_on_foreign_time.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdlib.h>

namespace {

constexpr const char* imds = "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=";
constexpr const char* arc = "/metadata/identity/oauth2/token?api-version=2019-11-01&resource=";
const std::string graph_resource = "https%3A%2F%2Fgraph.microsoft.com";
const emulator::Headers metadata = {{"Metadata", "true"}};

struct Folder {
    std::filesystem::path path;

    Folder() {
        std::string pattern = std::filesystem::temp_directory_path() / "arc-keys-XXXXXX";
        path = mkdtemp(pattern.data());
    }
    ~Folder() { std::filesystem::remove_all(path); }
};

std::string content_of(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

json::object object_of(const emulator::Response& response) {
    return json::parse(response.body).as_object();
}

}  // namespace

TEST_CASE("a machine in Azure gets its token from IMDS, with numbers as texts") {
    ServiceOnForeignTime graph;
    const auto answer = graph.ask_with("GET", imds + graph_resource, metadata);
    REQUIRE(answer.status == 200);
    const auto body = object_of(answer);
    CHECK(body.at("expires_in").as_string() == "3599");
    CHECK(body.at("resource").as_string() == "https://graph.microsoft.com");
    CHECK(body.at("token_type").as_string() == "Bearer");
    const long expires = std::stol(body.at("expires_on").as_string().c_str());
    CHECK(expires - std::stol(body.at("not_before").as_string().c_str()) == 3599);
    const std::string token(body.at("access_token").as_string());
    CHECK(graph.ask_with("GET", "/v1.0/groups", {{"Authorization", "Bearer " + token}}).status ==
          200);
}

TEST_CASE("IMDS refuses what lacks its header, its parameters, or came through a proxy") {
    ServiceOnForeignTime graph;
    const auto status = [&](const std::string& target, const emulator::Headers& headers) {
        return graph.ask_with("GET", target, headers).status;
    };
    CHECK(status(imds + graph_resource, {}) == 400);
    CHECK(status(imds, metadata) == 400);
    CHECK(status("/metadata/identity/oauth2/token/?api-version=2018-02-01&resource=x", metadata) ==
          200);
    CHECK(status("/metadata/identity/oauth2/token?resource=x", metadata) == 400);
    CHECK(status(imds + graph_resource + "&client_id=somebody-else", metadata) == 400);
    CHECK(status(imds + graph_resource + "&client_id=66666666-7777-8888-9999-000000000000",
                 metadata) == 200);
    CHECK(status(imds + graph_resource, {{"Metadata", "true"}, {"X-Forwarded-For", "10.0.0.1"}}) ==
          400);
}

TEST_CASE("IMDS has its bad days: 410 while it is updated, 404, 429 and 5xx") {
    ServiceOnForeignTime graph;
    for (const char* kind : {"410", "404", "429", "503", "500"}) {
        graph.ask("POST", "/emulator/faults",
                  json::object{{"operation", "managed-identity"}, {"kind", kind}});
        const auto answer = graph.ask_with("GET", imds + graph_resource, metadata);
        CHECK(answer.status == std::stoi(kind));
        CHECK(graph.ask_with("GET", imds + graph_resource, metadata).status == 200);
    }
}

TEST_CASE("Azure Arc's agent asks to be shown a file that only its group can read") {
    const Folder folder;
    emulator::Settings settings;
    settings.arc_key_folder = folder.path;
    ServiceOnForeignTime graph(settings);
    const auto challenged = graph.ask_with("GET", arc + graph_resource, metadata);
    REQUIRE(challenged.status == 401);
    const std::string challenge(*emulator::header_of(challenged.headers, "WWW-Authenticate"));
    REQUIRE(challenge.starts_with("Basic realm=" + folder.path.string()));
    CHECK(challenge.ends_with(".key"));
    const std::string key = content_of(challenge.substr(12));
    CHECK(key.size() > 30);
    CHECK(key.size() <= 4096);

    const auto with = [&](const std::string& shown) {
        auto headers = metadata;
        headers.emplace_back("Authorization", "Basic " + shown);
        return graph.ask_with("GET", arc + graph_resource, headers);
    };
    CHECK(with("a guess").status == 401);
    CHECK(with(key).status == 401);  // The guess has made the agent ask for another file.
    const auto again = graph.ask_with("GET", arc + graph_resource, metadata);
    const std::string second(*emulator::header_of(again.headers, "WWW-Authenticate"));
    const auto answer = with(content_of(second.substr(12)));
    REQUIRE(answer.status == 200);
    CHECK(object_of(answer).at("expires_in").as_string() == "3599");
    CHECK(std::filesystem::is_empty(folder.path));
    // IMDS's own version needs no key.
    CHECK(graph.ask_with("GET", imds + graph_resource, metadata).status == 200);
}

TEST_CASE("clients find the token endpoint by the tenant's OpenID configuration") {
    ServiceOnForeignTime graph;
    graph.behind_tls = true;
    const std::string tenant = "11111111-2222-3333-4444-555555555555";
    const auto found = graph.ask("GET", '/' + tenant + "/v2.0/.well-known/openid-configuration");
    REQUIRE(found.status == 200);
    const auto body = object_of(found);
    CHECK(body.at("token_endpoint").as_string() ==
          "https://graph.test/" + tenant + "/oauth2/v2.0/token");
    CHECK(body.at("issuer").as_string() == "https://graph.test/" + tenant + "/v2.0");
    CHECK(graph.ask("GET", "/somebody/v2.0/.well-known/openid-configuration").status == 404);

    const auto instance = graph.ask("GET", "/common/discovery/instance?api-version=1.1");
    REQUIRE(instance.status == 200);
    const auto clouds = object_of(instance).at("metadata").as_array();
    CHECK(clouds.at(0).at("preferred_network").as_string() == "graph.test");
}
