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

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace writeback {

// What the connected server says of itself.
struct DirectoryFacts {
    std::string server;         // the configured URL in use
    std::string dns_host_name;  // of the domain controller; USNs belong to it
    Sid domain_sid;
    Dn naming_context;
    std::set<std::string>
        group_attributes;  // of those asked for, what the schema has for class group; lower case
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
    Attributes attributes;        // those that were asked for and are set
    std::vector<AdIdentity> members;
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
};

}  // namespace writeback
