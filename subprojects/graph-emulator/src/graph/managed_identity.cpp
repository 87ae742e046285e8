#include "managed_identity.hpp"

#include "../base/text.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

namespace emulator {
namespace {

Response reply(int status, const json::object& body) {
    return Response{
        status, {{"Content-Type", "application/json; charset=utf-8"}}, json::serialize(body)};
}

Response refusal(std::string_view error, std::string_view description) {
    return reply(
        400, {{"error", json::string_view(error.data(), error.size())},
              {"error_description", json::string_view(description.data(), description.size())}});
}

std::string parameter(const Call& call, std::string_view name) {
    const auto found = call.query.find(name);
    return found == call.query.end() ? std::string() : found->second;
}

std::string content_of(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// The key file that a client is to read; the folder holds one at a time.
Response challenge(const Services& services) {
    const std::filesystem::path folder = services.settings.arc_key_folder;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
        if (entry.path().extension() == ".key") std::filesystem::remove(entry.path(), error);
    }
    const auto path = folder / (services.random.guid() + ".key");
    std::ofstream file(path);
    file << services.random.guid() + services.random.guid();
    file.close();
    if (!file) return reply(500, {{"error", "the key can't be written to " + path.string()}});
    auto response = reply(401, {{"error", "unauthorized_client"},
                                {"error_description", "Missing Basic Authorization header"}});
    return response.with("WWW-Authenticate", "Basic realm=" + path.string());
}

bool answers_challenge(const Services& services, std::string_view authorization) {
    if (!authorization.starts_with("Basic ")) return false;
    std::error_code error;
    for (const auto& entry :
         std::filesystem::directory_iterator(services.settings.arc_key_folder, error)) {
        if (entry.path().extension() != ".key") continue;
        const bool right = content_of(entry.path()) == authorization.substr(6);
        if (right) std::filesystem::remove(entry.path(), error);
        return right;
    }
    return false;
}

}  // namespace

Response answer_managed_identity(const Services& services, const Call& call) {
    const auto metadata = call.request.header("Metadata");
    if (!metadata || lower_case(*metadata) != "true" || call.request.header("X-Forwarded-For")) {
        return refusal("invalid_request", "Required metadata header not specified");
    }
    const std::string version = parameter(call, "api-version");
    if (version.empty()) return refusal("bad_request_102", "Required api-version not specified");
    const std::string resource = parameter(call, "resource");
    if (resource.empty()) {
        return refusal("invalid_request", "Required query variable 'resource' is missing");
    }
    const std::string client = parameter(call, "client_id");
    if (!client.empty() && !equal_ignoring_case(client, services.settings.client_id)) {
        return refusal("invalid_request", "Identity not found");
    }
    const bool arc = !services.settings.arc_key_folder.empty() &&
                     (version == "2019-11-01" || version == "2020-06-01");
    if (arc && !answers_challenge(services, call.request.header("Authorization").value_or(""))) {
        return challenge(services);
    }
    const auto now = std::chrono::floor<std::chrono::seconds>(services.clock.now());
    const auto seconds = [](auto time) { return std::to_string(time.time_since_epoch().count()); };
    // All numbers are texts here.
    return reply(200, {{"access_token", services.access_tokens.issue()},
                       {"refresh_token", ""},
                       {"expires_in", std::to_string(AccessTokens::lifetime.count())},
                       {"expires_on", seconds(now + AccessTokens::lifetime)},
                       {"not_before", seconds(now)},
                       {"resource", resource},
                       {"token_type", "Bearer"}});
}

}  // namespace emulator
