// The bodies of POST /emulator/notifications and POST /emulator/delta.
//
// Failures: what is wrong, in a sentence; nothing is changed then. Threads: one.
#pragma once

#include "../base/json.hpp"
#include "../delta/delta_query.hpp"
#include "../notify/delivery.hpp"
#include "../notify/notification.hpp"

#include <optional>
#include <string>

namespace emulator {

std::optional<std::string> apply_delta_settings(const json::object& body, DeltaSettings& settings);

std::optional<std::string> apply_notification_settings(const json::object& body,
                                                       NotificationDelivery& delivery,
                                                       NotificationStyle& style);

}  // namespace emulator
