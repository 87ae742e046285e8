// The store in a SQLite file: WAL, synchronous FULL, one file beside its -wal, -shm and -lock.
//
// Purpose, failures, units: see writeback/store.hpp. Facts that this class itself reads:
// "domain_sid" (bound by whoever knows the directory): a SID of another domain is then never taken
// for a known identity. Limits: memberships that a page ended are remembered for a day, deletions
// and removals done for 90 days (the longest guard window). Ownership: an owner holds the lock file
// until it is destroyed. Threads: each object belongs to one thread; other objects, in this process
// or another, may open the same file beside it. Cancellation: none.
#pragma once

#include "store/store_lock.hpp"

#include <writeback/store.hpp>

#include <memory>
#include <string>

namespace writeback {

class Database;

enum class StoreAccess {
    owner,      // serve, once, plan: alone of its kind; makes and migrates the file
    shared,     // approve, reject, resync: writes beside an owner
    read_only,  // status: reads beside an owner
};

struct StoreOptions {
    std::string path;
    StoreAccess access = StoreAccess::owner;
    // The SQLite VFS to open through; empty: SQLite's own. With another one no lock file is held,
    // since the path is then that VFS's business.
    std::string vfs{};
    Duration busy_limit = std::chrono::seconds(30);  // wait for another connection's write
};

class SqliteStore final : public Store {
 public:
    [[nodiscard]] static Result<std::unique_ptr<SqliteStore>> open(const StoreOptions& options);
    ~SqliteStore() override;

    // A consistent copy at a path where nothing stands, opened as its owner. It is meant to be
    // thrown away, by the caller: its writes are not synced. Works on a read-only store too.
    [[nodiscard]] Result<std::unique_ptr<SqliteStore>> copy_to(const std::string& path);
    // Instructions SQLite has run: a measure of cost for tests and benchmarks.
    [[nodiscard]] std::int64_t steps() const;

    [[nodiscard]] Result<Done> bind(std::string name, std::string value) override;
    [[nodiscard]] Result<std::optional<std::string>> fact(std::string name) override;
    [[nodiscard]] Result<Done> set_fact(std::string name, std::string value) override;

    [[nodiscard]] Result<StreamPosition> position(Stream stream) override;
    [[nodiscard]] Result<Done> set_position(Stream stream, StreamPosition position) override;
    [[nodiscard]] Result<MirrorExcerpt> excerpt(const GroupPage& page) override;
    [[nodiscard]] Result<Done> commit_groups(const MirrorChanges& changes,
                                             const StreamPosition& position, Instant now) override;
    [[nodiscard]] Result<Done> commit_users(const std::vector<UserItem>& items,
                                            const StreamPosition& position, Instant now) override;
    [[nodiscard]] Result<std::vector<MirrorGroup>> groups_after(GroupId after,
                                                                std::size_t limit) override;
    [[nodiscard]] Result<std::optional<MirrorGroup>> mirror_group(GroupId group) override;
    [[nodiscard]] Result<Unseen> unseen(std::int64_t generation, std::size_t limit) override;
    [[nodiscard]] Result<std::vector<GroupId>> members_unread(std::size_t limit) override;
    [[nodiscard]] Result<std::vector<GroupId>> absent_groups(std::size_t limit) override;
    [[nodiscard]] Result<std::int64_t> change_number() override;
    [[nodiscard]] Result<Done> replace_members(GroupId group, const std::vector<MemberId>& ids,
                                               const std::vector<MemberType>& types,
                                               std::int64_t since_number, Instant now) override;
    [[nodiscard]] Result<std::vector<GroupId>> owners_unread(std::size_t limit) override;
    [[nodiscard]] Result<Done> replace_owners(GroupId group, const std::vector<MemberId>& ids,
                                              const std::vector<MemberType>& types,
                                              std::int64_t since_number, Instant now) override;
    [[nodiscard]] Result<Done> mark(const std::vector<Mark>& marks, Instant now) override;
    [[nodiscard]] Result<Done> forget_position(Stream stream) override;

    [[nodiscard]] Result<std::vector<MemberId>> to_identify(Instant not_since, Instant none_before,
                                                            MemberId after,
                                                            std::size_t limit) override;
    [[nodiscard]] Result<Done> store_identities(const std::vector<MemberIdentity>& identities,
                                                std::int64_t since_number, Instant now) override;
    [[nodiscard]] Result<Done> ask_everyone_again() override;

    [[nodiscard]] Result<std::vector<DueGroup>> due(Instant now, std::size_t limit) override;
    [[nodiscard]] Result<std::optional<Instant>> next_due(Instant now) override;
    [[nodiscard]] Result<std::vector<std::pair<GroupId, GroupId>>> nesting(
        const std::vector<GroupId>& among) override;
    [[nodiscard]] Result<GroupWork> work(GroupId group) override;
    [[nodiscard]] Result<Done> begin_work(const std::vector<GroupId>& groups, Instant now,
                                          const std::string& usn_source = {}) override;
    [[nodiscard]] Result<Done> finish(const std::vector<Outcome>& outcomes, Instant now) override;
    [[nodiscard]] Result<Done> replace_written(const DirectoryReadback& read, Instant now) override;
    [[nodiscard]] Result<Done> forget_written(GroupId group, Instant now) override;
    [[nodiscard]] Result<std::optional<WrittenGroup>> written_group(GroupId group) override;
    [[nodiscard]] Result<std::vector<WrittenGroup>> written_after(GroupId after,
                                                                  std::size_t limit) override;
    [[nodiscard]] Result<std::vector<AdIdentity>> written_members(GroupId group) override;
    [[nodiscard]] Result<std::vector<WrittenGroup>> written_by_guid(
        const std::vector<ObjectGuid>& guids) override;
    [[nodiscard]] Result<std::vector<GroupId>> dirty_among(
        const std::vector<GroupId>& groups) override;
    [[nodiscard]] Result<std::int64_t> mark_all_written(Cause cause, Instant now) override;
    [[nodiscard]] Result<Done> release(GroupId group, Instant now) override;

    [[nodiscard]] Result<std::vector<GroupId>> find_groups(std::string text) override;
    [[nodiscard]] Result<std::vector<MemberId>> find_members(std::string text) override;
    [[nodiscard]] Result<std::optional<MemberStanding>> member_standing(GroupId group,
                                                                        MemberId member) override;
    [[nodiscard]] Result<GroupStanding> group_standing(GroupId group) override;

    [[nodiscard]] Result<GuardFacts> guard_facts(Instant window_begin) override;
    [[nodiscard]] Result<std::vector<PendingDeletion>> pending_deletions() override;
    [[nodiscard]] Result<Done> judge_deletions(const std::vector<GroupId>& allowed,
                                               const std::vector<Hold>& held, Instant now) override;
    [[nodiscard]] Result<std::vector<Hold>> holds() override;
    [[nodiscard]] Result<std::int64_t> decide(std::string id, Decision decision,
                                              Instant now) override;

    [[nodiscard]] Result<Done> add_request(std::string kind, std::string subject) override;
    [[nodiscard]] Result<std::vector<Request>> requests() override;
    [[nodiscard]] Result<Done> drop_request(std::int64_t id) override;
    [[nodiscard]] Result<bool> changed_by_others() override;

    [[nodiscard]] Result<std::vector<StoredSubscription>> subscriptions() override;
    [[nodiscard]] Result<Done> save_subscription(const StoredSubscription& subscription) override;
    [[nodiscard]] Result<Done> remove_subscription(SubscriptionId id) override;

    [[nodiscard]] Result<Counts> counts() override;

 private:
    SqliteStore(std::unique_ptr<Database> database, StoreLock lock);

    StoreLock lock_;
    std::unique_ptr<Database> database_;
    std::optional<std::int64_t> data_version_;
    // Where the sweep of a generation goes on: no group before this key has an unseen membership.
    std::int64_t sweep_generation_ = 0;
    std::int64_t sweep_from_ = 0;
};

}  // namespace writeback
