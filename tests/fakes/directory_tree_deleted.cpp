// Deleted objects: tombstones, the recycle bin, and their reanimation.
#include "directory/distinguished_name.hpp"
#include "fakes/directory_tree.hpp"
#include "fakes/directory_tree_modification.hpp"

#include <algorithm>
#include <utility>

namespace writeback::fakes {

namespace {

// What a tombstone keeps without the recycle bin.
bool is_kept(const std::string& attribute) {
    static const std::set<std::string> kept = {"samaccountname", "grouptype", "userprincipalname",
                                               "useraccountcontrol"};
    return kept.contains(attribute);
}

const LdapChange* change_of(const std::vector<LdapChange>& changes, const std::string& name) {
    for (const auto& change : changes) {
        if (lower(change.name) == name) return &change;
    }
    return nullptr;
}

}  // namespace

void DirectoryTree::bury(TreeEntry& entry) {
    note(entry, TreeDelta::Kind::deleted);
    const auto outer = std::exchange(replicating_, true);
    const auto last_parent = dn_of(entries_.at(entry.parent)).text();
    const auto name = entry.rdn_value;
    index(entry, false);
    auto links = entry.links;
    auto back_links = entry.back_links;
    for (const auto& [type, targets] : links) {
        for (const auto target : targets)
            unlink(entry, type, target);
    }
    for (const auto& [type, sources] : back_links) {
        for (const auto source : sources)
            unlink(entries_.at(source), type, entry.number);
    }
    unplace(entry);
    place(entry, deleted_objects_, entry.rdn_type, name + "\nDEL:" + entry.guid.text());
    entry.deleted = true;
    if (options_.recycle_bin) {
        entry.resting_links = std::move(links);
        entry.resting_back_links = std::move(back_links);
        entry.attributes["msds-lastknownrdn"] = {name};
    } else {
        entry.recycled = true;
        std::erase_if(entry.attributes, [](const auto& one) { return !is_kept(one.first); });
        entry.attributes["isrecycled"] = {"TRUE"};
    }
    entry.attributes["isdeleted"] = {"TRUE"};
    entry.attributes["lastknownparent"] = {last_parent};
    index(entry, true);
    touch(entry);
    replicating_ = outer;
}

TreeAnswer DirectoryTree::reanimate(TreeCaller caller, TreeEntry& entry,
                                    const std::vector<LdapChange>& changes) {
    const auto dn = dn_of(entry).text();
    const auto* deleted = change_of(changes, "isdeleted");
    const auto* place_change = change_of(changes, "distinguishedname");
    if (deleted == nullptr || place_change == nullptr || deleted->kind != LdapChangeKind::remove ||
        place_change->values.size() != 1) {
        return TreeAnswer{53,
                          "00002077: a deleted object is only reanimated, by the removal of "
                          "isDeleted and a new distinguishedName"};
    }
    if (!caller->reanimates && !caller->administrator) {
        return answers_.may_not_write(schema_.get("isDeleted"), dn);
    }
    // Samba cannot, where its recycle bin is on.
    if (options_.dialect == DirectoryDialect::samba && !entry.recycled) {
        return answers_.value_absent(schema_.get("isRecycled"), dn, true);
    }
    const auto& new_dn = place_change->values.front();
    if (!parses(new_dn)) return answers_.malformed_name(new_dn);
    const auto name = parse_name(new_dn);
    const auto parent = resolve_dn(container_of(Dn(new_dn)).text());
    if (!parent) return answers_.no_parent("rename", dn);
    if (entry.is("group") && !may_create_groups(caller, entries_.at(*parent))) {
        return answers_.may_not_create(new_dn);
    }
    const auto& [type, value] = name->front().front();
    if (child(*parent, type, value)) return answers_.name_taken(new_dn);
    if (auto refusal = check_cn(lower(type), value)) return *refusal;

    // It is put where it is wanted, and back when one of the further changes is refused.
    const auto before = entry;
    replicating_ = true;
    index(entry, false);
    unplace(entry);
    place(entry, *parent, entry.rdn_type, value);
    entry.deleted = false;
    entry.recycled = false;
    for (const char* gone : {"isdeleted", "isrecycled", "msds-lastknownrdn"})
        entry.attributes.erase(gone);
    TreeAccount owner = *caller;
    owner.administrator = true;
    Modification modification(*this, &owner, entry, new_dn, {});
    auto refusal = check_name_of_account(entry, changes);
    for (const auto& change : changes) {
        const auto attribute = lower(change.name);
        if (refusal || attribute == "isdeleted" || attribute == "distinguishedname") continue;
        refusal = modification.apply(change);
    }
    if (!refusal) refusal = modification.check();
    if (refusal) {
        replicating_ = false;
        unplace(entry);
        entry = before;
        place(entry, deleted_objects_, before.rdn_type, before.rdn_value);
        index(entry, true);
        return *refusal;
    }
    index(entry, true);
    modification.commit();
    wake_links(entry);
    touch(entry);
    replicating_ = false;
    note(entry, TreeDelta::Kind::revived);
    tell();
    return {};
}

// The name that it kept may be somebody else's by now.
std::optional<TreeAnswer> DirectoryTree::check_name_of_account(
    const TreeEntry& entry, const std::vector<LdapChange>& changes) const {
    const auto* account = entry.first("samaccountname");
    if (account == nullptr || change_of(changes, "samaccountname") != nullptr) return std::nullopt;
    return check_account_name(entry, *account);
}

void DirectoryTree::wake_links(TreeEntry& entry) {
    for (const auto& [name, targets] : std::exchange(entry.resting_links, {})) {
        for (const auto target : targets) {
            if (!entries_.at(target).deleted) link(entry, schema_.get(name), target);
        }
    }
    for (const auto& [name, sources] : std::exchange(entry.resting_back_links, {})) {
        for (const auto source : sources) {
            auto& holder = entries_.at(source);
            if (!holder.deleted) link(holder, schema_.get(name), entry.number);
        }
    }
}

}  // namespace writeback::fakes
