// Everything that the story speaks to: the ports, the configuration, and the two small structures
// that other threads share with it.
//
// Ownership: references; what they name outlives the story. Threads: the story and all ports below
// run on one thread, except where a port's own header says more.
#pragma once

#include "sync/accepted_subscriptions.hpp"
#include "sync/live_state.hpp"

#include <writeback/change_source.hpp>
#include <writeback/clock.hpp>
#include <writeback/config.hpp>
#include <writeback/directory.hpp>
#include <writeback/identity_source.hpp>
#include <writeback/log.hpp>
#include <writeback/notification.hpp>
#include <writeback/plan.hpp>
#include <writeback/random.hpp>
#include <writeback/store.hpp>
#include <writeback/subscription_service.hpp>

#include <functional>
#include <string>

namespace writeback {

// Is told of each operation that the directory has obeyed, in that order.
class OperationWitness {
 public:
    virtual ~OperationWitness() = default;
    virtual void carried_out(const GroupId& group, const std::string& name,
                             const Operation& operation) = 0;
};

struct SyncPorts {
    const Config& config;
    Clock& clock;
    Random& random;
    Log& log;
    Audit& audit;
    Metrics& metrics;
    Store& store;
    ChangeSource& changes;
    IdentitySource& identities;
    DirectoryReader& directory;
    DirectoryWriter* writer = nullptr;  // none under report-only: then nothing can be written
    LiveState& live;
    AcceptedSubscriptions& accepted;
    // Both none without [webhook], and in `once` and `plan`.
    InboxReader* inbox = nullptr;
    SubscriptionService* subscriptions = nullptr;
    // The content of client_state_file without its line end; empty: one is generated and kept.
    std::string client_state{};
    OperationWitness* witness = nullptr;

    // How the story ends the calls that are under way once it was told to stop: those to the cloud
    // at once, those to the directory when the drain's deadline has passed. Either may be empty.
    std::function<void()> end_cloud_calls{};
    std::function<void()> end_directory_calls{};
};

// What groups are judged by: the configuration's settings. Under report-only a writer is given only
// to record a plan, and the plan shows what the policy `full` would do.
[[nodiscard]] inline GroupsConfig judged_groups(const SyncPorts& ports) {
    GroupsConfig groups = ports.config.groups;
    if (groups.policy == Policy::report_only && ports.writer != nullptr) {
        groups.policy = Policy::full;
    }
    return groups;
}

}  // namespace writeback
