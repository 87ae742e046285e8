// Add, modify, rename and delete, as LDAP has them.
#include "directory/distinguished_name.hpp"
#include "directory/ldap_text.hpp"
#include "fakes/directory_tree.hpp"
#include "fakes/directory_tree_modification.hpp"

#include <algorithm>
#include <cstdio>
#include <stdexcept>
#include <utility>

namespace writeback::fakes {

namespace {

const std::vector<std::string>* values_of(const std::vector<LdapAttribute>& attributes,
                                          const std::string& name) {
    for (const auto& one : attributes) {
        if (lower(one.name) == name) return &one.values;
    }
    return nullptr;
}

bool holds_accounts(const TreeEntry& entry) {
    return entry.is("group") || entry.is("user");
}

}  // namespace

TreeAnswer DirectoryTree::add(TreeCaller caller, const std::string& dn,
                              const std::vector<LdapAttribute>& attributes) {
    if (caller == nullptr) return answers_.not_bound();
    if (!parses(dn) || dn.starts_with("<")) return answers_.malformed_name(dn);
    const auto name = parse_name(dn);
    const auto& [type, value] = name->front().front();
    const auto parent = resolve_dn(container_of(Dn(dn)).text());
    if (!parent) return answers_.no_parent("add", dn);
    const auto& container = entries_.at(*parent);
    if (!caller->system && !is_ours(container)) {
        return answers_.elsewhere(domain_of(container).dns_name);
    }

    const std::vector<std::string>* chain = nullptr;
    const auto* classes = values_of(attributes, "objectclass");
    if (classes == nullptr) return answers_.not_in_class("objectClass", dn);
    for (const auto& one : *classes) {
        const auto* found = schema_.class_chain(one);
        const bool part_of_one =
            lower(one) == "top" || lower(one) == "person" || lower(one) == "organizationalperson";
        if (found == nullptr && !part_of_one) return answers_.class_unknown(one);
        if (found != nullptr && (chain == nullptr || found->size() > chain->size())) chain = found;
    }
    if (chain == nullptr) return answers_.class_unknown(classes->front());
    const auto wanted_type = chain->back() == "organizationalUnit" ? "ou" : "cn";
    if (lower(type) != wanted_type) return answers_.naming_violation(true, type, chain->back());
    const bool may = chain->back() == "group"
                         ? may_create_groups(caller, container)
                         : caller->system || (caller->administrator && !is_denied(container));
    if (!may) return answers_.may_not_create(dn);
    if (auto refusal = check_cn(wanted_type, value)) return *refusal;
    return fill(caller, dn, *parent, type, value, *chain, attributes);
}

// Everything about the new entry's attributes is checked on an entry that stands nowhere yet.
TreeAnswer DirectoryTree::fill(TreeCaller caller, const std::string& dn, EntryNumber parent,
                               const std::string& type, const std::string& value,
                               const std::vector<std::string>& chain,
                               const std::vector<LdapAttribute>& attributes) {
    TreeEntry draft;
    draft.parent = parent;
    draft.object_class = chain;
    draft.rdn_type = type;
    draft.rdn_value = value;
    const auto& container = entries_.at(parent);
    const bool account = holds_accounts(draft);
    if (account) draft.sid = Sid("S-1-0-0");  // until it is given one
    // The creator writes what it likes of its new object, whatever it may write later.
    TreeAccount creator = *caller;
    creator.administrator = true;
    if (draft.is("group")) draft.attributes["grouptype"] = {"-2147483646"};
    if (const auto* wanted = values_of(attributes, "grouptype"); wanted && wanted->size() == 1) {
        const auto refusal = check_value(schema_.get("groupType"), dn, wanted->front());
        if (refusal) return *refusal;
        draft.attributes["grouptype"] = *wanted;
    }
    Modification modification(*this, &creator, draft, dn, {});
    for (const auto& [name, values] : attributes) {
        const auto key = lower(name);
        if (key == "objectclass") continue;
        if (key == lower(type)) {
            if (values != std::vector<std::string>{value}) {
                return answers_.naming_violation(true, type, chain.back());
            }
            continue;
        }
        if (const auto* known = schema_.find(name); known != nullptr) {
            if (known->system_only && known->link == LinkKind::none && !caller->system) {
                return answers_.system_only(*known, dn, true);
            }
            // Within one add, Samba also notices a member that is named twice.
            if (known->link == LinkKind::forward) {
                if (auto refusal = check_distinct(*known, dn, values)) return *refusal;
            }
        }
        if (auto refusal = modification.apply({LdapChangeKind::replace, name, values})) {
            return *refusal;
        }
    }
    if (auto refusal = modification.check()) return *refusal;
    if (child(parent, type, value)) return answers_.name_taken(dn);

    auto& entry = insert(parent, type, value, chain.back());
    if (account) {
        const auto& home = domain_of(container);
        auto& domain = domains_[static_cast<std::size_t>(&home - domains_.data())];
        entry.sid = Sid(domain.sid.text() + "-" + std::to_string(++domain.next_rid));
        by_sid_[entry.sid.text()] = entry.number;
        entry.attributes = draft.attributes;
    }
    Modification final(*this, &creator, entry, dn, {});
    for (const auto& [name, values] : attributes) {
        const auto key = lower(name);
        if (key == "objectclass" || key == lower(type)) continue;
        if (final.apply({LdapChangeKind::replace, name, values})) {
            throw std::logic_error("an add was checked and yet refused: " + dn);
        }
    }
    final.commit();
    if (account && entry.first("samaccountname") == nullptr) {
        char generated[40];
        std::snprintf(generated, sizeof generated, "$%08llX-%012llX",
                      static_cast<unsigned long long>(entry.number * 2654435761U % 0xffffffffU),
                      static_cast<unsigned long long>(entry.usn_created * 7919));
        store(entry, schema_.get("sAMAccountName"), {generated});
    }
    entry.usn_created = entry.usn_changed;
    tell();
    return {};
}

std::optional<TreeAnswer> DirectoryTree::check_distinct(
    const AttributeType& type, const std::string& dn,
    const std::vector<std::string>& values) const {
    std::set<EntryNumber> seen;
    for (const auto& value : values) {
        const auto target = target_of(type, dn, value, false);
        if (target.number && !seen.insert(*target.number).second)
            return answers_.member_twice(type);
    }
    return std::nullopt;
}

TreeAnswer DirectoryTree::modify(TreeCaller caller, const std::string& dn,
                                 const std::vector<LdapChange>& changes,
                                 const TreeControls& controls) {
    if (caller == nullptr) return answers_.not_bound();
    if (!parses(dn)) return answers_.malformed_name(dn);
    const auto number = resolve(dn);
    if (!number || !sees(caller, entries_.at(*number), controls, caller->system)) {
        return answers_.no_object("modify", dn, best_match(dn));
    }
    auto& entry = entries_.at(*number);
    if (entry.deleted) return reanimate(caller, entry, changes);
    if (auto refusal = enforced(caller, entry)) return *refusal;
    Modification modification(*this, caller, entry, dn_of(entry).text(), controls);
    for (const auto& change : changes) {
        if (auto refusal = modification.apply(change)) return *refusal;
    }
    if (auto refusal = modification.check()) return *refusal;
    modification.commit();
    tell();
    return {};
}

TreeAnswer DirectoryTree::rename(TreeCaller caller, const std::string& dn,
                                 const std::string& new_name, bool delete_old,
                                 const std::string& new_parent) {
    if (caller == nullptr) return answers_.not_bound();
    if (!parses(dn)) return answers_.malformed_name(dn);
    const auto number = resolve(dn);
    if (!number || !sees(caller, entries_.at(*number), {}, caller->system)) {
        return answers_.no_object("rename", dn, best_match(dn));
    }
    auto& entry = entries_.at(*number);
    if (!delete_old) return answers_.old_name_must_go();
    if (!parses(new_name)) return answers_.malformed_name(new_name);
    const auto parsed = parse_name(new_name);
    if (parsed->size() != 1) return answers_.malformed_name(new_name);
    if (lower(parsed->front()[0].type) != lower(entry.rdn_type)) {
        return answers_.naming_violation(false, parsed->front()[0].type, entry.object_class.back());
    }
    const auto& value = parsed->front()[0].value;
    auto parent = entry.parent;
    if (!new_parent.empty()) {
        const auto found = parses(new_parent) ? resolve(new_parent) : std::nullopt;
        if (!found || entries_.at(*found).deleted) return answers_.no_parent("rename", dn);
        parent = *found;
    }
    if (auto refusal = check_move(caller, entry, parent)) return *refusal;
    if (auto refusal = enforced(caller, entry)) return *refusal;
    if (auto refusal = check_cn(lower(entry.rdn_type), value)) return *refusal;
    if (const auto holder = child(parent, entry.rdn_type, value); holder && *holder != *number) {
        return answers_.name_taken(parsed->front()[0].type + "=" + escape_name_value(value) + "," +
                                   dn_of(entries_.at(parent)).text());
    }
    index_value(entry, "name", false);
    unplace(entry);
    place(entry, parent, entry.rdn_type, value);
    index_value(entry, "name", true);
    touch(entry);
    note(entry, TreeDelta::Kind::placed);
    tell();
    return {};
}

std::optional<TreeAnswer> DirectoryTree::check_move(TreeCaller caller, const TreeEntry& entry,
                                                    EntryNumber parent) const {
    const auto& container = entries_.at(parent);
    const auto dn = dn_of(entry).text();
    if (container.number == entry.number || is_below(container, entry)) {
        return TreeAnswer{53, "00002035: an entry cannot stand below itself"};
    }
    if (parent == entry.parent) {
        const bool may = may_write(caller, entry, "cn") && may_write(caller, entry, "name");
        return may ? std::nullopt : std::optional(answers_.may_not_move(dn));
    }
    const bool may = entry.is("group")
                         ? may_delete(caller, entry) && may_create_groups(caller, container)
                         : caller->administrator;
    return may ? std::nullopt : std::optional(answers_.may_not_move(dn));
}

TreeAnswer DirectoryTree::remove(TreeCaller caller, const std::string& dn,
                                 const TreeControls& controls) {
    if (caller == nullptr) return answers_.not_bound();
    if (!parses(dn)) return answers_.malformed_name(dn);
    const auto number = resolve(dn);
    if (!number || !sees(caller, entries_.at(*number), {}, caller->system)) {
        return answers_.no_object("delete", dn, best_match(dn));
    }
    auto& entry = entries_.at(*number);
    std::vector<EntryNumber> below;
    walk(*number, true, below);
    if (!below.empty() && !controls.tree_delete) {
        std::vector<EntryNumber> children;
        walk(*number, false, children);
        return answers_.not_a_leaf(children.size());
    }
    if (!may_delete(caller, entry)) return answers_.may_not_delete(dn_of(entry).text());
    if (auto refusal = enforced(caller, entry)) return *refusal;
    for (auto one = below.rbegin(); one != below.rend(); ++one)
        bury(entries_.at(*one));
    bury(entry);
    tell();
    return {};
}

}  // namespace writeback::fakes
