// The items of notification bodies, in the shapes that Graph really sends.
//
// Note the differences from delta query: capital letters in "#Microsoft.Graph.Group" and
// "Groups/{id}", and a string as the value of "@removed". Pure: change and subscription in, JSON
// out. Failures: none. Threads: none shared.
#pragma once

#include "../base/json.hpp"
#include "../tenant/tenant.hpp"
#include "subscription.hpp"

namespace emulator {

struct NotificationStyle {
    bool with_event_time = false;    ///< the payload of 2018 to 2021: eventTime and sequenceNumber
    bool added_and_removed = false;  ///< each member that was added is listed as removed too
};

json::object change_notification(const Change& change, const Subscription& subscription,
                                 const Tenant& tenant, std::string_view tenant_id,
                                 NotificationStyle style, Random& random);

/// The same change as another tenant's subscription on the same URL would see it.
json::object notification_of_another_tenant(json::object item, Random& random);

json::object lifecycle_notification(const Subscription& subscription, std::string_view event,
                                    std::string_view tenant_id, Random& random);

}  // namespace emulator
