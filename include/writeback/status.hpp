// What the daemon says of itself: the value behind `status --json`, /api/v1/status, /readyz and the
// status page.
#pragma once

#include <writeback/clock.hpp>
#include <writeback/plan.hpp>
#include <writeback/result.hpp>
#include <writeback/store.hpp>
#include <writeback/subscription_service.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace writeback {

struct StreamStatus {
    std::string name;
    std::optional<Instant> last_round;
    std::optional<std::int64_t> token_age_seconds;
};

struct Status {
    std::string state = "starting";  // starting, ready, degraded, held
    std::string version;
    std::string policy;
    std::vector<std::string> problems;  // sentences: why degraded
    Store::Counts counts;
    std::vector<Hold> held;
    std::vector<StreamStatus> streams;
    std::vector<Subscription> subscriptions;
    std::string directory_server;
    bool directory_bound = false;
};

struct Readiness {
    bool ready = false;
    std::vector<std::string> reasons;  // why not, one sentence each
};

// Threads: called on the admin listener's thread; an implementation keeps its own connection to the
// store.
class StatusSource {
 public:
    virtual ~StatusSource() = default;
    [[nodiscard]] virtual Result<Status> status() = 0;
    [[nodiscard]] virtual Readiness readiness() = 0;
};

}  // namespace writeback
