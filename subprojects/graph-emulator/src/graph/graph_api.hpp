// The Graph API as one function: request in, response out, with authorization, faults, costs and
// counting.
//
// Failures: every refusal is a response in Graph's envelope. Ownership: the services outlive the
// API. Threads: one. Cancellation: a call that waits for a webhook ends by that wait's deadline.
#pragma once

#include "call.hpp"
#include "routes.hpp"

#include <boost/asio/awaitable.hpp>

namespace emulator {

class GraphApi {
 public:
    explicit GraphApi(Services services);

    const Services& services() const { return services_; }
    boost::asio::awaitable<Response> handle(const Request& request);

 private:
    struct Outcome {
        Response response;
        std::string operation;
        int resource_units = 0;
    };

    Call call_for(const Request& request);
    boost::asio::awaitable<Outcome> route(Call& call, std::string_view below_version);
    boost::asio::awaitable<Response> dispatch(const Route& route, Call& call);
    boost::asio::awaitable<Response> batch(const Call& call);
    boost::asio::awaitable<Response> batch_item(const Call& outer, const json::object& item);
    boost::asio::awaitable<std::optional<Fault>> strike(std::string_view operation,
                                                        std::string_view method);
    std::optional<Response> struck_before(const Fault& fault, const Call& call) const;
    Response throttled(const Call& call, std::optional<double> retry_after) const;
    void spoil(const Fault& fault, const Call& call, Response& response) const;
    void finish(const Call& call, Outcome& outcome);

    Services services_;
    RouteTable routes_;
};

/// What is wrong with a $batch body, or nothing.
Verdict check_batch(const json::object& body);

}  // namespace emulator
