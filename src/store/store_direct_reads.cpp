// SqliteStore: lists of members and owners that were read directly.
#include "store/mirror_writer.hpp"
#include "store/sqlite_store.hpp"

#include <map>
#include <set>

namespace writeback {

using Kind = Transaction::Kind;

namespace {

// What the mirror's list is to become, judged by what pages have shown since the read began.
struct ListChange {
    std::vector<std::pair<std::string, MemberType>> shown;  // by the read, and not gone since
    std::vector<ObjectRow> gone;                            // not shown by the read, nor since
};

// The parts in which members and owners differ.
struct ListRows {
    Statement listed;  // key, id, number of the change that last showed it
    Statement left;    // keys of those that have left since the read began
};

ListChange compare(Database& database, ListRows rows, const std::vector<MemberId>& ids,
                   const std::vector<MemberType>& types, std::int64_t since_number) {
    std::set<ObjectKey> left_lately;
    while (rows.left.next())
        left_lately.insert(rows.left.as<ObjectKey>(0));
    std::map<std::string, bool> known;  // id -> shown since the read began
    while (rows.listed.next())
        known[rows.listed.text(1)] = rows.listed.integer(2) > since_number;
    ListChange change;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const std::optional<ObjectRow> row = find_object(database, ids[i].text());
        if (row && left_lately.contains(row->key)) continue;
        change.shown.emplace_back(ids[i].text(), i < types.size() ? types[i] : MemberType::unknown);
        known.erase(ids[i].text());
    }
    for (const auto& [id, shown_lately] : known) {
        if (shown_lately) continue;
        const std::optional<ObjectRow> row = find_object(database, id);
        if (row) change.gone.push_back(*row);
    }
    return change;
}

bool has_known_owner(Database& database, ObjectKey group) {
    Statement row = database.query(
        "SELECT 1 FROM ownership w CROSS JOIN object o ON o.key = w.owner "
        "WHERE w.parent = ?1 AND o.state = ?2 LIMIT 1",
        group, IdentityState::known);
    return row.next();
}

}  // namespace

Result<std::int64_t> SqliteStore::change_number() {
    Transaction transaction(*database_, Kind::read);
    std::int64_t number = 0;
    Statement row = database_->query("SELECT number FROM change");
    if (row.next()) number = row.integer(0);
    return transaction.commit(number);
}

Result<Done> SqliteStore::replace_members(GroupId group, const std::vector<MemberId>& ids,
                                          const std::vector<MemberType>& types,
                                          std::int64_t since_number, Instant now) {
    Transaction transaction(*database_, Kind::write, DurableStep::direct_read);
    DirtyMarks marks(*database_, now);
    Resolution resolution(*database_, marks);
    MirrorWriter mirror(*database_, marks, resolution);
    const ObjectKey key = mirror.group(group);
    const std::int64_t generation = read_position(*database_, Stream::groups).generation;
    const ListChange change =
        compare(*database_,
                {database_->query("SELECT m.member, o.id, m.number FROM membership m "
                                  "JOIN object o ON o.key = m.member WHERE m.parent = ?1",
                                  key),
                 database_->query(
                     "SELECT member FROM departure WHERE parent = ?1 AND owner = 0 AND number > ?2",
                     key, since_number)},
                ids, types, since_number);
    for (const auto& [id, type] : change.shown)
        mirror.add_member(key, resolution.object(id, type), generation);
    for (const ObjectRow& member : change.gone)
        mirror.remove_member(key, member, Evidence::absent);
    database_->execute("UPDATE mirror_group SET members_unread = 0 WHERE object = ?1", key);
    Mark whole;
    whole.whole = true;
    marks.mark(key, whole, true);
    marks.flush();
    return transaction.commit();
}

Result<Done> SqliteStore::replace_owners(GroupId group, const std::vector<MemberId>& ids,
                                         const std::vector<MemberType>& types,
                                         std::int64_t since_number, Instant now) {
    Transaction transaction(*database_, Kind::write, DurableStep::owners_read);
    DirtyMarks marks(*database_, now);
    Resolution resolution(*database_, marks);
    MirrorWriter mirror(*database_, marks, resolution);
    const ObjectKey key = mirror.group(group);
    const std::int64_t generation = read_position(*database_, Stream::groups).generation;
    const ListChange change =
        compare(*database_,
                {database_->query("SELECT w.owner, o.id, w.number FROM ownership w "
                                  "JOIN object o ON o.key = w.owner WHERE w.parent = ?1",
                                  key),
                 database_->query(
                     "SELECT member FROM departure WHERE parent = ?1 AND owner = 1 AND number > ?2",
                     key, since_number)},
                ids, types, since_number);
    for (const auto& [id, type] : change.shown)
        mirror.add_owner(key, resolution.object(id, type), generation);
    for (const ObjectRow& owner : change.gone)
        mirror.remove_owner(key, owner);
    const std::int64_t awaited = database_->execute(
        "UPDATE mirror_group SET owners_unread = 0 WHERE object = ?1 AND owners_unread = 1", key);
    // While they were unread no plan took the last owner away.
    if (awaited > 0 && !has_known_owner(*database_, key)) marks.owners_changed(key, Cause::poll);
    marks.flush();
    return transaction.commit();
}

}  // namespace writeback
