#include "simulation/oracle.hpp"

#include <writeback/group.hpp>

#include <algorithm>
#include <vector>

namespace writeback::simulation {

namespace {

bool flag(const DirectoryObject& object, const char* name) {
    const auto* value = object.properties.if_contains(name);
    return value != nullptr && value->is_bool() && value->get_bool();
}

std::optional<std::string> text(const DirectoryObject& object, const char* name) {
    const auto* value = object.properties.if_contains(name);
    if (value == nullptr || !value->is_string()) return std::nullopt;
    return std::string(value->get_string());
}

std::string trimmed(std::string text) {
    while (text.starts_with(' '))
        text.erase(0, 1);
    while (text.ends_with(' '))
        text.pop_back();
    return text;
}

// The first so many characters; the names of this simulation have none beyond the basic plane.
std::string first(const std::string& text, std::size_t characters) {
    std::size_t at = 0;
    while (at < text.size() && characters > 0) {
        ++at;
        while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U)
            ++at;
        --characters;
    }
    return text.substr(0, at);
}

Fate fate_of(OnGone action) {
    switch (action) {
        case OnGone::empty:
            return Fate::emptied;
        case OnGone::keep:
            return Fate::kept;
        case OnGone::convert:
            return Fate::converted;
        case OnGone::remove:
            break;
    }
    return Fate::removed;
}

}  // namespace

Oracle::Oracle(CloudSide& cloud, const EventLoop& loop, const Config& config)
    : cloud_(cloud), loop_(loop), config_(config) {}

bool Oracle::in_scope(const DirectoryObject& group) const {
    if (group.kind != Kind::group || flag(group, "onPremisesSyncEnabled")) return false;
    const auto& groups = config_.groups;
    if (group.is_unified()) {
        if (!groups.kind_microsoft365) return false;
    } else if (!groups.kind_security || !flag(group, "securityEnabled") ||
               flag(group, "mailEnabled")) {
        return false;
    }
    if (groups.select != Select::filter) return true;
    return text(group, "displayName").value_or("").starts_with("keep");
}

Fate Oracle::fate_of(const DirectoryObject& group) const {
    if (flag(group, "onPremisesSyncEnabled")) return Fate::left_alone;
    const auto& groups = config_.groups;
    switch (group.state()) {
        case Life::soft_deleted:
            return simulation::fate_of(groups.on_soft_delete);
        case Life::purged:
            return simulation::fate_of(groups.on_delete);
        case Life::live:
            break;
    }
    return in_scope(group) ? Fate::whole : simulation::fate_of(groups.on_out_of_scope);
}

std::string Oracle::key_of(ObjectIndex member) {
    const auto& object = cloud_.at(member);
    if (object.state() != Life::live) return {};
    const bool synced = flag(object, "onPremisesSyncEnabled");
    if (object.kind == Kind::group && !synced) {
        return in_scope(object) ? "group:" + object.id : std::string();
    }
    if (!synced) return {};
    return text(object, "onPremisesSecurityIdentifier").value_or("");
}

std::set<std::string> Oracle::members_of(const DirectoryObject& group) {
    std::set<std::string> members;
    for (const ObjectIndex member : group.members.current()) {
        if (member == group.index) continue;
        if (auto key = key_of(member); !key.empty()) members.insert(std::move(key));
    }
    return members;
}

ExpectedGroup Oracle::expected(ObjectIndex index) {
    const auto& group = cloud_.at(index);
    ExpectedGroup expected;
    expected.fate = fate_of(group);
    expected.display_name = text(group, "displayName").value_or("");
    expected.cn = first(trimmed(expected.display_name), 51) + "_" + group.id.substr(24);
    if (auto description = text(group, "description")) {
        const std::string cut = first(trimmed(*description), 448);
        if (!cut.empty()) expected.description = cut;
    }
    const bool distribution =
        group.is_unified() &&
        config_.groups.microsoft365_as == Microsoft365As::universal_distribution_group;
    expected.group_type = distribution ? universal_distribution_group : universal_security_group;
    if (expected.fate == Fate::whole) expected.members = members_of(group);
    return expected;
}

void Oracle::remember(ObjectIndex index) {
    const auto& group = cloud_.at(index);
    Memory& memory = groups_[index];
    by_mark_[mark_of(GroupId(group.id))] = index;
    const bool whole = fate_of(group) == Fate::whole;
    if (!whole || !memory.whole) memory.gone_at = loop_.time();
    memory.whole = whole;
    const auto wanted = whole ? members_of(group) : std::set<std::string>();
    std::erase_if(memory.wanted, [&](const auto& one) { return !wanted.contains(one.first); });
    for (const auto& key : wanted)
        memory.wanted.try_emplace(key, loop_.time());
}

void Oracle::changed(ObjectIndex object) {
    if (const auto sid = text(cloud_.at(object), "onPremisesSecurityIdentifier")) {
        sids_[object].insert(*sid);
    }
    if (cloud_.at(object).kind == Kind::group) remember(object);
    // Also those that had it until now: who is purged is a member of nothing any more.
    const auto& sids = sids_[object];
    const std::string as_group = "group:" + cloud_.at(object).id;
    for (const auto& [group, memory] : groups_) {
        const bool had = memory.wanted.contains(as_group) ||
                         std::any_of(sids.begin(), sids.end(),
                                     [&wanted = memory.wanted](const std::string& sid) {
                                         return wanted.contains(sid);
                                     });
        if (group != object && (had || cloud_.at(group).members.holds(object))) remember(group);
    }
}

void Oracle::configured(const Config& config) {
    config_ = config;
    std::vector<ObjectIndex> all;
    for (const auto& [group, memory] : groups_)
        all.push_back(group);
    for (const ObjectIndex group : all)
        remember(group);
}

std::optional<Duration> Oracle::wanted_since(ObjectIndex group, const std::string& key) const {
    const auto found = groups_.find(group);
    if (found == groups_.end()) return std::nullopt;
    const auto since = found->second.wanted.find(key);
    if (since == found->second.wanted.end()) return std::nullopt;
    return since->second;
}

bool Oracle::was_gone_since(ObjectIndex group, Duration time) const {
    const auto found = groups_.find(group);
    if (found == groups_.end()) return false;
    const auto& memory = found->second;
    if (memory.gone_at && *memory.gone_at >= time) return true;
    return fate_of(cloud_.at(group)) != Fate::whole;
}

bool Oracle::is_inferred(ObjectIndex group, const std::string& key) {
    for (const ObjectIndex member : cloud_.at(group).members.current()) {
        const auto& object = cloud_.at(member);
        if (object.state() != Life::live) continue;
        const auto past = sids_.find(member);
        if (past != sids_.end() && past->second.contains(key)) return true;
    }
    return false;
}

bool Oracle::was_key_of(ObjectIndex member, const std::string& key) const {
    if (key == "group:" + cloud_.at(member).id) return true;
    const auto past = sids_.find(member);
    return past != sids_.end() && past->second.contains(key);
}

bool Oracle::is_member(ObjectIndex group, const std::string& key) {
    return members_of(cloud_.at(group)).contains(key);
}

bool Oracle::is_deleted(ObjectIndex group) {
    return cloud_.at(group).state() != Life::live;
}

GroupId Oracle::id_of(ObjectIndex group) {
    return GroupId(cloud_.at(group).id);
}

std::optional<ObjectIndex> Oracle::group_of_mark(const std::string& mark) const {
    const auto found = by_mark_.find(mark);
    if (found == by_mark_.end()) return std::nullopt;
    return found->second;
}

}  // namespace writeback::simulation
