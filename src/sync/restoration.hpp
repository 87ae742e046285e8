// Brings back, on request, a group that someone deleted in the directory: with its objectGUID and
// SID, under the name that the mapping gives it, and filled again by the reconciler.
//
// Failures: those of the directory and the store as a whole come out, and the request is made
// again. What concerns the group is told in its hold `missing`, which stays; that ends the request.
// Threads: one. Cancellation: as the directory's calls.
#pragma once

#include "sync/bound_directory.hpp"
#include "sync/ports.hpp"

#include <writeback/directory.hpp>
#include <writeback/store.hpp>

#include <string>

namespace writeback {

class Restoration {
 public:
    Restoration(SyncPorts& ports, BoundDirectory& bound);

    Async<Result<Done>> restore(GroupId group);

 private:
    // False when the object is there, so that nothing is to be restored.
    Async<Result<bool>> is_missing(const WrittenGroup& known, const GroupWork& work);
    Async<Result<Done>> bring_back(WrittenGroup known, GroupWork work);
    [[nodiscard]] Result<DesiredGroup> desired_group(const WrittenGroup& known,
                                                     const GroupWork& work) const;
    [[nodiscard]] Result<Done> read_first(const GroupId& group);
    // Why it could not be brought back.
    [[nodiscard]] Result<Done> refuse(const WrittenGroup& known, const GroupWork& work,
                                      const std::string& why);

    SyncPorts& ports_;
    BoundDirectory& bound_;
};

}  // namespace writeback
