// SqliteStore: who the members are in Active Directory.
#include "store/mirror_writer.hpp"
#include "store/records.hpp"
#include "store/sqlite_store.hpp"

#include <algorithm>

namespace writeback {

using Kind = Transaction::Kind;

namespace {

// What the users stream and the answers have told of an object. An optional without value was never
// told; an empty text was told to be null.
struct OnPremises {
    std::optional<bool> synced;
    std::optional<std::string> sid;
    std::optional<std::string> immutable_id;
    bool deleted = false;
};

OnPremises read_on_premises(Database& database, ObjectKey object) {
    OnPremises facts;
    Statement row = database.query(
        "SELECT synced, sid, immutable_id, deleted FROM on_premises WHERE object = ?1", object);
    if (!row.next()) return facts;
    if (!row.null(0)) facts.synced = row.flag(0);
    facts.sid = row.optional_text(1);
    facts.immutable_id = row.optional_text(2);
    facts.deleted = row.flag(3);
    return facts;
}

void write_on_premises(Database& database, ObjectKey object, const OnPremises& facts) {
    database.execute("INSERT OR REPLACE INTO on_premises VALUES (?1, ?2, ?3, ?4, ?5)", object,
                     facts.synced, facts.sid, facts.immutable_id, facts.deleted);
}

// Returns true when the item told something about identity.
bool apply(const UserItem& item, OnPremises& facts) {
    const OnPremises before = facts;
    facts.deleted = item.removal != Removal::no;
    if (item.on_premises_sync_enabled.present) {
        facts.synced = item.on_premises_sync_enabled.value.value_or(false);
    }
    if (item.on_premises_security_identifier.present) {
        facts.sid = item.on_premises_security_identifier.value.value_or("");
    }
    if (item.on_premises_immutable_id.present) {
        facts.immutable_id = item.on_premises_immutable_id.value.value_or("");
    }
    return before.deleted != facts.deleted || before.synced != facts.synced ||
           before.sid != facts.sid || before.immutable_id != facts.immutable_id;
}

Answer unknown_because(const char* reason) {
    return {IdentityState::unknown, no_identity, reason};
}

// A single item is believed where it is definite. Where it is not (a SID that may be of another
// domain, an identity by GUID, fields that were never told) the answer is unknown, and the resolver
// asks; a known identity that the item does not speak against stays until then.
Answer answer_of(Database& database, Resolution& resolution, const OnPremises& facts,
                 const ObjectRow& object, const AdIdentity& present) {
    if (facts.deleted) {
        return {IdentityState::none, no_identity, "deleted", false, Evidence::object_deleted};
    }
    if (facts.synced == false) {
        const bool was_synced = !facts.sid.value_or("").empty() ||
                                !facts.immutable_id.value_or("").empty() ||
                                object.identity != no_identity || object.reason == "not-synced";
        return {IdentityState::none, no_identity, was_synced ? "not-synced" : "cloud-only"};
    }
    const std::string sid = facts.sid.value_or("");
    if (object.state == IdentityState::known && (!facts.sid || sid == present.sid.text())) {
        return {object.state, object.identity, object.reason};
    }
    if (facts.synced && !sid.empty()) {
        if (!domain_is_bound(database) || !in_our_domain(database, Sid(sid))) {
            return unknown_because("not-asked");
        }
        return {IdentityState::known, resolution.identity({Sid(sid), {}}), ""};
    }
    if (facts.synced && facts.sid && !facts.immutable_id.value_or("").empty()) {
        return unknown_because("needs-directory");
    }
    return unknown_because("not-asked");
}

AdIdentity read_identity(Database& database, IdentityKey key) {
    AdIdentity identity;
    Statement row = database.query("SELECT sid, guid FROM identity WHERE key = ?1", key);
    if (row.next()) identity = identity_at(row, 0);
    return identity;
}

void take_user_item(Database& database, DirtyMarks& marks, Resolution& resolution,
                    const UserItem& item) {
    const std::optional<ObjectRow> object = find_object(database, item.id.text());
    if (!object || object->settled) return;
    database.execute("UPDATE object SET users_number = ?2 WHERE key = ?1", object->key,
                     marks.number());
    if (item.user_principal_name.present) {
        database.execute("UPDATE object SET name = ?2 WHERE key = ?1", object->key,
                         item.user_principal_name.value.value_or(""));
    }
    // An answer that was asked for before this item is not stored, so it has to be asked for again.
    database.execute(
        "UPDATE object SET asked_at = NULL WHERE key = ?1 AND (state = 2 OR ask_again)",
        object->key);
    if (!item.unreadable.empty()) {
        database.execute("UPDATE object SET ask_again = 1, asked_at = NULL WHERE key = ?1",
                         object->key);
        return;
    }
    OnPremises facts = read_on_premises(database, object->key);
    if (!apply(item, facts)) return;
    write_on_premises(database, object->key, facts);
    const AdIdentity present = read_identity(database, object->identity);
    const Answer answer = answer_of(database, resolution, facts, *object, present);
    resolution.set(*object, answer, Cause::identity);
    if (answer.state == IdentityState::none) {
        // As good as an answer: asked for again in a day, as all of them.
        database.execute("UPDATE object SET asked_at = ?2, ask_again = 0 WHERE key = ?1",
                         object->key, marks.now());
    } else {
        database.execute("UPDATE object SET asked_at = NULL, ask_again = ?2 WHERE key = ?1",
                         object->key, answer.identity == object->identity);
    }
    if (facts.deleted) {
        marks.make_explicit(object->key, Evidence::object_deleted, Cause::identity);
    }
}

void store_answer(Database& database, Resolution& resolution, const ObjectRow& object,
                  const MemberIdentity& told, Instant now) {
    const bool definite = told.state == IdentityState::none ||
                          (told.state == IdentityState::known && !told.identity.key().empty());
    database.execute(
        "UPDATE object SET asked_at = ?2, ask_again = CASE WHEN ?3 THEN 0 ELSE ask_again END, "
        "name = CASE WHEN ?4 = '' THEN name ELSE ?4 END WHERE key = ?1",
        object.key, now, definite, told.name);
    // A definite answer stays until another definite one: failing to ask proves nothing.
    if (!definite && object.state != IdentityState::unknown) return;
    Answer answer{definite ? told.state : IdentityState::unknown, no_identity, told.reason};
    if (definite && told.state == IdentityState::known) {
        answer.identity = resolution.identity(told.identity);
        answer.reason.clear();
    }
    if (told.reason == "deleted") answer.loss = Evidence::object_deleted;
    resolution.set(object, answer, Cause::identity);
    if (!definite) return;
    OnPremises facts = read_on_premises(database, object.key);
    facts.deleted = told.reason == "deleted";
    if (told.state == IdentityState::known) {
        facts.synced = true;
        if (!told.identity.sid.empty()) facts.sid = told.identity.sid.text();
    } else if (told.reason == "cloud-only" || told.reason == "not-synced") {
        facts.synced = false;
    }
    write_on_premises(database, object.key, facts);
}

}  // namespace

Result<Done> SqliteStore::commit_users(const std::vector<UserItem>& items,
                                       const StreamPosition& position, Instant now) {
    Transaction transaction(*database_, Kind::write, DurableStep::users_page);
    DirtyMarks marks(*database_, now);
    Resolution resolution(*database_, marks);
    for (const UserItem& item : items)
        take_user_item(*database_, marks, resolution, item);
    write_position(*database_, Stream::users, position);
    marks.flush();
    return transaction.commit();
}

Result<Done> SqliteStore::store_identities(const std::vector<MemberIdentity>& identities,
                                           std::int64_t since_number, Instant now) {
    Transaction transaction(*database_, Kind::write, DurableStep::identities);
    DirtyMarks marks(*database_, now);
    Resolution resolution(*database_, marks);
    for (const MemberIdentity& told : identities) {
        const std::optional<ObjectRow> known = find_object(*database_, told.id.text());
        if (!known || known->users_number > since_number) continue;
        const ObjectRow object = resolution.object(told.id.text(), told.type);
        if (object.settled) continue;
        store_answer(*database_, resolution, object, told, now);
    }
    marks.flush();
    return transaction.commit();
}

Result<Done> SqliteStore::ask_everyone_again() {
    Transaction transaction(*database_, Kind::write, DurableStep::everyone_asked_again);
    database_->execute("UPDATE object SET ask_again = 1, asked_at = NULL WHERE settled = 0");
    return transaction.commit();
}

Result<std::vector<MemberId>> SqliteStore::to_identify(Instant not_since, Instant none_before,
                                                       MemberId after, std::size_t limit) {
    Transaction transaction(*database_, Kind::read);
    std::vector<std::string> ids;
    const auto take = [&](Statement rows) {
        while (rows.next())
            ids.push_back(rows.text(0));
    };
    take(
        database_->query("SELECT id FROM object INDEXED BY object_unknown WHERE scoped = 1 "
                         "AND state = 2 AND settled = 0 AND id > ?1 "
                         "AND (asked_at IS NULL OR asked_at < ?2) ORDER BY id LIMIT ?3",
                         after, not_since, limit));
    take(
        database_->query("SELECT id FROM object INDEXED BY object_none WHERE scoped = 1 "
                         "AND state = 1 AND settled = 0 AND asked_at < ?2 AND id > ?1 "
                         "ORDER BY id LIMIT ?3",
                         after, none_before, limit));
    // A user's loss comes with the users stream; of any other kind no stream tells it.
    take(
        database_->query("SELECT id FROM object INDEXED BY object_known WHERE scoped = 1 "
                         "AND state = 0 AND settled = 0 AND type <> 0 AND asked_at < ?2 "
                         "AND id > ?1 ORDER BY id LIMIT ?3",
                         after, none_before, limit));
    take(
        database_->query("SELECT id FROM object INDEXED BY object_again WHERE scoped = 1 "
                         "AND ask_again = 1 AND settled = 0 AND id > ?1 "
                         "AND (asked_at IS NULL OR asked_at < ?2) ORDER BY id LIMIT ?3",
                         after, not_since, limit));
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    if (ids.size() > limit) ids.resize(limit);
    std::vector<MemberId> members;
    members.reserve(ids.size());
    for (auto& id : ids)
        members.emplace_back(std::move(id));
    return transaction.commit(std::move(members));
}

}  // namespace writeback
