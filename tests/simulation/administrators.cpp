// What administrators do at the cloud's side.
#include "simulation/cloud_side.hpp"

#include <algorithm>

namespace writeback::simulation {

namespace json = emulator::json;

namespace {

bool may_be_member(const DirectoryObject& group, const DirectoryObject& member) {
    return group.index != member.index && (!group.is_unified() || member.kind == Kind::user);
}

bool is_synced(const DirectoryObject& object) {
    const auto* synced = object.properties.if_contains("onPremisesSyncEnabled");
    return synced != nullptr && synced->is_bool() && synced->get_bool();
}

}  // namespace

void CloudSide::act(Chance& chance) {
    switch (chance.below(20)) {
        case 0:
            add_person(chance);
            return;
        case 1:
        case 2:
            add_group(chance);
            return;
        case 3:
        case 4:
            return change_properties(chance);
        case 5:
        case 6:
            return change_life_of_group(chance);
        case 7:
        case 8:
            return change_person(chance);
        case 9:
        case 10:
            return change_nesting(chance);
        case 11:
            if (scenario_.exotic_kinds) return add_exotic(chance);
            return change_source_of_authority(chance);
        default:
            return change_membership(chance);
    }
}

// One member, or several in one request.
void CloudSide::change_membership(Chance& chance) {
    const auto groups = living(groups_);
    auto candidates = living(people_);
    for (const ObjectIndex other : living(others_))
        candidates.push_back(other);
    if (groups.empty() || candidates.empty()) return;
    const ObjectIndex group = chance.any(groups);
    std::vector<ObjectIndex> added;
    std::vector<ObjectIndex> removed;
    const std::int64_t count = chance.skewed(1, 8);
    for (std::int64_t i = 0; i < count; ++i) {
        const ObjectIndex member = chance.any(candidates);
        auto& list = at(group).members.holds(member) ? removed : added;
        if (!may_be_member(at(group), at(member))) continue;
        if (std::find(list.begin(), list.end(), member) == list.end()) list.push_back(member);
    }
    if (!added.empty() || !removed.empty()) change_members(group, added, removed);
}

void CloudSide::change_properties(Chance& chance) {
    const auto groups = living(groups_);
    if (groups.empty()) return;
    const ObjectIndex group = chance.any(groups);
    switch (chance.below(4)) {
        case 0:
            return update(group, {{"description", nullptr}});
        case 1:
            return update(group, {{"description", "Text " + std::to_string(++names_)}});
        case 2: {
            // Two groups exchange their names.
            const ObjectIndex other = chance.any(groups);
            const json::value first = at(group).properties.at("displayName");
            const json::value second = at(other).properties.at("displayName");
            update(group, {{"displayName", second}});
            return update(other, {{"displayName", first}});
        }
        default:
            return update(group, {{"displayName", group_name(chance)}});
    }
}

void CloudSide::change_life_of_group(Chance& chance) {
    const ObjectIndex group = chance.any(groups_);
    switch (at(group).state()) {
        case Life::live:
            tenant().remove(group);
            return tell("deleted", group);
        case Life::soft_deleted:
            // Where Graph tells no members of a restored group, one that was deleted before any
            // crawl could show it comes back empty: those are restored on purpose alone.
            if (chance.one_in(2) && scenario_.staged != Staged::restored_in_bad_weather) {
                tenant().restore(group);
                return tell("restored", group);
            }
            tenant().purge(group);
            return tell("purged", group);
        case Life::purged:
            return;
    }
}

void CloudSide::change_person(Chance& chance) {
    const ObjectIndex person = chance.any(people_);
    const auto& object = at(person);
    if (object.state() == Life::soft_deleted) {
        if (chance.one_in(2)) {
            tenant().restore(person);
            return tell("restored", person);
        }
        tenant().purge(person);
        return tell("purged", person);
    }
    if (object.state() == Life::purged) return;
    // Nothing tells the daemon that a device is no longer synced: there is no stream of devices.
    if (object.kind == Kind::device) {
        return update(person, {{"displayName", "renamed" + std::to_string(++names_)}});
    }
    const bool known = object.properties.contains("onPremisesSecurityIdentifier");
    switch (chance.below(4)) {
        case 0:
            tenant().remove(person);
            // Who is deleted while the users token dies is not returned any more, and that is no
            // evidence; for good, the groups stream tells it.
            if (scenario_.troubles.tokens_expire != 0 || scenario_.troubles.graph_refuses != 0) {
                if (at(person).state() == Life::soft_deleted) tenant().purge(person);
            }
            return tell("deleted", person);
        case 1:  // made anew at the directory's side
        case 2:
            if (!known || chance.one_in(3)) {
                const Account account = make_account("again" + std::to_string(++names_));
                return update(person, {{"onPremisesSyncEnabled", true},
                                       {"onPremisesSecurityIdentifier", account.sid.text()}});
            }
            return update(person, {{"onPremisesSyncEnabled", !is_synced(object)}});
        default:
            return update(person, {{"displayName", "renamed" + std::to_string(++names_)}});
    }
}

void CloudSide::change_nesting(Chance& chance) {
    const auto groups = living(groups_);
    if (groups.size() < 2) return;
    const ObjectIndex parent = chance.any(groups);
    const ObjectIndex child = chance.any(groups);
    if (!may_be_member(at(parent), at(child)) || at(parent).is_unified()) return;
    if (at(parent).members.holds(child)) return change_members(parent, {}, {child});
    change_members(parent, {child}, {});
}

// A group's source of authority goes to AD, and comes back.
void CloudSide::change_source_of_authority(Chance& chance) {
    const auto groups = living(groups_);
    if (groups.empty()) return;
    const ObjectIndex group = chance.any(groups);
    if (at(group).is_unified()) return;
    if (is_synced(at(group))) return update(group, {{"onPremisesSyncEnabled", nullptr}});
    if (chance.one_in(4)) update(group, {{"onPremisesSyncEnabled", true}});
}

void CloudSide::have_accident(Chance& chance) {
    const auto groups = living(groups_);
    if (groups.empty()) return;
    switch (chance.below(3)) {
        case 0:
            for (const ObjectIndex group : groups) {
                if (chance.one_in(4)) continue;
                tenant().remove(group);
                tell("deleted", group);
            }
            return;
        case 1:
            return let_people_leave(chance);
        default: {
            const ObjectIndex group = chance.any(groups);
            change_members(group, {}, at(group).members.current());
        }
    }
}

void CloudSide::let_people_leave(Chance& chance) {
    for (const ObjectIndex person : living(people_)) {
        const bool device = at(person).kind == Kind::device;
        if (device || !is_synced(at(person)) || chance.one_in(4)) continue;
        update(person, {{"onPremisesSyncEnabled", false}});
    }
}

std::optional<ObjectIndex> CloudSide::delete_a_group(Chance& chance,
                                                     const std::function<bool(ObjectIndex)>& fits) {
    std::vector<ObjectIndex> possible;
    for (const ObjectIndex group : living(groups_)) {
        if (at(group).members.current().size() > 1 && fits(group)) possible.push_back(group);
    }
    if (possible.empty()) return std::nullopt;
    const ObjectIndex group = chance.any(possible);
    tenant().remove(group);
    tell("deleted", group);
    return group;
}

void CloudSide::restore(ObjectIndex object) {
    if (at(object).state() != Life::soft_deleted) return;
    tenant().restore(object);
    tell("restored", object);
}

std::optional<CloudSide::Probe> CloudSide::change_one_member(
    Chance& chance, bool removes, const std::function<bool(ObjectIndex)>& fits) {
    std::vector<Probe> possible;
    for (const ObjectIndex group : living(groups_)) {
        if (!fits(group)) continue;
        for (const ObjectIndex person : living(people_)) {
            if (!is_synced(at(person)) || !may_be_member(at(group), at(person))) continue;
            if (at(group).members.holds(person) == removes) {
                possible.push_back({group, person, !removes});
            }
        }
    }
    if (possible.empty()) return std::nullopt;
    const Probe probe = chance.any(possible);
    if (removes) {
        change_members(probe.group, {}, {probe.member});
    } else {
        change_members(probe.group, {probe.member}, {});
    }
    return probe;
}

}  // namespace writeback::simulation
