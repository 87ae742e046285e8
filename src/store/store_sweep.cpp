// SqliteStore: what a finished resync did not show, and members that were read directly.
#include "store/mirror_writer.hpp"
#include "store/sqlite_store.hpp"

#include <map>
#include <set>

namespace writeback {

using Kind = Transaction::Kind;

Result<Store::Unseen> SqliteStore::unseen(std::int64_t generation, std::size_t limit) {
    Transaction transaction(*database_, Kind::read);
    Unseen unseen;
    {
        Statement rows =
            database_->query("SELECT " WRITEBACK_MIRROR_GROUP_COLUMNS
                             " FROM mirror_group g WHERE g.state IN (0, 1) AND g.generation < ?1 "
                             "ORDER BY g.id LIMIT ?2",
                             generation, limit);
        while (rows.next())
            unseen.groups.push_back(mirror_group_from(rows));
    }
    // The sweep takes many calls. What lies before the group at which the last call found something
    // has been seen, and stays so: new memberships carry the current generation.
    if (sweep_generation_ != generation) {
        sweep_generation_ = generation;
        sweep_from_ = 0;
    }
    std::optional<std::int64_t> found_at;
    // A group that was not shown, or not readable, says nothing of its members.
    Statement rows = database_->query(
        "SELECT m.parent, g.id, o.id FROM mirror_group g "
        "CROSS JOIN membership m ON m.parent = g.object CROSS JOIN object o ON o.key = m.member "
        "WHERE g.object >= ?1 AND g.state = 0 AND g.generation >= ?2 AND g.members_unread = 0 "
        "AND g.unreadable = '' AND m.generation < ?2 ORDER BY g.object, m.member LIMIT ?3",
        sweep_from_, generation, limit - std::min(limit, unseen.groups.size()));
    while (rows.next()) {
        if (!found_at) found_at = rows.integer(0);
        unseen.members.emplace_back(GroupId(rows.text(1)), MemberId(rows.text(2)));
    }
    if (found_at) sweep_from_ = *found_at;
    return transaction.commit(std::move(unseen));
}

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
    Transaction transaction(*database_, Kind::write);
    DirtyMarks marks(*database_, now);
    Resolution resolution(*database_, marks);
    MirrorWriter mirror(*database_, marks, resolution);
    const ObjectKey key = mirror.group(group);
    const std::int64_t generation = read_position(*database_, Stream::groups).generation;

    std::set<ObjectKey> left_lately;
    {
        Statement rows = database_->query(
            "SELECT member FROM departure WHERE parent = ?1 AND number > ?2", key, since_number);
        while (rows.next())
            left_lately.insert(rows.as<ObjectKey>(0));
    }
    struct Known {
        std::string id;
        bool shown_lately = false;
    };
    std::map<ObjectKey, Known> known;
    {
        Statement rows = database_->query(
            "SELECT m.member, o.id, m.number FROM membership m JOIN object o ON o.key = m.member "
            "WHERE m.parent = ?1",
            key);
        while (rows.next()) {
            known[rows.as<ObjectKey>(0)] = {rows.text(1), rows.integer(2) > since_number};
        }
    }
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const MemberType type = i < types.size() ? types[i] : MemberType::unknown;
        const ObjectRow member = resolution.object(ids[i].text(), type);
        if (left_lately.contains(member.key)) continue;
        mirror.add_member(key, member, generation);
        known.erase(member.key);
    }
    for (const auto& [member_key, member] : known) {
        if (member.shown_lately) continue;
        const std::optional<ObjectRow> row = find_object(*database_, member.id);
        if (row) mirror.remove_member(key, *row, Evidence::absent);
    }
    database_->execute("UPDATE mirror_group SET members_unread = 0 WHERE object = ?1", key);
    Mark whole;
    whole.whole = true;
    marks.mark(key, whole, true);
    marks.flush();
    return transaction.commit();
}

}  // namespace writeback
