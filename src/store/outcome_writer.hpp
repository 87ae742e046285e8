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
    void replace(const WrittenGroup& written, const std::vector<AdIdentity>& members,
                 Evidence evidence);
    void forget_missing(const GroupId& group);

 private:
    void put_written(ObjectKey group, const WrittenGroup& written);
    void forget(ObjectKey group);
    void end_deletion_hold(ObjectKey group);
    void settle(ObjectKey group, const Outcome& outcome);
    void try_again(ObjectKey group, const Outcome& outcome);
    [[nodiscard]] std::set<ObjectKey> keys_of(const std::vector<MemberId>& members);
    void drop_evidence(ObjectKey group, const Outcome& outcome);
    [[nodiscard]] bool wanted(ObjectKey group, IdentityKey identity);
    bool note_unwanted(ObjectKey group, IdentityKey identity, Evidence evidence);

    Database& database_;
    DirtyMarks& marks_;
    Resolution& resolution_;
};

// Makes sure that the group has a mark.
void ensure_mark(Database& database, ObjectKey group, std::int64_t number, Instant now);

}  // namespace writeback
