// Active Directory as the story meets it: the two ports on a DirectoryTree, with latency, and
// faults on demand.
//
// What a call means is the tree's business; what an answer means is the adapter's (ldap_errors), so
// the model has no semantics of its own. A write takes `latency`, and is atomic at its end. Every
// write is noted, so that a test can say what was written and that nothing was. Writes to what is
// not ours throw: that would be a bug.
#pragma once

#include "directory/ldap_errors.hpp"
#include "fakes/directory_tree.hpp"

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
    using Dialect = DirectoryDialect;

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
    ObjectGuid add_foreign_group(const Dn& container, const std::string& cn,
                                 std::int32_t group_type = universal_security_group);
    ObjectGuid add_contact(const std::string& name, const std::string& address);
    // Of another domain of the forest; with a group type a group, otherwise a user.
    Sid add_elsewhere(const std::string& name, std::optional<std::int32_t> group_type = {});
    // Changes an object behind our back: name, place, attributes, members. Who takes a name that
    // another has puts that one aside, as people who exchange names do.
    void meddle(const ObjectGuid& guid, const std::function<void(Entry&)>& change);
    void delete_object(ObjectGuid guid);
    void set_member(const ObjectGuid& group, const Sid& member, bool present);
    // Containers come into being as they are named; this takes one away with all that is in it.
    void delete_container(const Dn& container);
    // Another domain controller answers from now on, with update sequence numbers of its own.
    void fail_over(const std::string& host);

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
    // At first what the environment's DIRECTORY_DIALECT says, otherwise Samba's: so one suite runs
    // in both.
    Dialect dialect;
    Duration latency = Duration(2);
    std::string server = "ldaps://dc1.test";
    Sid domain_sid = Sid("S-1-5-21-1-2-3");
    std::optional<Failure> down;    // every call fails while it holds
    std::set<std::string> refused;  // SIDs that no group accepts
    std::set<std::string> refused_attributes;
    bool notifies = true;       // the server has change notification
    bool shows_deleted = true;  // the account sees what was deleted, and may bring it back
    // The tree itself: schema, recycle bin, scope rules, rights, enforcement.
    DirectoryTree tree;
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
    // The alarm of a call that waits for a change; the call owns it.
    using Waiting = std::shared_ptr<Alarm>;

    Async<std::optional<Failure>> begin_call(std::string call, bool is_write);
    // After a write was obeyed: its answer may be lost.
    [[nodiscard]] std::optional<Failure> obeyed(std::string line);
    // The bugs that no directory would notice: a write outside of the containers.
    void check_place(const WriteTarget& target) const;
    // As the adapter reads before it renames, moves or deletes.
    [[nodiscard]] Result<Done> prove(const WriteTarget& target) const;
    [[nodiscard]] Result<Done> same_object(const ObjectGuid& guid, const Dn& dn) const;
    [[nodiscard]] Result<std::vector<std::string>> member_values(
        const std::vector<AdIdentity>& members) const;
    // What the tree takes for an attribute: names for the keys of objects.
    [[nodiscard]] std::vector<std::string> raw_values(const std::string& attribute,
                                                      const std::vector<std::string>& values) const;
    [[nodiscard]] std::string name_value(const std::string& key) const;
    [[nodiscard]] Result<std::vector<LdapAttribute>> attributes_of(
        const DesiredGroup& group, const std::vector<AdIdentity>& members) const;
    // A modify that proves the mark first, as the adapter's does.
    [[nodiscard]] Result<Done> write(DirectoryAction action, const WriteTarget& target,
                                     std::vector<LdapChange> changes);
    Async<Result<Done>> change_members(DirectoryAction action, WriteTarget target,
                                       std::vector<AdIdentity> members);
    Async<Result<Dn>> rename_to(DirectoryAction action, WriteTarget target, std::string name,
                                Dn parent);
    [[nodiscard]] Failure refusal(DirectoryAction action, const Dn& dn,
                                  const TreeAnswer& answer) const;

    [[nodiscard]] const TreeEntry* visible(const ObjectGuid& guid) const;
    [[nodiscard]] bool in_containers(const Dn& dn) const;
    [[nodiscard]] std::vector<const TreeEntry*> groups_in_containers() const;
    [[nodiscard]] std::optional<GroupId> mark_in(const TreeEntry& entry) const;
    [[nodiscard]] Entry shown(const TreeEntry& entry) const;
    [[nodiscard]] DirectoryGroup as_read(const TreeEntry& entry,
                                         const std::vector<std::string>& attributes,
                                         bool with_members) const;
    [[nodiscard]] std::string usn_source() const;
    void make_containers(const Dn& dn);
    void told(const std::vector<ObjectGuid>& changed);
    void speak();

    Clock& clock_;
    std::vector<Dn> containers_;
    TreeAccount* account_;
    std::map<std::string, std::deque<Failure>> failures_;
    int lose_answer_in_ = 0;
    bool changed_ = true;  // since await_change was last answered
    std::vector<std::weak_ptr<Alarm>> waiting_;
    mutable std::map<ObjectGuid, Entry> shown_;  // what tests were given pointers to
};

}  // namespace writeback::fakes
