// The port for Active Directory: two interfaces, since what plans must not be able to write.
//
// Failures: FailureKind as core/retry reads it. After timed_out or disconnected the outcome of a
// write is unknown. Limits: values per call and deadlines are the adapter's, from the
// configuration; one call is one LDAP operation unless its comment says otherwise. Ownership:
// arguments are taken by value, since calls wait. Threads: one thread. Cancellation: the adapter's
// stop ends every call with `cancelled`.
#pragma once

#include <writeback/async.hpp>
#include <writeback/group.hpp>
#include <writeback/ids.hpp>
#include <writeback/result.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace writeback {

// What the schema says of an attribute.
enum class AttributeSyntax {
    text,       // Unicode
    printable,  // printable or IA5 characters
    integer,    // also large ones
    boolean,    // "TRUE" or "FALSE"
    name,       // distinguished names: the values in Attributes are keys of AdIdentity
    other,      // octets, SIDs, times, …: not written by a mapping
};
struct AttributeFacts {
    AttributeSyntax syntax = AttributeSyntax::text;
    bool single_valued = true;
    std::size_t most_length = 0;  // UTF-16 units of a value; 0: the schema names no limit
    friend bool operator==(const AttributeFacts&, const AttributeFacts&) = default;
};

// What the connected server says of itself.
struct DirectoryFacts {
    std::string server;         // the configured URL in use
    std::string dns_host_name;  // of the domain controller
    // Whose update sequence numbers these are: the domain controller's host name and invocation id.
    std::string usn_source;
    Sid domain_sid;
    Dn naming_context;
    // What the schema has for class group, by lower-case name.
    std::map<std::string, AttributeFacts> group_attributes;
    std::int64_t highest_usn = 0;
};

// An object that bears a mark.
struct MarkedObject {
    GroupId mark;
    ObjectGuid guid;
    Sid sid;
    Dn dn;
};

// A group as it stands in AD, read whole: members come only when the last range proved the end.
struct DirectoryGroup {
    ObjectGuid guid;
    Sid sid;
    Dn dn;
    std::string cn;
    std::string sam_account_name;
    std::int32_t group_type = 0;
    std::optional<GroupId> mark;  // from adminDescription
    std::string mark_text;        // adminDescription as it stands
    std::int64_t usn = 0;         // uSNChanged when the read began
    Attributes attributes;        // those that were asked for and are set
    std::vector<AdIdentity> members;
};

// A group below the containers that changed, by whomever.
struct ChangedGroup {
    ObjectGuid guid;
    std::optional<GroupId> mark;
    Dn dn;
    std::int64_t usn = 0;
};
struct ChangedGroups {
    std::vector<ChangedGroup> groups;  // in the order of their changes
    std::int64_t highest_usn = 0;      // everything up to here is in the list
    std::string usn_source;
};

// An object that may be a member, found by its SID in our domain or elsewhere in the forest.
struct Principal {
    Sid sid;
    ObjectGuid guid;
    Dn dn;
    bool same_domain = true;
    bool is_group = false;
    std::int32_t group_type = 0;  // of a group
};

// Whose writeback made a group.
enum class AdoptionSource { any, connect, cloud_sync };

// A group anywhere in the domain that bears a mark of Microsoft's writeback, in adminDescription
// ("Group_<id>", "TakenOver_Group_<id>") or in msDS-ExternalDirectoryObjectId.
struct AdoptableGroup {
    GroupId group;
    AdoptionSource made_by = AdoptionSource::connect;
    std::string mark_text;    // adminDescription as it stands; empty when it has none
    std::string external_id;  // msDS-ExternalDirectoryObjectId; empty when it has none
    ObjectGuid guid;
    Sid sid;
    Dn dn;
    std::int32_t group_type = 0;
};

// What is left of a deleted group. Where the recycle bin is off, every deleted object is recycled
// at once and can still be brought back; where it is on, only one that is not.
struct DeletedGroup {
    ObjectGuid guid;
    Sid sid;
    Dn dn;  // below CN=Deleted Objects
    Dn last_parent;
    std::string last_cn;
    bool recycled = true;  // its attributes and members are gone; only name, GUID and SID are left
};

class DirectoryReader {
 public:
    virtual ~DirectoryReader() = default;

    virtual Async<Result<DirectoryFacts>> facts() = 0;
    // All groups below the containers that bear a mark of this program's form; complete (the paging
    // cookie ran empty) or a failure.
    virtual Async<Result<std::vector<MarkedObject>>> find_marked() = 0;
    // The groups in the containers that bear this group's mark: none, one, or (a fault) more.
    virtual Async<Result<std::vector<MarkedObject>>> find_mark(GroupId group) = 0;
    // A group with the named attributes and all its members, each with SID or GUID. Nothing when no
    // object has the GUID.
    virtual Async<Result<std::optional<DirectoryGroup>>> read_group(
        ObjectGuid guid, std::vector<std::string> attributes) = 0;
    // The same by name, to learn what holds a name; members are left out.
    virtual Async<Result<std::optional<DirectoryGroup>>> read_named(Dn dn) = 0;
    // The identity (with SID where it has one) of an object known by its GUID. Nothing when there
    // is none.
    virtual Async<Result<std::optional<AdIdentity>>> identify(ObjectGuid guid) = 0;

    // --- for the auditor ---
    // The groups below the containers whose uSNChanged is above `usn`, complete or a failure.
    // Deletions are not among them, nor what was moved out. `disconnected` when the answer would
    // mix two connections.
    virtual Async<Result<ChangedGroups>> changed_since(std::int64_t usn) = 0;
    // Waits until the directory tells of a change below the containers (true), for at most
    // `at_most` (false). The first call on a connection says true at once, since nobody was told of
    // what happened before; what comes between two calls is kept. Fails with `refused` where the
    // server has no change notification, on each call until there is another connection, and with
    // `disconnected` when the connection ends meanwhile. One caller at a time.
    virtual Async<Result<bool>> await_change(Duration at_most) = 0;
    // uSNChanged of an object; nothing when there is none.
    virtual Async<Result<std::optional<std::int64_t>>> usn_of(ObjectGuid guid) = 0;
    // Those of the objects that stand below the containers: neither deleted nor moved away.
    virtual Async<Result<std::vector<ObjectGuid>>> existing(std::vector<ObjectGuid> guids) = 0;

    // --- for the resolver ---
    // The objects with these SIDs that the forest knows, foreign security principals left out; in
    // no particular order. `unreachable` when one may be of another domain and no global catalog
    // answers.
    virtual Async<Result<std::vector<Principal>>> look_up(std::vector<Sid> sids) = 0;
    // The contacts that bear one of the addresses (mail or proxyAddresses).
    virtual Async<Result<std::vector<AdIdentity>>> find_contact(
        std::vector<std::string> addresses) = 0;

    // --- for adoption and restoring ---
    virtual Async<Result<std::vector<AdoptableGroup>>> find_adoptable(AdoptionSource source) = 0;
    // What is left of a deleted object. Nothing when there is none, or the account may not see it.
    virtual Async<Result<std::optional<DeletedGroup>>> find_deleted(ObjectGuid guid) = 0;
};

// The address of a group that is to be written. Writes go to the distinguished name, which the
// guard has seen to lie in a configured container, and prove the mark as well: a modify deletes and
// adds the same adminDescription value together with its changes, so that the directory itself
// refuses (contradiction) when another object took the name or someone removed the mark; before a
// rename, move or delete the object is read and its GUID and mark are compared. An object that was
// moved away answers not_found.
struct WriteTarget {
    GroupId group;
    ObjectGuid guid;
    Dn dn;
};

struct CreatedGroup {
    ObjectGuid guid;
    Sid sid;
    Dn dn;
};

// One attribute's change; empty `values` removes the attribute.
struct AttributeChange {
    std::string name;
    std::vector<std::string> before;
    std::vector<std::string> values;
    friend bool operator==(const AttributeChange&, const AttributeChange&) = default;
};

class DirectoryWriter {
 public:
    virtual ~DirectoryWriter() = default;

    // Adds the group with its first members in the add, then reads objectGUID and objectSid (a
    // second operation; when that one fails the outcome counts as unknown).
    virtual Async<Result<CreatedGroup>> create(DesiredGroup group,
                                               std::vector<AdIdentity> members) = 0;
    virtual Async<Result<Done>> modify(WriteTarget target,
                                       std::vector<AttributeChange> changes) = 0;
    // Each gives the new distinguished name.
    virtual Async<Result<Dn>> rename(WriteTarget target, std::string new_cn) = 0;
    virtual Async<Result<Dn>> move(WriteTarget target, Dn new_container) = 0;
    virtual Async<Result<Done>> convert(WriteTarget target, std::int32_t from, std::int32_t to) = 0;
    // All values in one modify: all or none. The caller has removed duplicates and keeps to
    // values_per_modify.
    virtual Async<Result<Done>> add_members(WriteTarget target,
                                            std::vector<AdIdentity> members) = 0;
    virtual Async<Result<Done>> remove_members(WriteTarget target,
                                               std::vector<AdIdentity> members) = 0;
    virtual Async<Result<Done>> remove(WriteTarget target) = 0;

    // Brings a deleted group back under its GUID and SID, at the desired name, with the desired
    // mark and attributes, in one modify. It keeps its sAMAccountName, or takes the desired one
    // where someone else has it meanwhile (name_in_use when both are taken). Of its members it has
    // those that the recycle bin kept; its other attributes are as the next read shows them.
    // `forbidden`, `refused` or `not_found` name the rights that restoring needs.
    virtual Async<Result<CreatedGroup>> reanimate(DeletedGroup deleted, DesiredGroup desired) = 0;
    // Exchanges adminDescription of an object that is to become ours, or to cease to be: `before`
    // must be its value (empty: it has none), `after` empty removes it.
    virtual Async<Result<Done>> replace_mark(ObjectGuid guid, Dn dn, std::string before,
                                             std::string after) = 0;
};

}  // namespace writeback
