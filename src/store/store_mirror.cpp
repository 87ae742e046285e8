// SqliteStore: streams and mirror.
#include "store/mirror_writer.hpp"
#include "store/sqlite_store.hpp"

namespace writeback {

using Kind = Transaction::Kind;

namespace {

DurableStep step_of(StreamPhase phase) {
    if (phase == StreamPhase::crawling) return DurableStep::crawl_page;
    return phase == StreamPhase::sweeping ? DurableStep::sweep_batch : DurableStep::page;
}

std::optional<MirrorGroup> read_mirror_group(Database& database, const GroupId& group) {
    Statement row = database.query(
        "SELECT " WRITEBACK_MIRROR_GROUP_COLUMNS " FROM mirror_group g WHERE g.id = ?1", group);
    if (!row.next()) return std::nullopt;
    return mirror_group_from(row);
}

// Where the fact is kept that the stream has shown a list of owners.
constexpr const char* owners_shown = "owners_shown";

bool has_membership(Database& database, ObjectKey group, ObjectKey member) {
    Statement row =
        database.query("SELECT 1 FROM membership WHERE parent = ?1 AND member = ?2", group, member);
    return row.next();
}

bool has_ownership(Database& database, ObjectKey group, ObjectKey owner) {
    Statement row =
        database.query("SELECT 1 FROM ownership WHERE parent = ?1 AND owner = ?2", group, owner);
    return row.next();
}

// The pending deletion remembers the mark that it came with: its judgement marks the group again,
// perhaps after that mark was cleared, and a hint must still be told and measured as one.
void note_cause(Database& database, ObjectKey group, const Mark& mark) {
    database.execute(
        "UPDATE deletion SET cause = ?2, hinted_at = coalesce(hinted_at, ?3) "
        "WHERE object = ?1 AND verdict = 1 AND cause <> 0",
        group, mark.cause, mark.hinted_at);
}

std::vector<GroupId> group_ids(Statement rows) {
    std::vector<GroupId> ids;
    while (rows.next())
        ids.emplace_back(rows.text(0));
    return ids;
}

}  // namespace

Result<StreamPosition> SqliteStore::position(Stream stream) {
    Transaction transaction(*database_, Kind::read);
    StreamPosition position = read_position(*database_, stream);
    return transaction.commit(std::move(position));
}

Result<Done> SqliteStore::set_position(Stream stream, StreamPosition position) {
    Transaction transaction(
        *database_, Kind::write,
        stream == Stream::groups ? DurableStep::sweep_end : DurableStep::users_begun);
    write_position(*database_, stream, position);
    return transaction.commit();
}

Result<Done> SqliteStore::forget_position(Stream stream) {
    Transaction transaction(*database_, Kind::write, DurableStep::position_forgotten);
    StreamPosition position = read_position(*database_, stream);
    position.phase = StreamPhase::empty;
    position.link.clear();
    position.round_began_with.clear();
    position.token_at.reset();
    write_position(*database_, stream, position);
    return transaction.commit();
}

Result<MirrorExcerpt> SqliteStore::excerpt(const GroupPage& page) {
    Transaction transaction(*database_, Kind::read);
    MirrorExcerpt excerpt;
    {
        Statement row = database_->query("SELECT 1 FROM fact WHERE name = ?1", owners_shown);
        excerpt.owners_shown = row.next();
    }
    for (const GroupItem& item : page.items) {
        std::optional<MirrorGroup> known = read_mirror_group(*database_, item.id);
        if (known) excerpt.groups.insert_or_assign(item.id, std::move(*known));
        const std::optional<ObjectRow> group = find_object(*database_, item.id.text());
        if (!group) continue;
        for (const MemberChange& change : item.members) {
            const std::optional<ObjectRow> member = find_object(*database_, change.member.text());
            if (member && has_membership(*database_, group->key, member->key)) {
                excerpt.members.emplace(item.id, change.member);
            }
        }
        for (const MemberChange& change : item.owners) {
            const std::optional<ObjectRow> owner = find_object(*database_, change.member.text());
            if (owner && has_ownership(*database_, group->key, owner->key)) {
                excerpt.owners.emplace(item.id, change.member);
            }
        }
    }
    return transaction.commit(std::move(excerpt));
}

Result<Done> SqliteStore::commit_groups(const MirrorChanges& changes,
                                        const StreamPosition& position, Instant now) {
    Transaction transaction(*database_, Kind::write, step_of(position.phase));
    DirtyMarks marks(*database_, now);
    Resolution resolution(*database_, marks);
    MirrorWriter mirror(*database_, marks, resolution);
    for (const MirrorGroup& group : changes.groups)
        mirror.put_group(group);
    for (const MembershipChange& change : changes.members) {
        mirror.change_membership(change, position.generation);
    }
    for (const MembershipChange& change : changes.owners) {
        mirror.change_ownership(change, position.generation);
    }
    if (changes.owners_shown) {
        database_->execute(
            "INSERT INTO fact (name, value) VALUES (?1, 'yes') ON CONFLICT (name) DO NOTHING",
            owners_shown);
    }
    for (const GroupId& child : changes.parents_of) {
        resolution.touch_parents(mirror.group(child));
    }
    for (const Mark& mark : changes.marks) {
        const ObjectKey key = mirror.group(mark.group);
        marks.mark(key, mark);
        note_cause(*database_, key, mark);
    }
    mirror.prune_departures();
    write_position(*database_, Stream::groups, position);
    marks.flush();
    return transaction.commit();
}

Result<Done> SqliteStore::mark(const std::vector<Mark>& asked, Instant now) {
    Transaction transaction(*database_, Kind::write, DurableStep::marks);
    DirtyMarks marks(*database_, now);
    Resolution resolution(*database_, marks);
    for (const Mark& mark : asked)
        marks.mark(resolution.group(mark.group), mark);
    marks.flush();
    return transaction.commit();
}

Result<std::vector<MirrorGroup>> SqliteStore::groups_after(GroupId after, std::size_t limit) {
    Transaction transaction(*database_, Kind::read);
    std::vector<MirrorGroup> groups;
    Statement rows = database_->query("SELECT " WRITEBACK_MIRROR_GROUP_COLUMNS
                                      " FROM mirror_group g WHERE g.id > ?1 ORDER BY g.id LIMIT ?2",
                                      after, limit);
    while (rows.next())
        groups.push_back(mirror_group_from(rows));
    return transaction.commit(std::move(groups));
}

Result<std::optional<MirrorGroup>> SqliteStore::mirror_group(GroupId group) {
    Transaction transaction(*database_, Kind::read);
    std::optional<MirrorGroup> known = read_mirror_group(*database_, group);
    return transaction.commit(std::move(known));
}

Result<std::vector<GroupId>> SqliteStore::members_unread(std::size_t limit) {
    Transaction transaction(*database_, Kind::read);
    std::vector<GroupId> groups = group_ids(database_->query(
        "SELECT id FROM mirror_group WHERE members_unread = 1 ORDER BY id LIMIT ?1", limit));
    return transaction.commit(std::move(groups));
}

Result<std::vector<GroupId>> SqliteStore::owners_unread(std::size_t limit) {
    Transaction transaction(*database_, Kind::read);
    std::vector<GroupId> groups = group_ids(database_->query(
        "SELECT id FROM mirror_group WHERE owners_unread = 1 ORDER BY id LIMIT ?1", limit));
    return transaction.commit(std::move(groups));
}

Result<std::vector<GroupId>> SqliteStore::absent_groups(std::size_t limit) {
    Transaction transaction(*database_, Kind::read);
    std::vector<GroupId> groups = group_ids(database_->query(
        "SELECT id FROM mirror_group WHERE state = 2 ORDER BY id LIMIT ?1", limit));
    return transaction.commit(std::move(groups));
}

}  // namespace writeback
