// The routes of the Graph API below /v1.0 and /beta, and which operation each belongs to.
//
// Failures: what no route matches is refused with 404 or 405 by the router. Ownership: the table
// holds functions only. Threads: one; a route that waits says so by its kind.
#pragma once

#include "call.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace emulator {

using Answer = std::function<Response(const Services&, const Call&)>;
using WaitingAnswer = std::function<boost::asio::awaitable<Response>(const Services&, const Call&)>;

struct Route {
    std::string method;
    std::vector<std::string> pattern;  ///< "{}" stands for any one segment
    std::string operation;             ///< as in faults and counters
    int resource_units = 1;
    Answer answer;
    WaitingAnswer waiting_answer;  ///< instead of `answer`, for routes that ask the webhook
};

class RouteTable {
 public:
    void add(std::string_view method, std::string_view pattern, std::string_view operation,
             int resource_units, Answer answer);
    void add_waiting(std::string_view method, std::string_view pattern, std::string_view operation,
                     WaitingAnswer answer);

    struct Match {
        const Route* route = nullptr;
        std::vector<std::string> captures;
        bool path_known = false;  ///< another method would have matched
    };
    Match match(std::string_view method, std::string_view path) const;

 private:
    std::vector<Route> routes_;
};

void add_object_routes(RouteTable& table);
void add_link_routes(RouteTable& table);
void add_application_routes(RouteTable& table);
void add_delta_routes(RouteTable& table);
void add_directory_routes(RouteTable& table);
void add_subscription_routes(RouteTable& table);

/// Directory segments in one spelling: groups('x') as groups/x, delta() and microsoft.graph.delta
/// as delta.
std::string canonical_path(std::string_view decoded);

/// The base cost of a request, after the modifiers for $select, $top and $expand.
int resource_units(const Route& route, const Call& call);

}  // namespace emulator
