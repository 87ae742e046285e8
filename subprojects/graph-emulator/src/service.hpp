// The whole emulator but its sockets: requests in, responses out, notifications through a Poster.
//
// It runs in any process on any time. All it knows of the world comes through the ports it is
// given: it reads no clock, waits on no timer, opens no socket and draws no chance of its own, so
// the same settings, ports, requests and `tenant_life` give the same bytes. What it reads are files
// that the settings name (tenant, scenario, client certificate); what it writes, the keys of
// --arc-keys.
//
//     emulator::Service graph(executor, settings, time, poster, 42);
//     emulator::Response response = co_await graph.answer(request);
//
// A request needs method, target ("/v1.0/groups/delta?…"), the header Host, which links in answers
// are made of, and X-Forwarded-Proto: https where those links are to begin with https. A response
// whose `delivery` is cut_in_the_middle is to reach the client with half of its body.
//
// `tenant_life` seeds the access tokens and marks the delta tokens; another life knows neither.
// settings.seed seeds ids and all other chance.
//
// Failures: construction throws std::runtime_error with a sentence for people (tenant,
// scenario); answer() never throws, a bug becomes a 500. Limits: those of the parts. Ownership:
// time, poster and the executor's context outlive the service, and the service outlives every
// coroutine of its own: answer() and the deliveries that it spawns on the executor. Threads: the
// executor's one. Cancellation: stop() ends deliveries; destroying the executor's context ends the
// rest.
#pragma once

#include "base/time.hpp"
#include "control/control_api.hpp"
#include "control/scenario_player.hpp"
#include "graph/graph_api.hpp"
#include "http/poster.hpp"
#include "settings.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdint>

namespace emulator {

class Service {
 public:
    Service(boost::asio::any_io_executor executor, const Settings& settings, Time& time,
            Poster& poster, std::uint64_t tenant_life);
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;

    boost::asio::awaitable<Response> answer(Request request);
    void stop();

    /// Changes made here are seen by delta query and told to subscriptions like any others.
    Tenant& tenant() { return tenant_; }
    Clock& clock() { return clock_; }
    Random& random() { return random_; }
    FaultPlan& faults() { return faults_; }
    DeltaQuery& delta() { return delta_; }
    SubscriptionRegistry& subscriptions() { return subscriptions_; }
    NotificationDelivery& delivery() { return delivery_; }
    AccessTokens& access_tokens() { return access_tokens_; }
    ResourceBudget& budget() { return budget_; }
    ResourceBudget& write_budget() { return write_budget_; }
    Permissions& permissions() { return permissions_; }
    const RequestLog& requests() const { return requests_; }
    /// Everything below /emulator/, as values.
    ControlApi& control() { return control_; }
    ScenarioPlayer& scenario() { return scenario_; }
    Settings& settings() { return settings_; }
    const Settings& settings() const { return settings_; }

 private:
    void load();
    void notify(const Change& change);
    void log(const Request& request, const Response& response) const;

    Settings settings_;
    Clock clock_;
    Random random_;
    Tenant tenant_;
    DeltaQuery delta_;
    SubscriptionRegistry subscriptions_;
    NotificationDelivery delivery_;
    FaultPlan faults_;
    RequestLog requests_;
    AccessTokens access_tokens_;
    ResourceBudget budget_;
    ResourceBudget write_budget_;
    Permissions permissions_;
    GraphApi graph_;
    ScenarioPlayer scenario_;
    ControlApi control_;
};

}  // namespace emulator
