// Active Directory as a writer of groups meets it, in memory: names, marks, SIDs, members by SID or
// GUID, the results of both dialects, and faults on demand.
//
// A write takes `latency`, and is atomic at its end. Every write is noted, so that a test can say
// what was written and that nothing was. Writes to what is not ours throw: that would be a bug.
#pragma once

#include <writeback/clock.hpp>
#include <writeback/directory.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace writeback::fakes {

class ModelDirectory final : public DirectoryReader, public DirectoryWriter {
 public:
    // samba: an added member that is there, and a removed one that is not, are refused. windows:
    // both succeed, as with the permissive modify control.
    enum class Dialect { samba, windows };

    ModelDirectory(Clock& clock, std::vector<Dn> containers);

    struct Entry {
        ObjectGuid guid;
        Sid sid;
        Dn dn;
        std::string cn;
        std::string sam_account_name;
        bool is_group = false;
        std::int32_t group_type = 0;
        Attributes attributes;
        std::set<ObjectGuid> members;
    };

    // --- what administrators do ---
    Sid add_user(const std::string& name);
    ObjectGuid add_foreign_group(const Dn& container, const std::string& cn);
    // Changes an object behind our back.
    void meddle(const ObjectGuid& guid, const std::function<void(Entry&)>& change);
    void delete_object(ObjectGuid guid);
    void set_member(const ObjectGuid& group, const Sid& member, bool present);

    // --- what a test asks ---
    [[nodiscard]] const Entry* group_of(const GroupId& group) const;
    [[nodiscard]] const Entry* named(const std::string& cn) const;
    // SIDs of a group's members, in order.
    [[nodiscard]] std::set<std::string> members_of(const GroupId& group) const;
    [[nodiscard]] std::size_t group_count() const;
    // One line a write that was obeyed: "add-members <cn> <n>".
    std::vector<std::string> writes;
    // The calls of each name so far, also those that failed.
    std::map<std::string, int> calls;

    // --- how it answers ---
    Dialect dialect = Dialect::samba;
    Duration latency = Duration(2);
    std::string server = "ldaps://dc1.test";
    Sid domain_sid = Sid("S-1-5-21-1-2-3");
    std::optional<Failure> down;    // every call fails while it holds
    std::set<std::string> refused;  // SIDs that no group accepts
    std::set<std::string> refused_attributes;
    void fail(const std::string& call, Failure failure, int times = 1);
    void fail_no_more() { failures_.clear(); }
    // The n-th write from now is done, and its answer is lost.
    void lose_answer_of_write(int n) { lose_answer_in_ = n; }
    // Looks at each write before it is obeyed; true: it never is, for crashes at a chosen moment.
    std::function<bool(const std::string& call)> on_write;

    // --- the ports ---
    Async<Result<DirectoryFacts>> facts() override;
    Async<Result<std::vector<MarkedObject>>> find_marked() override;
    Async<Result<std::vector<MarkedObject>>> find_mark(GroupId group) override;
    Async<Result<std::optional<DirectoryGroup>>> read_group(
        ObjectGuid guid, std::vector<std::string> attributes) override;
    Async<Result<std::optional<DirectoryGroup>>> read_named(Dn dn) override;
    Async<Result<std::optional<AdIdentity>>> identify(ObjectGuid guid) override;
    Async<Result<ChangedGroups>> changed_since(std::int64_t usn) override;
    Async<Result<bool>> await_change(Duration at_most) override;
    Async<Result<std::optional<std::int64_t>>> usn_of(ObjectGuid guid) override;
    Async<Result<std::vector<ObjectGuid>>> existing(std::vector<ObjectGuid> guids) override;
    Async<Result<std::vector<Principal>>> look_up(std::vector<Sid> sids) override;
    Async<Result<std::vector<AdIdentity>>> find_contact(
        std::vector<std::string> addresses) override;
    Async<Result<std::vector<AdoptableGroup>>> find_adoptable(AdoptionSource source) override;
    Async<Result<std::optional<DeletedGroup>>> find_deleted(ObjectGuid guid) override;

    Async<Result<CreatedGroup>> create(DesiredGroup group,
                                       std::vector<AdIdentity> members) override;
    Async<Result<Done>> modify(WriteTarget target, std::vector<AttributeChange> changes) override;
    Async<Result<Dn>> rename(WriteTarget target, std::string new_cn) override;
    Async<Result<Dn>> move(WriteTarget target, Dn new_container) override;
    Async<Result<Done>> convert(WriteTarget target, std::int32_t from, std::int32_t to) override;
    Async<Result<Done>> add_members(WriteTarget target, std::vector<AdIdentity> members) override;
    Async<Result<Done>> remove_members(WriteTarget target,
                                       std::vector<AdIdentity> members) override;
    Async<Result<Done>> remove(WriteTarget target) override;
    Async<Result<CreatedGroup>> reanimate(DeletedGroup deleted, DesiredGroup desired) override;
    Async<Result<Done>> replace_mark(ObjectGuid guid, Dn dn, std::string before,
                                     std::string after) override;

 private:
    Async<std::optional<Failure>> begin_call(std::string call, bool is_write);
    // After a write was obeyed: its answer may be lost.
    [[nodiscard]] std::optional<Failure> obeyed(std::string line);
    [[nodiscard]] Result<Entry*> target_entry(const WriteTarget& target);
    [[nodiscard]] Result<std::vector<ObjectGuid>> resolve(const std::vector<AdIdentity>& members);
    [[nodiscard]] Entry* at(const Dn& dn);
    [[nodiscard]] const Entry* by_sid(const Sid& sid) const;
    [[nodiscard]] bool in_containers(const Dn& dn) const;
    [[nodiscard]] std::optional<GroupId> mark_of_entry(const Entry& entry) const;
    [[nodiscard]] DirectoryGroup as_read(const Entry& entry,
                                         const std::vector<std::string>& attributes,
                                         bool with_members) const;
    Entry make(const Dn& dn, const std::string& cn);

    Clock& clock_;
    std::vector<Dn> containers_;
    std::map<ObjectGuid, Entry> entries_;
    std::map<std::string, std::deque<Failure>> failures_;
    int lose_answer_in_ = 0;
    std::uint64_t made_ = 0;
};

}  // namespace writeback::fakes
