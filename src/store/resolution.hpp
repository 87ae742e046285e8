// Who a member is in Active Directory: the rows of `object` and `identity`, and what follows for
// the groups when an answer changes.
//
// Failures: those of the Database. Ownership: borrows the Database and the marks for one
// transaction.
#pragma once

#include "store/dirty_marks.hpp"

#include <writeback/group.hpp>

#include <optional>
#include <string>

namespace writeback {

struct ObjectRow {
    ObjectKey key = no_object;
    MemberType type = MemberType::unknown;
    IdentityState state = IdentityState::unknown;
    IdentityKey identity = no_identity;
    std::string reason;
    bool settled = false;  // told by the mirror or by the type, never asked for
    std::int64_t users_number = 0;
};

// What is known of an object's identity, ready to be stored.
struct Answer {
    IdentityState state = IdentityState::unknown;
    IdentityKey identity = no_identity;
    std::string reason;
    bool settled = false;
    Evidence loss = Evidence::identity_lost;  // why a former identity is none any more
};

[[nodiscard]] std::optional<ObjectRow> find_object(Database& database, const std::string& id);
// True for a SID of the domain that the store is bound to, or of any while it is bound to none.
[[nodiscard]] bool in_our_domain(Database& database, const Sid& sid);
[[nodiscard]] bool domain_is_bound(Database& database);

class Resolution {
 public:
    Resolution(Database& database, DirtyMarks& marks) : database_(database), marks_(marks) {}

    // The object's row, made when there is none. A type other than unknown replaces unknown.
    ObjectRow object(const std::string& id, MemberType type);
    // The same for a group, with its row in `standing`.
    ObjectKey group(const GroupId& id);
    // The identity's row, made when there is none. Two forms of one object (a GUID first, its SID
    // later) become one row.
    IdentityKey identity(const AdIdentity& identity);

    // Stores an answer. When the identity came, went or changed, every group that has the object
    // and matters is touched.
    void set(const ObjectRow& object, const Answer& answer, Cause cause,
             bool read_parents_first = false);
    // Works out anew what a group of the mirror is as a member.
    void refresh_group(ObjectKey group, Cause cause, bool read_parents_first = false);
    // Marks the groups that have this one as a member, for the sake of that member.
    void touch_parents(ObjectKey group);

 private:
    void refresh_synced(const std::string& id, const Sid& sid, Cause cause,
                        bool read_parents_first);
    void merge(IdentityKey from, IdentityKey into);
    IdentityKey insert_identity(const AdIdentity& identity);

    Database& database_;
    DirtyMarks& marks_;
};

}  // namespace writeback
