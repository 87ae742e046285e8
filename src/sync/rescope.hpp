// A changed configuration asks for every group to be looked at again: which groups are in scope,
// and what they should be in AD. What the store was last brought in line with is remembered, so a
// pass that was interrupted is made again.
//
// Failures: the store's. Threads: one. Cancellation: between two batches, by `stop`.
#pragma once

#include "core/projection.hpp"
#include "core/scope.hpp"
#include "sync/groups_stream.hpp"
#include "sync/ports.hpp"

#include <memory>
#include <stop_token>
#include <string>

namespace writeback {

class Rescope {
 public:
    Rescope(SyncPorts& ports, GroupsStream& groups);

    Async<Result<Done>> if_scope_changed(const ScopeRules& rules, std::stop_token stop);
    Async<Result<Done>> if_projection_changed(const ProjectionRules& rules, std::stop_token stop);

 private:
    Async<Result<Done>> if_changed(std::string fact, std::string fingerprint, std::stop_token stop);
    Async<Result<Done>> all_groups(std::stop_token stop);

    SyncPorts& ports_;
    GroupsStream& groups_;
    std::unique_ptr<Alarm> turn_;
};

}  // namespace writeback
