// SqliteStore: what a person means by a name, and how one member stands. These calls read every
// name; they are made for a person, not for the work.
#include "store/folded_name.hpp"
#include "store/records.hpp"
#include "store/resolution.hpp"
#include "store/sqlite_store.hpp"

#include <initializer_list>
#include <set>

namespace writeback {

using Kind = Transaction::Kind;

namespace {

constexpr std::size_t most_found = 1000;

// Adds the id in the first column where one of the others is the name.
void take_named(Statement rows, std::initializer_list<int> columns, const std::string& name,
                std::set<std::string>& ids) {
    while (rows.next()) {
        for (const int column : columns) {
            if (folded(rows.text(column)) != name) continue;
            ids.insert(rows.text(0));
            break;
        }
    }
}

template <class Key>
std::vector<Key> first_of(const std::set<std::string>& ids) {
    std::vector<Key> found;
    for (const std::string& id : ids) {
        if (found.size() == most_found) break;
        found.emplace_back(id);
    }
    return found;
}

std::set<std::string> groups_named(Database& database, const std::string& text) {
    std::set<std::string> ids;
    if (text.empty()) return ids;
    const std::string name = folded(text);
    const std::string guid = canonical_guid(text).value_or(text);
    take_named(database.query("SELECT id, display_name, sid FROM mirror_group"), {1, 2}, name, ids);
    take_named(database.query("SELECT id, dn, cn, sam_account_name, sid FROM written_group"),
               {1, 2, 3, 4}, name, ids);
    Statement by_id = database.query(
        "SELECT id FROM mirror_group WHERE id = ?1 UNION SELECT id FROM written_group "
        "WHERE id = ?1 OR guid = ?1",
        guid);
    while (by_id.next())
        ids.insert(by_id.text(0));
    return ids;
}

bool is_member_somewhere(Database& database, const std::string& id) {
    Statement row = database.query(
        "SELECT 1 FROM object o WHERE o.id = ?1 AND ("
        "EXISTS (SELECT 1 FROM membership m WHERE m.member = o.key) OR "
        "EXISTS (SELECT 1 FROM touched t WHERE t.member = o.key))",
        id);
    return row.next();
}

MemberIdentity identity_of(Database& database, const ObjectRow& object, const MemberId& id) {
    MemberIdentity identity;
    identity.id = id;
    identity.type = object.type;
    identity.state = object.state;
    identity.reason = object.state == IdentityState::known ? std::string() : object.reason;
    Statement row = database.query(
        "SELECT o.name, i.sid, i.guid, g.display_name FROM object o "
        "LEFT JOIN identity i ON i.key = o.identity "
        "LEFT JOIN mirror_group g ON g.object = o.key WHERE o.key = ?1",
        object.key);
    if (!row.next()) return identity;
    identity.name = row.text(0).empty() ? row.text(3) : row.text(0);
    if (object.state == IdentityState::known) identity.identity = identity_at(row, 1);
    return identity;
}

}  // namespace

Result<std::vector<GroupId>> SqliteStore::find_groups(std::string text) {
    Transaction transaction(*database_, Kind::read);
    const std::set<std::string> ids = groups_named(*database_, text);
    return transaction.commit(first_of<GroupId>(ids));
}

Result<std::vector<MemberId>> SqliteStore::find_members(std::string text) {
    Transaction transaction(*database_, Kind::read);
    std::set<std::string> named = groups_named(*database_, text);
    take_named(database_->query("SELECT id, name FROM object WHERE name <> ''"), {1}, folded(text),
               named);
    Statement others = database_->query(
        "SELECT id FROM object WHERE id = ?1 UNION SELECT o.id FROM identity i "
        "JOIN object o ON o.identity = i.key WHERE i.sid = ?2",
        canonical_guid(text).value_or(text), text);
    while (others.next())
        named.insert(others.text(0));
    std::set<std::string> ids;
    for (const std::string& id : named) {
        if (is_member_somewhere(*database_, id)) ids.insert(id);
    }
    return transaction.commit(first_of<MemberId>(ids));
}

Result<std::optional<MemberStanding>> SqliteStore::member_standing(GroupId group, MemberId member) {
    Transaction transaction(*database_, Kind::read);
    const std::optional<ObjectRow> parent = find_object(*database_, group.text());
    const std::optional<ObjectRow> object = find_object(*database_, member.text());
    std::optional<MemberStanding> standing;
    if (!parent || !object) return transaction.commit(std::move(standing));
    standing.emplace();
    standing->identity = identity_of(*database_, *object, member);
    {
        Statement row = database_->query(
            "SELECT 1 FROM membership WHERE parent = ?1 AND member = ?2", parent->key, object->key);
        standing->in_cloud = row.next();
    }
    // It may stand in AD by an identity that it has lost since.
    std::optional<Evidence> evidence;
    {
        Statement rows = database_->query(
            "SELECT t.evidence FROM touched t CROSS JOIN written_member w ON w.parent = t.parent "
            "AND w.identity = t.identity "
            "WHERE t.parent = ?1 AND t.member = ?2 AND t.evidence <> 0 ORDER BY t.number",
            parent->key, object->key);
        while (rows.next())
            evidence = rows.as<Evidence>(0);
    }
    {
        Statement row =
            database_->query("SELECT 1 FROM written_member WHERE parent = ?1 AND identity = ?2",
                             parent->key, object->identity);
        standing->written = row.next() || evidence.has_value();
    }
    const bool wanted = standing->in_cloud && object->state == IdentityState::known;
    if (standing->written && !wanted) standing->leaving = evidence.value_or(Evidence::absent);
    return transaction.commit(std::move(standing));
}

}  // namespace writeback
