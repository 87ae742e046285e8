// How a fault shows on the wire.
#include "../base/text.hpp"
#include "graph_api.hpp"

#include <cmath>
#include <cstdio>

namespace emulator {
namespace {

std::string seconds_text(double seconds) {
    char text[32];
    std::snprintf(text, sizeof text, "%.6g", seconds);
    return text;
}

/// The URL of a new round, with the options that the lost token carried and an empty $deltatoken.
std::string restart_url(const Call& call) {
    std::string url = call.version_url() + '/' + call.path + '?';
    std::optional<DeltaToken> token;
    for (const auto* name : {"$skiptoken", "$deltatoken"}) {
        const auto option = call.query.find(name);
        if (option != call.query.end()) token = open(option->second);
    }
    if (token && !token->selection.empty()) {
        url += "$select=";
        for (const auto& name : token->selection)
            url += name + ',';
        url.back() = '&';
    }
    if (token && !token->ids.empty()) {
        std::string filter;
        for (const auto& id : token->ids) {
            filter += (filter.empty() ? "" : " or ") + ("id eq '" + id + "'");
        }
        url += "$filter=" + percent_encoded(filter, "'") + '&';
    }
    return url + "$deltatoken=";
}

Response without_changes(const Call& call, bool loop, std::string_view page) {
    auto value = parse_json(page);
    if (!value || !value->is_object()) return json_response(200, json::object());
    auto& body = value->get_object();
    body.erase("@odata.deltaLink");
    // A loop leads back to the page just shown; an empty page leads to the page that should have
    // come.
    body["@odata.nextLink"] = call.base_url + call.request.target;
    if (!loop) body["value"] = json::array();
    return json_response(200, body);
}

}  // namespace

Response GraphApi::throttled(const Call& call, std::optional<double> retry_after,
                             std::string_view information) const {
    // Graph puts innerError before the message here, with fields of its own.
    json::object error;
    error["code"] = "TooManyRequests";
    error["innerError"] = {{"code", "429"},
                           {"date", zoneless_text(call.time)},
                           {"message", "Please retry after"},
                           {"request-id", call.request_id},
                           {"status", "429"}};
    error["message"] = "Please retry again later.";
    auto response = json_response(429, json::object{{"error", std::move(error)}});
    if (retry_after) response.with("Retry-After", seconds_text(*retry_after));
    return response
        .with("x-ms-throttle-scope", "Tenant_Application/ReadWrite/" +
                                         services_.settings.client_id + '/' +
                                         services_.settings.tenant_id)
        .with("x-ms-throttle-information", std::string(information))
        .with("x-ms-throttle-limit-percentage", "1.2");
}

std::optional<Response> GraphApi::struck_before(const Fault& fault, const Call& call) const {
    const auto with_retry = [&](Response response) {
        if (fault.retry_after) response.with("Retry-After", seconds_text(*fault.retry_after));
        return response;
    };
    switch (fault.kind) {
        case FaultKind::throttled:
            return throttled(call, fault.retry_after, "ResourceUnitLimitExceeded");
        case FaultKind::unavailable:
            return with_retry(
                refuse(call, {503, "ServiceNotAvailable", "The service is unavailable."}));
        case FaultKind::internal_error:
            return with_retry(
                refuse(call, {500, "InternalServerError", "There was an internal server error."}));
        case FaultKind::forbidden:
            return refuse(call, {403, "Authorization_RequestDenied",
                                 "Insufficient privileges to complete the operation."});
        case FaultKind::expired_token:
            return refuse(call, {401, "InvalidAuthenticationToken",
                                 "Access token has expired or is not yet valid."});
        case FaultKind::bad_gateway:
            return with_retry(
                Response{502,
                         {{"Content-Type", "text/html"}},
                         "<html><head><title>502 Bad Gateway</title></head><body></body></html>"});
        case FaultKind::gateway_timeout:
            return with_retry(refuse(
                call, {504, "UnknownError", "The gateway did not receive a response in time."}));
        case FaultKind::concurrency:
            return refuse(call, {409, "Directory_ConcurrencyViolation",
                                 "Unable to update the specified properties for objects that have "
                                 "been changed meanwhile."});
        case FaultKind::not_found:
            return refuse(call, not_found(call.path));
        case FaultKind::expired_page:
            return refuse(call, {400, "Directory_ExpiredPageToken",
                                 "The specified page token value has expired and can no longer be "
                                 "included in your request."});
        case FaultKind::gone:
            if (call.path.empty()) return refuse(call, {410, "Gone", "It is being updated."});
            return refuse(call, {410, "resyncRequired",
                                 "The delta token is no longer valid, and the app must reset the "
                                 "sync state."})
                .with("Location", restart_url(call));
        case FaultKind::sync_state_not_found:
            return refuse(call, {400, "syncStateNotFound",
                                 "The sync state generation is not found. The delta token is "
                                 "expired and data must be synchronized again."});
        default:
            return std::nullopt;
    }
}

void GraphApi::spoil(const Fault& fault, const Call& call, Response& response) const {
    switch (fault.kind) {
        case FaultKind::cut:
            response.delivery = Delivery::cut_in_the_middle;
            break;
        case FaultKind::garbage:
            response.status = 200;
            response.body = "{\"value\": [ {\"id\": \xFF\xFE garbage";
            break;
        case FaultKind::loop:
        case FaultKind::empty_page:
            if (response.status == 200) {
                response = without_changes(call, fault.kind == FaultKind::loop, response.body);
            }
            break;
        default:
            break;
    }
}

}  // namespace emulator
