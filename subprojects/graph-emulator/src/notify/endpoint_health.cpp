#include "endpoint_health.hpp"

#include <algorithm>

namespace emulator {
namespace {

constexpr std::size_t most_answers = 10000;

}  // namespace

void EndpointHealth::record(Duration now, std::chrono::milliseconds took,
                            const HealthRules& rules) {
    const auto before = state(now, rules);
    if (!rules.enforced || before == EndpointState::dropping) return;
    answers_.push_back({now, took});
    if (answers_.size() > most_answers) answers_.pop_front();
    const auto share_from = [&](std::chrono::milliseconds limit) {
        const auto count =
            std::count_if(answers_.begin(), answers_.end(),
                          [&](const Answer& answer) { return answer.took >= limit; });
        return static_cast<double>(count) / static_cast<double>(answers_.size());
    };
    if (share_from(rules.very_slow_from) > rules.drop_share) {
        state_ = EndpointState::dropping;
    } else if (share_from(rules.slow_from) > rules.slow_share) {
        state_ = EndpointState::slow;
    }
    if (state_ != before) entered_ = now;
}

EndpointState EndpointHealth::state(Duration now, const HealthRules& rules) {
    if (!rules.enforced) return EndpointState::normal;
    while (!answers_.empty() && answers_.front().at + rules.window <= now)
        answers_.pop_front();
    if (state_ != EndpointState::normal && entered_ + rules.window <= now) {
        state_ = EndpointState::normal;
        answers_.clear();
    }
    return state_;
}

}  // namespace emulator
