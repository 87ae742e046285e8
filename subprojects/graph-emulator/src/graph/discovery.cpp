#include "discovery.hpp"

#include "../base/text.hpp"

namespace emulator {
namespace {

Response document(const json::object& body) {
    return Response{
        200,
        {{"Content-Type", "application/json; charset=utf-8"}, {"Access-Control-Allow-Origin", "*"}},
        json::serialize(body)};
}

json::object openid_configuration(const Call& call, const std::string& tenant) {
    const std::string authority = call.base_url + '/' + tenant;
    json::object body;
    body["token_endpoint"] = authority + "/oauth2/v2.0/token";
    body["token_endpoint_auth_methods_supported"] =
        json::array{"client_secret_post", "private_key_jwt", "client_secret_basic"};
    body["jwks_uri"] = authority + "/discovery/v2.0/keys";
    body["response_modes_supported"] = json::array{"query", "fragment", "form_post"};
    body["subject_types_supported"] = json::array{"pairwise"};
    body["id_token_signing_alg_values_supported"] = json::array{"RS256"};
    body["response_types_supported"] = json::array{"code", "id_token", "code id_token"};
    body["scopes_supported"] = json::array{"openid", "profile", "email", "offline_access"};
    body["issuer"] = authority + "/v2.0";
    body["request_uri_parameter_supported"] = false;
    body["authorization_endpoint"] = authority + "/oauth2/v2.0/authorize";
    body["http_logout_supported"] = true;
    body["end_session_endpoint"] = authority + "/oauth2/v2.0/logout";
    body["tenant_region_scope"] = "NA";
    return body;
}

json::object instance_discovery(const Services& services, const Call& call) {
    const std::string host = call.base_url.substr(call.base_url.find("//") + 2);
    const json::object instance{
        {"preferred_network", host}, {"preferred_cache", host}, {"aliases", json::array{host}}};
    return {{"tenant_discovery_endpoint", call.base_url + '/' + services.settings.tenant_id +
                                              "/v2.0/.well-known/openid-configuration"},
            {"api-version", "1.1"},
            {"metadata", json::array{instance}}};
}

}  // namespace

std::optional<Response> discovery_document(const Services& services, const Call& call,
                                           std::string_view path) {
    if (call.request.method != "GET") return std::nullopt;
    if (path == "/common/discovery/instance") return document(instance_discovery(services, call));
    const auto segments = split(path, '/');
    if (segments.size() == 5 && segments[2] == "v2.0" && segments[3] == ".well-known" &&
        segments[4] == "openid-configuration" &&
        equal_ignoring_case(segments[1], services.settings.tenant_id)) {
        return document(openid_configuration(call, segments[1]));
    }
    return std::nullopt;
}

}  // namespace emulator
