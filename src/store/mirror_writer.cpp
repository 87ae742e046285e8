#include "store/mirror_writer.hpp"

namespace writeback {

namespace {

// What AD has to follow: 0 nothing, 1 left the scope, 2 soft-deleted or absent, 3 deleted for good.
int deletion_evidence(const MirrorGroup& shown) {
    switch (shown.group.state) {
        case CloudState::active:
            return shown.in_scope ? 0 : 1;
        case CloudState::soft_deleted:
        case CloudState::absent:
            return 2;
        case CloudState::deleted:
            return 3;
    }
    return 0;
}

}  // namespace

ObjectKey MirrorWriter::group(const GroupId& id) {
    const auto known = keys_.find(id);
    if (known != keys_.end()) return known->second;
    const ObjectKey key = resolution_.group(id);
    keys_.emplace(id, key);
    return key;
}

void MirrorWriter::put_group(const MirrorGroup& shown) {
    const CloudGroup& group = shown.group;
    const ObjectKey key = this->group(group.id);
    database_.execute(
        "INSERT INTO mirror_group VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, "
        "?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22) ON CONFLICT (object) DO UPDATE SET "
        "display_name = ?3, description = ?4, mail = ?5, mail_nickname = ?6, mail_enabled = ?7, "
        "security_enabled = ?8, group_types = ?9, proxy_addresses = ?10, visibility = ?11, "
        "further = ?12, synced = ?13, sid = ?14, state = ?15, in_scope = ?16, generation = ?17, "
        "members_unread = ?18, owners_unread = ?19, unreadable = ?20, scope_unknown = ?21, "
        "unwatched = ?22",
        key, group.id, group.display_name, group.description, group.mail, group.mail_nickname,
        group.mail_enabled, group.security_enabled, to_json(group.group_types),
        to_json(group.proxy_addresses), group.visibility, to_json(group.further),
        group.on_premises_sync_enabled, group.on_premises_security_identifier, group.state,
        shown.in_scope, shown.generation, shown.members_unread, shown.owners_unread,
        shown.unreadable, shown.scope_unknown, shown.unwatched);
    follow_deletion(key, shown);
    resolution_.refresh_group(key, Cause::nesting);
}

void MirrorWriter::follow_deletion(ObjectKey key, const MirrorGroup& shown) {
    const int evidence = deletion_evidence(shown);
    int known = 0;
    bool owed = false;
    {
        Statement row =
            database_.query("SELECT evidence, owed FROM deletion WHERE object = ?1", key);
        if (row.next()) {
            known = row.as<int>(0);
            owed = row.flag(1);
        }
    }
    if (evidence == known) return;
    // Other evidence: what was judged, held or decided before is no longer about this. What the
    // policy kept back is still kept back by it.
    database_.execute("DELETE FROM deletion WHERE object = ?1", key);
    database_.execute("DELETE FROM hold WHERE object = ?1 AND deletion = 1", key);
    if (evidence == 0) return;
    marks_.urgent(key);
    database_.execute(
        "INSERT INTO deletion (object, evidence, owed, cause) VALUES (?1, ?2, ?3, ?4)", key,
        evidence, owed, Cause::poll);
}

void MirrorWriter::change_membership(const MembershipChange& change, std::int64_t generation) {
    const ObjectKey key = group(change.group);
    if (change.present) {
        add_member(key, resolution_.object(change.member.text(), change.type), generation);
        return;
    }
    const std::optional<ObjectRow> member = find_object(database_, change.member.text());
    if (member) remove_member(key, *member, change.evidence);
}

void MirrorWriter::add_member(ObjectKey group, const ObjectRow& member, std::int64_t generation) {
    const std::int64_t shown_again = database_.execute(
        "UPDATE membership SET generation = ?3, number = ?4 WHERE parent = ?1 AND member = ?2",
        group, member.key, generation, marks_.number());
    if (shown_again > 0) return;
    database_.execute(
        "INSERT INTO membership (parent, member, generation, number) VALUES (?1, ?2, ?3, ?4)",
        group, member.key, generation, marks_.number());
    end_departure(group, member.key, false);
    marks_.touch(group, member.identity, member.key, Evidence::none, Cause::poll);
}

void MirrorWriter::remove_member(ObjectKey group, const ObjectRow& member, Evidence evidence) {
    const std::int64_t ended = database_.execute(
        "DELETE FROM membership WHERE parent = ?1 AND member = ?2", group, member.key);
    note_departure(group, member.key, false);
    // A removal that the stream shows makes explicit what was only inferred before.
    if (!is_inferred(evidence)) marks_.make_explicit_in(group, member.key, evidence);
    if (ended > 0) marks_.touch(group, member.identity, member.key, evidence, Cause::poll);
}

void MirrorWriter::note_departure(ObjectKey group, ObjectKey member, bool owner) {
    database_.execute(
        "INSERT INTO departure (parent, member, owner, number, at) VALUES (?1, ?2, ?3, ?4, ?5) "
        "ON CONFLICT (parent, member, owner) "
        "DO UPDATE SET number = excluded.number, at = excluded.at",
        group, member, owner, marks_.number(), marks_.now());
}

void MirrorWriter::end_departure(ObjectKey group, ObjectKey member, bool owner) {
    database_.execute("DELETE FROM departure WHERE parent = ?1 AND member = ?2 AND owner = ?3",
                      group, member, owner);
}

void MirrorWriter::change_ownership(const MembershipChange& change, std::int64_t generation) {
    const ObjectKey key = group(change.group);
    if (change.present) {
        add_owner(key, resolution_.object(change.member.text(), change.type), generation);
        return;
    }
    const std::optional<ObjectRow> owner = find_object(database_, change.member.text());
    if (owner) remove_owner(key, *owner);
}

// Owners leave no evidence: nothing hangs on one but a single attribute, which is compared whole.
void MirrorWriter::add_owner(ObjectKey group, const ObjectRow& owner, std::int64_t generation) {
    const std::int64_t shown_again = database_.execute(
        "UPDATE ownership SET generation = ?3, number = ?4 WHERE parent = ?1 AND owner = ?2", group,
        owner.key, generation, marks_.number());
    if (shown_again > 0) return;
    database_.execute(
        "INSERT INTO ownership (parent, owner, generation, number) VALUES (?1, ?2, ?3, ?4)", group,
        owner.key, generation, marks_.number());
    end_departure(group, owner.key, true);
    marks_.owners_changed(group, Cause::poll);
}

void MirrorWriter::remove_owner(ObjectKey group, const ObjectRow& owner) {
    const std::int64_t ended = database_.execute(
        "DELETE FROM ownership WHERE parent = ?1 AND owner = ?2", group, owner.key);
    note_departure(group, owner.key, true);
    if (ended > 0) marks_.owners_changed(group, Cause::poll);
}

void MirrorWriter::prune_departures() {
    database_.execute("DELETE FROM departure WHERE at < ?1", marks_.now() - std::chrono::hours(24));
}

void write_position(Database& database, Stream stream, const StreamPosition& position) {
    database.execute(
        "INSERT OR REPLACE INTO stream VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)", stream,
        position.phase, position.link, position.round_began_with, position.generation,
        position.resync, position.shown, position.fingerprint, position.token_at,
        position.last_round_at);
}

StreamPosition read_position(Database& database, Stream stream) {
    StreamPosition position;
    Statement row = database.query(
        "SELECT phase, link, round_began_with, generation, resync, shown, fingerprint, token_at, "
        "last_round_at FROM stream WHERE stream = ?1",
        stream);
    if (!row.next()) return position;
    position.phase = row.as<StreamPhase>(0);
    position.link = row.text(1);
    position.round_began_with = row.text(2);
    position.generation = row.integer(3);
    position.resync = row.flag(4);
    position.shown = row.integer(5);
    position.fingerprint = row.text(6);
    position.token_at = row.optional_instant(7);
    position.last_round_at = row.optional_instant(8);
    return position;
}

}  // namespace writeback
