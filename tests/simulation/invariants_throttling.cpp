#include "simulation/invariants_throttling.hpp"

#include <algorithm>
#include <cstdlib>

namespace writeback::simulation {

namespace {

constexpr unsigned too_many_requests = 429;

std::string kind_of(const std::string& target) {
    if (target.find("/oauth2/") != std::string::npos) return "token";
    if (target.find("/delta") != std::string::npos) return "delta";
    if (target.find("/getByIds") != std::string::npos) return "identities";
    if (target.find("/subscriptions") != std::string::npos) return "subscriptions";
    return "reads";
}

}  // namespace

void WaitsWhenTold::exchanged(const CloudExchange& exchange, Duration now) {
    const std::string kind = kind_of(exchange.request.target);
    const auto held = held_.find(kind);
    if (held != held_.end() && exchange.began > held->second.since &&
        exchange.began < held->second.until) {
        violations_.report("Retry-After",
                           "A request of kind " + kind + " left " +
                               std::to_string((held->second.until - exchange.began).count()) +
                               " ms before the time that Graph had asked to wait for.");
    }
    if (static_cast<unsigned>(exchange.response.status) != too_many_requests) return;
    const auto header =
        std::find_if(exchange.response.headers.begin(), exchange.response.headers.end(),
                     [](const auto& one) { return one.first == "Retry-After"; });
    if (header == exchange.response.headers.end()) return;
    const Duration wait(
        static_cast<Duration::rep>(std::strtod(header->second.c_str(), nullptr) * 1000));
    Held& known = held_[kind];
    known.since = now + 2 * longest_hop_;
    known.until = std::max(known.until, now + wait);
}

}  // namespace writeback::simulation
