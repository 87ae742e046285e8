#include "graph/managed_identity.hpp"

#include "platform/secret_file.hpp"

#include <filesystem>
#include <utility>

namespace writeback {

namespace {

constexpr std::size_t largest_arc_secret = 4096;  // bytes

Result<ClientRequest> request_to(const std::string& place, const std::string& version,
                                 const std::string& resource) {
    auto address = parse_address(place + "/metadata/identity/oauth2/token?api-version=" + version +
                                 "&resource=" + percent_encoded(resource));
    if (!address) {
        return failure(FailureKind::invalid_configuration, place + " is no http address.");
    }
    ClientRequest request;
    request.address = std::move(*address);
    request.headers = {{"Metadata", "true"}};
    request.through_proxy = false;
    return request;
}

Failure not_believed(const std::string& why) {
    return failure(FailureKind::credentials,
                   "The Azure Arc agent asked to be shown a file, but " + why +
                       "; nothing was read. Check that azcmagent is what listens on its port.");
}

// Whoever listens on the agent's port could name any file: its place is checked before it is read.
Result<std::string> challenge_answer(std::string_view challenge, const std::string& directory) {
    constexpr std::string_view scheme = "Basic realm=";
    if (!challenge.starts_with(scheme)) return not_believed("not in the way that it should");
    std::string_view named = challenge.substr(scheme.size());
    if (named.size() >= 2 && named.front() == '"' && named.back() == '"') {
        named = named.substr(1, named.size() - 2);
    }
    const std::filesystem::path path{std::string(named)};
    std::error_code error;
    const auto real = std::filesystem::canonical(path, error);
    if (error || real.parent_path() != std::filesystem::canonical(directory, error) ||
        real.extension() != ".key") {
        return not_believed("it is no .key file in " + directory);
    }
    if (std::filesystem::file_size(real, error) > largest_arc_secret || error) {
        return not_believed("it is larger than 4096 bytes");
    }
    return read_secret(real.string());
}

Async<Result<HttpAnswer>> ask_arc(HttpSender& http, ManagedIdentityPlaces places,
                                  std::string resource) {
    auto request = request_to(places.arc, "2019-11-01", resource);
    if (request.has_error()) co_return request.error();
    auto challenged = co_await http.send(*request);
    if (challenged.has_error() || challenged->status != 401) co_return challenged;
    const auto secret = challenge_answer(challenged->header("WWW-Authenticate"), places.arc_tokens);
    if (secret.has_error()) co_return secret.error();
    request->headers.emplace_back("Authorization", "Basic " + *secret);
    co_return co_await http.send(std::move(*request));
}

}  // namespace

Async<Result<HttpAnswer>> ask_managed_identity(HttpSender& http, ManagedIdentityPlaces places,
                                               std::string resource, std::string client_id) {
    std::error_code error;
    if (std::filesystem::exists(places.arc_agent, error)) {
        co_return co_await ask_arc(http, std::move(places), std::move(resource));
    }
    auto request = request_to(places.instance_metadata, "2018-02-01", resource);
    if (request.has_error()) co_return request.error();
    if (!client_id.empty()) request->address.target += "&client_id=" + percent_encoded(client_id);
    auto answer = co_await http.send(std::move(*request));
    // The service answers 404 and 410 while it is being brought up to date: try again later.
    if (answer.has_value() && (answer->status == 404 || answer->status == 410)) {
        co_return failure(FailureKind::unavailable, "The instance metadata service is not ready.",
                          "HTTP " + std::to_string(answer->status));
    }
    co_return answer;
}

}  // namespace writeback
