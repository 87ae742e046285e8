#include "simulation/replica.hpp"

#include <algorithm>
#include <cstdio>
#include <set>
#include <utility>

namespace writeback::simulation {

using fakes::TreeDelta;
using Kind = TreeDelta::Kind;

namespace {

// Names of what is no attribute.
const std::string place = "(place)";
const std::string life = "(life)";

bool has_place(const TreeDelta& delta) {
    return delta.kind == Kind::born || delta.kind == Kind::revived || delta.kind == Kind::placed;
}

bool is_link(const TreeDelta& delta) {
    return delta.kind == Kind::linked || delta.kind == Kind::unlinked;
}

std::string set_aside(const std::string& name, const ObjectGuid& object) {
    return name + "\nCNF:" + object.text();
}

}  // namespace

std::size_t Replica::CellHash::operator()(const Cell& cell) const noexcept {
    return (cell.object * 0x9e3779b97f4a7c15U ^ cell.target) * 0xbf58476d1ce4e5b9U + cell.name;
}

// Every object is known that a cell is asked of: its tree's numbers are at hand.
Replica::Cell Replica::cell_of(const ObjectGuid& object, const std::string& name,
                               const ObjectGuid& target) {
    const auto number = names_.try_emplace(name, names_.size()).first->second;
    return {tree_.find(object)->number, target.empty() ? 0 : tree_.find(target)->number, number};
}

ReplicationStamp Replica::known(const Cell& cell) const {
    const auto found = cells_.find(cell);
    return found == cells_.end() ? ReplicationStamp() : found->second;
}

bool Replica::advance(const Cell& cell, const ReplicationStamp& stamp) {
    auto& newest = cells_[cell];
    if (stamp < newest) return false;
    newest = stamp;
    return true;
}

void Replica::wrote(const ReplicatedWrite& write) {
    for (const auto& delta : write.deltas) {
        if (has_place(delta)) cells_[cell_of(delta.object, place)] = write.stamp;
        if (delta.kind == Kind::deleted || delta.kind == Kind::revived)
            cells_[cell_of(delta.object, life)] = write.stamp;
        if (delta.kind == Kind::attribute) cells_[cell_of(delta.object, delta.name)] = write.stamp;
        for (const auto& [name, values] : delta.attributes)
            cells_[cell_of(delta.object, name)] = write.stamp;
        for (const auto& target : delta.targets)
            cells_[cell_of(delta.object, delta.name, target)] = write.stamp;
    }
}

void Replica::take(const ReplicatedWrite& write) {
    for (const auto& delta : write.deltas) {
        if (!take_one(write.stamp, delta)) waiting_.push_back({write.stamp, delta});
    }
    // What came may be what something else was waiting for.
    for (bool moved = !waiting_.empty(); moved;) {
        moved = false;
        for (auto& one : std::exchange(waiting_, {})) {
            if (take_one(one.stamp, one.delta)) {
                moved = true;
            } else {
                waiting_.push_back(std::move(one));
            }
        }
    }
    tree_.end_of_taking();
}

bool Replica::take_one(const ReplicationStamp& stamp, TreeDelta delta) {
    if (!tree_.knows_all_of(delta)) return false;
    if (delta.kind == Kind::deleted || delta.kind == Kind::revived) {
        if (!advance(cell_of(delta.object, life), stamp)) return true;
    }
    if (is_link(delta)) {
        std::erase_if(delta.targets, [&](const ObjectGuid& target) {
            return !advance(cell_of(delta.object, delta.name, target), stamp);
        });
        if (!delta.targets.empty()) tree_.take(delta);
        return true;
    }
    if (delta.kind == Kind::attribute) {
        if (!advance(cell_of(delta.object, delta.name), stamp)) return true;
        tree_.take(delta);
        if (delta.name == "samaccountname") settle_account_name(delta.object);
        return true;
    }
    if (!has_place(delta)) {
        tree_.take(delta);
        return true;
    }
    if (delta.kind == Kind::placed && stamp < known(cell_of(delta.object, place))) return true;
    take_placed(stamp, delta);
    for (const auto& [name, values] : delta.attributes)
        advance(cell_of(delta.object, name), stamp);
    if (delta.attributes.contains("samaccountname")) settle_account_name(delta.object);
    return true;
}

// Of two objects that claim one name the newer claim is heard, on each domain controller alike.
void Replica::take_placed(const ReplicationStamp& stamp, TreeDelta delta) {
    auto claimed = stamp;
    if (const auto* holder = tree_.in_the_place_of(delta)) {
        const auto held_since = known(cell_of(holder->guid, place));
        if (held_since < stamp) {
            TreeDelta aside;
            aside.kind = Kind::placed;
            aside.object = holder->guid;
            aside.parent = delta.parent;
            aside.rdn_type = holder->rdn_type;
            aside.rdn_value = set_aside(holder->rdn_value, holder->guid);
            tree_.take(aside);
            cells_[cell_of(aside.object, place)] = stamp;
        } else {
            delta.rdn_value = set_aside(delta.rdn_value, delta.object);
            claimed = held_since;
        }
    }
    tree_.take(delta);
    cells_[cell_of(delta.object, place)] = claimed;
}

void Replica::settle_account_name(const ObjectGuid& object) {
    const auto* entry = tree_.find(object);
    const auto* name = entry == nullptr ? nullptr : entry->first("samaccountname");
    if (name == nullptr || entry->deleted) return;
    const auto* other = tree_.account_named(*name, object);
    if (other == nullptr) return;
    const auto mine = known(cell_of(object, "samaccountname"));
    const auto theirs = known(cell_of(other->guid, "samaccountname"));
    const auto& loser = mine < theirs ? *entry : *other;
    const auto& sid = loser.sid.text();
    char text[32];
    std::snprintf(text, sizeof text, "$DUPLICATE-%lx", std::stoul(sid.substr(sid.rfind('-') + 1)));
    TreeDelta renamed;
    renamed.kind = Kind::attribute;
    renamed.object = loser.guid;
    renamed.name = "samaccountname";
    renamed.values.emplace_back(text);
    cells_[cell_of(loser.guid, "samaccountname")] = std::max(mine, theirs);
    tree_.take(renamed);
}

// ----- comparing

namespace {

using Links = std::map<std::string, std::set<std::string>>;

Links links_of(const fakes::DirectoryTree& tree, const fakes::TreeEntry& entry) {
    Links links;
    for (const auto& [name, targets] : entry.links) {
        for (const auto target : targets)
            links[name].insert(tree.entry(target).guid.text());
    }
    return links;
}

std::map<ObjectGuid, const fakes::TreeEntry*> objects_of(const fakes::DirectoryTree& tree) {
    std::map<ObjectGuid, const fakes::TreeEntry*> objects;
    for (const auto& [number, entry] : tree.entries())
        objects[entry.guid] = &entry;
    return objects;
}

std::string difference_of(const fakes::DirectoryTree& one, const fakes::TreeEntry& first,
                          const fakes::DirectoryTree& other, const fakes::TreeEntry& second) {
    const auto name = one.dn_of(first).text();
    if (name != other.dn_of(second).text()) {
        return name + " is called " + other.dn_of(second).text() + " elsewhere";
    }
    if (first.sid != second.sid) return name + " has two SIDs";
    if (first.deleted != second.deleted) return name + " is deleted in one place only";
    auto attributes = first.attributes;
    auto others = second.attributes;
    // Each domain controller's own.
    attributes.erase("invocationid");
    others.erase("invocationid");
    for (const auto& [attribute, values] : attributes) {
        if (others[attribute] != values) return name + " differs in " + attribute;
        others.erase(attribute);
    }
    for (const auto& [attribute, values] : others) {
        if (!values.empty()) return name + " lacks " + attribute;
    }
    if (links_of(one, first) != links_of(other, second)) return name + " differs in its links";
    return {};
}

}  // namespace

std::string difference(const fakes::DirectoryTree& one, const fakes::DirectoryTree& other) {
    const auto first = objects_of(one);
    const auto second = objects_of(other);
    for (const auto& [guid, entry] : first) {
        const auto found = second.find(guid);
        if (found == second.end()) return one.dn_of(*entry).text() + " is missing elsewhere";
        auto text = difference_of(one, *entry, other, *found->second);
        if (!text.empty()) return text;
    }
    for (const auto& [guid, entry] : second) {
        if (!first.contains(guid)) return other.dn_of(*entry).text() + " is missing here";
    }
    return {};
}

}  // namespace writeback::simulation
