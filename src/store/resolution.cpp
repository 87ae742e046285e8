#include "store/resolution.hpp"

#include <vector>

namespace writeback {

namespace {

std::string domain_sid(Database& database) {
    Statement row = database.query("SELECT value FROM fact WHERE name = 'domain_sid'");
    return row.next() ? row.text(0) : std::string();
}

ObjectRow object_from(const Statement& row) {
    ObjectRow object;
    object.key = row.as<ObjectKey>(0);
    object.type = row.as<MemberType>(1);
    object.state = row.as<IdentityState>(2);
    object.identity = row.as<IdentityKey>(3);
    object.reason = row.text(4);
    object.settled = row.flag(5);
    object.users_number = row.integer(6);
    return object;
}

std::vector<ObjectKey> keys_from(Statement rows) {
    std::vector<ObjectKey> keys;
    while (rows.next())
        keys.push_back(rows.as<ObjectKey>(0));
    return keys;
}

std::vector<ObjectKey> parents_of(Database& database, ObjectKey member) {
    return keys_from(database.query("SELECT parent FROM membership WHERE member = ?1", member));
}

std::vector<ObjectKey> owned_by(Database& database, ObjectKey owner) {
    return keys_from(database.query("SELECT parent FROM ownership WHERE owner = ?1", owner));
}

// NULL in place of an empty text.
template <class Tag>
std::optional<std::string> value_of(const Id<Tag>& id) {
    if (id.empty()) return std::nullopt;
    return id.text();
}

}  // namespace

std::optional<ObjectRow> find_object(Database& database, const std::string& id) {
    Statement row = database.query(
        "SELECT key, type, state, identity, reason, settled, users_number FROM object "
        "WHERE id = ?1",
        id);
    if (!row.next()) return std::nullopt;
    return object_from(row);
}

bool domain_is_bound(Database& database) {
    return !domain_sid(database).empty();
}

bool in_our_domain(Database& database, const Sid& sid) {
    const std::string domain = domain_sid(database);
    return domain.empty() || sid.text().starts_with(domain + "-");
}

ObjectRow Resolution::object(const std::string& id, MemberType type) {
    const bool program = type == MemberType::service_principal;
    std::optional<ObjectRow> found = find_object(database_, id);
    if (!found) {
        ObjectRow made;
        made.type = type;
        if (program) made.state = IdentityState::none;
        made.reason = program ? "service-principal" : "not-asked";
        made.settled = program;
        database_.execute(
            "INSERT INTO object (id, type, state, reason, settled) VALUES (?1, ?2, ?3, ?4, ?5)", id,
            type, made.state, made.reason, made.settled);
        made.key = static_cast<ObjectKey>(database_.last_key());
        return made;
    }
    if (type == MemberType::unknown || found->type != MemberType::unknown) return *found;
    database_.execute("UPDATE object SET type = ?2 WHERE key = ?1", found->key, type);
    found->type = type;
    if (program) {
        Answer answer{IdentityState::none, no_identity, "service-principal", true};
        set(*found, answer, Cause::identity);
        return *find_object(database_, id);
    }
    return *found;
}

ObjectKey Resolution::group(const GroupId& id) {
    const ObjectKey key = object(id.text(), MemberType::group).key;
    database_.execute("INSERT INTO standing (object) VALUES (?1) ON CONFLICT DO NOTHING", key);
    return key;
}

IdentityKey Resolution::insert_identity(const AdIdentity& identity) {
    database_.execute("INSERT INTO identity (sid, guid) VALUES (?1, ?2)", value_of(identity.sid),
                      value_of(identity.guid));
    return static_cast<IdentityKey>(database_.last_key());
}

IdentityKey Resolution::identity(const AdIdentity& wanted) {
    IdentityKey by_sid = no_identity;
    bool same_guid = wanted.guid.empty();
    if (!wanted.sid.empty()) {
        Statement row =
            database_.query("SELECT key, guid FROM identity WHERE sid = ?1", wanted.sid);
        if (row.next()) {
            by_sid = row.as<IdentityKey>(0);
            same_guid = same_guid || row.text(1) == wanted.guid.text();
        }
    }
    if (by_sid != no_identity && same_guid) return by_sid;
    IdentityKey by_guid = no_identity;
    std::string its_sid;
    if (!wanted.guid.empty()) {
        Statement row =
            database_.query("SELECT key, sid FROM identity WHERE guid = ?1", wanted.guid);
        if (row.next()) {
            by_guid = row.as<IdentityKey>(0);
            its_sid = row.text(1);
        }
    }
    if (by_guid == no_identity && by_sid == no_identity) return insert_identity(wanted);
    if (by_guid != no_identity && wanted.sid.empty()) return by_guid;
    if (by_guid != no_identity && its_sid.empty() && by_sid == no_identity) {
        database_.execute("UPDATE identity SET sid = ?2 WHERE key = ?1", by_guid, wanted.sid);
        return by_guid;
    }
    if (by_guid != no_identity && its_sid.empty()) {
        merge(by_guid, by_sid);
    } else if (by_guid != no_identity) {
        // The SID is the key: an object with this GUID and another SID has moved between domains.
        database_.execute("UPDATE identity SET guid = NULL WHERE key = ?1", by_guid);
    }
    if (by_sid == no_identity) return insert_identity(wanted);
    database_.execute("UPDATE identity SET guid = ?2 WHERE key = ?1", by_sid, wanted.guid);
    return by_sid;
}

void Resolution::merge(IdentityKey from, IdentityKey into) {
    database_.execute("UPDATE object SET identity = ?2 WHERE identity = ?1", from, into);
    database_.execute("UPDATE OR IGNORE written_member SET identity = ?2 WHERE identity = ?1", from,
                      into);
    database_.execute("DELETE FROM written_member WHERE identity = ?1", from);
    database_.execute("UPDATE OR REPLACE touched SET identity = ?2 WHERE identity = ?1", from,
                      into);
    database_.execute("DELETE FROM identity WHERE key = ?1", from);
}

void Resolution::set(const ObjectRow& object, const Answer& answer, Cause cause,
                     bool read_parents_first) {
    if (object.state == answer.state && object.identity == answer.identity &&
        object.reason == answer.reason && object.settled == answer.settled) {
        return;
    }
    std::optional<IdentityKey> identity;
    if (answer.identity != no_identity) identity = answer.identity;
    database_.execute(
        "UPDATE object SET state = ?2, identity = ?3, reason = ?4, settled = ?5 WHERE key = ?1",
        object.key, answer.state, identity, answer.reason, answer.settled);
    const bool moved = object.identity != answer.identity;
    const bool learned =
        !moved && object.state == IdentityState::unknown && answer.state != IdentityState::unknown;
    if (!moved && !learned) return;
    for (const ObjectKey group : owned_by(database_, object.key))
        marks_.owners_changed(group, cause);
    for (const ObjectKey parent : parents_of(database_, object.key)) {
        if (!marks_.matters(parent)) continue;
        if (learned) {
            // Nothing to write, but inferred removals may have waited for the last unknown member.
            Statement waiting = database_.query(
                "SELECT 1 FROM standing WHERE object = ?1 AND unknown = 0 AND EXISTS "
                "(SELECT 1 FROM touched WHERE parent = ?1 AND evidence >= 5)",
                parent);
            if (waiting.next()) {
                marks_.touch(parent, no_identity, object.key, Evidence::none, cause);
            }
            continue;
        }
        if (object.identity != no_identity) {
            marks_.touch(parent, object.identity, object.key, answer.loss, cause);
        }
        if (answer.identity != no_identity) {
            marks_.touch(parent, answer.identity, object.key, Evidence::none, cause);
        }
        if (read_parents_first) marks_.mark(parent, {{}, cause, false, true, {}}, true);
    }
}

void Resolution::refresh_group(ObjectKey group, Cause cause, bool read_parents_first) {
    Statement row = database_.query(
        "SELECT g.synced, g.sid, g.in_scope, g.state, w.sid, w.guid, o.id FROM mirror_group g "
        "JOIN object o ON o.key = g.object "
        "LEFT JOIN written_group w ON w.object = g.object AND w.missing = 0 WHERE g.object = ?1",
        group);
    if (!row.next()) return;
    const bool active = row.as<CloudState>(3) == CloudState::active;
    const bool in_scope = row.flag(2);
    const Sid own_sid(row.text(1));
    Answer answer;
    answer.settled = true;
    answer.state = IdentityState::none;
    if (row.flag(0) && !own_sid.empty()) {
        refresh_synced(row.text(6), own_sid, cause, read_parents_first);
        return;
    }
    if ((in_scope || !active) && !row.null(4)) {
        // A deleted group stays nested while AD has it: whether AD may follow is judged elsewhere.
        answer.state = IdentityState::known;
        answer.identity = identity({Sid(row.text(4)), ObjectGuid(row.text(5))});
    } else {
        answer.reason = in_scope ? "group-not-written" : "group-out-of-scope";
        if (row.as<CloudState>(3) == CloudState::absent) {
            answer.loss = Evidence::absent;
        } else if (!active) {
            answer.loss = Evidence::object_deleted;
        } else if (!in_scope) {
            answer.loss = Evidence::out_of_scope;
        }
    }
    const std::optional<ObjectRow> object = find_object(database_, row.text(6));
    if (object) set(*object, answer, cause, read_parents_first);
}

// What a synchronised group's SID says holds until the directory was asked: it may be of another
// domain of the forest, or of a scope that our groups do not take.
void Resolution::refresh_synced(const std::string& id, const Sid& sid, Cause cause,
                                bool read_parents_first) {
    const std::optional<ObjectRow> object = find_object(database_, id);
    if (!object) return;
    Answer answer;
    answer.state = IdentityState::none;
    answer.reason = "other-domain";
    if (in_our_domain(database_, sid)) {
        answer = {IdentityState::known, identity({sid, {}}), ""};
    }
    bool asked = false;
    {
        Statement row =
            database_.query("SELECT ask_again = 0 FROM object WHERE key = ?1", object->key);
        if (row.next()) asked = !object->settled && row.flag(0);
    }
    // What the directory said of this very SID stays.
    const bool found =
        object->state == IdentityState::known && object->identity == identity({sid, {}});
    const bool refused = object->state == IdentityState::none &&
                         (object->reason == "domain-local" || object->reason == "other-domain" ||
                          object->reason == "not-in-directory");
    if (asked && (found || refused)) return;
    set(*object, answer, cause, read_parents_first);
    database_.execute("UPDATE object SET ask_again = 1, asked_at = NULL WHERE key = ?1",
                      object->key);
}

void Resolution::touch_parents(ObjectKey group) {
    Statement row = database_.query("SELECT identity FROM object WHERE key = ?1", group);
    if (!row.next()) return;
    const auto identity = row.as<IdentityKey>(0);
    for (const ObjectKey parent : parents_of(database_, group)) {
        marks_.touch(parent, identity, group, Evidence::none, Cause::nesting);
    }
}

}  // namespace writeback
