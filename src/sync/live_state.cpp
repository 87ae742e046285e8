#include "sync/live_state.hpp"

#include <utility>

namespace writeback {

LiveSnapshot LiveState::snapshot() const {
    const std::lock_guard lock(mutex_);
    return state_;
}

void LiveState::set_started() {
    const std::lock_guard lock(mutex_);
    state_.started = true;
}

void LiveState::set_draining() {
    const std::lock_guard lock(mutex_);
    state_.draining = true;
}

void LiveState::set_directory(bool bound, std::string server) {
    const std::lock_guard lock(mutex_);
    state_.directory_bound = bound;
    if (!server.empty()) state_.directory_server = std::move(server);
}

void LiveState::set_subscriptions(std::vector<Subscription> subscriptions) {
    const std::lock_guard lock(mutex_);
    state_.subscriptions = std::move(subscriptions);
}

bool LiveState::set_problem(const std::string& topic, std::string sentence) {
    const std::lock_guard lock(mutex_);
    auto& known = state_.problems[topic];
    if (known == sentence) return false;
    known = std::move(sentence);
    return true;
}

bool LiveState::clear_problem(const std::string& topic) {
    const std::lock_guard lock(mutex_);
    return state_.problems.erase(topic) > 0;
}

}  // namespace writeback
