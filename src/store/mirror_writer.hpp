// Changes of the mirror within one transaction, and what they touch.
//
// Failures: those of the Database. Ownership: borrows everything for one transaction.
#pragma once

#include "store/resolution.hpp"

#include <writeback/store.hpp>

#include <map>

namespace writeback {

class MirrorWriter {
 public:
    MirrorWriter(Database& database, DirtyMarks& marks, Resolution& resolution)
        : database_(database), marks_(marks), resolution_(resolution) {}

    void put_group(const MirrorGroup& shown);
    void change_membership(const MembershipChange& change, std::int64_t generation);
    void add_member(ObjectKey group, const ObjectRow& member, std::int64_t generation);
    void remove_member(ObjectKey group, const ObjectRow& member, Evidence evidence);
    void change_ownership(const MembershipChange& change, std::int64_t generation);
    void add_owner(ObjectKey group, const ObjectRow& owner, std::int64_t generation);
    void remove_owner(ObjectKey group, const ObjectRow& owner);
    // The group's key; kept for the transaction.
    ObjectKey group(const GroupId& id);
    // Forgets ended memberships that no direct read can be under way for any more.
    void prune_departures();

 private:
    void follow_deletion(ObjectKey key, const MirrorGroup& shown);
    void note_departure(ObjectKey group, ObjectKey member, bool owner);
    void end_departure(ObjectKey group, ObjectKey member, bool owner);

    Database& database_;
    DirtyMarks& marks_;
    Resolution& resolution_;
    std::map<GroupId, ObjectKey> keys_;
};

void write_position(Database& database, Stream stream, const StreamPosition& position);
[[nodiscard]] StreamPosition read_position(Database& database, Stream stream);

}  // namespace writeback
