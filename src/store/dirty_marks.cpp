#include "store/dirty_marks.hpp"

namespace writeback {

DirtyMarks::DirtyMarks(Database& database, Instant now) : database_(database), now_(now) {
    Statement row = database_.query("UPDATE change SET number = number + 1 RETURNING number");
    if (row.next()) number_ = row.integer(0);
}

DirtyMarks::Entry& DirtyMarks::entry(ObjectKey group) {
    Entry& entry = entries_[group];
    if (entry.looked_up) return entry;
    entry.looked_up = true;
    Statement row = database_.query(
        "SELECT (SELECT missing FROM written_group WHERE object = ?1), "
        "(SELECT in_scope FROM mirror_group WHERE object = ?1), "
        "EXISTS (SELECT 1 FROM mark WHERE object = ?1)",
        group);
    if (!row.next()) return entry;
    entry.written = !row.null(0) && !row.flag(0);
    entry.matters = entry.written || row.flag(1) || row.flag(2);
    return entry;
}

bool DirtyMarks::matters(ObjectKey group) {
    return entry(group).matters;
}

void DirtyMarks::mark(ObjectKey group, const Mark& mark, bool weak) {
    Entry& known = entry(group);
    if (!known.asked_for || (known.weak && !weak) || mark.cause == Cause::hint) {
        if (known.cause != Cause::hint || !known.asked_for) known.cause = mark.cause;
    }
    known.weak = known.weak && weak;
    known.asked_for = true;
    known.dirty = true;
    known.whole = known.whole || mark.whole;
    known.read_first = known.read_first || mark.read_first;
    if (mark.hinted_at && (!known.hinted_at || *mark.hinted_at < *known.hinted_at)) {
        known.hinted_at = mark.hinted_at;
    }
}

void DirtyMarks::touch(ObjectKey group, IdentityKey identity, ObjectKey member, Evidence evidence,
                       Cause cause) {
    Entry& known = entry(group);
    if (!known.matters) return;
    if (!known.dirty) known.cause = cause;
    known.dirty = true;
    if (identity == no_identity) return;
    if (evidence == Evidence::none && !known.written) {
        known.whole = true;
        return;
    }
    known.removals = known.removals || evidence != Evidence::none;
    // What a cloud object says of the identity replaces what was found without one.
    if (member != no_object) {
        database_.execute("DELETE FROM touched WHERE parent = ?1 AND identity = ?2 AND member = 0",
                          group, identity);
    }
    database_.execute(
        "INSERT INTO touched (parent, identity, member, evidence, number) VALUES (?1,?2,?3,?4,?5) "
        "ON CONFLICT (parent, identity, member) DO UPDATE SET evidence = excluded.evidence, "
        "number = excluded.number",
        group, identity, member, evidence, number_);
}

void DirtyMarks::owners_changed(ObjectKey group, Cause cause) {
    touch(group, no_identity, no_object, Evidence::none, cause);
}

void DirtyMarks::urgent(ObjectKey group) {
    entry(group).removals = true;
}

void DirtyMarks::make_explicit_in(ObjectKey group, ObjectKey member, Evidence evidence) {
    const std::int64_t changed = database_.execute(
        "UPDATE touched SET evidence = ?3, number = ?4 "
        "WHERE member = ?2 AND parent = ?1 AND (evidence = 0 OR evidence >= 5)",
        group, member, evidence, number_);
    if (changed == 0) return;
    Entry& known = entry(group);
    known.dirty = true;
    known.removals = true;
}

void DirtyMarks::make_explicit(ObjectKey member, Evidence evidence, Cause cause) {
    std::vector<ObjectKey> groups;
    Statement rows = database_.query(
        "SELECT DISTINCT parent FROM touched WHERE member = ?1 AND evidence >= 5", member);
    while (rows.next())
        groups.push_back(rows.as<ObjectKey>(0));
    for (const ObjectKey group : groups) {
        Entry& known = entry(group);
        if (!known.dirty) known.cause = cause;
        make_explicit_in(group, member, evidence);
    }
}

void DirtyMarks::flush() {
    for (const auto& [group, known] : entries_) {
        if (!known.dirty) continue;
        const bool weak = known.weak;
        database_.execute(
            "INSERT INTO mark (object, id, number, whole_number, cause, read_first, hinted_at, "
            "marked_at, not_before, removals) "
            "SELECT key, id, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8 FROM object WHERE key = ?1 "
            "ON CONFLICT (object) DO UPDATE SET number = excluded.number, "
            "whole_number = max(whole_number, excluded.whole_number), "
            "cause = CASE WHEN cause = 0 OR (?9 AND excluded.cause <> 0) THEN cause "
            "             ELSE excluded.cause END, "
            "read_first = max(read_first, excluded.read_first), "
            "hinted_at = CASE WHEN hinted_at IS NULL THEN excluded.hinted_at "
            "                 WHEN excluded.hinted_at IS NULL THEN hinted_at "
            "                 ELSE min(hinted_at, excluded.hinted_at) END, "
            "attempts = CASE WHEN excluded.cause = 0 THEN 0 ELSE attempts END, "
            "not_before = excluded.not_before, removals = max(removals, excluded.removals)",
            group, number_, known.whole ? number_ : 0, known.cause, known.read_first ? number_ : 0,
            known.hinted_at, now_, known.removals, weak);
    }
    entries_.clear();
}

}  // namespace writeback
