#include "intake/notification.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>

#include <string>

namespace writeback {

namespace json = boost::json;

namespace {

// The text of a member; empty when it is absent or null, nothing when it is something else.
std::optional<std::string_view> text_of(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr || value->is_null()) return std::string_view();
    if (!value->is_string()) return std::nullopt;
    return std::string_view(value->get_string());
}

// Ids that are GUIDs are kept in canonical form; others, which nobody knows, as they are.
std::string id_text(std::string_view text) {
    return canonical_guid(text).value_or(std::string(text));
}

LifecycleEvent lifecycle_of(std::string_view event) {
    if (event.empty()) return LifecycleEvent::none;
    if (event == "reauthorizationRequired") return LifecycleEvent::reauthorization_required;
    if (event == "subscriptionRemoved") return LifecycleEvent::subscription_removed;
    if (event == "missed") return LifecycleEvent::missed;
    return LifecycleEvent::unrecognised;
}

// resourceData.id, or else the last GUID among the segments of "Groups/{id}".
std::string resource_id(const json::object& item, std::string_view resource) {
    if (const auto* value = item.if_contains("resourceData"); value && value->is_object()) {
        const auto id = text_of(value->get_object(), "id");
        const auto guid = id ? canonical_guid(*id) : std::nullopt;
        if (guid) return *guid;
    }
    while (!resource.empty()) {
        const auto slash = resource.rfind('/');
        const auto segment =
            slash == std::string_view::npos ? resource : resource.substr(slash + 1);
        if (const auto guid = canonical_guid(segment)) return *guid;
        resource = slash == std::string_view::npos ? std::string_view() : resource.substr(0, slash);
    }
    return {};
}

std::optional<Notification> read_item(const json::value& value) {
    if (!value.is_object()) return std::nullopt;
    const auto& item = value.get_object();
    const auto subscription = text_of(item, "subscriptionId");
    const auto tenant = text_of(item, "tenantId");
    const auto client_state = text_of(item, "clientState");
    const auto lifecycle = text_of(item, "lifecycleEvent");
    if (!subscription || subscription->empty() || !tenant || !client_state || !lifecycle) {
        return std::nullopt;
    }
    const auto resource = text_of(item, "resource").value_or(std::string_view());
    return Notification{SubscriptionId(id_text(*subscription)),
                        TenantId(id_text(*tenant)),
                        std::string(*client_state),
                        lifecycle_of(*lifecycle),
                        std::string(text_of(item, "changeType").value_or(std::string_view())),
                        std::string(resource),
                        resource_id(item, resource)};
}

Failure unreadable(std::string what) {
    return failure(FailureKind::unreadable, "The request's body " + std::move(what) + ".");
}

}  // namespace

Result<NotificationBatch> read_notifications(std::string_view body,
                                             const NotificationLimits& limits) {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (body.starts_with(byte_order_mark)) body.remove_prefix(byte_order_mark.size());
    json::parse_options options;
    options.max_depth = static_cast<std::size_t>(limits.max_nesting);
    json::monotonic_resource memory;
    boost::system::error_code error;
    const json::value document = json::parse(body, error, &memory, options);
    if (error) return unreadable("is no JSON (" + error.message() + ")");
    const auto* object = document.if_object();
    const auto* value = object == nullptr ? nullptr : object->if_contains("value");
    if (value == nullptr || !value->is_array()) {
        return unreadable("is no object with an array named value");
    }
    const auto& array = value->get_array();
    if (array.size() > limits.max_items) {
        return failure(FailureKind::too_large,
                       "The request holds " + std::to_string(array.size()) +
                           " notifications, more than webhook.max_items allows (" +
                           std::to_string(limits.max_items) + ").");
    }
    NotificationBatch batch;
    batch.items.reserve(array.size());
    for (const auto& element : array) {
        if (auto item = read_item(element)) {
            batch.items.push_back(std::move(*item));
        } else {
            ++batch.unreadable;
        }
    }
    return batch;
}

}  // namespace writeback
