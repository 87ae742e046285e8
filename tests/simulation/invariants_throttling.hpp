// Who is told to wait waits: after a 429 with a Retry-After no request of the same kind leaves the
// same process before that time.
//
// Failures: a request that did not wait is a violation. Threads: the loop's.
#pragma once

#include "simulation/network.hpp"
#include "simulation/violations.hpp"

#include <map>
#include <string>

namespace writeback::simulation {

class WaitsWhenTold {
 public:
    // longest_hop: between two machines, one way.
    WaitsWhenTold(Violations& violations, Duration longest_hop)
        : violations_(violations), longest_hop_(longest_hop) {}

    // Graph has answered a request of the daemon at this time.
    void exchanged(const CloudExchange& exchange, Duration now);
    void process_ended() { held_.clear(); }

 private:
    struct Held {
        Duration since{};  // when the answer has reached the daemon at the latest
        Duration until{};
    };

    Violations& violations_;
    Duration longest_hop_;
    std::map<std::string, Held> held_;  // by kind of request
};

}  // namespace writeback::simulation
