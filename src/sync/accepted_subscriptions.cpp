#include "sync/accepted_subscriptions.hpp"

#include <utility>

namespace writeback {

bool equal_in_constant_time(std::string_view offered, std::string_view secret) {
    // An empty secret equals nothing: before one is known every notification is refused.
    if (secret.empty()) return false;
    volatile unsigned char difference = offered.size() == secret.size() ? 0 : 1;
    std::size_t position = 0;
    for (const char c : offered) {
        const auto own = static_cast<unsigned char>(secret[position]);
        difference = static_cast<unsigned char>(difference | (static_cast<unsigned char>(c) ^ own));
        if (++position == secret.size()) position = 0;
    }
    return difference == 0;
}

void AcceptedSubscriptions::set_client_state(std::string secret) {
    const std::lock_guard lock(mutex_);
    secret_ = std::move(secret);
}

void AcceptedSubscriptions::add(const SubscriptionId& id, Stream stream) {
    const std::lock_guard lock(mutex_);
    subscriptions_[id] = stream;
}

void AcceptedSubscriptions::remove(const SubscriptionId& id) {
    const std::lock_guard lock(mutex_);
    subscriptions_.erase(id);
}

void AcceptedSubscriptions::creation_begins() {
    const std::lock_guard lock(mutex_);
    ++creations_;
}

void AcceptedSubscriptions::creation_ends() {
    const std::lock_guard lock(mutex_);
    --creations_;
}

AcceptedSubscriptions::Answer AcceptedSubscriptions::ask(const SubscriptionId& id,
                                                         std::string_view client_state) const {
    const std::lock_guard lock(mutex_);
    if (!equal_in_constant_time(client_state, secret_)) return {Verdict::client_state, {}};
    const auto known = subscriptions_.find(id);
    if (known != subscriptions_.end()) return {Verdict::accepted, known->second};
    if (creations_ > 0) return {Verdict::accepted, {}};
    return {Verdict::unknown_subscription, {}};
}

}  // namespace writeback
