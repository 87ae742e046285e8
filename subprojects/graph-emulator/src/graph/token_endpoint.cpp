#include "token_endpoint.hpp"

#include "../base/text.hpp"

#include <openssl/crypto.h>

#include <fstream>
#include <sstream>

namespace emulator {
namespace {

constexpr std::string_view assertion_type =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

struct TokenError {
    int status;
    const char* error;
    int code;
    std::string message;
};

Response token_error(const Services& services, const TokenError& problem) {
    const std::string trace = services.random.guid();
    const std::string correlation = services.random.guid();
    std::string stamp = utc_text(services.clock.now());
    stamp[10] = ' ';
    json::object body;
    body["error"] = problem.error;
    body["error_description"] = "AADSTS" + std::to_string(problem.code) + ": " + problem.message +
                                " Trace ID: " + trace + " Correlation ID: " + correlation +
                                " Timestamp: " + stamp;
    body["error_codes"] = json::array{problem.code};
    body["timestamp"] = stamp;
    body["trace_id"] = trace;
    body["correlation_id"] = correlation;
    body["error_uri"] =
        "https://login.microsoftonline.com/error?code=" + std::to_string(problem.code);
    Response response{problem.status,
                      {{"Content-Type", "application/json; charset=utf-8"}},
                      json::serialize(body)};
    return response.with("Cache-Control", "no-store, no-cache");
}

bool same_secret(std::string_view left, std::string_view right) {
    return left.size() == right.size() &&
           CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

std::optional<TokenError> check_request(const Services& services, const Parameters& form,
                                        const std::string& tenant) {
    const auto value = [&](std::string_view name) {
        const auto found = form.find(name);
        return found == form.end() ? std::string() : found->second;
    };
    if (!equal_ignoring_case(tenant, services.settings.tenant_id)) {
        if (!is_guid(tenant) && tenant.find('.') == std::string::npos) {
            return TokenError{400, "invalid_request", 900023,
                              "Specified tenant identifier '" + tenant +
                                  "' is neither a valid DNS name, nor a valid external domain."};
        }
        return TokenError{400, "invalid_request", 90002, "Tenant '" + tenant + "' not found."};
    }
    for (const auto* name : {"grant_type", "client_id", "scope"}) {
        if (value(name).empty()) {
            return TokenError{400, "invalid_request", 900144,
                              "The request body must contain the following parameter: '" +
                                  std::string(name) + "'."};
        }
    }
    if (value("grant_type") != "client_credentials") {
        return TokenError{
            400, "unsupported_grant_type", 70003,
            "The app requested an unsupported grant type '" + value("grant_type") + "'."};
    }
    if (!equal_ignoring_case(value("client_id"), services.settings.client_id)) {
        return TokenError{400, "unauthorized_client", 700016,
                          "Application with identifier '" + value("client_id") +
                              "' was not found in the directory."};
    }
    const std::string scope = value("scope");
    if (!scope.ends_with("/.default")) {
        return TokenError{400, "invalid_scope", 70011,
                          "The provided value for the input parameter 'scope' is not valid. The "
                          "scope " +
                              scope + " is not valid."};
    }
    return std::nullopt;
}

std::string file_text(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::optional<TokenError> check_credential(const Services& services, const Parameters& form,
                                           const std::string& tenant) {
    const auto secret = form.find("client_secret");
    if (secret != form.end()) {
        if (same_secret(secret->second, services.settings.client_secret)) return std::nullopt;
        return TokenError{401, "invalid_client", 7000215,
                          "Invalid client secret provided. Ensure the secret being sent in the "
                          "request is the client secret value, not the client secret ID, for a "
                          "secret added to app '" +
                              services.settings.client_id + "'."};
    }
    const auto assertion = form.find("client_assertion");
    const auto type = form.find("client_assertion_type");
    if (assertion == form.end() || type == form.end() || type->second != assertion_type) {
        return TokenError{401, "invalid_client", 7000218,
                          "The request body must contain the following parameter: "
                          "'client_assertion' or 'client_secret'."};
    }
    const auto refusal = check_assertion(
        assertion->second,
        {file_text(services.settings.client_certificate_file), services.settings.client_id,
         '/' + tenant + "/oauth2/v2.0/token", services.clock.now()});
    if (!refusal) return std::nullopt;
    return TokenError{refusal->status, "invalid_client", std::stoi(refusal->code),
                      refusal->message};
}

}  // namespace

Response answer_token_request(const Services& services, const Call& call,
                              const std::string& tenant) {
    if (call.request.method != "POST") {
        return token_error(
            services, {400, "invalid_request", 900561, "The endpoint only accepts POST requests."});
    }
    const auto form = parse_parameters(call.request.body);
    if (auto problem = check_request(services, form, tenant))
        return token_error(services, *problem);
    if (auto problem = check_credential(services, form, tenant)) {
        return token_error(services, *problem);
    }
    json::object body;
    body["token_type"] = "Bearer";
    body["expires_in"] = AccessTokens::lifetime.count();
    body["ext_expires_in"] = AccessTokens::lifetime.count();
    body["access_token"] = services.access_tokens.issue();
    Response response{
        200, {{"Content-Type", "application/json; charset=utf-8"}}, json::serialize(body)};
    return response.with("Cache-Control", "no-store, no-cache");
}

}  // namespace emulator
