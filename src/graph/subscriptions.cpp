#include "graph/subscriptions.hpp"

#include "graph/delta_page.hpp"
#include "graph/json_value.hpp"
#include "graph/timestamp.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <optional>
#include <set>
#include <utility>

namespace writeback {

namespace json = boost::json;

namespace {

Call call_to(std::string operation, std::string what, std::string link) {
    Call call;
    call.kind = CallKind::subscriptions;
    call.operation = std::move(operation);
    call.what = std::move(what);
    call.permission = "Group.Read.All and User.Read.All";
    call.link = std::move(link);
    return call;
}

std::string path_of(const SubscriptionId& id) {
    return "/v1.0/subscriptions/" + percent_encoded(id.text());
}

// "/Groups" and "groups" are one resource; paths with ids in them keep their spelling.
std::string resource_of(std::string text) {
    if (text.starts_with('/')) text.erase(0, 1);
    std::string lower = text;
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return lower == "groups" || lower == "users" ? lower : text;
}

// A subscription without a readable expiry counts as expired: it is renewed or made anew.
std::optional<Subscription> subscription_of(const json::object& object) {
    Subscription subscription;
    subscription.id = SubscriptionId(text_at(object, "id"));
    if (subscription.id.empty()) return std::nullopt;
    subscription.resource = resource_of(text_at(object, "resource"));
    subscription.notification_url = text_at(object, "notificationUrl");
    subscription.expires =
        parse_timestamp(text_at(object, "expirationDateTime")).value_or(Instant{});
    return subscription;
}

}  // namespace

Result<Subscription> parse_subscription(std::string_view body) {
    const auto document = parse_object(body, "The subscription");
    if (document.has_error()) return document.error();
    auto subscription = subscription_of(*document);
    if (!subscription) return failure(FailureKind::unreadable, "The subscription has no id.");
    return std::move(*subscription);
}

Async<Result<Subscription>> Subscriptions::create(NewSubscription request) {
    json::object body{{"changeType", "updated,deleted"},
                      {"notificationUrl", request.notification_url},
                      {"lifecycleNotificationUrl", request.lifecycle_url},
                      {"resource", std::string(name_of(request.stream))},
                      {"expirationDateTime", to_text(request.expires)},
                      {"clientState", request.client_state},
                      {"latestSupportedTlsVersion", "v1_2"}};
    if (request.lifecycle_url.empty()) body.erase("lifecycleNotificationUrl");
    Call call =
        call_to("create-subscription", "subscribe to " + std::string(name_of(request.stream)),
                "/v1.0/subscriptions");
    call.method = "POST";
    call.body = json::serialize(body);
    call.idempotent = false;
    const auto answer = co_await caller_.call(std::move(call));
    if (answer.has_error()) co_return answer.error();
    co_return parse_subscription(answer->body);
}

Async<Result<Subscription>> Subscriptions::renew(SubscriptionId id, Instant expires) {
    Call call = call_to("renew-subscription", "renew the subscription " + id.text(), path_of(id));
    call.method = "PATCH";
    call.body = json::serialize(json::object{{"expirationDateTime", to_text(expires)}});
    const auto answer = co_await caller_.call(std::move(call));
    if (answer.has_error()) co_return answer.error();
    co_return parse_subscription(answer->body);
}

Async<Result<Done>> Subscriptions::remove(SubscriptionId id) {
    Call call = call_to("remove-subscription", "remove the subscription " + id.text(), path_of(id));
    call.method = "DELETE";
    const auto answer = co_await caller_.call(std::move(call));
    if (answer.has_error() && answer.error().kind != FailureKind::not_found) {
        co_return answer.error();
    }
    co_return Done{};
}

Async<Result<std::vector<Subscription>>> Subscriptions::list() {
    Call call = call_to("list-subscriptions", "list the subscriptions", "/v1.0/subscriptions");
    std::vector<Subscription> subscriptions;
    std::set<std::string> followed;
    for (int pages = 0; pages < most_pages; ++pages) {
        const auto answer = co_await caller_.call(call);
        if (answer.has_error()) co_return answer.error();
        const auto page = parse_object(answer->body, "The list of subscriptions");
        if (page.has_error()) co_return page.error();
        const json::value* list = page->if_contains("value");
        if (list == nullptr || !list->is_array()) {
            co_return failure(FailureKind::unreadable,
                              "The list of subscriptions has no list `value`.");
        }
        for (const json::value& value : list->get_array()) {
            auto found = value.is_object() ? subscription_of(value.get_object()) : std::nullopt;
            if (found) subscriptions.push_back(std::move(*found));
        }
        auto next = next_link(*page, caller_.origin());
        if (next.has_error()) co_return next.error();
        if (next->empty()) co_return subscriptions;
        if (!followed.insert(*next).second) {
            co_return failure(FailureKind::link_refused,
                              "Graph's links for the list of subscriptions lead in circles.");
        }
        call.link = std::move(*next);
    }
    co_return failure(FailureKind::too_large,
                      "The list of subscriptions has more pages than are followed.");
}

}  // namespace writeback
