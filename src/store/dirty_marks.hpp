// The marks of one transaction: what it touched of which group, and why. All of them carry the
// transaction's one change number.
//
// A group that AD has is marked by the members that were touched; one that AD has not yet is read
// whole by its next plan anyway, so an arriving member renews the mark's `whole` and takes no row.
// A member that goes always leaves its evidence: the group may be in the making just now.
//
// Failures: those of the Database. Ownership: borrows the Database for the transaction.
#pragma once

#include "store/records.hpp"

#include <map>
#include <optional>

namespace writeback {

class DirtyMarks {
 public:
    // Takes a new change number; within a write transaction.
    DirtyMarks(Database& database, Instant now);

    [[nodiscard]] std::int64_t number() const { return number_; }
    [[nodiscard]] Instant now() const { return now_; }

    // A mark that was asked for. A weak one leaves the cause of an existing mark as it is.
    void mark(ObjectKey group, const Mark& mark, bool weak = false);
    // A member came to (Evidence::none) or left a group; the group is marked, for `cause` unless
    // something else in this transaction names one.
    void touch(ObjectKey group, IdentityKey identity, ObjectKey member, Evidence evidence,
               Cause cause);
    // The group's owners, or who they are in AD, changed; marked as by touch.
    void owners_changed(ObjectKey group, Cause cause);
    // The group is to lose members or itself: it goes before others that were hinted.
    void urgent(ObjectKey group);
    // What touched rows tell of this member is explicit from now on; marks their groups.
    void make_explicit(ObjectKey member, Evidence evidence, Cause cause);
    void make_explicit_in(ObjectKey group, ObjectKey member, Evidence evidence);

    // Whether anything in AD hangs on the group: it is in scope, written, or dirty.
    [[nodiscard]] bool matters(ObjectKey group);
    // Writes the marks; the last thing before the commit.
    void flush();

 private:
    struct Entry {
        bool looked_up = false;
        bool matters = false;
        bool written = false;
        bool dirty = false;  // gets a mark
        bool asked_for = false;
        bool weak = true;
        bool whole = false;
        bool read_first = false;
        bool removals = false;
        Cause cause = Cause::poll;
        std::optional<Instant> hinted_at;
    };
    Entry& entry(ObjectKey group);

    Database& database_;
    Instant now_;
    std::int64_t number_ = 0;
    std::map<ObjectKey, Entry> entries_;
};

}  // namespace writeback
