// From the bytes of a POST to notifications, without judging them: Graph's JSON in either of its
// generations becomes values; who may be believed is the sink's matter.
//
// Failures: unreadable (no JSON, or no object with an array "value": 400) and too_large (more items
// than the limit: 413). One item that makes no sense is counted and does not lose the others.
// Limits: nesting and number of items. Pure; threads: any.
#pragma once

#include <writeback/notification.hpp>
#include <writeback/result.hpp>

#include <string_view>
#include <vector>

namespace writeback {

struct NotificationLimits {
    int max_nesting = 32;
    std::size_t max_items = 1000;
};

struct NotificationBatch {
    std::vector<Notification> items;
    std::size_t unreadable = 0;  // items that were no object, or named no subscription
};

[[nodiscard]] Result<NotificationBatch> read_notifications(std::string_view body,
                                                           const NotificationLimits& limits);

}  // namespace writeback
