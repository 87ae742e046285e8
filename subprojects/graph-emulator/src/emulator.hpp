// The emulator: every part built in order, listening, and answering.
//
// Failures: construction throws std::runtime_error with a sentence for people (address, tenant,
// certificate). Ownership: owns all parts; the io_context must outlive it. Threads: the
// io_context's one thread. Cancellation: stop() ends listening and deliveries at once.
#pragma once

#include "control/control_api.hpp"
#include "graph/graph_api.hpp"
#include "http/server.hpp"
#include "settings.hpp"

#include <boost/asio/io_context.hpp>

namespace emulator {

class Emulator {
 public:
    Emulator(boost::asio::io_context& context, const Settings& settings);

    std::uint16_t port() const { return server_.port(); }
    std::string base_url() const;
    void start() { server_.start(); }
    void stop();

 private:
    boost::asio::awaitable<Response> answer(Request request);
    void load();
    void notify(const Change& change);
    void log(const Request& request, const Response& response) const;

    Settings settings_;
    Clock clock_;
    Random random_;
    Tenant tenant_;
    DeltaQuery delta_;
    SubscriptionRegistry subscriptions_;
    HttpClient client_;
    NotificationDelivery delivery_;
    FaultPlan faults_;
    RequestLog requests_;
    AccessTokens access_tokens_;
    ResourceBudget budget_;
    Permissions permissions_;
    GraphApi graph_;
    ControlApi control_;
    HttpServer server_;
};

}  // namespace emulator
