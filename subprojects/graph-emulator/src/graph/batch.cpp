// $batch: up to 20 requests in one, each routed, struck by faults and counted like one of its own.
#include "../base/text.hpp"
#include "graph_api.hpp"

#include <map>
#include <set>

namespace emulator {

namespace asio = boost::asio;

namespace {

constexpr std::size_t most_items = 20;

Refusal invalid(std::string message) {
    return {400, "BadRequest", std::move(message)};
}

std::string id_of(const json::object& item) {
    return std::string(text_at(item, "id").value_or(""));
}

std::vector<std::string> dependencies_of(const json::object& item) {
    std::vector<std::string> ids;
    const auto* list = item.if_contains("dependsOn");
    if (list == nullptr || !list->is_array()) return ids;
    for (const auto& id : list->get_array()) {
        if (id.is_string()) ids.emplace_back(id.get_string().data(), id.get_string().size());
    }
    return ids;
}

Request request_of(const Call& outer, const json::object& item) {
    Request request;
    request.method = std::string(text_at(item, "method").value_or("GET"));
    for (auto& c : request.method)
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    std::string url(text_at(item, "url").value_or(""));
    if (!url.starts_with('/')) url.insert(0, "/");
    request.target = (outer.beta ? "/beta" : "/v1.0") + url;
    for (const auto* name : {"Authorization", "Host"}) {
        if (const auto value = outer.request.header(name))
            request.headers.emplace_back(name, *value);
    }
    if (const auto* headers = item.if_contains("headers");
        headers != nullptr && headers->is_object()) {
        for (const auto& [name, value] : headers->get_object()) {
            if (!value.is_string() ||
                equal_ignoring_case({name.data(), name.size()}, "Authorization")) {
                continue;
            }
            request.headers.emplace_back(std::string(name), std::string(value.get_string()));
        }
    }
    if (const auto* body = item.if_contains("body")) request.body = json::serialize(*body);
    return request;
}

json::object answer_of(const std::string& id, const Response& response) {
    json::object headers;
    for (const auto& [name, value] : response.headers)
        headers[name] = value;
    json::object answer{{"id", id}, {"status", response.status}, {"headers", std::move(headers)}};
    if (auto body = parse_json(response.body)) answer["body"] = std::move(*body);
    return answer;
}

Response failed_dependency(const Call& call) {
    return refuse(call,
                  {424, "FailedDependency", "A request that this one depends on has failed."});
}

Response batch_response(json::array answers) {
    return json_response(200, json::object{{"responses", std::move(answers)}});
}

}  // namespace

Verdict check_batch(const json::object& body) {
    const auto* requests = body.if_contains("requests");
    if (requests == nullptr || !requests->is_array() || requests->get_array().empty()) {
        return invalid(
            "Invalid batch payload format: 'requests' must be a list that is not empty.");
    }
    if (requests->get_array().size() > most_items) {
        return invalid("Number of batch request steps exceeds the maximum value of 20.");
    }
    std::set<std::string> seen;
    for (const auto& item : requests->get_array()) {
        if (!item.is_object()) return invalid("Invalid batch payload format.");
        const auto& object = item.get_object();
        for (const auto* name : {"id", "method", "url"}) {
            if (!text_at(object, name) || text_at(object, name)->empty()) {
                return invalid("Batch request step needs '" + std::string(name) + "'.");
            }
        }
        for (const auto& dependency : dependencies_of(object)) {
            if (!seen.contains(dependency)) {
                return invalid("Invalid dependsOn: '" + dependency +
                               "' does not come before the step that depends on it.");
            }
        }
        if (!seen.insert(id_of(object)).second) {
            return invalid("Request id '" + id_of(object) + "' is used more than once.");
        }
    }
    return std::nullopt;
}

asio::awaitable<Response> GraphApi::batch(const Call& call) {
    const auto body = json_body(call);
    if (!body) co_return refuse(call, body.refusal());
    if (auto refusal = check_batch(*body)) co_return refuse(call, *refusal);
    std::map<std::string, int> statuses;
    json::array answers;
    for (const auto& item : body->at("requests").get_array()) {
        const auto& object = item.get_object();
        const std::string id = id_of(object);
        bool dependencies_met = true;
        for (const auto& dependency : dependencies_of(object)) {
            dependencies_met = dependencies_met && statuses[dependency] < 400;
        }
        Response response;
        if (dependencies_met) {
            response = co_await batch_item(call, object);
        } else {
            response = failed_dependency(call);
        }
        statuses[id] = response.status;
        // Answers come in any order; the last one first shows who relies on another.
        answers.insert(answers.begin(), answer_of(id, response));
    }
    co_return batch_response(std::move(answers));
}

asio::awaitable<Response> GraphApi::batch_item(const Call& outer, const json::object& item) {
    const Request request = request_of(outer, item);
    Call call = call_for(request);
    call.beta = outer.beta;
    const std::string path = percent_decoded(request.path(), false);
    // Behind "/v1.0/" or "/beta/", which are equally long.
    call.path = canonical_path(std::string_view(path).substr(6));
    Outcome outcome;
    if (call.path == "$batch") {
        outcome.operation = "batch";
        outcome.response = refuse(call, invalid("A batch can't hold a batch."));
    } else {
        outcome = co_await route(call, call.path);
    }
    finish(call, outcome);
    co_return std::move(outcome.response);
}

}  // namespace emulator
