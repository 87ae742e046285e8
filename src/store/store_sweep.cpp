// SqliteStore: what a finished resync did not show.
#include "store/mirror_writer.hpp"
#include "store/sqlite_store.hpp"

#include <algorithm>

namespace writeback {

using Kind = Transaction::Kind;

Result<Store::Unseen> SqliteStore::unseen(std::int64_t generation, std::size_t limit) {
    Transaction transaction(*database_, Kind::read);
    Unseen unseen;
    {
        Statement rows = database_->query("SELECT " WRITEBACK_MIRROR_GROUP_COLUMNS
                                          " FROM mirror_group g WHERE g.state IN (0, 1) AND "
                                          "g.unwatched = 0 AND g.generation < ?1 "
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
        "AND (g.unreadable = '' OR g.scope_unknown = 1) AND m.generation < ?2 ORDER BY g.object, "
        "m.member LIMIT ?3",
        sweep_from_, generation, limit - std::min(limit, unseen.size()));
    while (rows.next()) {
        if (!found_at) found_at = rows.integer(0);
        unseen.members.emplace_back(GroupId(rows.text(1)), MemberId(rows.text(2)));
    }
    if (found_at) sweep_from_ = *found_at;
    Statement owners = database_->query(
        "SELECT g.id, o.id FROM ownership w INDEXED BY ownership_generation "
        "CROSS JOIN mirror_group g ON g.object = w.parent "
        "CROSS JOIN object o ON o.key = w.owner "
        "WHERE w.generation < ?1 AND g.state = 0 AND g.generation >= ?1 AND g.owners_unread = 0 "
        "AND (g.unreadable = '' OR g.scope_unknown = 1) LIMIT ?2",
        generation, limit - std::min(limit, unseen.size()));
    while (owners.next())
        unseen.owners.emplace_back(GroupId(owners.text(0)), MemberId(owners.text(1)));
    return transaction.commit(std::move(unseen));
}

}  // namespace writeback
