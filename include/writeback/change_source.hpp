// The port for what the cloud says of groups: delta rounds and direct reads.
//
// Failures: see FailureKind; resync_required ends a round (location may name where to begin),
// page_expired asks to begin the round again. Limits: sizes and deadlines are the adapter's, from
// the configuration. An implementation waits out throttling itself (Retry-After holds all calls of
// its kind) up to its limit, then fails with `throttled`. Threads: one thread. Cancellation: the
// adapter's stop ends every call with `cancelled`.
#pragma once

#include <writeback/async.hpp>
#include <writeback/ids.hpp>
#include <writeback/mirror.hpp>
#include <writeback/result.hpp>

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace writeback {

struct CloudMember {
    MemberId id;
    MemberType type = MemberType::unknown;
};

// What direct reads say of a group: GET of the group, and of deletedItems when that answered 404.
struct GroupRead {
    CloudState state = CloudState::active;  // active, soft_deleted, or deleted (both answered 404)
    GroupItem item;  // its properties, without members; meaningful unless deleted
};

// What the groups stream is asked for beyond the properties that always decide; computed from the
// configuration by core/selection.
struct GroupSelection {
    static constexpr std::size_t most_only = 50;  // Graph's limit on ids in a delta query's filter
    std::set<std::string> properties;  // by Graph's name; "writebackConfiguration" as one
    bool owners = false;
    bool beta = false;          // some property exists in /beta alone
    std::vector<GroupId> only;  // the stream shows these alone; empty: all. At most most_only
    friend bool operator==(const GroupSelection&, const GroupSelection&) = default;
};

class ChangeSource {
 public:
    virtual ~ChangeSource() = default;

    // One page of the groups stream. An empty link begins a full crawl, members included.
    virtual Async<Result<GroupPage>> groups_page(std::string link) = 0;
    // One page of the users stream. An empty link begins at `$deltatoken=latest`: a page without
    // items, with a deltaLink.
    virtual Async<Result<UserPage>> users_page(std::string link) = 0;
    // What the stream's first request selects and filters by.
    [[nodiscard]] virtual std::string fingerprint(Stream stream) const = 0;

    virtual Async<Result<GroupRead>> read_group(GroupId group) = 0;
    // All direct members, every page followed; a failure anywhere is a failure of the whole.
    virtual Async<Result<std::vector<CloudMember>>> read_members(GroupId group) = 0;
    // The same for its owners.
    virtual Async<Result<std::vector<CloudMember>>> read_owners(GroupId group) = 0;
    // The groups that are assigned to our enterprise application, complete or a failure.
    virtual Async<Result<std::vector<GroupId>>> assigned_groups() = 0;
};

}  // namespace writeback
