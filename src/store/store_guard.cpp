// SqliteStore: what the guard's limits are judged by, its verdicts, holds, and the counts of
// status.
#include "store/dirty_marks.hpp"
#include "store/guard_reader.hpp"
#include "store/hold_writer.hpp"
#include "store/resolution.hpp"
#include "store/sqlite_store.hpp"

namespace writeback {

using Kind = Transaction::Kind;

namespace {

constexpr auto longest_window = std::chrono::hours(24 * 90);

struct HoldRow {
    std::int64_t number = 0;
    ObjectKey group = no_object;
    bool deletion = false;
};

// An approval of a deletion lets it pass without counting in the window; a rejection takes an
// approval back, as long as AD has not followed.
void decide_deletion(Database& database, ObjectKey group, Decision decision) {
    database.execute(
        "UPDATE deletion SET verdict = ?2 WHERE object = ?1 AND followed = 0", group,
        decision == Decision::approved ? DeletionVerdict::allowed : DeletionVerdict::held);
}

void mark_judged(Database& database, DirtyMarks& marks, ObjectKey group) {
    Mark mark;
    mark.whole = true;  // all members are to leave, not only those that were touched
    Statement row =
        database.query("SELECT cause, hinted_at FROM deletion WHERE object = ?1", group);
    if (row.next()) {
        mark.cause = row.as<Cause>(0);
        mark.hinted_at = row.optional_instant(1);
    }
    marks.mark(group, mark, true);
    marks.urgent(group);
}

void set_verdict(Database& database, ObjectKey group, DeletionVerdict verdict) {
    // The row exists where the stream showed the deletion; not where a written state was rebuilt
    // after it. Then the mirror tells.
    database.execute(
        "INSERT INTO deletion (object, evidence, verdict, cause) "
        "SELECT ?1, CASE state WHEN 0 THEN 1 WHEN 3 THEN 3 ELSE 2 END, ?2, ?3 "
        "FROM mirror_group WHERE object = ?1 "
        "ON CONFLICT (object) DO UPDATE SET verdict = excluded.verdict, followed = 0",
        group, verdict, Cause::poll);
}

}  // namespace

Result<GuardFacts> SqliteStore::guard_facts(Instant window_begin) {
    Transaction transaction(*database_, Kind::read);
    GuardFacts facts = read_guard_facts(*database_, window_begin);
    return transaction.commit(facts);
}

Result<std::vector<PendingDeletion>> SqliteStore::pending_deletions() {
    Transaction transaction(*database_, Kind::read);
    std::vector<PendingDeletion> pending = read_pending_deletions(*database_);
    return transaction.commit(std::move(pending));
}

Result<Done> SqliteStore::judge_deletions(const std::vector<GroupId>& allowed,
                                          const std::vector<Hold>& held, Instant now) {
    Transaction transaction(*database_, Kind::write, DurableStep::deletions_judged);
    DirtyMarks marks(*database_, now);
    Resolution resolution(*database_, marks);
    HoldWriter holds(*database_, now);
    for (const GroupId& id : allowed) {
        const ObjectKey group = resolution.group(id);
        set_verdict(*database_, group, DeletionVerdict::allowed);
        database_->execute("DELETE FROM hold WHERE object = ?1 AND deletion = 1", group);
        database_->execute("INSERT OR REPLACE INTO deletion_done (object, at) VALUES (?1, ?2)",
                           group, now);
        mark_judged(*database_, marks, group);
    }
    for (const Hold& hold : held) {
        const ObjectKey group = resolution.group(hold.group);
        set_verdict(*database_, group, DeletionVerdict::held);
        holds.hold_deletion(group, hold);
        mark_judged(*database_, marks, group);
    }
    const Instant forgotten = now - longest_window;
    database_->execute("DELETE FROM deletion_done WHERE at < ?1", forgotten);
    database_->execute("DELETE FROM removals_done WHERE at < ?1", forgotten);
    marks.flush();
    return transaction.commit();
}

Result<std::vector<Hold>> SqliteStore::holds() {
    Transaction transaction(*database_, Kind::read);
    std::vector<Hold> holds;
    Statement rows = database_->query("SELECT " WRITEBACK_HOLD_COLUMNS
                                      " FROM hold h JOIN object o ON o.key = h.object "
                                      "ORDER BY h.number");
    while (rows.next())
        holds.push_back(hold_from(rows));
    return transaction.commit(std::move(holds));
}

Result<std::int64_t> SqliteStore::decide(std::string id, Decision decision, Instant now) {
    Transaction transaction(*database_, Kind::write, DurableStep::decision);
    std::vector<HoldRow> rows;
    const auto take = [&](Statement read) {
        while (read.next()) {
            if (!needs_a_person(read.as<HoldReason>(3))) continue;
            rows.push_back({read.integer(0), read.as<ObjectKey>(1), read.flag(2)});
        }
    };
    if (id.empty()) {
        take(
            database_->query("SELECT number, object, deletion, reason FROM hold "
                             "WHERE decision = ?1 ORDER BY number",
                             Decision::pending));
    } else {
        take(database_->query("SELECT number, object, deletion, reason FROM hold WHERE number = ?1",
                              hold_number(id)));
    }
    if (rows.empty()) return transaction.commit(std::int64_t{0});
    DirtyMarks marks(*database_, now);
    for (const HoldRow& row : rows) {
        database_->execute("UPDATE hold SET decision = ?2 WHERE number = ?1", row.number, decision);
        if (row.deletion) decide_deletion(*database_, row.group, decision);
        Mark mark;
        mark.cause = Cause::approval;
        // What the hold is about need not be touched since: the plan has to see all of the group.
        mark.whole = true;
        marks.mark(row.group, mark);
    }
    marks.flush();
    return transaction.commit(static_cast<std::int64_t>(rows.size()));
}

Result<Store::Counts> SqliteStore::counts() {
    Transaction transaction(*database_, Kind::read);
    Counts counts = read_counts(*database_);
    return transaction.commit(std::move(counts));
}

}  // namespace writeback
