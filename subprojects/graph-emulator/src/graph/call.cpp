#include "call.hpp"

namespace emulator {

Response json_response(int status, const json::value& body) {
    Response response;
    response.status = status;
    response.with("Content-Type",
                  "application/json;odata.metadata=minimal;odata.streaming=true;"
                  "IEEE754Compatible=false;charset=utf-8");
    response.body = json::serialize(body);
    return response;
}

Response refuse(const Call& call, const Refusal& refusal) {
    json::object error;
    error["code"] = refusal.code;
    error["message"] = refusal.message;
    error["innerError"] = {{"date", zoneless_text(call.time)},
                           {"request-id", call.request_id},
                           {"client-request-id", call.client_request_id}};
    auto response = json_response(refusal.status, json::object{{"error", std::move(error)}});
    if (refusal.status == 401) {
        response.with("WWW-Authenticate", "Bearer realm=\"\", authorization_uri=\"" +
                                              call.base_url + "/common/oauth2/authorize\"");
    }
    return response;
}

Response no_content() {
    Response response;
    response.status = 204;
    return response;
}

Refusal not_found(std::string_view id) {
    return {
        404, "Request_ResourceNotFound",
        "Resource '" + std::string(id) +
            "' does not exist or one of its queried reference-property objects are not present."};
}

Result<json::object> json_body(const Call& call) {
    auto value = parse_json(call.request.body);
    if (!value || !value->is_object()) {
        return Refusal{400, "BadRequest", "Unable to read JSON request payload."};
    }
    return std::move(value->get_object());
}

}  // namespace emulator
