#include "store/guard_reader.hpp"

#include "store/records.hpp"

#include <map>
#include <set>

namespace writeback {

namespace {

// What decided holds name: members by the key of their identity, or the whole group.
struct Decided {
    bool whole = false;
    std::set<std::string> members;
};

std::map<ObjectKey, Decided> read_decided(Database& database) {
    std::map<ObjectKey, Decided> decided;
    Statement rows = database.query(
        "SELECT object, targets, deletion FROM hold WHERE decision <> ?1", Decision::pending);
    while (rows.next()) {
        Decided& group = decided[rows.as<ObjectKey>(0)];
        const std::vector<HoldTarget> targets = targets_at(rows, 1);
        if (rows.flag(2) || targets.empty()) group.whole = true;
        for (const HoldTarget& target : targets) {
            if (target.kind == OperationKind::remove_members) group.members.insert(target.subject);
        }
    }
    return decided;
}

std::int64_t one_number(Statement row) {
    return row.next() ? row.integer(0) : 0;
}

// Members of groups that stand in the mirror as active and in scope (or not at all), whose removal
// was inferred.
std::int64_t pending_in_scope(Database& database, const std::map<ObjectKey, Decided>& decided) {
    std::int64_t pending = 0;
    Statement rows = database.query(
        "SELECT DISTINCT t.parent, t.identity, coalesce(i.sid, i.guid) "
        "FROM touched t INDEXED BY touched_inferred "
        "CROSS JOIN written_member w ON w.parent = t.parent AND w.identity = t.identity "
        "CROSS JOIN identity i ON i.key = t.identity "
        "LEFT JOIN mirror_group g ON g.object = t.parent "
        "WHERE t.evidence >= 5 AND coalesce(g.state, 0) = 0 AND coalesce(g.in_scope, 1) = 1 "
        "AND NOT EXISTS (SELECT 1 FROM object o JOIN membership m "
        "ON m.parent = t.parent AND m.member = o.key WHERE o.identity = t.identity)");
    while (rows.next()) {
        const auto group = decided.find(rows.as<ObjectKey>(0));
        if (group != decided.end() &&
            (group->second.whole || group->second.members.contains(rows.text(2)))) {
            continue;
        }
        ++pending;
    }
    return pending;
}

struct Standing {
    std::int64_t gone = 0;
    std::int64_t out_of_scope = 0;
};

// All members of groups that left the scope, that a resync did not show, or whose emptying the
// policy has kept back.
Standing pending_with_their_group(Database& database, const std::map<ObjectKey, Decided>& decided) {
    Standing pending;
    Statement rows = database.query(
        "SELECT w.object, s.written, g.state <> 0 FROM written_group w "
        "CROSS JOIN mirror_group g ON g.object = w.object "
        "CROSS JOIN standing s ON s.object = w.object "
        "LEFT JOIN deletion d ON d.object = w.object "
        "WHERE w.missing = 0 AND s.written > 0 AND g.synced = 0 "
        "AND (g.state = 2 OR (g.state = 0 AND g.in_scope = 0) OR (g.state <> 0 AND d.owed = 1))");
    while (rows.next()) {
        std::int64_t members = rows.integer(1);
        const auto group = decided.find(rows.as<ObjectKey>(0));
        if (group != decided.end()) {
            const auto named = static_cast<std::int64_t>(group->second.members.size());
            members = group->second.whole ? 0 : members - std::min(members, named);
        }
        if (rows.flag(2)) {
            pending.gone += members;
        } else {
            pending.out_of_scope += members;
        }
    }
    return pending;
}

// Of the objects without identity those that groups in scope have as owners alone.
std::map<std::string, std::int64_t> unresolved_owners(Database& database) {
    std::map<std::string, std::int64_t> owners;
    Statement rows = database.query(
        "SELECT o.reason, count(*) FROM object o "
        "WHERE o.key IN (SELECT owner FROM ownership) AND o.scoped = 1 AND o.state <> 0 "
        "AND NOT EXISTS (SELECT 1 FROM membership m JOIN mirror_group g ON g.object = m.parent "
        "WHERE m.member = o.key AND g.in_scope = 1) GROUP BY o.reason");
    while (rows.next())
        owners.emplace(rows.text(0), rows.integer(1));
    return owners;
}

}  // namespace

GuardFacts read_guard_facts(Database& database, Instant window_begin) {
    GuardFacts facts;
    facts.written_groups =
        one_number(database.query("SELECT count(*) FROM written_group WHERE missing = 0"));
    facts.written_memberships = one_number(database.query("SELECT sum(written) FROM standing"));
    // A group whose next deletion (for good, after a soft one) is yet to be judged counts there.
    facts.deletions_done = one_number(database.query(
        "SELECT count(*) FROM deletion_done d WHERE d.at >= ?1 AND NOT EXISTS "
        "(SELECT 1 FROM deletion p JOIN written_group w ON w.object = p.object "
        "WHERE p.object = d.object AND p.followed = 0 AND p.verdict <> ?2 AND w.missing = 0)",
        window_begin, DeletionVerdict::allowed));
    const std::map<ObjectKey, Decided> decided = read_decided(database);
    const Standing standing = pending_with_their_group(database, decided);
    facts.out_of_scope_memberships = standing.out_of_scope;
    facts.inferred_removals_pending =
        pending_in_scope(database, decided) + standing.gone + standing.out_of_scope;
    facts.inferred_removals_done = one_number(
        database.query("SELECT sum(count) FROM removals_done WHERE at >= ?1", window_begin));
    return facts;
}

std::vector<PendingDeletion> read_pending_deletions(Database& database) {
    std::vector<PendingDeletion> pending;
    Statement rows = database.query(
        "SELECT g.id, g.display_name, g.state, coalesce(d.verdict, 1), "
        "EXISTS (SELECT 1 FROM hold h WHERE h.object = g.object AND h.deletion = 1 "
        "AND h.decision = 0) "
        "FROM mirror_group g LEFT JOIN deletion d ON d.object = g.object "
        "LEFT JOIN written_group w ON w.object = g.object "
        "LEFT JOIN mark m ON m.object = g.object "
        "WHERE (g.state <> 0 OR g.in_scope = 0) AND g.synced = 0 AND coalesce(d.followed, 0) = 0 "
        "AND (w.missing = 0 OR (w.object IS NULL AND m.under_way = 1)) ORDER BY g.id");
    while (rows.next()) {
        PendingDeletion deletion;
        deletion.group = GroupId(rows.text(0));
        deletion.name = rows.text(1);
        deletion.state = rows.as<CloudState>(2);
        const auto verdict = rows.as<DeletionVerdict>(3);
        deletion.judged = verdict != DeletionVerdict::unjudged;
        deletion.held = verdict == DeletionVerdict::held && rows.flag(4);
        pending.push_back(std::move(deletion));
    }
    return pending;
}

Store::Counts read_counts(Database& database) {
    Store::Counts counts;
    counts.managed =
        one_number(database.query("SELECT count(*) FROM written_group WHERE missing = 0"));
    counts.dirty = one_number(database.query("SELECT count(*) FROM mark"));
    counts.held = one_number(database.query("SELECT count(DISTINCT object) FROM hold"));
    counts.owed = one_number(database.query("SELECT count(*) FROM standing WHERE owes = 1"));
    counts.members_written = one_number(database.query("SELECT sum(written) FROM standing"));
    Statement reasons = database.query(
        "SELECT reason, count(*) FROM object INDEXED BY object_reason "
        "WHERE scoped = 1 AND state <> 0 GROUP BY reason ORDER BY reason");
    const std::map<std::string, std::int64_t> owners = unresolved_owners(database);
    while (reasons.next()) {
        const auto found = owners.find(reasons.text(0));
        const std::int64_t members =
            reasons.integer(1) - (found == owners.end() ? 0 : found->second);
        if (members > 0) counts.unresolved.emplace_back(reasons.text(0), members);
    }
    Statement oldest = database.query("SELECT min(marked_at) FROM mark");
    if (oldest.next()) counts.oldest_dirty = oldest.optional_instant(0);
    Statement errors = database.query(
        "SELECT coalesce(nullif(g.display_name, ''), o.id), s.last_error FROM standing s "
        "JOIN object o ON o.key = s.object LEFT JOIN mirror_group g ON g.object = s.object "
        "WHERE s.last_error <> '' ORDER BY s.error_at DESC, o.id LIMIT 20");
    while (errors.next())
        counts.last_errors.emplace_back(errors.text(0), errors.text(1));
    return counts;
}

}  // namespace writeback
