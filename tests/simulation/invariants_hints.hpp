// I2: no notification that was answered 202 is forgotten. When a process has ended, each hint that
// it had acknowledged stands in the inbox's file, or a delta round that began after the answer has
// shown the whole stream. And what was forged is not kept at all.
//
// Failures: a hint that is nowhere is a violation. Threads: the loop's.
#pragma once

#include "simulation/network.hpp"
#include "simulation/violations.hpp"
#include "sync/accepted_subscriptions.hpp"

#include <writeback/mirror.hpp>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace writeback::fakes {
class ModelDisk;
}

namespace writeback::simulation {

class AcknowledgedHints {
 public:
    AcknowledgedHints(Violations& violations, std::string tenant)
        : violations_(violations), tenant_(std::move(tenant)) {}

    // An answer has left the process; `accepted` is what the process took for its own then.
    void answered(const WebhookExchange& exchange, const AcceptedSubscriptions& accepted,
                  Duration now);
    // A request of the daemon was answered by Graph.
    void exchanged(const CloudExchange& exchange);
    // Items that were answered 202 and are the daemon's own.
    [[nodiscard]] std::int64_t count() const { return count_; }
    // Nothing of what was refused stands in the inbox.
    void check_refused(fakes::ModelDisk& disk);
    // The process has ended, and the disk is as it will be found.
    void check(fakes::ModelDisk& disk, Duration now);

 private:
    struct Acknowledged {
        Stream stream = Stream::groups;
        std::string object;
        Duration at{};
    };
    struct Round {
        std::optional<Duration> began;
        std::optional<Duration> last_complete_began;
    };

    Violations& violations_;
    std::string tenant_;
    std::vector<Acknowledged> acknowledged_;
    std::set<std::string> refused_;  // forged ids of subscriptions and objects
    std::map<Stream, Round> rounds_;
    std::int64_t count_ = 0;
};

}  // namespace writeback::simulation
