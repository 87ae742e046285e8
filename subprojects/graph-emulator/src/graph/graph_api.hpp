// The Graph API as one function: request in, response out, with authorization, faults, costs and
// counting.
//
// Failures: every refusal is a response in Graph's envelope. Ownership: the services outlive the
// API. Threads: one. Cancellation: a call that waits for a webhook ends by that wait's deadline.
#pragma once

#include "call.hpp"
#include "routes.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>

namespace emulator {

class GraphApi {
 public:
    explicit GraphApi(Services services);

    const Services& services() const { return services_; }
    /// Is awaited before each request of an operation is answered, also within a batch.
    std::function<boost::asio::awaitable<void>(std::string operation)> before;
    boost::asio::awaitable<Response> handle(const Request& request);

 private:
    struct Outcome {
        Response response;
        std::string operation;
        int resource_units = 0;
    };

    Call call_for(const Request& request);
    boost::asio::awaitable<Outcome> route(Call& call, std::string_view below_version);
    boost::asio::awaitable<Outcome> sign_in(Call& call, const std::string& path);
    /// Why the request is not even looked at: no token, no permission, no budget.
    std::optional<Response> turned_away(const Call& call, const Outcome& outcome);
    boost::asio::awaitable<Response> dispatch(const Route& route, Call& call);
    boost::asio::awaitable<Response> batch(const Call& call);
    boost::asio::awaitable<Response> batch_item(const Call& outer, const json::object& item);
    boost::asio::awaitable<std::optional<Fault>> strike(std::string_view operation,
                                                        const Request& request);
    std::optional<Response> struck_before(const Fault& fault, const Call& call) const;
    std::optional<Response> over_budget(const Call& call, int units);
    Response throttled(const Call& call, std::optional<double> retry_after,
                       std::string_view information) const;
    void spoil(const Fault& fault, const Call& call, Response& response) const;
    void finish(const Call& call, Outcome& outcome);

    Services services_;
    RouteTable routes_;
};

/// What is wrong with a $batch body, or nothing.
Verdict check_batch(const json::object& body);

}  // namespace emulator
