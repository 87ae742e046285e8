#include "store/outcome_writer.hpp"

#include "store/hold_writer.hpp"

namespace writeback {

void ensure_mark(Database& database, ObjectKey group, std::int64_t number, Instant now) {
    database.execute(
        "INSERT INTO mark (object, id, number, whole_number, cause, read_first, marked_at, "
        "not_before, removals) "
        "SELECT key, id, ?2, ?2, ?3, 0, ?4, ?4, 0 FROM object WHERE key = ?1 "
        "ON CONFLICT (object) DO NOTHING",
        group, number, Cause::start, now);
}

void OutcomeWriter::apply(const Outcome& outcome) {
    const ObjectKey group = resolution_.group(outcome.group);
    if (outcome.written) put_written(group, *outcome.written);
    for (const PlannedMember& member : outcome.added) {
        database_.execute(
            "INSERT INTO written_member (parent, identity) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            group, resolution_.identity(member.identity));
    }
    for (const AdIdentity& identity : outcome.removed) {
        database_.execute("DELETE FROM written_member WHERE parent = ?1 AND identity = ?2", group,
                          resolution_.identity(identity));
    }
    if (outcome.usn) {
        database_.execute("UPDATE written_group SET usn = ?2 WHERE object = ?1", group,
                          *outcome.usn);
    }
    if (outcome.forgotten) forget(group);
    if (outcome.written || outcome.forgotten) {
        // What was deleted in AD has left its parents there; a synced group only ceased to be ours.
        resolution_.refresh_group(group, Cause::nesting, outcome.forgotten);
    }
    if (outcome.marks_parents) resolution_.touch_parents(group);
    if (outcome.settled && !outcome.outcome_unknown) {
        settle(group, outcome);
    } else {
        try_again(group, outcome);
    }
    HoldWriter(database_, marks_.now()).replace(group, outcome.holds);
    database_.execute(
        "UPDATE standing SET last_error = ?2, owes = ?4, "
        "error_at = CASE WHEN ?2 = '' THEN NULL WHEN last_error = ?2 THEN error_at ELSE ?3 END "
        "WHERE object = ?1",
        group, outcome.last_error, marks_.now(), outcome.owed_to_policy);
    if (outcome.inferred_removals > 0) {
        database_.execute("INSERT INTO removals_done (at, count) VALUES (?1, ?2)", marks_.now(),
                          outcome.inferred_removals);
    }
}

void OutcomeWriter::put_written(ObjectKey group, const WrittenGroup& written) {
    database_.execute(
        "INSERT OR REPLACE INTO written_group VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
        "?11, ?12, ?13, ?14, 0)",
        group, written.group, written.guid, written.sid, written.dn, written.cn,
        written.sam_account_name, written.group_type, to_json(written.attributes), written.origin,
        written.keeps_name, written.previous_mark, written.usn, written.seen_on);
}

void OutcomeWriter::forget(ObjectKey group) {
    database_.execute("DELETE FROM written_member WHERE parent = ?1", group);
    database_.execute("DELETE FROM touched WHERE parent = ?1", group);
    database_.execute("DELETE FROM written_group WHERE object = ?1", group);
    database_.execute("DELETE FROM deletion WHERE object = ?1", group);
    end_deletion_hold(group);
}

// What it was about is done, or can no longer be done.
void OutcomeWriter::end_deletion_hold(ObjectKey group) {
    database_.execute("DELETE FROM hold WHERE object = ?1 AND deletion = 1", group);
}

void OutcomeWriter::settle(ObjectKey group, const Outcome& outcome) {
    drop_evidence(group, outcome);
    if (outcome.owed_to_policy) {
        database_.execute("UPDATE deletion SET owed = 1 WHERE object = ?1 AND followed = 0", group);
    }
    const std::int64_t cleared = database_.execute(
        "DELETE FROM mark WHERE object = ?1 AND number = ?2", group, outcome.number);
    if (cleared > 0) {
        // A verdict that came after the plan is not followed yet; it has another number.
        if (!outcome.owed_to_policy) {
            const std::int64_t followed = database_.execute(
                "UPDATE deletion SET followed = 1, owed = 0 WHERE object = ?1 AND verdict = ?2",
                group, DeletionVerdict::allowed);
            if (followed > 0) end_deletion_hold(group);
        }
        return;
    }
    database_.execute(
        "UPDATE mark SET under_way = 0, "
        "whole_number = CASE WHEN whole_number <= ?2 THEN 0 ELSE whole_number END, "
        "removals = EXISTS (SELECT 1 FROM touched WHERE parent = ?1 AND evidence <> 0) "
        "WHERE object = ?1",
        group, outcome.number);
}

void OutcomeWriter::try_again(ObjectKey group, const Outcome& outcome) {
    if (outcome.outcome_unknown) ensure_mark(database_, group, marks_.number(), marks_.now());
    database_.execute(
        "UPDATE mark SET under_way = ?3, read_first = max(read_first, CASE WHEN ?3 THEN ?5 ELSE 0 "
        "END), "
        "attempts = CASE WHEN number = ?2 THEN attempts + 1 ELSE attempts END, "
        "not_before = CASE WHEN number = ?2 THEN ?4 ELSE not_before END WHERE object = ?1",
        group, outcome.number, outcome.outcome_unknown, outcome.not_before.value_or(marks_.now()),
        marks_.number());
}

std::set<ObjectKey> OutcomeWriter::keys_of(const std::vector<MemberId>& members) {
    std::set<ObjectKey> keys;
    for (const MemberId& member : members) {
        const std::optional<ObjectRow> row = find_object(database_, member.text());
        if (row) keys.insert(row->key);
    }
    return keys;
}

bool OutcomeWriter::wanted(ObjectKey group, IdentityKey identity) {
    Statement row = database_.query(
        "SELECT 1 FROM object o CROSS JOIN membership m ON m.parent = ?1 AND m.member = o.key "
        "WHERE o.identity = ?2 LIMIT 1",
        group, identity);
    return row.next();
}

// Evidence goes with what it was about. That of a member which AD still has and the mirror does not
// want stays in any case: it is what tells an explicit removal from an inferred one.
void OutcomeWriter::drop_evidence(ObjectKey group, const Outcome& outcome) {
    struct Touched {
        IdentityKey identity;
        ObjectKey member;
        Evidence evidence;
        bool present;
    };
    std::vector<Touched> rows;
    {
        Statement read = database_.query(
            "SELECT t.identity, t.member, t.evidence, EXISTS (SELECT 1 FROM written_member w "
            "WHERE w.parent = t.parent AND w.identity = t.identity) "
            "FROM touched t WHERE t.parent = ?1 AND t.number <= ?2",
            group, outcome.number);
        while (read.next()) {
            rows.push_back({read.as<IdentityKey>(0), read.as<ObjectKey>(1), read.as<Evidence>(2),
                            read.flag(3)});
        }
    }
    if (rows.empty()) return;
    const std::set<ObjectKey> owed = keys_of(outcome.owed);
    for (const Touched& row : rows) {
        const bool is_owed = owed.contains(row.member);
        const bool leaves = row.present && !wanted(group, row.identity);
        if (!is_owed && !leaves) {
            database_.execute(
                "DELETE FROM touched WHERE parent = ?1 AND identity = ?2 AND member = ?3", group,
                row.identity, row.member);
        } else if (outcome.owed_to_policy && row.evidence != Evidence::none &&
                   (is_owed || row.member == no_object)) {
            database_.execute(
                "UPDATE touched SET evidence = ?4 "
                "WHERE parent = ?1 AND identity = ?2 AND member = ?3",
                group, row.identity, row.member, Evidence::policy);
        }
    }
}

bool OutcomeWriter::touched(ObjectKey group, IdentityKey identity) {
    Statement row = database_.query(
        "SELECT 1 FROM touched WHERE parent = ?1 AND identity = ?2 LIMIT 1", group, identity);
    return row.next();
}

ReplaceExtent OutcomeWriter::put_read(ObjectKey group, const DirectoryReadback& read) {
    WrittenGroup written = read.written;
    std::optional<WrittenGroup> known;
    {
        Statement row = database_.query("SELECT " WRITEBACK_WRITTEN_GROUP_COLUMNS
                                        " FROM written_group w "
                                        "WHERE w.object = ?1 AND w.guid = ?2 AND w.missing = 0",
                                        group, written.guid);
        if (row.next()) known = written_group_from(row);
    }
    if (known) {
        written.keeps_name = written.keeps_name || known->keeps_name;
        if (written.previous_mark.empty()) written.previous_mark = known->previous_mark;
    }
    if (known && read.extent == ReplaceExtent::touched) {
        known->dn = written.dn;
        known->cn = written.cn;
        known->usn = written.usn;
        known->seen_on = written.seen_on;
        put_written(group, *known);
        return ReplaceExtent::touched;
    }
    put_written(group, written);
    // Of another object than the one we knew we have written nothing.
    return read.extent == ReplaceExtent::touched ? ReplaceExtent::everything : read.extent;
}

// Those among the written members that the read may show to be gone.
std::set<IdentityKey> OutcomeWriter::identities_in_question(ObjectKey group, ReplaceExtent extent) {
    std::set<IdentityKey> identities;
    Statement rows = database_.query(
        "SELECT w.identity FROM written_member w WHERE w.parent = ?1 AND (?2 = 0 OR EXISTS "
        "(SELECT 1 FROM touched t WHERE t.parent = w.parent AND t.identity = w.identity))",
        group, extent == ReplaceExtent::touched);
    while (rows.next())
        identities.insert(rows.as<IdentityKey>(0));
    return identities;
}

bool OutcomeWriter::replace_members(ObjectKey group, const DirectoryReadback& read,
                                    ReplaceExtent extent) {
    std::set<IdentityKey> gone = identities_in_question(group, extent);
    bool removals = false;
    for (const AdIdentity& member : read.members) {
        const IdentityKey identity = resolution_.identity(member);
        const bool was_written = gone.erase(identity) > 0;
        const bool wanted_now = wanted(group, identity);
        // What was touched may be ours although no answer told so: its addition was under way.
        if (extent == ReplaceExtent::touched && !touched(group, identity)) continue;
        if (extent == ReplaceExtent::written_or_wanted && !was_written && !wanted_now &&
            !touched(group, identity)) {
            continue;
        }
        database_.execute(
            "INSERT INTO written_member (parent, identity) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            group, identity);
        if (wanted_now) continue;
        note_unwanted(group, identity, read.evidence);
        removals = true;
    }
    for (const IdentityKey identity : gone) {
        database_.execute("DELETE FROM written_member WHERE parent = ?1 AND identity = ?2", group,
                          identity);
    }
    return removals;
}

void OutcomeWriter::replace(const DirectoryReadback& read) {
    const ObjectKey group = resolution_.group(read.written.group);
    const ReplaceExtent extent = put_read(group, read);
    resolution_.refresh_group(group, Cause::nesting);
    const bool removals = replace_members(group, read, extent);
    ensure_mark(database_, group, marks_.number(), marks_.now());
    database_.execute(
        "UPDATE mark SET number = ?2, whole_number = ?2, under_way = 0, "
        "read_first = CASE WHEN read_first > ?4 THEN read_first ELSE 0 END, "
        "removals = max(removals, ?3) WHERE object = ?1",
        group, marks_.number(), removals, read.since_number.value_or(marks_.number()));
}

// Puts the evidence under the cloud objects that are known to be behind the identity, or under
// none.
bool OutcomeWriter::note_unwanted(ObjectKey group, IdentityKey identity, Evidence evidence) {
    {
        Statement own = database_.query(
            "SELECT 1 FROM touched WHERE parent = ?1 AND identity = ?2 AND evidence <> 0 LIMIT 1",
            group, identity);
        if (own.next()) return false;
    }
    std::vector<ObjectKey> behind;
    {
        Statement rows = database_.query("SELECT key FROM object WHERE identity = ?1", identity);
        while (rows.next())
            behind.push_back(rows.as<ObjectKey>(0));
    }
    if (behind.empty()) behind.push_back(no_object);
    for (const ObjectKey member : behind) {
        database_.execute(
            "INSERT OR REPLACE INTO touched (parent, identity, member, evidence, number) "
            "VALUES (?1, ?2, ?3, ?4, ?5)",
            group, identity, member, evidence, marks_.number());
    }
    return true;
}

void OutcomeWriter::forget_missing(const GroupId& id) {
    const ObjectKey group = resolution_.group(id);
    database_.execute("UPDATE written_group SET missing = 1 WHERE object = ?1", group);
    database_.execute("DELETE FROM written_member WHERE parent = ?1", group);
    database_.execute("DELETE FROM touched WHERE parent = ?1", group);
    database_.execute("UPDATE mark SET read_first = 0, under_way = 0 WHERE object = ?1", group);
    resolution_.refresh_group(group, Cause::nesting, true);
}

void OutcomeWriter::release(const GroupId& id) {
    const ObjectKey group = resolution_.group(id);
    forget(group);
    database_.execute("DELETE FROM hold WHERE object = ?1", group);
    database_.execute("UPDATE mark SET read_first = 0, under_way = 0 WHERE object = ?1", group);
    resolution_.refresh_group(group, Cause::nesting);
}

}  // namespace writeback
