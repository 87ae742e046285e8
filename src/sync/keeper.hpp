// The life of the two subscriptions: created after the webhook answers, renewed well before they
// end, re-authorised when Graph asks, made anew when they are gone.
//
// What Graph already keeps is looked at first: a subscription is ours by its id in the store, or by
// a URL that begins with our public one. Ours is taken up again (when it was made with the same
// client state and addresses) or removed; another's is left alone and named in the log.
//
// Failures: none come out. What goes wrong is a problem in the live state, and is tried again.
// Threads: one; prepare() before the webhook listens. Cancellation: serve() ends at its next wait
// after `stop`.
#pragma once

#include "sync/ports.hpp"

#include <writeback/subscription_service.hpp>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace writeback {

class Keeper {
 public:
    // asks_round: a subscription was made, or notifications were held back: one round of its stream
    // is due. answered: these lifecycle hints need not be kept any longer.
    Keeper(SyncPorts& ports, std::function<void(Stream)> asks_round,
           std::function<void(const std::vector<std::int64_t>&)> answered);

    // Client state and known subscriptions, so that the webhook may take notifications from its
    // first moment.
    [[nodiscard]] Result<Done> prepare();
    Async<void> serve(std::stop_token stop);
    // A lifecycle notification of one of our subscriptions.
    void take_in(const Hint& hint);
    void wake();

 private:
    struct Kept {
        Stream stream = Stream::groups;
        std::optional<Subscription> subscription;
        Duration next_step{};             // monotonic: when it is to be created or renewed
        int failures = 0;                 // in a row
        bool asked = false;               // reauthorizationRequired, and not answered yet
        std::vector<std::int64_t> hints;  // to be forgotten once it is answered
        std::optional<Duration> patched_at, last_asked_at;
    };

    Async<bool> look_at_existing();
    Async<Result<Done>> take_up_or_remove(Subscription found, bool known_by_id);
    Async<Result<Done>> look_through(std::vector<Subscription> found);
    Result<Done> forget_vanished(const std::vector<Subscription>& found);
    [[nodiscard]] bool is_due(const Kept& kept, Duration now) const;
    Async<void> tend(Kept& kept);
    Async<Result<Done>> create(Kept& kept);
    Async<Result<Done>> renew(Kept& kept);
    void forget(Kept& kept);
    void remember(Kept& kept, Subscription subscription);
    void answer_hints(Kept& kept);
    void retry_later(Kept& kept, const Failure& failure, const char* what);
    void show();
    [[nodiscard]] std::string notification_url() const;
    [[nodiscard]] std::string lifecycle_url() const;
    [[nodiscard]] bool is_at_our_address(const Subscription& subscription) const;
    Kept& of(Stream stream);

    SyncPorts& ports_;
    std::function<void(Stream)> asks_round_;
    std::function<void(const std::vector<std::int64_t>&)> answered_;
    std::unique_ptr<Alarm> alarm_;
    std::string client_state_;
    bool same_client_state_ = true;  // as the one that known subscriptions were made with
    bool looked_ = false;
    std::array<Kept, 2> kept_;
};

}  // namespace writeback
