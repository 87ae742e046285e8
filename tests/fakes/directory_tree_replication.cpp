// How a tree tells its writes, and takes those of another domain controller.
#include "fakes/directory_tree_replication.hpp"

#include "fakes/directory_tree.hpp"

#include <stdexcept>
#include <utility>

namespace writeback::fakes {

// ----- telling

TreeDelta* DirectoryTree::note(const TreeEntry& entry, TreeDelta::Kind kind) {
    if (!on_write || replicating_) return nullptr;
    TreeDelta delta;
    delta.kind = kind;
    delta.object = entry.guid;
    return &written_.emplace_back(std::move(delta));
}

void DirectoryTree::note_link(const TreeEntry& entry, const std::string& name,
                              const TreeEntry& target, bool present) {
    if (!on_write || replicating_) return;
    const auto kind = present ? TreeDelta::Kind::linked : TreeDelta::Kind::unlinked;
    const bool goes_on = !written_.empty() && written_.back().kind == kind &&
                         written_.back().object == entry.guid && written_.back().name == name;
    if (!goes_on) note(entry, kind)->name = name;
    written_.back().targets.push_back(target.guid);
}

// What is told is what stands there at the end of the write.
void DirectoryTree::complete(TreeDelta& delta) const {
    using Kind = TreeDelta::Kind;
    const auto& entry = entries_.at(by_guid_.at(delta.object));
    if (delta.kind == Kind::attribute) {
        const auto found = entry.attributes.find(delta.name);
        if (found != entry.attributes.end()) delta.values = found->second;
    }
    if (delta.kind != Kind::born && delta.kind != Kind::revived && delta.kind != Kind::placed)
        return;
    delta.parent = entries_.at(entry.parent).guid;
    delta.rdn_type = entry.rdn_type;
    delta.rdn_value = entry.rdn_value;
    if (delta.kind == Kind::placed) return;
    delta.sid = entry.sid;
    delta.object_class = entry.object_class;
    delta.attributes = entry.attributes;
}

// ----- taking

bool DirectoryTree::knows_all_of(const TreeDelta& delta) const {
    using Kind = TreeDelta::Kind;
    const bool names_place =
        delta.kind == Kind::born || delta.kind == Kind::revived || delta.kind == Kind::placed;
    if (delta.kind != Kind::born && find(delta.object) == nullptr) return false;
    if (names_place && find(delta.parent) == nullptr) return false;
    for (const auto& target : delta.targets) {
        if (find(target) == nullptr) return false;
    }
    return true;
}

const TreeEntry* DirectoryTree::in_the_place_of(const TreeDelta& delta) const {
    const auto parent = by_guid_.find(delta.parent);
    if (parent == by_guid_.end()) return nullptr;
    const auto holder = child(parent->second, delta.rdn_type, delta.rdn_value);
    if (!holder || entries_.at(*holder).guid == delta.object) return nullptr;
    return &entries_.at(*holder);
}

const TreeEntry* DirectoryTree::account_named(const std::string& name,
                                              const ObjectGuid& except) const {
    const auto holders = indexed(TreeFilter::equal_to("sAMAccountName", name));
    for (const auto number : *holders) {
        const auto& holder = entries_.at(number);
        if (!holder.deleted && is_ours(holder) && holder.guid != except) return &holder;
    }
    return nullptr;
}

void DirectoryTree::take(const TreeDelta& delta) {
    using Kind = TreeDelta::Kind;
    const auto before = std::exchange(replicating_, true);
    if (delta.kind == Kind::born) {
        take_born(delta);
    } else {
        auto& entry = entries_.at(by_guid_.at(delta.object));
        switch (delta.kind) {
            case Kind::born:
                break;
            case Kind::revived:
                take_revived(entry, delta);
                break;
            case Kind::placed:
                take_place(entry, delta);
                break;
            case Kind::attribute:
                // What is left of a deleted object has no further attributes.
                if (!entry.recycled) store(entry, schema_.get(delta.name), delta.values);
                break;
            case Kind::linked:
            case Kind::unlinked:
                take_links(entry, delta);
                break;
            case Kind::deleted:
                if (!entry.deleted) bury(entry);
                break;
        }
        if (changed_.empty() || changed_.back() != entry.guid) touch(entry);
    }
    replicating_ = before;
}

void DirectoryTree::take_born(const TreeDelta& delta) {
    if (find(delta.object) != nullptr) return;
    const auto& parent = entries_.at(by_guid_.at(delta.parent));
    auto& entry = insert(parent.number, delta.rdn_type, delta.rdn_value, delta.object_class.back());
    by_guid_.erase(entry.guid);
    entry.guid = delta.object;
    by_guid_[entry.guid] = entry.number;
    changed_.back() = entry.guid;
    entry.sid = delta.sid;
    if (!entry.sid.empty()) by_sid_[entry.sid.text()] = entry.number;
    index(entry, false);
    entry.attributes = delta.attributes;
    index(entry, true);
}

void DirectoryTree::take_revived(TreeEntry& entry, const TreeDelta& delta) {
    index(entry, false);
    entry.deleted = false;
    entry.recycled = false;
    entry.attributes = delta.attributes;
    index(entry, true);
    take_place(entry, delta);
    wake_links(entry);
}

void DirectoryTree::take_place(TreeEntry& entry, const TreeDelta& delta) {
    if (entry.deleted) return;
    index_value(entry, "name", false);
    unplace(entry);
    place(entry, by_guid_.at(delta.parent), delta.rdn_type, delta.rdn_value);
    index_value(entry, "name", true);
}

void DirectoryTree::take_links(TreeEntry& entry, const TreeDelta& delta) {
    if (entry.deleted) return;
    const auto& type = schema_.get(delta.name);
    for (const auto& guid : delta.targets) {
        const auto target = by_guid_.at(guid);
        if (delta.kind == TreeDelta::Kind::unlinked) {
            unlink(entry, delta.name, target);
        } else if (!entries_.at(target).deleted) {
            link(entry, type, target);
        }
    }
}

void DirectoryTree::end_of_taking() {
    tell();
}

void DirectoryTree::be_another(const std::string& host, std::uint64_t number) {
    options_.seed = options_.seed * 1'000 + number;
    for (auto& domain : domains_)
        domain.next_rid += static_cast<std::uint32_t>(number) * 100'000;
    fail_over(host);
}

}  // namespace writeback::fakes
