// The mirror: what the cloud's two streams have told so far, and the marks of what that made dirty.
// These are the values that core/delta_fold computes and the store keeps in one transaction with
// the page's link.
//
// Units: generations and numbers only grow. Ownership: values.
#pragma once

#include <writeback/clock.hpp>
#include <writeback/group.hpp>
#include <writeback/ids.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace writeback {

enum class Stream { groups, users };
[[nodiscard]] constexpr std::string_view name_of(Stream stream) {
    return stream == Stream::groups ? "groups" : "users";
}

// Why a group is dirty; the audit log tells it with each write.
enum class Cause {
    hint,
    poll,
    resync,
    drift,
    approval,
    configuration,
    start,
    identity,
    nesting,
    request
};
[[nodiscard]] constexpr std::string_view name_of(Cause cause) {
    constexpr std::string_view names[] = {"hint",     "poll",          "resync", "drift",
                                          "approval", "configuration", "start",  "identity",
                                          "nesting",  "request"};
    return names[static_cast<int>(cause)];
}

// Why a member that stands in AD is no longer wanted there. The explicit ones go through at once;
// the others were inferred, and the guard limits them.
enum class Evidence {
    none,            // it is wanted
    removed,         // explicit: the stream showed the removal
    object_deleted,  // explicit: the user, device or group was deleted, softly or for good
    group_deleted,   // explicit: the group itself was deleted, softly or for good
    drift_undone,    // explicit: someone else added it in AD
    absent,          // inferred: a finished resync did not show it (or nothing tells why)
    identity_lost,   // inferred: no longer synced, so it has no identity in AD
    out_of_scope,    // inferred: the group left the scope
    configuration,   // inferred: a changed configuration
    policy,          // inferred: stayed owed under "no-removals"
    taken_over,      // inferred: it stood in a group that this store had never written
};
[[nodiscard]] constexpr bool is_inferred(Evidence evidence) {
    return evidence >= Evidence::absent;
}
[[nodiscard]] constexpr std::string_view name_of(Evidence evidence) {
    constexpr std::string_view names[] = {"none",          "removed",      "object-deleted",
                                          "group-deleted", "drift-undone", "absent",
                                          "identity-lost", "out-of-scope", "configuration",
                                          "policy",        "taken-over"};
    return names[static_cast<int>(evidence)];
}

// Whether a group's deletion in the cloud, soft or for good, may be followed in AD.
enum class DeletionVerdict {
    none_pending,  // AD has followed, or there is none
    unjudged,      // not judged yet: wait for the end of the round
    allowed,       // within the limit, or approved
    held,          // waits for a person, or was rejected: the group stays as it is
};

// One property of a delta item: left out, null, or a value.
template <class T>
struct Patch {
    bool present = false;
    std::optional<T> value;
    friend bool operator==(const Patch&, const Patch&) = default;
};

enum class Removal {
    no,
    changed,
    deleted
};  // @removed with reason "changed" (soft) or "deleted" (for good)

struct MemberChange {
    MemberId member;
    MemberType type = MemberType::unknown;
    bool removed = false;
    friend bool operator==(const MemberChange&, const MemberChange&) = default;
};

// One item of a groups page. When unreadable is not empty it says what could not be read, and
// nothing but the id counts.
struct GroupItem {
    GroupId id;
    Removal removal = Removal::no;
    Patch<std::string> display_name, description, mail, mail_nickname, visibility,
        on_premises_security_identifier;
    Patch<bool> mail_enabled, security_enabled, on_premises_sync_enabled;
    Patch<std::vector<std::string>> group_types, proxy_addresses;
    std::map<std::string, Patch<std::vector<std::string>>> further;  // as CloudGroup::further
    std::vector<MemberChange> members;  // in the order shown; the last one of a member wins
    std::vector<MemberChange> owners;   // the same
    bool owners_shown = false;          // the item had a list of owners, be it empty
    std::string unreadable;
};

// One item of a users page.
struct UserItem {
    MemberId id;
    Removal removal = Removal::no;
    Patch<std::string> on_premises_security_identifier, on_premises_immutable_id,
        user_principal_name;
    Patch<bool> on_premises_sync_enabled;
    std::string unreadable;
};

enum class LinkKind { next, delta };
struct Link {
    LinkKind kind = LinkKind::next;
    std::string url;  // opaque; the whole address, used as it came
};

template <class Item>
struct DeltaPage {
    std::vector<Item> items;
    Link link;
};
using GroupPage = DeltaPage<GroupItem>;
using UserPage = DeltaPage<UserItem>;

// A row of the mirror. The mirror holds every group that the stream shows, in scope or not.
struct MirrorGroup {
    CloudGroup group;
    bool in_scope = false;
    std::int64_t generation = 0;  // of the crawl that last showed it
    bool members_unread =
        false;  // restored: its members must be read whole by GET before it is filled
    bool owners_unread = false;  // its owners must be read by GET before they count
    std::string unreadable;  // why its last item could not be read; holds the group while not empty
    // `unreadable` says why its scope can't be told: the item itself was read, and in_scope is what
    // it was before.
    bool scope_unknown = false;
    // The stream is not asked for this group (GroupSelection::only): that a crawl does not show it
    // says nothing.
    bool unwatched = false;
    friend bool operator==(const MirrorGroup&, const MirrorGroup&) = default;
};

struct MembershipChange {
    GroupId group;
    MemberId member;
    MemberType type = MemberType::unknown;
    bool present = true;
    Evidence evidence = Evidence::none;  // when not present
    friend bool operator==(const MembershipChange&, const MembershipChange&) = default;
};

// Makes a group dirty. A mark without `whole` covers the group's properties and the members that
// changed with it.
struct Mark {
    GroupId group;
    Cause cause = Cause::poll;
    bool whole = false;                // compare every member, not only the touched ones
    bool read_first = false;           // read the group from AD before it is planned
    std::optional<Instant> hinted_at;  // receipt of the earliest hint that asked for it
    friend bool operator==(const Mark&, const Mark&) = default;
};

// What one groups page changes: computed by core/delta_fold, committed with the page's link.
struct MirrorChanges {
    std::vector<MirrorGroup> groups;
    std::vector<MembershipChange> members;
    std::vector<MembershipChange> owners;
    std::vector<Mark> marks;
    bool owners_shown = false;  // some item had a list of owners; remembered from then on
    // Groups that now count differently as members (new, became synced, another SID, entered or
    // left the scope): the groups that have them as members are to be marked whole, with cause
    // nesting.
    std::vector<GroupId> parents_of;
};

// The part of the mirror that a page speaks of: its groups, and which of the memberships and
// ownerships that the page names exist.
struct MirrorExcerpt {
    std::map<GroupId, MirrorGroup> groups;
    std::set<std::pair<GroupId, MemberId>> members;
    std::set<std::pair<GroupId, MemberId>> owners{};
    bool owners_shown = false;  // this tenant's stream has shown a list of owners before
};

// Where a stream stands.
enum class StreamPhase {
    empty,     // never begun, or forgotten: the next round is a full crawl
    crawling,  // a full crawl or resync is under way, at `link`
    sweeping,  // a resync reached its deltaLink; what it did not show is being swept
    steady,    // `link` is a deltaLink, or a nextLink within an ordinary round
};
struct StreamPosition {
    StreamPhase phase = StreamPhase::empty;
    std::string link;  // to follow next; empty when phase is empty
    std::string
        round_began_with;  // the link to begin the round again with, when a $skiptoken is refused
    std::int64_t generation = 0;           // of the newest crawl
    bool resync = false;                   // the crawl has something older to sweep
    std::int64_t shown = 0;                // groups that this crawl has shown so far
    std::string fingerprint;               // of $select and $filter; another one begins a resync
    std::optional<Instant> token_at;       // when the current deltaLink was given
    std::optional<Instant> last_round_at;  // when the last round reached its deltaLink
    friend bool operator==(const StreamPosition&, const StreamPosition&) = default;
};

}  // namespace writeback
