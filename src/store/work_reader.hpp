// Reads everything that the plan of one group needs, within a read transaction.
//
// Cost: a group that AD has and whose mark does not ask for the whole costs in proportion to the
// identities that were touched, however many members it has.
#pragma once

#include "store/records.hpp"

#include <writeback/store.hpp>

#include <map>

namespace writeback {

class WorkReader {
 public:
    explicit WorkReader(Database& database) : database_(database) {}
    [[nodiscard]] GroupWork read(const GroupId& group);

 private:
    // One identity of the group, wanted or present or both.
    struct Member {
        AdIdentity identity;
        std::vector<MemberId> cloud_ids;  // of those that want it, or that once did
        bool wanted = false;
        bool present = false;
        bool contact = true;  // all cloud objects that want it are contacts
        // Combined over the cloud objects behind it; see add_evidence.
        Evidence evidence = Evidence::none;
        std::int64_t evidence_number = 0;
    };

    void read_mark(GroupWork& work);
    void read_written(GroupWork& work);
    void read_standing(GroupWork& work);
    void read_deletion(GroupWork& work);
    void read_owners(GroupWork& work);
    void read_holds(GroupWork& work);
    void read_all_members();
    void read_touched_members();
    void read_evidence();
    void find_cloud_ids(IdentityKey key, Member& member);
    void list_members(GroupWork& work);
    static void add_evidence(Member& member, Evidence evidence, std::int64_t number);

    Database& database_;
    ObjectKey group_ = no_object;
    std::map<IdentityKey, Member> members_;
};

}  // namespace writeback
