#include "graph_api.hpp"

#include "../base/text.hpp"
#include "discovery.hpp"
#include "managed_identity.hpp"
#include "token_endpoint.hpp"

#include <cstdio>

namespace emulator {

namespace asio = boost::asio;

namespace {

constexpr std::size_t longest_client_request_id = 100;
constexpr const char* throttle_percentage = "x-ms-throttle-limit-percentage";

bool is_plain_authority(std::string_view text) {
    return !text.empty() && text.size() < 256 &&
           text.find_first_not_of(
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
               "0123456789.:-[]") == std::string_view::npos;
}

Refusal unknown_segment(std::string_view path) {
    return {400, "BadRequest",
            "Resource not found for the segment '" + split(path, '/').front() + "'."};
}

}  // namespace

GraphApi::GraphApi(Services services) : services_(services) {
    // Order matters where a literal and a "{}" could both match: the literal comes first.
    add_delta_routes(routes_);
    add_directory_routes(routes_);
    add_link_routes(routes_);
    add_application_routes(routes_);
    add_subscription_routes(routes_);
    add_object_routes(routes_);
}

Call GraphApi::call_for(const Request& request) {
    Call call(request);
    call.time = services_.clock.now();
    call.request_id = services_.random.guid();
    const auto sent = request.header("client-request-id");
    call.client_request_id = sent && !sent->empty() && sent->size() <= longest_client_request_id
                                 ? std::string(*sent)
                                 : call.request_id;
    const auto host = request.header("Host");
    const auto scheme = request.header("X-Forwarded-Proto");
    call.base_url =
        (scheme && *scheme == "https" ? "https://" : "http://") +
        (host && is_plain_authority(*host) ? std::string(*host)
                                           : services_.settings.listen_host + ':' +
                                                 std::to_string(services_.settings.listen_port));
    call.query = parse_parameters(request.query());
    return call;
}

asio::awaitable<Response> GraphApi::handle(const Request& request) {
    services_.tenant.purge_expired(std::chrono::hours(24 * 30));
    Call call = call_for(request);
    const std::string path = percent_decoded(request.path(), false);
    const auto segments = split(path, '/');
    Outcome outcome;
    if (segments.size() >= 3 && (segments[1] == "v1.0" || segments[1] == "beta")) {
        call.beta = segments[1] == "beta";
        call.path = canonical_path(std::string_view(path).substr(segments[1].size() + 2));
        outcome = co_await route(call, call.path);
    } else {
        outcome = co_await sign_in(call, path);
    }
    finish(call, outcome);
    co_return std::move(outcome.response);
}

/// What stands beside Graph: the identity platform's endpoints and the machine's own.
asio::awaitable<GraphApi::Outcome> GraphApi::sign_in(Call& call, const std::string& path) {
    const auto segments = split(path, '/');
    Outcome outcome;
    if (segments.size() == 5 && segments[2] == "oauth2" && segments[4] == "token") {
        outcome.operation = "token";
    } else if (path == managed_identity_path || path == managed_identity_path_with_slash) {
        outcome.operation = "managed-identity";
    } else {
        outcome.operation = "unknown";
        auto document = discovery_document(services_, call, path);
        outcome.response =
            document ? std::move(*document) : refuse(call, {404, "BadRequest", "Invalid version."});
        co_return outcome;
    }
    if (before) co_await before(outcome.operation);
    const auto fault = co_await strike(outcome.operation, call.request);
    if (auto instead = fault ? struck_before(*fault, call) : std::nullopt) {
        outcome.response = std::move(*instead);
    } else if (outcome.operation == "token") {
        outcome.response = answer_token_request(services_, call, segments[1]);
    } else {
        outcome.response = answer_managed_identity(services_, call);
    }
    if (fault) spoil(*fault, call, outcome.response);
    co_return outcome;
}

std::optional<Response> GraphApi::turned_away(const Call& call, const Outcome& outcome) {
    if (call.request.trusted) return std::nullopt;
    if (auto refusal = services_.access_tokens.check(call.request)) return refuse(call, *refusal);
    if (auto refusal = services_.permissions.check(outcome.operation, call.request.method)) {
        return refuse(call, *refusal);
    }
    return std::nullopt;
}

asio::awaitable<GraphApi::Outcome> GraphApi::route(Call& call, std::string_view below_version) {
    Outcome outcome;
    outcome.operation = "unknown";
    if (below_version == "$batch" && call.request.method == "POST") {
        outcome.operation = "batch";
    }
    auto match = routes_.match(call.request.method, below_version);
    if (match.route != nullptr) outcome.operation = match.route->operation;
    if (before && !call.request.trusted) co_await before(outcome.operation);

    if (auto refusal = turned_away(call, outcome)) {
        outcome.response = std::move(*refusal);
        co_return outcome;
    }
    if (match.route == nullptr && outcome.operation != "batch") {
        outcome.response =
            match.path_known
                ? refuse(call, {405, "Request_BadRequest",
                                "Specified HTTP method is not allowed for the request target."})
                : refuse(call, unknown_segment(below_version));
        co_return outcome;
    }
    call.captures = std::move(match.captures);
    if (match.route != nullptr) outcome.resource_units = resource_units(*match.route, call);

    if (auto throttled = over_budget(call, outcome.resource_units)) {
        outcome.response = std::move(*throttled);
        co_return outcome;
    }
    const auto fault = co_await strike(outcome.operation, call.request);
    if (fault) {
        if (auto instead = struck_before(*fault, call)) {
            outcome.response = std::move(*instead);
            co_return outcome;
        }
    }
    if (match.route == nullptr) {
        outcome.response = co_await batch(call);
    } else {
        outcome.response = co_await dispatch(*match.route, call);
    }
    if (fault) spoil(*fault, call, outcome.response);
    co_return outcome;
}

std::optional<Response> GraphApi::over_budget(const Call& call, int units) {
    if (call.request.trusted) return std::nullopt;
    const auto now = services_.time.steady();
    if (const auto wait = services_.budget.take(units, now)) {
        return throttled(call, *wait, "ResourceUnitLimitExceeded");
    }
    const bool writes = call.request.method != "GET" && units == 1;
    if (!writes) return std::nullopt;
    if (const auto wait = services_.write_budget.take(1, now)) {
        return throttled(call, *wait, "WriteLimitExceeded");
    }
    return std::nullopt;
}

/// The fault that strikes the request; a delay has passed by then.
asio::awaitable<std::optional<Fault>> GraphApi::strike(std::string_view operation,
                                                       const Request& request) {
    if (request.trusted) co_return std::nullopt;
    auto fault = services_.faults.strike(operation, request.method, request.query());
    if (fault && fault->kind == FaultKind::delay) {
        co_await services_.time.pause(std::chrono::milliseconds(fault->delay_milliseconds));
    }
    co_return fault;
}

asio::awaitable<Response> GraphApi::dispatch(const Route& route, Call& call) {
    if (route.waiting_answer) co_return co_await route.waiting_answer(services_, call);
    co_return route.answer(services_, call);
}

void GraphApi::finish(const Call& call, Outcome& outcome) {
    auto& response = outcome.response;
    response.with("Date", http_date(services_.clock.now()))
        .with("request-id", call.request_id)
        .with("client-request-id", call.client_request_id)
        .with(
            "x-ms-ags-diagnostic",
            R"({"ServerInfo":{"DataCenter":"Loopback","Slice":"E","Ring":"0","ScaleUnit":"001","RoleInstance":"EMULATOR"}})");
    if (outcome.operation != "token") {
        response.with("Cache-Control", "no-cache").with("OData-Version", "4.0");
    }
    // What is refused as malformed or forbidden costs nothing.
    const bool charged = outcome.resource_units > 0 && response.status != 400 &&
                         response.status != 401 && response.status != 403;
    if (charged) response.with("x-ms-resource-unit", std::to_string(outcome.resource_units));
    if (services_.budget.used() >= 0.8 && !header_of(response.headers, throttle_percentage)) {
        char used[16];
        std::snprintf(used, sizeof used, "%.2f", services_.budget.used());
        response.with(throttle_percentage, used);
    }
    if (call.request.trusted) return;
    services_.requests.add({call.time, call.request.method, call.request.target, outcome.operation,
                            call.client_request_id, response.status,
                            charged ? outcome.resource_units : 0});
}

}  // namespace emulator
