// The subscription service: create, renew, remove, list.
//
// Failures: as SubscriptionService says. Creating is not idempotent: when its outcome is unknown
// the failure says so by its kind, and list() tells. Removing what is gone is no failure. Limits:
// most_pages of the list. Threads, cancellation: as GraphCaller.
#pragma once

#include "graph/graph_caller.hpp"

#include <writeback/subscription_service.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace writeback {

[[nodiscard]] Result<Subscription> parse_subscription(std::string_view body);

class Subscriptions : public SubscriptionService {
 public:
    static constexpr int most_pages = 1000;

    explicit Subscriptions(GraphCaller& caller) : caller_(caller) {}
    Async<Result<Subscription>> create(NewSubscription request) override;
    Async<Result<Subscription>> renew(SubscriptionId id, Instant expires) override;
    Async<Result<Done>> remove(SubscriptionId id) override;
    Async<Result<std::vector<Subscription>>> list() override;

 private:
    GraphCaller& caller_;
};

}  // namespace writeback
