// The groups that are assigned to our enterprise application, for groups.select = "assigned": asked
// for before rounds of the groups stream, remembered in the store, and given to the rules of scope.
//
// Another list asks for every group to be looked at again. A list that cannot be read leaves the
// known one in force; while none is known nobody's scope is told, so nothing is decided.
//
// Failures: the store's, and `cancelled`; those of the cloud are a problem in the live state, and
// come out while no list is known. Limits: asked for once a poll interval at most. Threads: one.
// Cancellation: by `stop`, in the pass over the groups.
#pragma once

#include "core/scope.hpp"
#include "sync/groups_stream.hpp"
#include "sync/ports.hpp"
#include "sync/rescope.hpp"

#include <optional>
#include <set>
#include <stop_token>

namespace writeback {

class AssignedGroups {
 public:
    AssignedGroups(SyncPorts& ports, GroupsStream& groups, Rescope& rescope);

    // Before anything else: the list that the store remembers.
    [[nodiscard]] Result<Done> prepare();
    Async<Result<Done>> refresh(std::stop_token stop);

 private:
    Async<Result<Done>> take(std::set<GroupId> assigned, std::stop_token stop);

    SyncPorts& ports_;
    GroupsStream& groups_;
    Rescope& rescope_;
    std::optional<Duration> asked_at_;  // monotonic
};

}  // namespace writeback
