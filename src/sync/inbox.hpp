// The receiving end of the webhook: checks each notification of a batch, makes the genuine ones
// durable, wakes the puller, and only then says yes.
//
// Failures: `store` when the hints could not be made durable; nothing was kept, the peer must be
// asked to try again, and the status tells it until the next hints are kept. A forged notification
// is no failure: it is counted, told in the log at most once a minute, and dropped. Threads:
// receive() runs on the intake's thread; `wake` is called there and must be safe across threads.
#pragma once

#include "sync/accepted_subscriptions.hpp"
#include "sync/live_state.hpp"

#include <writeback/clock.hpp>
#include <writeback/log.hpp>
#include <writeback/notification.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace writeback {

class Inbox final : public NotificationSink {
 public:
    Inbox(InboxWriter& writer, AcceptedSubscriptions& accepted, TenantId tenant, const Clock& clock,
          Log& log, Metrics& metrics, LiveState& live, std::function<void()> wake);

    Async<Result<BatchOutcome>> receive(std::vector<Notification> batch) override;

 private:
    struct Refusals {
        std::int64_t client_state = 0;
        std::int64_t tenant = 0;
        std::int64_t subscription = 0;
        [[nodiscard]] std::int64_t all() const { return client_state + tenant + subscription; }
    };

    [[nodiscard]] std::optional<Hint> check(const Notification& notification, Instant now);
    void tell_refusals();
    void tell_not_kept(const Failure& why);

    InboxWriter& writer_;
    AcceptedSubscriptions& accepted_;
    TenantId tenant_;
    const Clock& clock_;
    Log& log_;
    Metrics& metrics_;
    LiveState& live_;
    std::function<void()> wake_;
    Refusals refused_;
    std::optional<Duration> told_at_;
};

}  // namespace writeback
