// What the webhook receives, as values, and the port that takes it.
//
// A notification is a hint, never a fact: nothing in it is believed but that something may have
// changed.
#pragma once

#include <writeback/async.hpp>
#include <writeback/clock.hpp>
#include <writeback/ids.hpp>
#include <writeback/mirror.hpp>
#include <writeback/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace writeback {

enum class LifecycleEvent {
    none,
    reauthorization_required,
    subscription_removed,
    missed,
    unrecognised
};

// One item of a POST, as it was sent; nothing of it is checked yet.
struct Notification {
    SubscriptionId subscription;
    TenantId tenant;
    std::string client_state;  // to be compared in constant time; never logged
    LifecycleEvent lifecycle = LifecycleEvent::none;
    std::string change_type;  // "updated", "deleted", "created"; empty on lifecycle items
    std::string resource;     // "Groups/{id}"
    std::string
        resource_id;  // resourceData.id, or the resource's last segment; canonical GUID, or empty
};

// What the inbox keeps of an accepted notification.
struct Hint {
    std::int64_t id = 0;  // given by the inbox
    Instant received_at{};
    SubscriptionId subscription;
    Stream stream = Stream::groups;
    LifecycleEvent lifecycle = LifecycleEvent::none;
    std::string object_id;  // the group or user; empty when unknown
};

struct BatchOutcome {
    std::size_t accepted = 0;
    std::size_t refused = 0;
};

class NotificationSink {
 public:
    virtual ~NotificationSink() = default;
    // Checks each item (client state, tenant, subscription) and makes the accepted ones durable
    // before it returns. Failure `store`: nothing was kept; the peer must be asked to try again
    // (503). Refused items are no failure. Threads: called on the intake's thread.
    virtual Async<Result<BatchOutcome>> receive(std::vector<Notification> batch) = 0;
};

// The durable inbox's two ends. append() is called on the intake's thread and returns when the
// hints are on disk (one fsync for all who wait); the reading side is called on the sync thread.
class InboxWriter {
 public:
    virtual ~InboxWriter() = default;
    virtual Async<Result<Done>> append(std::vector<Hint> hints) = 0;
};

class InboxReader {
 public:
    virtual ~InboxReader() = default;
    // The oldest hints with an id above `after`, in id order.
    [[nodiscard]] virtual Result<std::vector<Hint>> read(std::int64_t after, std::size_t limit) = 0;
    // Forgets hints that are satisfied or given up.
    [[nodiscard]] virtual Result<Done> forget(const std::vector<std::int64_t>& ids) = 0;
};

}  // namespace writeback
