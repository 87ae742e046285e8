// Knows a group's own writes again by the update sequence number (uSNChanged) that they left, so
// that the auditor does not take them for someone else's.
//
// The number counts only when nobody else has written since the one that we know: it is asked for
// before the first write as well, in a request that travels ahead of the writes and delays none of
// them. Where the two do not agree nothing is remembered, and the auditor reads the group. What
// someone else writes between our first write and our last answer stays unseen until the full
// audit.
//
// Failures: none; a number that could not be learned is not known. Ownership: borrows the ports;
// both calls are made in the coroutine of the group's run, after() in any case before the end.
// Threads: one. Cancellation: the directory's calls end with their stop.
#pragma once

#include "sync/ports.hpp"
#include "sync/task_group.hpp"

#include <writeback/store.hpp>

#include <cstdint>
#include <optional>

namespace writeback {

class UsnWatch {
 public:
    explicit UsnWatch(SyncPorts& ports);

    // written: the group as it is known, nothing when it is to be created.
    Async<void> before_writes(std::optional<WrittenGroup> written);
    // The number that the writes left, when it is known to be ours. asks: whether it is worth
    // asking; not when nothing was written, or the directory is out of reach.
    Async<std::optional<std::int64_t>> after_writes(std::optional<WrittenGroup> written, bool asks);

 private:
    Async<void> look_before(ObjectGuid guid, std::int64_t known);

    SyncPorts& ports_;
    std::optional<TaskGroup> looking_;
    bool undisturbed_ = true;
};

}  // namespace writeback
