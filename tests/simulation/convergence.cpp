#include "simulation/convergence.hpp"

#include <algorithm>
#include <initializer_list>
#include <iterator>

namespace writeback::simulation {

namespace {

using Holds = std::multimap<GroupId, Hold>;

bool held(const Holds& holds, const GroupId& group, std::initializer_list<HoldReason> reasons) {
    const auto [first, last] = holds.equal_range(group);
    return std::any_of(first, last, [&](const auto& one) {
        return std::find(reasons.begin(), reasons.end(), one.second.reason) != reasons.end();
    });
}

// Whether a hold keeps this member in the group.
bool kept(const Holds& holds, const GroupId& group, const std::string& sid) {
    const auto [first, last] = holds.equal_range(group);
    return std::any_of(first, last, [&](const auto& one) {
        const auto& targets = one.second.targets;
        return std::any_of(targets.begin(), targets.end(), [&](const HoldTarget& target) {
            return target.kind == OperationKind::delete_group || target.subject == sid;
        });
    });
}

bool refused(const Holds& holds, const GroupId& group, const std::string& sid) {
    const auto [first, last] = holds.equal_range(group);
    return std::any_of(first, last, [&](const auto& one) {
        return one.second.reason == HoldReason::refused && one.second.sid.text() == sid;
    });
}

// Why nothing at all may be written to the group.
constexpr std::initializer_list<HoldReason> in_the_way = {
    HoldReason::drift, HoldReason::missing, HoldReason::unreadable, HoldReason::enforcement};

}  // namespace

Convergence::Holds Convergence::holds_by_group() {
    Holds holds;
    for (auto& hold : stage_.holds())
        holds.emplace(hold.group, hold);
    return holds;
}

// What bears a mark outside of the containers is nobody's business while ours stands inside.
Convergence::Marked Convergence::marked() {
    Marked all = stage_.directory.marked();
    Marked found;
    for (const auto& [mark, group] : all) {
        const auto [first, last] = all.equal_range(mark);
        const bool some_inside = std::any_of(first, last, [&](const auto& one) {
            return stage_.directory.in_container(one.second.dn);
        });
        if (!some_inside || stage_.directory.in_container(group.dn)) found.emplace(mark, group);
    }
    return found;
}

std::string Convergence::difference() {
    const auto marked = this->marked();
    const auto holds = holds_by_group();
    for (const ObjectIndex group : stage_.cloud.groups()) {
        auto found = compare(group, marked, holds);
        if (!found.empty()) return found;
    }
    return {};
}

std::string Convergence::difference(ObjectIndex group) {
    return compare(group, marked(), holds_by_group());
}

std::string Convergence::compare(ObjectIndex index, const Marked& marked, const Holds& holds) {
    const auto& group = stage_.cloud.at(index);
    const GroupId id(group.id);
    const auto expected = stage_.oracle.expected(index);
    if (expected.fate == Fate::left_alone || expected.fate == Fate::kept) return {};
    const std::string mark = mark_of(id);
    const auto count = marked.count(mark);
    // Two objects with one mark in our containers: neither is written, and that is told.
    if (count > 1) {
        return held(holds, id, {HoldReason::collision, HoldReason::refused, HoldReason::drift})
                   ? ""
                   : group.id + ": several objects bear its mark, and no hold tells it";
    }
    if (expected.fate != Fate::whole) {
        return count == 0 ? ""
                          : compare_gone(group, expected.fate, marked.find(mark)->second, holds);
    }
    if (count == 0) {
        return held(holds, id,
                    {HoldReason::collision, HoldReason::refused, HoldReason::missing,
                     HoldReason::unreadable, HoldReason::drift})
                   ? ""
                   : group.id + " (" + expected.display_name + ") does not stand in AD";
    }
    return compare_whole(group, expected, marked.find(mark)->second, marked, holds);
}

std::string Convergence::compare_gone(const DirectoryObject& group, Fate fate,
                                      const MarkedGroup& found, const Holds& holds) {
    const GroupId id(group.id);
    const bool owed = stage_.config.groups.policy == Policy::no_removals;
    if (owed || held(holds, id, in_the_way) || held(holds, id, {HoldReason::guard}) ||
        held(holds, id, {HoldReason::take_over})) {
        return {};
    }
    if (!stage_.directory.in_container(found.dn)) return {};
    if (fate == Fate::removed) return group.id + " is gone in the cloud and stands in AD";
    if (fate == Fate::emptied && !found.members.empty()) {
        return group.id + " is gone in the cloud and has " + std::to_string(found.members.size()) +
               " members in AD";
    }
    return {};
}

// A group as a member is wanted where it stands.
bool Convergence::stands(const std::string& key, const Marked& marked) const {
    if (!key.starts_with("group:")) return true;
    const std::string mark = "Group_" + key.substr(6);
    if (marked.count(mark) != 1) return false;
    return stage_.directory.in_container(marked.find(mark)->second.dn);
}

// Who need not leave: a group in the recycle bin, which is empty and keeps its SID; and, while some
// member of the group is unknown, who leaves by inference only.
bool Convergence::may_stay(const DirectoryObject& group, const std::string& key) {
    if (key.starts_with("group:")) {
        const auto child = stage_.oracle.group_of_mark("Group_" + key.substr(6));
        return child && stage_.cloud.at(*child).state() == Life::soft_deleted &&
               group.members.holds(*child);
    }
    if (!stage_.oracle.is_inferred(group.index, key)) return false;
    bool unknown = false;
    stage_.with_store([&](Store& store) {
        const auto standing = store.group_standing(GroupId(group.id));
        if (!standing) return;
        for (const auto& unresolved : standing->unresolved)
            unknown = unknown || unresolved.state == IdentityState::unknown;
    });
    return unknown;
}

// A deletion and its restore that no round saw between them hide who had left before: the item
// shows who is a member now, or what changed since, and nothing tells the daemon that it was
// restored. The same goes for a group that lay in the recycle bin when the first crawl passed. Both
// come with a resync.
bool Convergence::told_before_restore(const DirectoryObject& group, const std::string& key) {
    if (group.life.size() < 3) return false;
    const auto restored = group.life.back().sequence;
    const auto deleted = group.life[group.life.size() - 2].sequence;
    const bool known = stage_.writes.saw_groups_between(0, deleted);
    if (known && stage_.writes.saw_groups_between(deleted, restored)) return false;
    const auto [first, last] = group.members.events_in(0, restored);
    for (auto at = first; at < last; ++at) {
        const auto& event = group.members.event(at);
        if (!group.members.is_current(event, stage_.cloud.tenant().latest())) continue;
        if (stage_.oracle.was_key_of(event.target, key)) return true;
    }
    return false;
}

std::string Convergence::compare_whole(const DirectoryObject& group, const ExpectedGroup& expected,
                                       const MarkedGroup& found, const Marked& marked,
                                       const Holds& holds) {
    const GroupId id(group.id);
    if (held(holds, id, in_the_way)) return {};
    if (!stage_.directory.in_container(found.dn)) {
        return group.id + " stands outside of the container, and no hold tells it";
    }
    const bool removals_owed = stage_.config.groups.policy == Policy::no_removals;
    for (const auto& key : found.members) {
        if (expected.members.contains(key)) continue;
        const std::string sid = stage_.directory.sid_of(key);
        if (removals_owed || kept(holds, id, sid) || may_stay(group, key)) continue;
        if (told_before_restore(group, key)) continue;
        return group.id + " has the member " + key + " in AD, and not in the cloud";
    }
    for (const auto& key : expected.members) {
        if (found.members.contains(key) || !stands(key, marked)) continue;
        if (refused(holds, id, stage_.directory.sid_of(key))) continue;
        if (!stage_.scenario.members_on_restore && told_before_restore(group, key)) continue;
        return group.id + " lacks the member " + key;
    }
    if (held(holds, id, {HoldReason::refused, HoldReason::take_over})) return {};
    if (found.display_name != expected.display_name) return group.id + " has another displayName";
    if (found.description != expected.description) return group.id + " has another description";
    if (found.group_type != expected.group_type) return group.id + " has another groupType";
    if (found.cn != expected.cn && !held(holds, id, {HoldReason::collision})) {
        return group.id + " has the CN " + found.cn + " and not " + expected.cn;
    }
    return {};
}

std::string Convergence::hold_without_cause() {
    for (const Hold& hold : stage_.holds()) {
        if (has_cause(hold)) continue;
        return std::string(name_of(hold.reason)) + " of " + hold.group.text() + ": " + hold.detail;
    }
    return {};
}

bool Convergence::has_cause(const Hold& hold) {
    const auto& directory = stage_.directory;
    const auto& troubles = stage_.scenario.troubles;
    const std::string mark = mark_of(hold.group);
    switch (hold.reason) {
        case HoldReason::guard:
            return stage_.scenario.config.guard.inferred_removals_floor < 1'000'000 ||
                   stage_.scenario.staged == Staged::people_leave;
        case HoldReason::take_over:
            // Also what was released when it became synced, and came back.
            return directory.did(Hand::mark_copied, mark) || stage_.store_was_lost() ||
                   stage_.log.released(hold.group.text());
        case HoldReason::collision:
            // A domain controller that was behind may have let a group be made twice.
            return stage_.scenario.domain_controllers > 1 || directory.did(Hand::name_taken) ||
                   directory.did(Hand::mark_copied, mark) || directory.did(Hand::renamed);
        case HoldReason::drift:
            return stage_.config.groups.drift == DriftAction::report ||
                   directory.did(Hand::mark_removed, mark) || directory.did(Hand::moved, mark) ||
                   directory.did(Hand::mark_copied, mark);
        case HoldReason::missing:
            return directory.did(Hand::deleted, mark) || directory.did(Hand::moved, mark) ||
                   directory.did(Hand::mark_removed, mark) ||
                   stage_.scenario.domain_controllers > 1;
        case HoldReason::refused:
            return stage_.scenario.domain_controllers > 1 || directory.did(Hand::mark_copied) ||
                   troubles.directory_refuses != 0;
        case HoldReason::unreadable:
        case HoldReason::enforcement:
            break;
    }
    return false;
}

}  // namespace writeback::simulation
