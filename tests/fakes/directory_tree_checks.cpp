// What a write is checked for: rights, enforcement, values, names, scope rules.
#include "directory/distinguished_name.hpp"
#include "directory/ldap_text.hpp"
#include "fakes/directory_tree.hpp"

#include <algorithm>

namespace writeback::fakes {

namespace {

constexpr std::uint32_t global = 2;
constexpr std::uint32_t domain_local = 4;
constexpr std::uint32_t universal = 8;
constexpr std::uint32_t scopes = global | domain_local | universal;

std::uint32_t scope_of(std::int32_t group_type) {
    return static_cast<std::uint32_t>(group_type) & scopes;
}

bool is_group_type(std::int32_t group_type) {
    const auto scope = scope_of(group_type);
    const auto rest = static_cast<std::uint32_t>(group_type) & ~scopes;
    return (scope == global || scope == domain_local || scope == universal) &&
           (rest == 0 || rest == 0x80000000U);
}

bool is_number(const std::string& value) {
    if (value.empty() || value.size() > 20) return false;
    const auto digits = value.front() == '-' ? value.substr(1) : value;
    return !digits.empty() && digits.find_first_not_of("0123456789") == std::string::npos;
}

bool is_ascii(const std::string& value) {
    return std::all_of(value.begin(), value.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

// ----- rights

bool DirectoryTree::is_denied(const TreeEntry& entry) const {
    return std::any_of(denied.begin(), denied.end(), [&](const Dn& name) {
        const auto* place = find(name);
        return place != nullptr && (place->number == entry.number || is_below(entry, *place));
    });
}

const TreeDelegation* DirectoryTree::delegation_on(TreeCaller caller,
                                                   const TreeEntry& container) const {
    for (const auto& delegation : caller->delegations) {
        const auto* place = find(delegation.container);
        if (place == nullptr) continue;
        if (place->number == container.number || is_below(container, *place)) return &delegation;
    }
    return nullptr;
}

bool DirectoryTree::may_create_groups(TreeCaller caller, const TreeEntry& container) const {
    if (caller->system) return true;
    if (is_denied(container)) return false;
    return caller->administrator || delegation_on(caller, container) != nullptr;
}

bool DirectoryTree::may_write(TreeCaller caller, const TreeEntry& entry,
                              const std::string& attribute) const {
    if (caller->system) return true;
    if (is_denied(entry)) return false;
    if (caller->administrator) return true;
    if (!entry.is("group") || entry.parent == 0) return false;
    const auto* delegation = delegation_on(caller, entries_.at(entry.parent));
    return delegation != nullptr && delegation->attributes.contains(attribute);
}

bool DirectoryTree::may_delete(TreeCaller caller, const TreeEntry& entry) const {
    if (caller->system) return true;
    if (is_denied(entry)) return false;
    if (caller->administrator) return true;
    return entry.is("group") && entry.parent != 0 &&
           delegation_on(caller, entries_.at(entry.parent)) != nullptr;
}

bool DirectoryTree::sees(TreeCaller caller, const TreeEntry& entry, const TreeControls& controls,
                         bool in_catalog) const {
    if (!in_catalog && !is_ours(entry)) return false;
    if (!entry.deleted && entry.number != deleted_objects_) return true;
    return controls.show_deleted && (caller->administrator || caller->sees_deleted);
}

std::optional<TreeAnswer> DirectoryTree::enforced(TreeCaller caller, const TreeEntry& entry) const {
    if (!source_of_authority.enforced || caller->system) return std::nullopt;
    if (!entry.attributes.contains("msds-objectsoa")) return std::nullopt;
    if (source_of_authority.exceptions.contains(caller->sid.text())) return std::nullopt;
    return TreeAnswer{source_of_authority.code, source_of_authority.diagnostic};
}

// ----- values

std::optional<TreeAnswer> DirectoryTree::check_value(const AttributeType& type,
                                                     const std::string& dn,
                                                     const std::string& value) const {
    const auto in_range = [&](std::size_t length) {
        return (!type.least || length >= static_cast<std::size_t>(*type.least)) &&
               (!type.most || length <= static_cast<std::size_t>(*type.most));
    };
    if (value.empty()) return answers_.empty_value(type, dn);
    switch (type.syntax) {
        case ValueSyntax::text:
        case ValueSyntax::teletex:
            if (!comparison_key(value, DirectoryDialect::samba)) {
                return answers_.invalid_value(type, dn);
            }
            if (const auto length = utf16_length(value); !in_range(length)) {
                return answers_.out_of_range(type, dn, length);
            }
            return std::nullopt;
        case ValueSyntax::printable:
            // Samba takes any text for a printable one.
            if (options_.dialect == DirectoryDialect::windows && !is_ascii(value)) {
                return answers_.invalid_value(type, dn);
            }
            if (!in_range(value.size())) return answers_.out_of_range(type, dn, value.size());
            return std::nullopt;
        case ValueSyntax::integer:
        case ValueSyntax::large_integer:
            if (!is_number(value) && type.name == "groupType" &&
                options_.dialect == DirectoryDialect::samba) {
                return answers_.no_group_type(find(Dn(dn)) == nullptr);
            }
            if (!is_number(value)) return answers_.invalid_value(type, dn);
            return std::nullopt;
        case ValueSyntax::boolean:
            if (value != "TRUE" && value != "FALSE") return answers_.invalid_value(type, dn);
            return std::nullopt;
        case ValueSyntax::octets:
            if (!in_range(value.size())) return answers_.out_of_range(type, dn, value.size());
            return std::nullopt;
        case ValueSyntax::sid:
            if (!sid_from_bytes(value)) return answers_.invalid_value(type, dn);
            return std::nullopt;
        case ValueSyntax::name:
        case ValueSyntax::time:
        case ValueSyntax::oid:
            return std::nullopt;
    }
    return std::nullopt;
}

std::optional<TreeAnswer> DirectoryTree::check_account_name(const TreeEntry& self,
                                                            const std::string& name) const {
    constexpr std::string_view refused = "\"/\\[]:;|=,+*?<>";
    for (const char c : name) {
        const bool control = static_cast<unsigned char>(c) < 0x20;
        if (control || refused.find(c) != std::string_view::npos) {
            return answers_.account_name_character(c);
        }
    }
    if (name.ends_with('.')) return answers_.account_name_dot();
    const auto holders = indexed(TreeFilter::equal_to("sAMAccountName", name));
    for (const auto number : *holders) {
        const auto& holder = entries_.at(number);
        if (holder.deleted || !is_ours(holder)) continue;
        if (holder.number == self.number) continue;
        // The same place is told as such.
        const bool same_place =
            holder.parent == self.parent && child_key(holder.rdn_type, holder.rdn_value) ==
                                                child_key(self.rdn_type, self.rdn_value);
        if (!same_place) return answers_.account_name_taken(name);
    }
    return std::nullopt;
}

// Samba takes a common name of any length that its database holds.
std::optional<TreeAnswer> DirectoryTree::check_cn(const std::string& type,
                                                  const std::string& value) const {
    if (!comparison_key(value, DirectoryDialect::samba)) return TreeAnswer{1, ""};
    if (options_.dialect == DirectoryDialect::samba) return std::nullopt;
    return check_value(schema_.get(type), type + "=" + value, value);
}

// ----- scope rules

std::optional<TreeAnswer> DirectoryTree::check_scope(std::int32_t group_type,
                                                     const TreeEntry* group,
                                                     const TreeEntry& member) const {
    if (options_.dialect == DirectoryDialect::samba) return std::nullopt;
    const auto scope = scope_of(group_type);
    const bool elsewhere = !is_ours(member) && (group == nullptr || is_ours(*group));
    if (member.is("foreignSecurityPrincipal")) {
        if (scope == universal) return answers_.scope_rule("00002165");
        if (scope == global) return answers_.scope_rule("00002147");
        return std::nullopt;
    }
    if (scope == global && elsewhere) return answers_.scope_rule("00002147");
    if (!member.is("group")) return std::nullopt;
    const auto inner = scope_of(member.group_type());
    if (scope == universal && inner == domain_local) return answers_.scope_rule("00002146");
    if (scope == global && inner == domain_local) return answers_.scope_rule("00002144");
    if (scope == global && inner == universal) return answers_.scope_rule("00002145");
    if (scope == domain_local && inner == domain_local && elsewhere) {
        return answers_.scope_rule("00002148");
    }
    return std::nullopt;
}

std::optional<TreeAnswer> DirectoryTree::check_group_type(const TreeEntry& entry, std::int32_t from,
                                                          std::int32_t to) const {
    if (!is_group_type(to)) return answers_.no_group_type(entry.number == 0);
    if (scope_of(from) != scope_of(to) && scope_of(from) != universal &&
        scope_of(to) != universal) {
        return answers_.group_type_change(scope_of(from) == global);
    }
    if (options_.dialect == DirectoryDialect::samba) return std::nullopt;
    if (const auto members = entry.links.find("member"); members != entry.links.end()) {
        for (const auto number : members->second) {
            if (auto refusal = check_scope(to, &entry, entries_.at(number))) return refusal;
        }
    }
    const auto holders = entry.back_links.find("member");
    if (holders == entry.back_links.end()) return std::nullopt;
    auto changed = entry;
    changed.attributes["grouptype"] = {std::to_string(to)};
    for (const auto number : holders->second) {
        const auto& holder = entries_.at(number);
        if (auto refusal = check_scope(holder.group_type(), &holder, changed)) return refusal;
    }
    return std::nullopt;
}

// ----- links

DirectoryTree::Target DirectoryTree::target_of(const AttributeType& type, const std::string& dn,
                                               const std::string& value, bool removing) const {
    const bool of_members = type.name == "member";
    if (!parses(value)) return {std::nullopt, answers_.malformed_name(value), ""};
    if (const auto found = resolve(value)) {
        if (!entries_.at(*found).deleted) return {*found, std::nullopt, ""};
    }
    if (!of_members) {
        return {
            std::nullopt,
            removing ? answers_.value_absent(type, dn, false) : answers_.referenced_missing(type),
            ""};
    }
    const bool by_sid = lower(value).starts_with("<sid=");
    if (by_sid && !removing) {
        const auto text = value.substr(5, value.size() - 6);
        if (Sid sid(text); is_account_of(sid, options_.domain_sid) || !bytes_of(sid)) {
            return {std::nullopt, answers_.sid_unknown(), ""};
        }
        return {std::nullopt, std::nullopt, text};
    }
    return {std::nullopt,
            removing ? answers_.absent_member_unknown(value, dn) : answers_.member_unknown(), ""};
}

EntryNumber DirectoryTree::foreign_principal(const std::string& sid) {
    if (const auto* there = find(Sid(sid))) return there->number;
    const auto place = *child(domains_.front().root, "CN", "ForeignSecurityPrincipals");
    auto& entry = insert(place, "CN", sid, "foreignSecurityPrincipal");
    entry.sid = Sid(sid);
    by_sid_[sid] = entry.number;
    return entry.number;
}

}  // namespace writeback::fakes
