// SqliteStore: what became of the work, and what AD was read to have.
#include "store/outcome_writer.hpp"
#include "store/sqlite_store.hpp"

namespace writeback {

using Kind = Transaction::Kind;

Result<Done> SqliteStore::begin_work(const std::vector<GroupId>& groups, Instant now) {
    Transaction transaction(*database_, Kind::write);
    std::int64_t number = 0;
    {
        Statement row = database_->query("UPDATE change SET number = number + 1 RETURNING number");
        if (row.next()) number = row.integer(0);
    }
    for (const GroupId& group : groups) {
        const std::optional<ObjectRow> object = find_object(*database_, group.text());
        if (!object) continue;
        ensure_mark(*database_, object->key, number, now);
        database_->execute("UPDATE mark SET under_way = 1 WHERE object = ?1", object->key);
    }
    return transaction.commit();
}

Result<Done> SqliteStore::finish(const std::vector<Outcome>& outcomes, Instant now) {
    Transaction transaction(*database_, Kind::write);
    DirtyMarks marks(*database_, now);
    Resolution resolution(*database_, marks);
    OutcomeWriter writer(*database_, marks, resolution);
    for (const Outcome& outcome : outcomes)
        writer.apply(outcome);
    marks.flush();
    return transaction.commit();
}

Result<Done> SqliteStore::replace_written(const DirectoryReadback& read, Instant now) {
    Transaction transaction(*database_, Kind::write);
    DirtyMarks marks(*database_, now);
    Resolution resolution(*database_, marks);
    OutcomeWriter writer(*database_, marks, resolution);
    writer.replace(read);
    marks.flush();
    return transaction.commit();
}

Result<Done> SqliteStore::forget_written(GroupId group, Instant now) {
    Transaction transaction(*database_, Kind::write);
    DirtyMarks marks(*database_, now);
    Resolution resolution(*database_, marks);
    OutcomeWriter writer(*database_, marks, resolution);
    writer.forget_missing(group);
    marks.flush();
    return transaction.commit();
}

Result<Done> SqliteStore::release(GroupId group, Instant now) {
    Transaction transaction(*database_, Kind::write);
    DirtyMarks marks(*database_, now);
    Resolution resolution(*database_, marks);
    OutcomeWriter writer(*database_, marks, resolution);
    writer.release(group);
    marks.flush();
    return transaction.commit();
}

}  // namespace writeback
