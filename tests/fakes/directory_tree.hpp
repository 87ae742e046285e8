// A forest in memory, as LDAP shows it: one domain that can be written, others that the global
// catalog knows, the schema, deleted objects, and the answers of either dialect.
//
// Purpose: the one model of Active Directory's semantics; an LDAP server, the story's port and the
// simulation stand on it. Failures: what a domain controller refuses is a TreeAnswer with its code
// and text; what the model does not know (an attribute, a form of a request) throws
// std::logic_error, so that a test never takes a gap for an answer. Limits: TreeOptions. Ownership:
// values in, values out; callers stay valid as long as the tree. Threads: one. Everything is
// deterministic: the same requests give the same ids, order and answers.
#pragma once

#include "directory/ldap_operations.hpp"
#include "fakes/directory_tree_answers.hpp"
#include "fakes/directory_tree_entry.hpp"
#include "fakes/directory_tree_filter.hpp"
#include "fakes/directory_tree_replication.hpp"
#include "fakes/directory_tree_schema.hpp"

#include <writeback/ids.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace writeback::fakes {

struct TreeControls {
    bool show_deleted = false;
    bool permissive_modify = false;
    bool tree_delete = false;
    enum class Names { plain, hexadecimal, text } names = Names::plain;
};

enum class TreeScope { base, one, subtree };

struct TreePage {
    int size = 0;
    std::string cookie;
};

struct TreeSearch {
    std::string base;
    TreeScope scope = TreeScope::base;
    TreeFilter filter;
    std::vector<std::string> attributes;  // empty: all that are not constructed
    bool names_only = false;
    int size_limit = 0;
    TreeControls controls;
    std::optional<TreePage> page;
    bool in_catalog = false;  // asked of the global catalog
};

struct TreeFound {
    TreeAnswer answer;
    std::vector<LdapEntry> entries;
    std::string page_cookie;
};

// Rights that were delegated on a container: groups below it may be created and deleted, and these
// attributes of them written.
struct TreeDelegation {
    Dn container;
    std::set<std::string> attributes;  // lower case
};

struct TreeAccount {
    Dn dn;
    Sid sid;
    std::string password;
    bool system = false;  // the model's own hand: also what nobody may write
    bool administrator = false;
    std::vector<TreeDelegation> delegations;
    bool sees_deleted = false;
    bool reanimates = false;
};
using TreeCaller = const TreeAccount*;  // null: not bound

// Where the source of authority of an object is enforced (msDS-ObjectSoa is set on it), only the
// SIDs on the list may write it. The answer's code and text are not documented: both are settable.
struct SourceOfAuthorityPolicy {
    bool enforced = false;
    std::set<std::string> exceptions;  // SIDs
    int code = 50;
    std::string diagnostic =
        "00002098: SecErr: DSID-03152D7B, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0";
};

struct TreeOptions {
    DirectoryDialect dialect = DirectoryDialect::samba;
    SchemaExtent schema = SchemaExtent::windows_2016;
    Dn base = Dn("DC=lab,DC=test");
    std::string net_bios_name = "LAB";
    std::string host = "dc1.lab.test";
    Sid domain_sid = Sid("S-1-5-21-1004336348-1177238915-682003330");
    std::uint64_t seed = 1;              // of GUIDs
    bool source_of_authority = true;     // the schema has msDS-ObjectSoa
    bool recycle_bin = false;            // Windows' works; Samba's cannot reanimate
    std::size_t values_a_read = 1500;    // MaxValRange; Windows only
    std::size_t most_page = 1000;        // MaxPageSize; Windows only
    std::size_t values_a_modify = 5000;  // of one linked attribute; Windows only
};

class DirectoryTree {
 public:
    explicit DirectoryTree(TreeOptions options);

    // --- requests, as LDAP has them ---
    [[nodiscard]] TreeCaller bind(const std::string& name, const std::string& password) const;
    TreeAnswer add(TreeCaller caller, const std::string& dn,
                   const std::vector<LdapAttribute>& attributes);
    TreeAnswer modify(TreeCaller caller, const std::string& dn,
                      const std::vector<LdapChange>& changes, const TreeControls& controls = {});
    // new_parent empty: the entry stays where it is.
    TreeAnswer rename(TreeCaller caller, const std::string& dn, const std::string& new_name,
                      bool delete_old, const std::string& new_parent);
    TreeAnswer remove(TreeCaller caller, const std::string& dn, const TreeControls& controls = {});
    TreeFound search(TreeCaller caller, const TreeSearch& search);

    // --- what a test or a console does ---
    [[nodiscard]] TreeCaller system() const { return &system_; }
    TreeAccount& add_account(TreeAccount account);
    // As the system; throws when it is refused.
    ObjectGuid make(const std::string& dn, const std::string& object_class,
                    std::vector<LdapAttribute> attributes = {});
    // A domain of the forest that another server holds: its objects are in the global catalog.
    void add_domain(const Dn& base, const std::string& net_bios_name, const Sid& sid);
    // Writes at or below these names are refused, whatever else was granted.
    std::vector<Dn> denied;
    SourceOfAuthorityPolicy source_of_authority;
    // Called after each write with the objects whose uSNChanged moved.
    std::function<void(const std::vector<ObjectGuid>&)> on_change;
    // The domain controller that answers is another one from now on: its USNs are its own.
    void fail_over(const std::string& host);
    // Of a copy of a tree: the numberth further domain controller of the same domain, whose new
    // objects have GUIDs and SIDs of their own.
    void be_another(const std::string& host, std::uint64_t number);
    // Called after each write with what it left behind, in order; what take() brings is not told.
    std::function<void(std::vector<TreeDelta>)> on_write;
    // Whether every object is known that the delta speaks of.
    [[nodiscard]] bool knows_all_of(const TreeDelta& delta) const;
    // Who stands where the delta's object is to stand, or has the account name that it is to have.
    [[nodiscard]] const TreeEntry* in_the_place_of(const TreeDelta& delta) const;
    [[nodiscard]] const TreeEntry* account_named(const std::string& name,
                                                 const ObjectGuid& except) const;
    // What another domain controller wrote. The caller sees to what is older than what stands here;
    // end_of_taking() follows and calls on_change.
    void take(const TreeDelta& delta);
    void end_of_taking();
    // Another dialect from now on; what stands in the tree stays.
    void speak(DirectoryDialect dialect);
    TreeOptions& options() { return options_; }
    [[nodiscard]] const TreeOptions& options() const { return options_; }

    // --- looking without LDAP ---
    [[nodiscard]] const TreeEntry* find(const ObjectGuid& guid) const;
    [[nodiscard]] const TreeEntry* find(const Sid& sid) const;
    [[nodiscard]] const TreeEntry* find(const Dn& dn) const;
    [[nodiscard]] const TreeEntry& entry(EntryNumber number) const { return entries_.at(number); }
    // By any form of name that LDAP has.
    [[nodiscard]] const TreeEntry* find_named(const std::string& name) const;
    [[nodiscard]] Dn dn_of(const TreeEntry& entry) const;
    [[nodiscard]] bool is_below(const TreeEntry& entry, const TreeEntry& ancestor) const;
    [[nodiscard]] const std::map<EntryNumber, TreeEntry>& entries() const { return entries_; }
    [[nodiscard]] const TreeSchema& schema() const { return schema_; }
    [[nodiscard]] std::int64_t highest_usn() const { return usn_; }
    // Of the domain controller that answers.
    [[nodiscard]] ObjectGuid invocation_id() const;
    // The objects whose uSNChanged is above, in its order.
    [[nodiscard]] std::vector<ObjectGuid> changed_above(std::int64_t usn) const;
    // False for objects of the forest's other domains.
    [[nodiscard]] bool is_ours(const TreeEntry& entry) const;
    // Raw values of an attribute as LDAP gives them.
    [[nodiscard]] std::vector<std::string> values(const TreeEntry& entry,
                                                  const std::string& name) const;
    // Whether an entry lies in the scope of a search; for change notification.
    [[nodiscard]] bool in_scope(const TreeEntry& entry, const TreeSearch& search) const;

 private:
    struct Domain {
        EntryNumber root = 0;
        Sid sid;
        std::string net_bios_name;
        std::string dns_name;
        bool ours = false;
        std::uint32_t next_rid = 1103;
    };
    class Modification;
    class Rendering;
    friend class Modification;
    friend class Rendering;

    // Names.
    [[nodiscard]] std::string child_key(const std::string& type, const std::string& value) const;
    [[nodiscard]] std::string root_key(const std::string& name) const;
    [[nodiscard]] std::optional<EntryNumber> child(EntryNumber parent, const std::string& type,
                                                   const std::string& value) const;
    // By any form of name; nothing when there is none. Throws for a form the model does not know.
    [[nodiscard]] std::optional<EntryNumber> resolve(const std::string& name) const;
    [[nodiscard]] std::optional<EntryNumber> resolve_dn(const std::string& name) const;
    [[nodiscard]] std::string best_match(const std::string& name) const;
    [[nodiscard]] bool parses(const std::string& name) const;
    [[nodiscard]] const Domain& domain_of(const TreeEntry& entry) const;

    // Storage.
    TreeEntry& insert(EntryNumber parent, const std::string& type, const std::string& value,
                      const std::string& object_class);
    void place(TreeEntry& entry, EntryNumber parent, const std::string& type,
               const std::string& value);
    void unplace(const TreeEntry& entry);
    void store(TreeEntry& entry, const AttributeType& type, std::vector<std::string> values);
    void link(TreeEntry& entry, const AttributeType& type, EntryNumber target);
    void unlink(TreeEntry& entry, const std::string& type, EntryNumber target);
    void index(const TreeEntry& entry, bool present);
    void index_value(const TreeEntry& entry, const std::string& type, bool present);
    void touch(TreeEntry& entry);
    void tell();
    [[nodiscard]] std::string next_guid();
    [[nodiscard]] std::string value_key(const AttributeType& type, const std::string& value) const;

    // Replication.
    TreeDelta* note(const TreeEntry& entry, TreeDelta::Kind kind);
    void note_link(const TreeEntry& entry, const std::string& name, const TreeEntry& target,
                   bool present);
    void complete(TreeDelta& delta) const;
    void take_born(const TreeDelta& delta);
    void take_revived(TreeEntry& entry, const TreeDelta& delta);
    void take_place(TreeEntry& entry, const TreeDelta& delta);
    void take_links(TreeEntry& entry, const TreeDelta& delta);

    // Checks.
    [[nodiscard]] bool is_denied(const TreeEntry& entry) const;
    [[nodiscard]] const TreeDelegation* delegation_on(TreeCaller caller,
                                                      const TreeEntry& container) const;
    [[nodiscard]] bool may_create_groups(TreeCaller caller, const TreeEntry& container) const;
    [[nodiscard]] bool may_write(TreeCaller caller, const TreeEntry& entry,
                                 const std::string& attribute) const;
    [[nodiscard]] bool may_delete(TreeCaller caller, const TreeEntry& entry) const;
    [[nodiscard]] bool sees(TreeCaller caller, const TreeEntry& entry, const TreeControls& controls,
                            bool in_catalog) const;
    [[nodiscard]] std::optional<TreeAnswer> enforced(TreeCaller caller,
                                                     const TreeEntry& entry) const;
    [[nodiscard]] std::optional<TreeAnswer> check_value(const AttributeType& type,
                                                        const std::string& dn,
                                                        const std::string& value) const;
    [[nodiscard]] std::optional<TreeAnswer> check_account_name(const TreeEntry& self,
                                                               const std::string& name) const;
    [[nodiscard]] std::optional<TreeAnswer> check_cn(const std::string& type,
                                                     const std::string& value) const;
    [[nodiscard]] std::optional<TreeAnswer> check_scope(std::int32_t group_type,
                                                        const TreeEntry* group,
                                                        const TreeEntry& member) const;
    [[nodiscard]] std::optional<TreeAnswer> check_group_type(const TreeEntry& entry,
                                                             std::int32_t from,
                                                             std::int32_t to) const;
    // The object that a value of a linked attribute names.
    struct Target {
        std::optional<EntryNumber> number;
        std::optional<TreeAnswer> refusal;
        std::string foreign_sid;  // Samba makes a foreign security principal for it
    };
    [[nodiscard]] Target target_of(const AttributeType& type, const std::string& dn,
                                   const std::string& value, bool removing) const;
    [[nodiscard]] std::optional<TreeAnswer> check_distinct(
        const AttributeType& type, const std::string& dn,
        const std::vector<std::string>& values) const;
    [[nodiscard]] std::optional<TreeAnswer> check_move(TreeCaller caller, const TreeEntry& entry,
                                                       EntryNumber parent) const;
    EntryNumber foreign_principal(const std::string& sid);

    // Deleted objects.
    void bury(TreeEntry& entry);
    TreeAnswer reanimate(TreeCaller caller, TreeEntry& entry,
                         const std::vector<LdapChange>& changes);
    [[nodiscard]] std::optional<TreeAnswer> check_name_of_account(
        const TreeEntry& entry, const std::vector<LdapChange>& changes) const;
    void wake_links(TreeEntry& entry);

    // Searching.
    // Nothing where the schema does not know the attribute: undefined, also when negated.
    [[nodiscard]] std::optional<bool> matches(const TreeEntry& entry,
                                              const TreeFilter& filter) const;
    [[nodiscard]] bool matches_value(const TreeEntry& entry, const AttributeType& type,
                                     const TreeFilter& filter) const;
    [[nodiscard]] bool chained(const TreeEntry& entry, const std::string& link,
                               EntryNumber target) const;
    [[nodiscard]] bool in_scope(const TreeEntry& entry, TreeScope scope, EntryNumber base) const;
    [[nodiscard]] std::vector<EntryNumber> candidates(const TreeSearch& search,
                                                      EntryNumber base) const;
    [[nodiscard]] std::optional<EntryNumbers> indexed(const TreeFilter& filter) const;
    // By bytes or by text, as filters write them.
    [[nodiscard]] const TreeEntry* find_by_guid_value(const std::string& value) const;
    [[nodiscard]] const TreeEntry* find_by_sid_value(const std::string& value) const;
    void walk(EntryNumber from, bool deep, std::vector<EntryNumber>& into) const;
    TreeFound page(TreeCaller caller, const TreeSearch& search, std::vector<EntryNumber> numbers);
    [[nodiscard]] TreeFound root(TreeCaller caller, const TreeSearch& search) const;
    void build_schema();
    void build_domain();
    void list_domain(const Domain& domain, const Dn& base);
    TreeAnswer fill(TreeCaller caller, const std::string& dn, EntryNumber parent,
                    const std::string& type, const std::string& value,
                    const std::vector<std::string>& chain,
                    const std::vector<LdapAttribute>& attributes);

    TreeOptions options_;
    TreeSchema schema_;
    TreeAnswers answers_;
    TreeAccount system_;
    std::map<std::string, TreeAccount> accounts_;  // by lower-case name
    std::vector<Domain> domains_;                  // ours first
    std::map<EntryNumber, TreeEntry> entries_;
    std::map<std::pair<EntryNumber, std::string>, EntryNumber> children_;
    std::map<std::string, EntryNumber> roots_;  // by comparison key of the name
    // Never iterated.
    std::unordered_map<ObjectGuid, EntryNumber> by_guid_;
    std::unordered_map<std::string, EntryNumber> by_sid_;
    std::map<std::string, EntryNumbers> by_value_;  // "attribute\0key"
    std::set<std::pair<std::int64_t, EntryNumber>> by_usn_;
    std::map<std::string, std::vector<EntryNumber>> pages_;
    EntryNumber last_number_ = 0;
    EntryNumber deleted_objects_ = 0;
    EntryNumber configuration_ = 0;
    EntryNumber schema_root_ = 0;
    EntryNumber settings_ = 0;  // of this domain controller
    std::int64_t usn_ = 12'000;
    std::uint64_t made_ = 0;
    std::uint64_t cookies_ = 0;
    std::vector<ObjectGuid> changed_;
    std::vector<TreeDelta> written_;
    bool replicating_ = false;
};

}  // namespace writeback::fakes
