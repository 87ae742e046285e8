#include "store/work_reader.hpp"

#include "store/resolution.hpp"

#include <algorithm>

namespace writeback {

GroupWork WorkReader::read(const GroupId& group) {
    GroupWork work;
    work.group = group;
    const std::optional<ObjectRow> object = find_object(database_, group.text());
    if (!object) return work;
    group_ = object->key;
    read_mark(work);
    {
        Statement row = database_.query("SELECT " WRITEBACK_MIRROR_GROUP_COLUMNS
                                        " FROM mirror_group g WHERE g.object = ?1",
                                        group_);
        if (row.next()) work.cloud = mirror_group_from(row);
    }
    read_written(work);
    read_standing(work);
    read_deletion(work);
    read_owners(work);
    read_holds(work);
    if (!work.written) work.whole = true;
    if (work.whole) {
        read_all_members();
    } else {
        read_touched_members();
    }
    read_evidence();
    list_members(work);
    return work;
}

void WorkReader::read_mark(GroupWork& work) {
    Statement row = database_.query(
        "SELECT number, cause, hinted_at, attempts, whole_number, read_first, under_way, begun_on, "
        "begun_at FROM mark WHERE object = ?1",
        group_);
    if (!row.next()) return;
    work.number = row.integer(0);
    work.cause = row.as<Cause>(1);
    work.hinted_at = row.optional_instant(2);
    work.attempts = row.as<int>(3);
    work.whole = row.integer(4) > 0;
    work.under_way = row.flag(6);
    work.read_first = row.flag(5) || work.under_way;
    work.begun_on = row.text(7);
    work.begun_at = row.optional_instant(8).value_or(Instant());
}

void WorkReader::read_written(GroupWork& work) {
    Statement row = database_.query("SELECT " WRITEBACK_WRITTEN_GROUP_COLUMNS
                                    " FROM written_group w WHERE w.object = ?1",
                                    group_);
    if (!row.next()) return;
    work.missing = row.flag(column_of_missing);
    if (!work.missing) work.written = written_group_from(row);
}

void WorkReader::read_standing(GroupWork& work) {
    Statement row =
        database_.query("SELECT unknown, written FROM standing WHERE object = ?1", group_);
    if (!row.next()) return;
    work.unknown_count = row.integer(0);
    work.written_count = row.integer(1);
}

void WorkReader::read_deletion(GroupWork& work) {
    if (!work.cloud || (!work.written && !work.under_way)) return;
    if (work.cloud->group.state == CloudState::active && work.cloud->in_scope) return;
    work.deletion = DeletionVerdict::unjudged;
    Statement row = database_.query("SELECT verdict, owed FROM deletion WHERE object = ?1", group_);
    if (!row.next()) return;
    work.deletion = row.as<DeletionVerdict>(0);
    work.deletion_was_owed = row.flag(1);
}

void WorkReader::read_owners(GroupWork& work) {
    Statement rows = database_.query(
        "SELECT o.state, i.sid, i.guid FROM ownership w CROSS JOIN object o ON o.key = w.owner "
        "LEFT JOIN identity i ON i.key = o.identity WHERE w.parent = ?1 ORDER BY o.id",
        group_);
    while (rows.next()) {
        const auto state = rows.as<IdentityState>(0);
        if (state == IdentityState::unknown) ++work.unknown_owners;
        if (state != IdentityState::known) continue;
        work.owners.push_back(identity_at(rows, 1));
    }
}

void WorkReader::read_holds(GroupWork& work) {
    Statement rows = database_.query("SELECT " WRITEBACK_HOLD_COLUMNS
                                     " FROM hold h JOIN object o ON o.key = h.object "
                                     "WHERE h.object = ?1 ORDER BY h.number",
                                     group_);
    while (rows.next())
        work.holds.push_back(hold_from(rows));
}

void WorkReader::read_all_members() {
    Statement wanted = database_.query(
        "SELECT o.identity, i.sid, i.guid, o.id, o.type FROM membership m "
        "CROSS JOIN object o ON o.key = m.member CROSS JOIN identity i ON i.key = o.identity "
        "WHERE m.parent = ?1",
        group_);
    while (wanted.next()) {
        Member& member = members_[wanted.as<IdentityKey>(0)];
        if (!member.wanted) {
            member.wanted = true;
            member.identity = identity_at(wanted, 1);
        }
        member.cloud_ids.emplace_back(wanted.text(3));
        member.contact = member.contact && wanted.as<MemberType>(4) == MemberType::contact;
    }
    Statement present = database_.query(
        "SELECT w.identity, i.sid, i.guid FROM written_member w "
        "CROSS JOIN identity i ON i.key = w.identity WHERE w.parent = ?1",
        group_);
    while (present.next()) {
        const auto key = present.as<IdentityKey>(0);
        Member& member = members_[key];
        member.present = true;
        if (member.wanted) continue;
        member.identity = identity_at(present, 1);
        find_cloud_ids(key, member);
    }
}

void WorkReader::read_touched_members() {
    Statement touched = database_.query(
        "SELECT DISTINCT t.identity, i.sid, i.guid, "
        "EXISTS (SELECT 1 FROM written_member w WHERE w.parent = ?1 AND w.identity = t.identity) "
        "FROM touched t CROSS JOIN identity i ON i.key = t.identity WHERE t.parent = ?1",
        group_);
    while (touched.next()) {
        const auto key = touched.as<IdentityKey>(0);
        Member& member = members_[key];
        member.identity = identity_at(touched, 1);
        member.present = touched.flag(3);
        find_cloud_ids(key, member);
    }
}

// The cloud objects that have this identity now: those that are members of the group, which makes
// it wanted, or else all of them.
void WorkReader::find_cloud_ids(IdentityKey key, Member& member) {
    std::vector<MemberId> others;
    Statement rows = database_.query(
        "SELECT o.id, EXISTS (SELECT 1 FROM membership m WHERE m.parent = ?1 AND m.member = "
        "o.key), "
        "o.type FROM object o WHERE o.identity = ?2",
        group_, key);
    while (rows.next()) {
        if (rows.flag(1)) {
            member.wanted = true;
            member.cloud_ids.emplace_back(rows.text(0));
            member.contact = member.contact && rows.as<MemberType>(2) == MemberType::contact;
        } else {
            others.emplace_back(rows.text(0));
        }
    }
    if (!member.wanted) member.cloud_ids = std::move(others);
}

void WorkReader::read_evidence() {
    Statement rows = database_.query(
        "SELECT t.identity, t.evidence, t.number, o.id FROM touched t "
        "LEFT JOIN object o ON o.key = t.member WHERE t.parent = ?1 AND t.evidence <> 0",
        group_);
    while (rows.next()) {
        const auto found = members_.find(rows.as<IdentityKey>(0));
        if (found == members_.end()) continue;
        Member& member = found->second;
        add_evidence(member, rows.as<Evidence>(1), rows.integer(2));
        if (!rows.null(3) && !member.wanted) member.cloud_ids.emplace_back(rows.text(3));
    }
}

// Every cloud object behind an identity has to be gone for it to leave; if one of them is gone by
// inference only, the removal is inferred. Among equals the latest tells.
void WorkReader::add_evidence(Member& member, Evidence evidence, std::int64_t number) {
    const bool first = member.evidence == Evidence::none;
    const bool heavier = is_inferred(evidence) && !is_inferred(member.evidence);
    const bool later =
        is_inferred(evidence) == is_inferred(member.evidence) && number >= member.evidence_number;
    if (!first && !heavier && !later) return;
    member.evidence = evidence;
    member.evidence_number = number;
}

void WorkReader::list_members(GroupWork& work) {
    std::vector<Member*> sorted;
    sorted.reserve(members_.size());
    for (auto& [key, member] : members_) {
        if (member.wanted || member.present) sorted.push_back(&member);
    }
    std::sort(sorted.begin(), sorted.end(), [](const Member* a, const Member* b) {
        return a->identity.key() < b->identity.key();
    });
    for (Member* member : sorted) {
        std::sort(member->cloud_ids.begin(), member->cloud_ids.end());
        member->cloud_ids.erase(std::unique(member->cloud_ids.begin(), member->cloud_ids.end()),
                                member->cloud_ids.end());
        if (member->wanted) {
            work.wanted.push_back({member->identity, member->cloud_ids, member->contact});
        }
        if (!member->present) continue;
        // Nothing tells why: then it is inferred.
        Evidence evidence = Evidence::none;
        if (!member->wanted) {
            evidence = member->evidence == Evidence::none ? Evidence::absent : member->evidence;
        }
        work.present.push_back({member->identity, member->cloud_ids, evidence});
    }
}

}  // namespace writeback
