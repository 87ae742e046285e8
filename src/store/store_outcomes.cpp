// SqliteStore: what became of the work, and what AD was read to have.
#include "store/outcome_writer.hpp"
#include "store/sqlite_store.hpp"

namespace writeback {

using Kind = Transaction::Kind;

namespace {

// One transaction in which `write` changes the written state and the marks that follow from it.
template <class Write>
Result<Done> in_one_transaction(Database& database, DurableStep step, Instant now, Write write) {
    Transaction transaction(database, Kind::write, step);
    DirtyMarks marks(database, now);
    Resolution resolution(database, marks);
    OutcomeWriter writer(database, marks, resolution);
    write(writer);
    marks.flush();
    return transaction.commit();
}

}  // namespace

Result<Done> SqliteStore::begin_work(const std::vector<GroupId>& groups, Instant now,
                                     const std::string& usn_source) {
    Transaction transaction(*database_, Kind::write, DurableStep::work_begun);
    std::int64_t number = 0;
    {
        Statement row = database_->query("UPDATE change SET number = number + 1 RETURNING number");
        if (row.next()) number = row.integer(0);
    }
    for (const GroupId& group : groups) {
        const std::optional<ObjectRow> object = find_object(*database_, group.text());
        if (!object) continue;
        ensure_mark(*database_, object->key, number, now);
        database_->execute(
            "UPDATE mark SET under_way = 1, begun_on = ?2, begun_at = ?3 WHERE object = ?1",
            object->key, usn_source, now);
    }
    return transaction.commit();
}

Result<Done> SqliteStore::finish(const std::vector<Outcome>& outcomes, Instant now) {
    return in_one_transaction(*database_, DurableStep::outcomes, now, [&](OutcomeWriter& writer) {
        for (const Outcome& outcome : outcomes)
            writer.apply(outcome);
    });
}

Result<Done> SqliteStore::replace_written(const DirectoryReadback& read, Instant now) {
    return in_one_transaction(*database_, DurableStep::read_back, now,
                              [&](OutcomeWriter& writer) { writer.replace(read); });
}

Result<Done> SqliteStore::forget_written(GroupId group, Instant now) {
    return in_one_transaction(*database_, DurableStep::group_forgotten, now,
                              [&](OutcomeWriter& writer) { writer.forget_missing(group); });
}

Result<Done> SqliteStore::release(GroupId group, Instant now) {
    return in_one_transaction(*database_, DurableStep::group_released, now,
                              [&](OutcomeWriter& writer) { writer.release(group); });
}

}  // namespace writeback
