#include "notification.hpp"

namespace emulator {
namespace {

json::value text(std::string_view view) {
    return json::value(json::string_view(view.data(), view.size()));
}

/// Graph prints this time now with Z, now with an offset.
std::string expiry_text(TimePoint expires, Random& random) {
    switch (random.below(3)) {
        case 0:
            return utc_text(expires);
        case 1:
            return text_with_offset(expires, std::chrono::minutes(0));
        default:
            return text_with_offset(expires, std::chrono::hours(-7));
    }
}

json::array member_changes(const Change& change, const Tenant& tenant, NotificationStyle style) {
    json::array members;
    for (const auto member : change.added) {
        members.push_back(json::object{{"id", tenant.at(member).id}});
    }
    const auto push_removed = [&](ObjectIndex member) {
        members.push_back(json::object{{"id", tenant.at(member).id}, {"@removed", "deleted"}});
    };
    if (style.added_and_removed) {
        for (const auto member : change.added)
            push_removed(member);
    }
    for (const auto member : change.removed)
        push_removed(member);
    return members;
}

}  // namespace

json::object change_notification(const Change& change, const Subscription& subscription,
                                 const Tenant& tenant, std::string_view tenant_id,
                                 NotificationStyle style, Random& random) {
    const bool group = change.object->kind == Kind::group;
    const std::string path = (group ? "Groups/" : "Users/") + change.object->id;
    json::object data;
    data["@odata.type"] = group ? "#Microsoft.Graph.Group" : "#Microsoft.Graph.User";
    data["@odata.id"] = path;
    data["id"] = change.object->id;
    data["organizationId"] = text(tenant_id);
    if (style.with_event_time) {
        data["eventTime"] = utc_text_with_fraction(change.time);
        data["sequenceNumber"] = dotnet_ticks(change.time);
    }
    auto members = member_changes(change, tenant, style);
    if (!members.empty()) data["members@delta"] = std::move(members);

    json::object item;
    item["changeType"] = change.purged ? "deleted" : "updated";
    if (subscription.client_state) item["clientState"] = *subscription.client_state;
    item["resource"] = path;
    item["resourceData"] = std::move(data);
    item["subscriptionExpirationDateTime"] = expiry_text(subscription.expires, random);
    item["subscriptionId"] = subscription.id;
    item["tenantId"] = text(tenant_id);
    return item;
}

json::object notification_of_another_tenant(json::object item, Random& random) {
    const std::string tenant = random.guid();
    item["tenantId"] = tenant;
    item["subscriptionId"] = random.guid();
    item["clientState"] = "another tenant's secret";
    if (auto* data = item.if_contains("resourceData")) {
        data->get_object()["organizationId"] = tenant;
    }
    return item;
}

json::object lifecycle_notification(const Subscription& subscription, std::string_view event,
                                    std::string_view tenant_id, Random& random) {
    json::object item;
    item["subscriptionId"] = subscription.id;
    item["subscriptionExpirationDateTime"] = expiry_text(subscription.expires, random);
    item["tenantId"] = text(tenant_id);
    if (subscription.client_state) item["clientState"] = *subscription.client_state;
    item["lifecycleEvent"] = text(event);
    return item;
}

}  // namespace emulator
