// What the stream cannot tell is read directly: whether a group that a resync did not show is
// deleted, the members of a restored group, and a group that a person asked to be read again.
//
// Failures: of one read are noted and do not stop the others; the group is read again later, ever
// more seldom. Failures of the store, and `cancelled`, come out. Limits: groups of one pass.
// Threads: one. Cancellation: between two groups, by `stop`.
#pragma once

#include "sync/groups_stream.hpp"
#include "sync/ports.hpp"

#include <map>
#include <optional>
#include <stop_token>

namespace writeback {

class DirectReads {
 public:
    static constexpr std::size_t groups_per_pass = 1'000;

    DirectReads(SyncPorts& ports, GroupsStream& groups);

    // Absent groups, and the members of restored ones.
    Async<Result<Done>> pass(std::stop_token stop);
    // When a failed read is to be made again; monotonic.
    [[nodiscard]] std::optional<Duration> next_at() const;

    // A group's properties and members, whatever the stream said. The group is compared whole with
    // AD, and what a person rejected before is asked anew.
    Async<Result<Done>> read_again(GroupId group);

 private:
    struct Retry {
        int failures = 0;
        Duration at{};
    };
    Async<Result<Done>> read_absent(GroupId group);
    Async<Result<Done>> read_members(GroupId group);
    [[nodiscard]] bool waits(const GroupId& group) const;
    // Gives the failure when the pass must end with it.
    Result<Done> note(const GroupId& group, const Result<Done>& done);

    SyncPorts& ports_;
    GroupsStream& groups_;
    std::map<GroupId, Retry> retries_;
};

}  // namespace writeback
