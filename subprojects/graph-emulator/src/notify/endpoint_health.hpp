// How a webhook has been answering, and what Graph does to one that is slow.
//
// More than a tenth of the answers slow within the window: new notifications are delayed. More than
// 15 % very slow: they are dropped, and a slow endpoint may come to that. A state lasts for a
// window; then the endpoint is judged afresh.
//
// Pure: time comes in from outside. Failures: none. Limits: the answers of one window, 10,000 at
// most. Threads: one.
#pragma once

#include "../base/time.hpp"

#include <chrono>
#include <cstdint>
#include <deque>

namespace emulator {

struct HealthRules {
    bool enforced = false;
    std::chrono::milliseconds window{std::chrono::minutes(10)};
    std::chrono::milliseconds slow_from{3000};
    std::chrono::milliseconds very_slow_from{10000};
    std::chrono::milliseconds slow_delay{std::chrono::minutes(10)};
    double slow_share = 0.10;
    double drop_share = 0.15;
};

enum class EndpointState : std::uint8_t { normal, slow, dropping };

class EndpointHealth {
 public:
    /// `now` is steady time.
    void record(Duration now, std::chrono::milliseconds took, const HealthRules& rules);
    EndpointState state(Duration now, const HealthRules& rules);

 private:
    struct Answer {
        Duration at;
        std::chrono::milliseconds took;
    };

    std::deque<Answer> answers_;
    EndpointState state_ = EndpointState::normal;
    Duration entered_{0};
};

}  // namespace emulator
