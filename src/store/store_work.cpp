// SqliteStore: what is to be done, and everything that the plan of one group needs.
#include "store/records.hpp"
#include "store/resolution.hpp"
#include "store/sqlite_store.hpp"
#include "store/work_reader.hpp"

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
    Statement row =
        database_->query("SELECT " WRITEBACK_WRITTEN_GROUP_COLUMNS
                         " FROM object o JOIN written_group w ON w.object = o.key WHERE o.id = ?1",
                         group);
    if (row.next()) written = written_group_from(row, group);
    return transaction.commit(std::move(written));
}

}  // namespace writeback
