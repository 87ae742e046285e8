// What the stream cannot tell is read directly: whether a group that a resync did not show is
// deleted, the members and owners of a group that it may not have shown whole, and a group that a
// person asked to be read again.
//
// Failures: of one read are noted and do not stop the others; the group is read again later, ever
// more seldom. Failures of the store, and `cancelled`, come out. Limits: groups of one pass.
// Threads: one. Cancellation: between two groups, by `stop`.
#pragma once

#include "sync/groups_stream.hpp"
#include "sync/ports.hpp"

#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

namespace writeback {

class DirectReads {
 public:
    static constexpr std::size_t groups_per_pass = 1'000;

    // in_a_hurry: a hint waits for a round. Owners, which nothing waits for, are then read after
    // it.
    DirectReads(SyncPorts& ports, GroupsStream& groups, std::function<bool()> in_a_hurry);

    // Absent groups, and members and owners that are unread.
    Async<Result<Done>> pass(std::stop_token stop);
    // When a failed read is to be made again, or the pass goes on; monotonic.
    [[nodiscard]] std::optional<Duration> next_at() const;

    // A group's properties, members and owners, whatever the stream said. The group is compared
    // whole with AD, and what a person rejected before is asked anew.
    Async<Result<Done>> read_again(GroupId group);

 private:
    struct Retry {
        int failures = 0;
        Duration at{};
    };
    enum class Part { properties, members, owners };
    using Unread = std::pair<Part, GroupId>;
    Async<Result<Done>> pass_over(Part part, std::vector<GroupId> groups, std::stop_token stop);
    Async<Result<Done>> read(Part part, GroupId group);
    Async<Result<Done>> read_absent(GroupId group);
    Async<Result<Done>> read_members(GroupId group);
    Async<Result<Done>> read_owners(GroupId group);
    [[nodiscard]] bool waits(const Unread& unread) const;
    // Gives the failure when the pass must end with it.
    Result<Done> note(const Unread& unread, const Result<Done>& done);

    SyncPorts& ports_;
    GroupsStream& groups_;
    std::function<bool()> in_a_hurry_;
    std::map<Unread, Retry> retries_;
    std::optional<Duration> goes_on_at_;
};

}  // namespace writeback
