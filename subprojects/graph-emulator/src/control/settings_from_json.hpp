// The bodies of POST /emulator/notifications, /emulator/delta, /emulator/tenant,
// /emulator/subscriptions/limits and …/listing, and /emulator/permissions.
//
// Failures: what is wrong, in a sentence; nothing is changed then. Threads: one.
#pragma once

#include "../base/json.hpp"
#include "../delta/delta_query.hpp"
#include "../graph/permissions.hpp"
#include "../notify/delivery.hpp"
#include "../notify/notification.hpp"
#include "../notify/subscription.hpp"
#include "../tenant/tenant.hpp"

#include <optional>
#include <string>

namespace emulator {

std::optional<std::string> apply_delta_settings(const json::object& body, DeltaSettings& settings);

std::optional<std::string> apply_tenant_settings(const json::object& body,
                                                 TenantSettings& settings);

std::optional<std::string> apply_subscription_limits(const json::object& body,
                                                     SubscriptionLimits& limits);

std::optional<std::string> apply_subscription_listing(const json::object& body,
                                                      SubscriptionListing& listing);

std::optional<std::string> apply_permissions(const json::object& body, Permissions& permissions);

std::optional<std::string> apply_notification_settings(const json::object& body,
                                                       NotificationDelivery& delivery,
                                                       NotificationStyle& style);

}  // namespace emulator
