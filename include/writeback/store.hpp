// The port for what the daemon remembers: streams, mirror, identities, written state, dirty marks,
// holds, subscriptions.
//
// Purpose: laws 2, 3, 5 and 12. Each member function below is one transaction: all of it is durable
// when it returns, or none. Failures: FailureKind::store with a sentence that names the file and
// the remedy. Nothing is lost by a failure; the caller tries again. Limits: lists come in bounded
// pieces (`limit`). Ownership: values. Threads: one thread, the sync thread; `status` readers open
// the file on their own. Cancellation: none, calls are short.
//
// Members of a group and their identity. A membership row (group, member, type) resolves to an AD
// identity so:
//   - a member that the mirror holds as a group: synced -> by its SID, and as the directory says;
//   in scope and written -> known (the SID
//     written); in scope and not yet written -> none "group-not-written"; otherwise none
//     "group-out-of-scope";
//   - a service principal -> none "service-principal"; any other -> its identity row, or unknown
//   "not-asked" without one.
// Several members of a group may resolve to one AD identity; the identity stays while one of them
// wants it.
#pragma once

#include <writeback/clock.hpp>
#include <writeback/directory.hpp>
#include <writeback/group.hpp>
#include <writeback/identity_source.hpp>
#include <writeback/ids.hpp>
#include <writeback/mirror.hpp>
#include <writeback/plan.hpp>
#include <writeback/result.hpp>
#include <writeback/subscription_service.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace writeback {

// created: this store made it, or found it equal, or a person approved the take-over. taken_over:
// found by its mark and never written by this store; see law 12.
enum class Origin { created, taken_over };

// A group as this store last knew it in AD, without members.
struct WrittenGroup {
    GroupId group;
    ObjectGuid guid;
    Sid sid;
    Dn dn;
    std::string cn;
    std::string sam_account_name;
    std::int32_t group_type = 0;
    Attributes attributes;  // those the mapping writes
    Origin origin = Origin::created;
    // Adopted: CN and container stay as they were found, whatever the mapping says.
    bool keeps_name = false;
    std::string previous_mark;  // adminDescription before the adoption, when it was another
    std::int64_t usn = 0;       // uSNChanged after our last write or read; 0: not known
    // The usn_source of the domain controller that it was last seen on: written to, or read. Only
    // that one's silence shows that the object is gone; another one may be behind. Empty: not
    // known.
    std::string seen_on;
    friend bool operator==(const WrittenGroup&, const WrittenGroup&) = default;
};

// A member that the mirror wants in AD.
struct WantedMember {
    AdIdentity identity;
    std::vector<MemberId> cloud_ids;
    bool contact = false;  // all of these are contacts: only a mail-enabled group takes it
};

// A member that AD has. evidence says why it is not wanted any more; it is meaningful only when no
// WantedMember has its identity.
struct WrittenMember {
    AdIdentity identity;
    std::vector<MemberId> cloud_ids;
    Evidence evidence = Evidence::none;
};

struct DueGroup {
    GroupId group;
    std::int64_t number = 0;
    Cause cause = Cause::poll;
    std::optional<Instant> hinted_at;
    Instant marked_at{};
    bool removals = false;  // some member is to leave
    bool written = false;   // it stands in AD as far as we know
};

// Everything that a plan of one group needs, read in one snapshot together with its mark.
struct GroupWork {
    GroupId group;
    std::int64_t number = 0;  // of the mark; 0 when the group is not dirty
    Cause cause = Cause::poll;
    std::optional<Instant> hinted_at;
    int attempts = 0;    // failed tries of this mark so far
    bool whole = false;  // `wanted` and `present` hold all members; otherwise only the identities
                         // that were touched
    bool read_first = false;  // asked for by the mark, or because work on it was under way when the
                              // process or connection ended
    bool under_way = false;   // begin_work was called for it, and it was neither finished with a
                              // known outcome nor reconciled with a read since
    std::string begun_on;     // under_way: whose usn_source the work was begun on, empty: not known
    Instant begun_at{};       // … and when
    std::optional<MirrorGroup> cloud;
    std::optional<WrittenGroup> written;
    bool missing = false;  // this store wrote it once, and AD has it no more: not to be made anew
                           // unasked; written_group() still tells what it was
    DeletionVerdict deletion = DeletionVerdict::none_pending;
    std::vector<WantedMember> wanted;    // in key order
    std::vector<WrittenMember> present;  // in key order
    std::int64_t written_count = 0;      // all members that AD has
    std::int64_t unknown_count = 0;      // members whose identity is unknown
    std::vector<AdIdentity> owners;      // those with an AD identity, in the order of their ids
    std::int64_t unknown_owners = 0;     // owners whose identity is unknown
    bool deletion_was_owed = false;      // the policy has kept back what follows from its deletion
    std::vector<Hold> holds;
};

// How much of the written state a read of AD replaces.
enum class ReplaceExtent {
    everything,
    written_or_wanted,  // additive membership: of the members in AD those that were written or that
                        // the mirror wants; the others are nobody's business
    touched,            // drift is reported, not repaired: names, and of the members those touched
                        // by changes; the rest stays what we believe we wrote
};
struct DirectoryReadback {
    WrittenGroup written;
    std::vector<AdIdentity> members;
    Evidence evidence = Evidence::none;  // of members that the mirror does not want, unless the
                                         // stream left some of its own
    ReplaceExtent extent = ReplaceExtent::everything;
    // change_number() before the read: a read that was asked for later is still owed.
    std::optional<std::int64_t> since_number{};
};

// A group's members as the mirror shows them, counted, and what went wrong last, for `explain`.
struct GroupStanding {
    struct Unresolved {
        IdentityState state = IdentityState::unknown;  // none or unknown
        std::string reason;
        std::int64_t count = 0;
    };
    std::int64_t known = 0;              // members with an identity in AD
    std::vector<Unresolved> unresolved;  // by state and reason
    std::string last_error;
};

// One member as the store knows it, for `explain`.
struct MemberStanding {
    MemberIdentity identity;
    bool in_cloud = false;            // the mirror shows it as a member
    bool written = false;             // AD has it, as far as we know
    std::optional<Evidence> leaving;  // why it is to leave
};

// What became of one group's run. Everything in it is committed together, many groups in one
// transaction.
struct Outcome {
    GroupId group;
    std::int64_t number = 0;  // of the mark that was worked on

    // What AD now has, beyond what the store knew.
    std::optional<WrittenGroup> written;  // replaces the row
    bool forgotten = false;  // deleted in AD, or no longer ours: the written row and its members go
    std::vector<PlannedMember> added;
    std::vector<AdIdentity> removed;
    bool marks_parents = false;  // created, taken over, or found with another GUID

    // What becomes of the mark. settled: cleared if its number is still the same, and the evidence
    // of touched members up to that number is dropped except for `owed`. Otherwise it stays, and is
    // due again at not_before.
    bool settled = false;
    std::vector<MemberId> owed;   // members whose removal is held or owed; their evidence stays
    bool owed_to_policy = false;  // `owed` waits for the policy: the evidence becomes
                                  // Evidence::policy, so that it counts as inferred later
    std::optional<Instant> not_before;
    bool outcome_unknown = false;  // the connection ended under it: read first next time
    std::string last_error;        // for status; empty clears it

    // Holds of this group after the run: drafts without id are added (one that equals an existing
    // one in reason, targets and member keeps its id, since and decision), existing ones that are
    // not listed go. Refused members stay until dropped.
    std::vector<Hold> holds;

    // For the guard's window.
    std::int64_t inferred_removals = 0;  // done without approval

    std::optional<std::int64_t> usn;  // uSNChanged that our writes left
};

// A group whose deletion in the cloud, soft or for good, AD has not yet followed.
// A written group that left the scope is listed as well, with state active: core/guard counts it
// when the configuration converts or deletes such groups.
struct PendingDeletion {
    GroupId group;
    std::string name;
    CloudState state = CloudState::soft_deleted;
    bool judged = false;  // allowed, or held, by an earlier judgement and unchanged since
    bool held = false;    // held, and not yet decided by a person
};

// The numbers that the guard's limits are judged by.
struct GuardFacts {
    std::int64_t written_groups = 0;
    std::int64_t written_memberships = 0;
    std::int64_t deletions_done = 0;  // within the window, without approval
    // Members in AD whose evidence is inferred, over all groups, those of written groups that left
    // the scope included, and without those that a decided hold names: what a person has approved
    // or rejected must not hold everything else.
    std::int64_t inferred_removals_pending = 0;
    std::int64_t inferred_removals_done = 0;  // within the window, without approval
    // Those among the pending ones that belong to written groups out of scope: with on_out_of_scope
    // = keep they do not leave.
    std::int64_t out_of_scope_memberships = 0;
};

// A request that a command wrote for the daemon.
struct Request {
    std::int64_t id = 0;
    std::string kind;     // "resync", "restore"
    std::string subject;  // a group id; empty, for a resync: the whole tenant
};

struct StoredSubscription {
    Subscription subscription;
    Stream stream = Stream::groups;
};

class Store {
 public:
    virtual ~Store() = default;

    // --- who we are ---
    // Remembers `value` under `name` when there is none yet; fails when another value is
    // remembered. For tenant id, domain SID.
    [[nodiscard]] virtual Result<Done> bind(std::string name, std::string value) = 0;
    // Small settled facts: "client_state", "projection_fingerprint", … An empty value removes one.
    [[nodiscard]] virtual Result<std::optional<std::string>> fact(std::string name) = 0;
    [[nodiscard]] virtual Result<Done> set_fact(std::string name, std::string value) = 0;

    // --- streams and mirror ---
    [[nodiscard]] virtual Result<StreamPosition> position(Stream stream) = 0;
    [[nodiscard]] virtual Result<Done> set_position(Stream stream, StreamPosition position) = 0;
    [[nodiscard]] virtual Result<MirrorExcerpt> excerpt(const GroupPage& page) = 0;
    // Law 3: changes, marks and position in one transaction.
    [[nodiscard]] virtual Result<Done> commit_groups(const MirrorChanges& changes,
                                                     const StreamPosition& position,
                                                     Instant now) = 0;
    // The same for users: each item updates the identity of a member that the mirror knows (others
    // are ignored) and marks the groups that have it. A change from known to none carries
    // object_deleted or identity_lost.
    [[nodiscard]] virtual Result<Done> commit_users(const std::vector<UserItem>& items,
                                                    const StreamPosition& position,
                                                    Instant now) = 0;
    // Groups of the mirror in id order, after `after`.
    [[nodiscard]] virtual Result<std::vector<MirrorGroup>> groups_after(GroupId after,
                                                                        std::size_t limit) = 0;
    [[nodiscard]] virtual Result<std::optional<MirrorGroup>> mirror_group(GroupId group) = 0;
    // The sweep of a resync: groups that are active or soft-deleted (which may have been deleted
    // for good while no token lived), memberships and ownerships of groups, that generation did not
    // show; at most `limit` in all. Empty when nothing is left.
    struct Unseen {
        std::vector<MirrorGroup> groups;
        std::vector<std::pair<GroupId, MemberId>> members;
        std::vector<std::pair<GroupId, MemberId>> owners{};
        [[nodiscard]] bool empty() const {
            return groups.empty() && members.empty() && owners.empty();
        }
        [[nodiscard]] std::size_t size() const {
            return groups.size() + members.size() + owners.size();
        }
    };
    [[nodiscard]] virtual Result<Unseen> unseen(std::int64_t generation, std::size_t limit) = 0;
    // Groups whose members must be read whole (restored), and groups in state `absent` that need a
    // direct read.
    [[nodiscard]] virtual Result<std::vector<GroupId>> members_unread(std::size_t limit) = 0;
    [[nodiscard]] virtual Result<std::vector<GroupId>> absent_groups(std::size_t limit) = 0;
    // A direct read of all members: the mirror's list becomes this one, except that what a stream
    // page showed after `since_number` (from change_number(), taken before the read) wins. Marks
    // the group whole.
    [[nodiscard]] virtual Result<std::int64_t> change_number() = 0;
    [[nodiscard]] virtual Result<Done> replace_members(GroupId group,
                                                       const std::vector<MemberId>& ids,
                                                       const std::vector<MemberType>& types,
                                                       std::int64_t since_number, Instant now) = 0;
    // Groups whose owners must be read, and the answer, as for members; marks the group when its
    // owners are others than before.
    [[nodiscard]] virtual Result<std::vector<GroupId>> owners_unread(std::size_t limit) = 0;
    [[nodiscard]] virtual Result<Done> replace_owners(GroupId group,
                                                      const std::vector<MemberId>& ids,
                                                      const std::vector<MemberType>& types,
                                                      std::int64_t since_number, Instant now) = 0;
    [[nodiscard]] virtual Result<Done> mark(const std::vector<Mark>& marks, Instant now) = 0;
    // Forgets a stream's link so that the next round is a resync (the mirror stays).
    [[nodiscard]] virtual Result<Done> forget_position(Stream stream) = 0;

    // --- identities ---
    // Members of groups in scope whose identity should be asked for: unknown ones not asked since
    // `not_since`, and those answered before `none_before` (asked again daily) with `none`, or
    // known and of a kind that no stream tells of: devices, contacts, all but users. In id order
    // after `after`.
    [[nodiscard]] virtual Result<std::vector<MemberId>> to_identify(Instant not_since,
                                                                    Instant none_before,
                                                                    MemberId after,
                                                                    std::size_t limit) = 0;
    // Stores answers, except for ids that a users item has touched after `since_number`; marks the
    // groups whose members changed (identity appeared, changed, or went).
    [[nodiscard]] virtual Result<Done> store_identities(
        const std::vector<MemberIdentity>& identities, std::int64_t since_number, Instant now) = 0;
    // Makes all known identities due for asking again (the users token died).
    [[nodiscard]] virtual Result<Done> ask_everyone_again() = 0;

    // --- work ---
    // Dirty groups that may be worked on now: hinted ones with removals first, then hinted, then
    // the rest; ties in id order.
    [[nodiscard]] virtual Result<std::vector<DueGroup>> due(Instant now, std::size_t limit) = 0;
    // The earliest not_before of the groups that are not due yet.
    [[nodiscard]] virtual Result<std::optional<Instant>> next_due(Instant now) = 0;
    // Among the given groups, who is a member of whom: (parent, child).
    [[nodiscard]] virtual Result<std::vector<std::pair<GroupId, GroupId>>> nesting(
        const std::vector<GroupId>& among) = 0;
    [[nodiscard]] virtual Result<GroupWork> work(GroupId group) = 0;
    // Durably notes that writes to these groups begin: after a crash they are read whole before
    // they are planned again. usn_source: of the domain controller that is written to.
    [[nodiscard]] virtual Result<Done> begin_work(const std::vector<GroupId>& groups, Instant now,
                                                  const std::string& usn_source = {}) = 0;
    [[nodiscard]] virtual Result<Done> finish(const std::vector<Outcome>& outcomes,
                                              Instant now) = 0;
    // AD was read whole: the written state becomes this, as far as the extent says. Clears
    // read_first (unless asked for after since_number) and under_way; the mark becomes whole. What
    // an adoption has noted (keeps_name, previous_mark) stays while the objectGUID is the same. An
    // object with another objectGUID than the one known replaces everything, whatever the extent.
    [[nodiscard]] virtual Result<Done> replace_written(const DirectoryReadback& read,
                                                       Instant now) = 0;
    // The group is not in AD: the written state goes, or is kept with its SID for the hold
    // `missing`. Clears read_first and under_way.
    [[nodiscard]] virtual Result<Done> forget_written(GroupId group, Instant now) = 0;
    [[nodiscard]] virtual Result<std::optional<WrittenGroup>> written_group(GroupId group) = 0;
    // Written groups that AD has, in id order, after `after`.
    [[nodiscard]] virtual Result<std::vector<WrittenGroup>> written_after(GroupId after,
                                                                          std::size_t limit) = 0;
    // The members that AD has as far as we know, in key order.
    [[nodiscard]] virtual Result<std::vector<AdIdentity>> written_members(GroupId group) = 0;
    // Those of the objects that are written groups.
    [[nodiscard]] virtual Result<std::vector<WrittenGroup>> written_by_guid(
        const std::vector<ObjectGuid>& guids) = 0;
    // Those of the groups that are dirty.
    [[nodiscard]] virtual Result<std::vector<GroupId>> dirty_among(
        const std::vector<GroupId>& groups) = 0;
    // Marks all written groups whole, those that are missing too, to be read first: a full audit. A
    // mark that is there keeps its hint, its cause if that is a hint, and its time. Gives how many.
    [[nodiscard]] virtual Result<std::int64_t> mark_all_written(Cause cause, Instant now) = 0;
    // The written group is no longer ours: its row, members, holds and pending deletion go, nothing
    // is missing. A mark stays.
    [[nodiscard]] virtual Result<Done> release(GroupId group, Instant now) = 0;

    // --- for people who ask ---
    // Groups that bear this object id, name, distinguished name, CN, sAMAccountName or SID, in id
    // order, at most 1000; names compare without case.
    [[nodiscard]] virtual Result<std::vector<GroupId>> find_groups(std::string text) = 0;
    // Members of any group, by object id, name or user principal name, SID; as find_groups.
    [[nodiscard]] virtual Result<std::vector<MemberId>> find_members(std::string text) = 0;
    // Nothing when the store knows no such object.
    [[nodiscard]] virtual Result<std::optional<MemberStanding>> member_standing(
        GroupId group, MemberId member) = 0;
    [[nodiscard]] virtual Result<GroupStanding> group_standing(GroupId group) = 0;

    // --- guard ---
    [[nodiscard]] virtual Result<GuardFacts> guard_facts(Instant window_begin) = 0;
    [[nodiscard]] virtual Result<std::vector<PendingDeletion>> pending_deletions() = 0;
    // The verdict on pending deletions: allowed ones count in the window from now on; held ones get
    // their hold. All named groups are marked.
    [[nodiscard]] virtual Result<Done> judge_deletions(const std::vector<GroupId>& allowed,
                                                       const std::vector<Hold>& held,
                                                       Instant now) = 0;
    [[nodiscard]] virtual Result<std::vector<Hold>> holds() = 0;
    // Decides a hold (or, with an empty id, all that wait for a person) and marks the groups; gives
    // how many were decided.
    [[nodiscard]] virtual Result<std::int64_t> decide(std::string id, Decision decision,
                                                      Instant now) = 0;

    // --- requests of commands ---
    [[nodiscard]] virtual Result<Done> add_request(std::string kind, std::string subject) = 0;
    [[nodiscard]] virtual Result<std::vector<Request>> requests() = 0;
    [[nodiscard]] virtual Result<Done> drop_request(std::int64_t id) = 0;
    // True when another connection has changed the store since the last call.
    [[nodiscard]] virtual Result<bool> changed_by_others() = 0;

    // --- subscriptions ---
    [[nodiscard]] virtual Result<std::vector<StoredSubscription>> subscriptions() = 0;
    [[nodiscard]] virtual Result<Done> save_subscription(
        const StoredSubscription& subscription) = 0;
    [[nodiscard]] virtual Result<Done> remove_subscription(SubscriptionId id) = 0;

    // --- for status ---
    struct Counts {
        std::int64_t managed = 0;  // groups written and ours
        std::int64_t dirty = 0;
        std::int64_t held = 0;  // groups with at least one hold
        std::int64_t owed = 0;  // groups with removals owed under no-removals
        std::int64_t members_written = 0;
        std::vector<std::pair<std::string, std::int64_t>>
            unresolved;  // reason -> members of groups in scope, by name
        std::optional<Instant> oldest_dirty;
        std::vector<std::pair<std::string, std::string>>
            last_errors;  // group name or id -> error, newest first, at most 20
    };
    [[nodiscard]] virtual Result<Counts> counts() = 0;
};

}  // namespace writeback
