// What AD has, as runs and reads told it, within one write transaction.
//
// Failures: those of the Database. Ownership: borrows everything for one transaction.
#pragma once

#include "store/resolution.hpp"

#include <writeback/store.hpp>

#include <set>

namespace writeback {

class OutcomeWriter {
 public:
    OutcomeWriter(Database& database, DirtyMarks& marks, Resolution& resolution)
        : database_(database), marks_(marks), resolution_(resolution) {}

    void apply(const Outcome& outcome);
    void replace(const DirectoryReadback& read);
    void forget_missing(const GroupId& group);
    void release(const GroupId& group);

 private:
    void put_written(ObjectKey group, const WrittenGroup& written);
    void forget(ObjectKey group);
    void end_deletion_hold(ObjectKey group);
    void settle(ObjectKey group, const Outcome& outcome);
    void try_again(ObjectKey group, const Outcome& outcome);
    [[nodiscard]] std::set<ObjectKey> keys_of(const std::vector<MemberId>& members);
    void drop_evidence(ObjectKey group, const Outcome& outcome);
    [[nodiscard]] bool wanted(ObjectKey group, IdentityKey identity);
    [[nodiscard]] bool touched(ObjectKey group, IdentityKey identity);
    // The extent that a read has, by what is known of the group already.
    [[nodiscard]] ReplaceExtent put_read(ObjectKey group, const DirectoryReadback& read);
    [[nodiscard]] std::set<IdentityKey> identities_in_question(ObjectKey group,
                                                               ReplaceExtent extent);
    // Makes the written members those that were read; true when one of them is to leave.
    bool replace_members(ObjectKey group, const DirectoryReadback& read, ReplaceExtent extent);
    bool note_unwanted(ObjectKey group, IdentityKey identity, Evidence evidence);

    Database& database_;
    DirtyMarks& marks_;
    Resolution& resolution_;
};

// Makes sure that the group has a mark.
void ensure_mark(Database& database, ObjectKey group, std::int64_t number, Instant now);

}  // namespace writeback
