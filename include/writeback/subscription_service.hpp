// The port for Graph's subscriptions.
//
// Failures: not_found means the subscription is gone and must be created anew; already_exists means
// that Graph keeps one for the same resource. Creating and renewing make Graph call our webhook
// before they return, so the listener must be up. Threads, cancellation: as ChangeSource.
#pragma once

#include <writeback/async.hpp>
#include <writeback/clock.hpp>
#include <writeback/ids.hpp>
#include <writeback/mirror.hpp>
#include <writeback/result.hpp>

#include <string>
#include <vector>

namespace writeback {

struct Subscription {
    SubscriptionId id;
    std::string resource;  // "groups" or "users"; Graph may give a leading slash, which is cut off
    std::string notification_url;
    Instant expires{};
};

struct NewSubscription {
    Stream stream = Stream::groups;
    std::string notification_url;
    std::string lifecycle_url;
    std::string client_state;  // a secret
    Instant expires{};
};

class SubscriptionService {
 public:
    virtual ~SubscriptionService() = default;
    virtual Async<Result<Subscription>> create(NewSubscription request) = 0;
    // PATCH of the expiry; it re-authorises as well. Gives the subscription as Graph now keeps it.
    virtual Async<Result<Subscription>> renew(SubscriptionId id, Instant expires) = 0;
    virtual Async<Result<Done>> remove(SubscriptionId id) = 0;
    virtual Async<Result<std::vector<Subscription>>> list() = 0;
};

}  // namespace writeback
