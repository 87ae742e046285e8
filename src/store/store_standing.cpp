// SqliteStore: a group's members counted by what is known of them, for `explain`.
#include "store/resolution.hpp"
#include "store/sqlite_store.hpp"

namespace writeback {

Result<GroupStanding> SqliteStore::group_standing(GroupId group) {
    Transaction transaction(*database_, Transaction::Kind::read);
    GroupStanding standing;
    const auto object = find_object(*database_, group.text());
    if (!object) return transaction.commit(std::move(standing));
    Statement members = database_->query(
        "SELECT o.state, CASE o.state WHEN 0 THEN '' ELSE o.reason END, COUNT(*) "
        "FROM membership m JOIN object o ON o.key = m.member WHERE m.parent = ?1 "
        "GROUP BY 1, 2 ORDER BY 1, 2",
        object->key);
    while (members.next()) {
        const auto state = members.as<IdentityState>(0);
        if (state == IdentityState::known) {
            standing.known = members.integer(2);
        } else {
            standing.unresolved.push_back({state, members.text(1), members.integer(2)});
        }
    }
    Statement error =
        database_->query("SELECT last_error FROM standing WHERE object = ?1", object->key);
    if (error.next()) standing.last_error = error.text(0);
    return transaction.commit(std::move(standing));
}

}  // namespace writeback
