// Subscriptions: POST, PATCH and reauthorize ask the webhook before they answer.
#include "routes.hpp"

#include <algorithm>
#include <charconv>

namespace emulator {
namespace {

namespace asio = boost::asio;

Refusal gone(std::string_view id) {
    return {404, "ResourceNotFound",
            "The object was not found: subscription '" + std::string(id) + "'."};
}

Response entity(const Services& services, const Call& call, int status,
                const Subscription& subscription) {
    json::object body;
    body["@odata.context"] = call.context("subscriptions/$entity");
    for (auto& [key, value] : represent(subscription, services.settings.client_id))
        body[key] = value;
    return json_response(status, body);
}

/// Both URLs, each with a handshake of its own, even where they are the same.
asio::awaitable<Verdict> validate(const Services& services, std::string notification_url,
                                  std::optional<std::string> lifecycle_url) {
    auto verdict = co_await services.delivery.validate(std::move(notification_url));
    if (!verdict && lifecycle_url) {
        verdict = co_await services.delivery.validate(std::move(*lifecycle_url));
    }
    co_return verdict;
}

Verdict check_permission(const Services& services, const Subscription& subscription) {
    const bool about_users = subscription.canonical_resource().starts_with("users");
    if (services.permissions.may_read(about_users ? Kind::user : Kind::group)) return std::nullopt;
    return Refusal{403, "ExtensionError",
                   "Operation: Create; Exception: [Status Code: Forbidden; Reason: Forbidden]"};
}

void send_kept(const Services& services, Subscription& subscription) {
    for (auto& item : services.subscriptions.take_kept(subscription))
        services.delivery.enqueue(subscription.notification_url, std::move(item));
}

asio::awaitable<Response> create(const Services& services, const Call& call) {
    const auto body = json_body(call);
    if (!body) co_return refuse(call, body.refusal());
    auto subscription = services.subscriptions.parse(*body);
    if (!subscription) co_return refuse(call, subscription.refusal());
    if (auto refusal = check_permission(services, *subscription)) co_return refuse(call, *refusal);
    if (auto refusal = services.subscriptions.admissible(*subscription)) {
        co_return refuse(call, *refusal);
    }
    const auto refused =
        co_await validate(services, subscription->notification_url, subscription->lifecycle_url);
    if (refused) co_return refuse(call, *refused);
    // Another request may have created the same while the webhook was asked.
    if (auto refusal = services.subscriptions.admissible(*subscription)) {
        co_return refuse(call, *refusal);
    }
    const auto& added = services.subscriptions.add(std::move(*subscription));
    co_return entity(services, call, 201, added)
        .with("Location", call.version_url() + "/subscriptions/" + added.id);
}

Verdict check_patch(const json::object& body) {
    for (const auto& [key, value] : body) {
        if (key != "expirationDateTime" && key != "notificationUrl" && !key.starts_with("@odata")) {
            return Refusal{400, "InvalidRequest",
                           "Subscription property '" + std::string(key) + "' cannot be updated."};
        }
    }
    const auto* url = body.if_contains("notificationUrl");
    if (url != nullptr &&
        (!url->is_string() || !parse_web_address(*text_at(body, "notificationUrl")))) {
        return Refusal{400, "InvalidRequest", "The notificationUrl must be an absolute URL."};
    }
    return std::nullopt;
}

asio::awaitable<Response> change(const Services& services, const Call& call) {
    const std::string id = call.captures[0];
    const auto* present = services.subscriptions.find(id);
    if (present == nullptr) co_return refuse(call, gone(id));
    const auto body = json_body(call);
    if (!body) co_return refuse(call, body.refusal());
    if (auto refusal = check_patch(*body)) co_return refuse(call, *refusal);
    TimePoint expires = present->expires;
    if (body->contains("expirationDateTime")) {
        const auto parsed = services.subscriptions.parse_expiry(*body);
        if (!parsed) co_return refuse(call, parsed.refusal());
        expires = *parsed;
    }
    const std::string url(text_at(*body, "notificationUrl").value_or(present->notification_url));
    const auto refused = co_await validate(services, url, present->lifecycle_url);
    if (refused) co_return refuse(call, *refused);
    auto* subscription = services.subscriptions.find(id);
    if (subscription == nullptr) co_return refuse(call, gone(id));
    subscription->expires = expires;
    subscription->notification_url = url;
    services.subscriptions.note_renewal(*subscription);
    send_kept(services, *subscription);
    co_return entity(services, call, 200, *subscription);
}

asio::awaitable<Response> reauthorize(const Services& services, const Call& call) {
    const std::string id = call.captures[0];
    const auto* present = services.subscriptions.find(id);
    if (present == nullptr) co_return refuse(call, gone(id));
    const auto refused =
        co_await validate(services, present->notification_url, present->lifecycle_url);
    if (refused) co_return refuse(call, *refused);
    auto* subscription = services.subscriptions.find(id);
    if (subscription == nullptr) co_return refuse(call, gone(id));
    services.subscriptions.note_reauthorization(*subscription);
    send_kept(services, *subscription);
    co_return no_content();
}

Response list(const Services& services, const Call& call) {
    if (call.query.contains("$select")) {
        return refuse(call, {400, "BadRequest", "Query option 'Select' is not allowed."});
    }
    std::size_t first = 0;
    if (const auto skip = call.query.find("$skiptoken"); skip != call.query.end()) {
        const auto& text = skip->second;
        std::from_chars(text.data(), text.data() + text.size(), first);
    }
    const auto all = services.subscriptions.listed();
    const std::size_t end = std::min(all.size(), first + services.subscriptions.listing.page_size);
    json::array value;
    for (std::size_t place = first; place < end; ++place)
        value.push_back(represent(*all[place], services.settings.client_id));
    json::object body{{"@odata.context", call.context("subscriptions")}};
    if (end < all.size()) {
        body["@odata.nextLink"] =
            call.version_url() + "/subscriptions?$skiptoken=" + std::to_string(end);
    }
    body["value"] = std::move(value);
    return json_response(200, body);
}

Response get(const Services& services, const Call& call) {
    const auto* subscription = services.subscriptions.find(call.captures[0]);
    if (subscription == nullptr) return refuse(call, gone(call.captures[0]));
    return entity(services, call, 200, *subscription);
}

Response remove(const Services& services, const Call& call) {
    if (!services.subscriptions.erase(call.captures[0])) {
        return refuse(call, gone(call.captures[0]));
    }
    return no_content();
}

}  // namespace

void add_subscription_routes(RouteTable& table) {
    table.add("GET", "subscriptions", "subscriptions", 1, list);
    table.add_waiting("POST", "subscriptions", "subscriptions", create);
    table.add("GET", "subscriptions/{}", "subscriptions", 1, get);
    table.add_waiting("PATCH", "subscriptions/{}", "subscriptions", change);
    table.add("DELETE", "subscriptions/{}", "subscriptions", 1, remove);
    table.add_waiting("POST", "subscriptions/{}/reauthorize", "subscriptions", reauthorize);
}

}  // namespace emulator
