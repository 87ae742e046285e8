// Microsoft Graph as the daemon sees it: the three ports, built from the configuration.
//
// Failures: those of the ports. Nothing is opened or read before the first call, so a wrong ca_file
// or secret file is that call's failure (invalid_configuration). Limits: GraphConfig's. Ownership:
// clock, random, log and metrics must outlive it; the ports belong to it. Threads: one, that of the
// coroutines which call it; connections live on their executor, so a Graph is destroyed before it.
// Cancellation: stop() ends every call with `cancelled`; a connection attempt that is under way
// ends at connect_timeout at the latest.
#pragma once

#include "graph/http_sender.hpp"

#include <writeback/change_source.hpp>
#include <writeback/clock.hpp>
#include <writeback/config.hpp>
#include <writeback/identity_source.hpp>
#include <writeback/log.hpp>
#include <writeback/random.hpp>
#include <writeback/subscription_service.hpp>

#include <memory>

namespace writeback {

class Graph {
 public:
    // The selection is what the groups stream is asked for (core/selection). Requests leave by the
    // sender; without one, by an HttpClient.
    Graph(GraphConfig config, Clock& clock, Random& random, Log& log, Metrics& metrics,
          GroupSelection selection = {}, std::unique_ptr<HttpSender> sender = nullptr);
    Graph(const Graph&) = delete;
    Graph& operator=(const Graph&) = delete;
    ~Graph();

    [[nodiscard]] ChangeSource& changes();
    [[nodiscard]] IdentitySource& identities();
    [[nodiscard]] SubscriptionService& subscriptions();

    // For `check-config --online`: asks for a token, nothing else.
    Async<Result<Done>> check_token();

    void stop();

 private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace writeback
