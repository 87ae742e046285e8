// SqliteStore: what is to be done, and everything that the plan of one group needs.
#include "store/records.hpp"
#include "store/resolution.hpp"
#include "store/sqlite_store.hpp"
#include "store/work_reader.hpp"

#include <algorithm>
#include <set>

namespace writeback {

using Kind = Transaction::Kind;

Result<std::vector<DueGroup>> SqliteStore::due(Instant now, std::size_t limit) {
    Transaction transaction(*database_, Kind::read);
    std::vector<DueGroup> groups;
    Statement rows = database_->query(
        "SELECT m.id, m.number, m.cause, m.hinted_at, m.marked_at, m.removals, "
        "EXISTS (SELECT 1 FROM written_group w WHERE w.object = m.object AND w.missing = 0) "
        "FROM mark m INDEXED BY mark_rank WHERE m.not_before <= ?1 ORDER BY m.rank, m.id LIMIT ?2",
        now, limit);
    while (rows.next()) {
        DueGroup due;
        due.group = GroupId(rows.text(0));
        due.number = rows.integer(1);
        due.cause = rows.as<Cause>(2);
        due.hinted_at = rows.optional_instant(3);
        due.marked_at = rows.instant(4);
        due.removals = rows.flag(5);
        due.written = rows.flag(6);
        groups.push_back(std::move(due));
    }
    return transaction.commit(std::move(groups));
}

Result<std::optional<Instant>> SqliteStore::next_due(Instant now) {
    Transaction transaction(*database_, Kind::read);
    std::optional<Instant> next;
    Statement row = database_->query("SELECT min(not_before) FROM mark WHERE not_before > ?1", now);
    if (row.next()) next = row.optional_instant(0);
    return transaction.commit(next);
}

Result<std::vector<std::pair<GroupId, GroupId>>> SqliteStore::nesting(
    const std::vector<GroupId>& among) {
    Transaction transaction(*database_, Kind::read);
    const std::set<GroupId> wanted(among.begin(), among.end());
    std::vector<std::pair<GroupId, GroupId>> pairs;
    for (const GroupId& child : wanted) {
        Statement rows = database_->query(
            "SELECT p.id FROM object c JOIN membership m ON m.member = c.key "
            "JOIN object p ON p.key = m.parent WHERE c.id = ?1 ORDER BY p.id",
            child);
        while (rows.next()) {
            GroupId parent(rows.text(0));
            if (wanted.contains(parent)) pairs.emplace_back(std::move(parent), child);
        }
    }
    return transaction.commit(std::move(pairs));
}

Result<GroupWork> SqliteStore::work(GroupId group) {
    Transaction transaction(*database_, Kind::read);
    WorkReader reader(*database_);
    GroupWork work = reader.read(group);
    return transaction.commit(std::move(work));
}

Result<std::optional<WrittenGroup>> SqliteStore::written_group(GroupId group) {
    Transaction transaction(*database_, Kind::read);
    std::optional<WrittenGroup> written;
    Statement row = database_->query(
        "SELECT " WRITEBACK_WRITTEN_GROUP_COLUMNS " FROM written_group w WHERE w.id = ?1", group);
    if (row.next()) written = written_group_from(row);
    return transaction.commit(std::move(written));
}

Result<std::vector<WrittenGroup>> SqliteStore::written_after(GroupId after, std::size_t limit) {
    Transaction transaction(*database_, Kind::read);
    std::vector<WrittenGroup> groups;
    Statement rows = database_->query("SELECT " WRITEBACK_WRITTEN_GROUP_COLUMNS
                                      " FROM written_group w WHERE w.id > ?1 AND +w.missing = 0 "
                                      "ORDER BY w.id LIMIT ?2",
                                      after, limit);
    while (rows.next())
        groups.push_back(written_group_from(rows));
    return transaction.commit(std::move(groups));
}

Result<std::vector<WrittenGroup>> SqliteStore::written_by_guid(
    const std::vector<ObjectGuid>& guids) {
    Transaction transaction(*database_, Kind::read);
    std::vector<WrittenGroup> groups;
    for (const ObjectGuid& guid : guids) {
        Statement rows =
            database_->query("SELECT " WRITEBACK_WRITTEN_GROUP_COLUMNS
                             " FROM written_group w WHERE w.guid = ?1 AND +w.missing = 0",
                             guid);
        while (rows.next())
            groups.push_back(written_group_from(rows));
    }
    return transaction.commit(std::move(groups));
}

Result<std::vector<AdIdentity>> SqliteStore::written_members(GroupId group) {
    Transaction transaction(*database_, Kind::read);
    std::vector<AdIdentity> members;
    const std::optional<ObjectRow> object = find_object(*database_, group.text());
    if (!object) return transaction.commit(std::move(members));
    Statement rows = database_->query(
        "SELECT i.sid, i.guid FROM written_member w CROSS JOIN identity i ON i.key = w.identity "
        "WHERE w.parent = ?1",
        object->key);
    while (rows.next())
        members.push_back(identity_at(rows, 0));
    std::sort(members.begin(), members.end());
    return transaction.commit(std::move(members));
}

Result<std::vector<GroupId>> SqliteStore::dirty_among(const std::vector<GroupId>& groups) {
    Transaction transaction(*database_, Kind::read);
    std::vector<GroupId> dirty;
    for (const GroupId& group : groups) {
        Statement row = database_->query(
            "SELECT 1 FROM object o JOIN mark m ON m.object = o.key WHERE o.id = ?1", group);
        if (row.next()) dirty.push_back(group);
    }
    return transaction.commit(std::move(dirty));
}

Result<std::int64_t> SqliteStore::mark_all_written(Cause cause, Instant now) {
    Transaction transaction(*database_, Kind::write, DurableStep::all_marked);
    const DirtyMarks change(*database_, now);
    const std::int64_t marked = database_->execute(
        "INSERT INTO mark (object, id, number, whole_number, cause, read_first, marked_at, "
        "not_before, removals) "
        "SELECT object, id, ?1, ?1, ?2, ?1, ?3, ?3, 0 FROM written_group WHERE true "
        "ON CONFLICT (object) DO UPDATE SET number = excluded.number, "
        "whole_number = excluded.whole_number, read_first = excluded.read_first, "
        "cause = CASE WHEN cause = 0 OR hinted_at IS NOT NULL THEN cause ELSE excluded.cause END",
        change.number(), cause, now);
    return transaction.commit(marked);
}

}  // namespace writeback
