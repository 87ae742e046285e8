#include "graph/graph_error.hpp"

#include "graph/json_value.hpp"
#include "graph/timestamp.hpp"

#include <boost/json/object.hpp>

#include <algorithm>

namespace writeback {

namespace json = boost::json;

namespace {

bool equals(std::string_view text, std::string_view lower_case) {
    return std::equal(text.begin(), text.end(), lower_case.begin(), lower_case.end(),
                      [](char a, char b) {
                          return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
                      });
}

bool has_code(const GraphError& error, std::string_view lower_case) {
    return equals(error.code, lower_case) || equals(error.inner_code, lower_case);
}

bool says_resync(const GraphError& error) {
    return has_code(error, "syncstatenotfound") || has_code(error, "resyncrequired") ||
           has_code(error, "directory_resyncrequired") || has_code(error, "syncstateinvalid");
}

bool says_page_expired(const GraphError& error) {
    return has_code(error, "directory_expiredpagetoken");
}

const json::object* object_at(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value == nullptr ? nullptr : value->if_object();
}

const json::object* inner_error(const json::object& error) {
    const json::object* inner = object_at(error, "innerError");
    return inner != nullptr ? inner : object_at(error, "innererror");
}

// The sentence, with what to do where that is known.
Failure told(const CallFacts& call, const HttpAnswer& answer, const GraphError& error,
             FailureKind kind, const std::string& remedy = {}) {
    std::string code = "HTTP " + std::to_string(answer.status);
    if (!error.code.empty()) code += " " + excerpt(error.code);
    std::string detail = "Graph did not " + call.what + ": " + code;
    if (!error.message.empty()) detail += ", \"" + excerpt(error.message) + "\"";
    detail += ".";
    if (!remedy.empty()) detail += " " + remedy;
    if (!error.request_id.empty()) detail += " (request-id " + excerpt(error.request_id) + ")";
    return failure(kind, std::move(detail), std::move(code));
}

// 410's Location, when it stays with us; elsewhere the round begins with our own first request.
std::string place_to_begin(const HttpAnswer& answer, const WebOrigin& origin) {
    const auto address = on_origin(origin, answer.header("Location"));
    return address ? to_text(address->origin) + address->target : std::string();
}

Verdict judge_stream(const CallFacts& call, const HttpAnswer& answer, const GraphError& error,
                     const WebOrigin& origin) {
    if (says_resync(error) || answer.status == 410) {
        Failure dead = told(call, answer, error, FailureKind::resync_required);
        dead.location = place_to_begin(answer, origin);
        return {Next::fail, std::move(dead)};
    }
    const bool about_the_token = answer.status == 400 || answer.status == 404;
    if (about_the_token && has_query_parameter(call.target, "$skiptoken")) {
        return {Next::fail, told(call, answer, error, FailureKind::page_expired)};
    }
    // A deltaLink is Graph's own, whole: what it finds wrong with it can only be the token.
    if (answer.status == 400 && has_query_parameter(call.target, "$deltatoken") &&
        call.target.find("=latest") == std::string::npos) {
        return {Next::fail, told(call, answer, error, FailureKind::resync_required)};
    }
    return {Next::fail, told(call, answer, error,
                             answer.status == 404 ? FailureKind::not_found : FailureKind::refused)};
}

Verdict judge_server_error(const CallFacts& call, const HttpAnswer& answer, const GraphError& error,
                           std::optional<Duration> wish) {
    Failure why = told(call, answer, error,
                       answer.status == 429 ? FailureKind::throttled : FailureKind::unavailable);
    why.retry_after = wish;
    // What may have been done must not be asked for twice; 429 and 503 say that it was not.
    const bool not_done = answer.status == 429 || answer.status == 503;
    if (!call.idempotent && !not_done) return {Next::fail, std::move(why)};
    return {answer.status == 429 || wish ? Next::again_held : Next::again, std::move(why)};
}

Verdict judge_refusal(const CallFacts& call, const HttpAnswer& answer, const GraphError& error) {
    switch (answer.status) {
        case 401:
            return {Next::renew_token,
                    told(call, answer, error, FailureKind::credentials,
                         "Check tenant_id, client_id, and that `cloud` and `endpoint` belong "
                         "together.")};
        case 403:
            return {Next::fail, told(call, answer, error, FailureKind::forbidden,
                                     "Grant the application permission " + call.permission +
                                         ", with an administrator's consent.")};
        case 404:
            return {Next::fail, told(call, answer, error, FailureKind::not_found)};
        case 409:
            if (has_code(error, "directory_concurrencyviolation")) {
                return {Next::again, told(call, answer, error, FailureKind::unavailable)};
            }
            return {Next::fail, told(call, answer, error, FailureKind::already_exists)};
        case 410:
            return {Next::fail, told(call, answer, error, FailureKind::not_found)};
        default:
            return {Next::fail,
                    told(call, answer, error, FailureKind::refused,
                         call.kind == CallKind::subscriptions && answer.status == 400
                             ? "If it speaks of validation, Graph did not get its answer from "
                               "`public_url`: check that it reaches the webhook from outside."
                             : "")};
    }
}

}  // namespace

std::string_view name_of(CallKind kind) {
    constexpr std::string_view names[] = {"delta", "identities", "subscriptions", "reads"};
    return names[static_cast<std::size_t>(kind)];
}

GraphError parse_error(std::string_view body) {
    GraphError result;
    const auto document = parse_object(body, "The error");
    const json::object* error = document.has_value() ? object_at(*document, "error") : nullptr;
    if (error == nullptr) return result;
    result.code = text_at(*error, "code");
    result.message = text_at(*error, "message");
    for (const json::object* inner = inner_error(*error); inner != nullptr;
         inner = inner_error(*inner)) {
        const std::string code = text_at(*inner, "code");
        const std::string request = text_at(*inner, "request-id");
        if (!code.empty()) result.inner_code = code;
        if (!request.empty()) result.request_id = request;
    }
    return result;
}

Verdict judge(const CallFacts& call, const HttpAnswer& answer, const WebOrigin& origin,
              Instant now) {
    const unsigned status = answer.status;
    if (status >= 200 && status < 300) return {Next::done, {}};
    GraphError error = parse_error(answer.body);
    if (error.request_id.empty()) error.request_id = std::string(answer.header("request-id"));
    if (status >= 300 && status < 400) {
        return {Next::fail, told(call, answer, error, FailureKind::link_refused,
                                 "It redirects, which Graph never does: check `endpoint`.")};
    }
    const auto wish = parse_retry_after(answer.header("Retry-After"), now);
    const bool server_error = status >= 500 && status != 501 && status != 505;
    if (status == 429 || status == 408 || server_error) {
        return judge_server_error(call, answer, error, wish);
    }
    if (says_page_expired(error)) {
        return {Next::fail, told(call, answer, error, FailureKind::page_expired)};
    }
    const bool about_the_stream =
        status == 400 || status == 404 || status == 410 || says_resync(error);
    if (call.kind == CallKind::delta && about_the_stream) {
        return judge_stream(call, answer, error, origin);
    }
    return judge_refusal(call, answer, error);
}

}  // namespace writeback
