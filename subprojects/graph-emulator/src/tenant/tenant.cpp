#include "tenant.hpp"

#include "../base/text.hpp"

#include <algorithm>
#include <cassert>

namespace emulator {

std::string Tenant::free_id() {
    std::string id = random_.guid();
    while (by_id_.contains(id))
        id = random_.guid();
    return id;
}

Result<ObjectIndex> Tenant::create(Kind kind, json::object properties, std::string id) {
    id = id.empty() ? free_id() : lower_case(id);
    if (by_id_.contains(id)) {
        return Refusal{400, "Request_BadRequest",
                       "Another object with the same value for property id already exists: " + id};
    }
    const auto index = static_cast<ObjectIndex>(objects_.size());
    DirectoryObject& object = objects_.emplace_back();
    object.index = index;
    object.kind = kind;
    object.id = id;
    object.properties = std::move(properties);
    if (const auto name = text_at(object.properties, "userPrincipalName")) {
        by_principal_name_[lower_case(*name)] = index;
    }
    by_id_.emplace(std::move(id), index);
    by_kind_[static_cast<std::size_t>(kind)].push_back(index);
    object.life.push_back({record(object), Life::live});
    tell({.object = &object, .time = times_.back(), .added = {}, .removed = {}});
    return index;
}

bool Tenant::update(ObjectIndex index, const json::object& values) {
    DirectoryObject& object = objects_[index];
    std::vector<PropertyEvent> events;
    for (const auto& [key, value] : values) {
        const auto* present = object.properties.if_contains(key);
        if (present != nullptr ? *present == value : value.is_null()) continue;
        events.push_back({0, std::string(key.data(), key.size()),
                          present ? std::optional<json::value>(*present) : std::nullopt});
    }
    if (events.empty()) return false;
    const Sequence sequence = record(object);
    for (auto& event : events) {
        if (event.name == "userPrincipalName") {
            if (const auto old = text_at(object.properties, event.name)) {
                by_principal_name_.erase(lower_case(*old));
            }
            if (const auto name = text_at(values, event.name)) {
                by_principal_name_[lower_case(*name)] = index;
            }
        }
        event.sequence = sequence;
        object.properties[event.name] = values.at(event.name);
        object.property_events.push_back(std::move(event));
    }
    tell({.object = &object, .time = times_.back(), .added = {}, .removed = {}});
    return true;
}

void Tenant::change_members(ObjectIndex index, std::span<const ObjectIndex> added,
                            std::span<const ObjectIndex> removed) {
    DirectoryObject& group = objects_[index];
    const Change change = change_links(group, group.members, added, removed);
    if (!change.added.empty() || !change.removed.empty()) tell(change);
}

void Tenant::change_owners(ObjectIndex index, std::span<const ObjectIndex> added,
                           std::span<const ObjectIndex> removed) {
    DirectoryObject& group = objects_[index];
    const Change change = change_links(group, group.owners, added, removed);
    if (change.added.empty() && change.removed.empty()) return;
    tell({.object = &group, .time = change.time, .added = {}, .removed = {}});
}

Change Tenant::change_links(DirectoryObject& group, LinkHistory& links,
                            std::span<const ObjectIndex> added,
                            std::span<const ObjectIndex> removed) {
    assert(group.kind == Kind::group);
    Change change{.object = &group, .time = {}, .added = {}, .removed = {}};
    Sequence sequence = 0;
    const auto apply = [&](ObjectIndex target, bool is_added, std::vector<ObjectIndex>& done) {
        if (links.holds(target) == is_added) return;
        if (sequence == 0) sequence = record(group);
        links.append(target, is_added, sequence);
        done.push_back(target);
    };
    for (const auto target : added)
        apply(target, true, change.added);
    for (const auto target : removed)
        apply(target, false, change.removed);
    if (sequence != 0) change.time = times_.back();
    return change;
}

void Tenant::remove(ObjectIndex index) {
    DirectoryObject& object = objects_[index];
    assert(object.state() == Life::live);
    if (!object.can_be_restored()) return purge(index);
    object.life.push_back({record(object), Life::soft_deleted});
    object.soft_deleted_at = times_.back();
    recycle_bin_.emplace_back(times_.back(), index);
    tell({.object = &object, .time = times_.back(), .added = {}, .removed = {}});
}

void Tenant::restore(ObjectIndex index) {
    DirectoryObject& object = objects_[index];
    assert(object.state() == Life::soft_deleted);
    object.life.push_back({record(object), Life::live});
    tell({.object = &object, .time = times_.back(), .added = {}, .removed = {}});
}

void Tenant::purge(ObjectIndex index) {
    DirectoryObject& object = objects_[index];
    assert(object.state() != Life::purged);
    object.life.push_back({record(object), Life::purged});
    if (const auto name = text_at(object.properties, "userPrincipalName")) {
        by_principal_name_.erase(lower_case(*name));
    }
    tell({.object = &object, .time = times_.back(), .purged = true, .added = {}, .removed = {}});
    drop_links_to(object);
}

void Tenant::purge_expired(Duration retention) {
    const TimePoint limit = clock_.now() - retention;
    while (!recycle_bin_.empty() && recycle_bin_.front().first <= limit) {
        const auto [deleted_at, index] = recycle_bin_.front();
        recycle_bin_.pop_front();
        const auto& object = objects_[index];
        // The entry of an object that was restored, and perhaps deleted again, is stale.
        if (object.state() == Life::soft_deleted && object.soft_deleted_at == deleted_at) {
            purge(index);
        }
    }
}

const DirectoryObject* Tenant::find(std::string_view id) const {
    const auto found = by_id_.find(lower_case(id));
    return found == by_id_.end() ? nullptr : &objects_[found->second];
}

const DirectoryObject* Tenant::find_user_by_name(std::string_view principal_name) const {
    const auto found = by_principal_name_.find(lower_case(principal_name));
    return found == by_principal_name_.end() ? nullptr : &objects_[found->second];
}

const DirectoryObject* Tenant::find_service_principal(std::string_view app_id) const {
    for (const auto index : of_kind(Kind::service_principal)) {
        const auto known = text_at(objects_[index].properties, "appId");
        const bool live = objects_[index].state() == Life::live;
        if (live && known && equal_ignoring_case(*known, app_id)) return &objects_[index];
    }
    return nullptr;
}

Sequence Tenant::moment_at(TimePoint time) const {
    return static_cast<Sequence>(std::upper_bound(times_.begin(), times_.end(), time) -
                                 times_.begin());
}

std::vector<ObjectIndex> Tenant::changed(Kind kind, Sequence from, Sequence to) const {
    const auto& log = log_[static_cast<std::size_t>(kind)];
    const auto later = [](Sequence value, const LogEntry& entry) { return value < entry.sequence; };
    const auto begin = std::upper_bound(log.begin(), log.end(), from, later);
    const auto end = std::upper_bound(begin, log.end(), to, later);
    std::vector<ObjectIndex> objects;
    boost::unordered_flat_map<ObjectIndex, bool> seen;
    for (auto entry = begin; entry != end; ++entry) {
        if (seen.emplace(entry->object, true).second) objects.push_back(entry->object);
    }
    return objects;
}

Sequence Tenant::record(const DirectoryObject& object) {
    times_.push_back(clock_.now());
    const Sequence sequence = times_.size();
    log_[static_cast<std::size_t>(object.kind)].push_back({sequence, object.index});
    return sequence;
}

/// A purge ends the object's memberships, and that is when groups/delta shows them as removed.
void Tenant::drop_links_to(const DirectoryObject& object) {
    const std::vector<ObjectIndex> targets = {object.index};
    for (const auto group : of_kind(Kind::group)) {
        if (objects_[group].state() == Life::purged) continue;
        if (objects_[group].members.holds(object.index)) change_members(group, {}, targets);
        if (objects_[group].owners.holds(object.index)) change_owners(group, {}, targets);
    }
}

void Tenant::tell(const Change& change) const {
    if (observer_) observer_(change);
}

}  // namespace emulator
