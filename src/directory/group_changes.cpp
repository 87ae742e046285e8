#include "directory/group_changes.hpp"

#include "directory/distinguished_name.hpp"
#include "directory/ldap_text.hpp"

#include <set>
#include <utility>

namespace writeback {

namespace {

constexpr const char* mark_attribute = "adminDescription";
constexpr std::uint32_t global_scope = 2;
constexpr std::uint32_t domain_local_scope = 4;
constexpr std::uint32_t universal_scope = 8;
constexpr std::uint32_t scopes = global_scope | domain_local_scope | universal_scope;

bool is_mark(const std::string& attribute) {
    return lower_case(attribute) == lower_case(mark_attribute);
}

Result<Done> require_mark(const DesiredGroup& group) {
    for (const auto& [name, values] : group.attributes) {
        if (is_mark(name) && values == std::vector<std::string>{mark_of(group.id)}) return Done{};
    }
    return failure(
        FailureKind::internal,
        "The group " + group.cn + " was to be made without its mark " + mark_of(group.id) + ".");
}

}  // namespace

std::vector<Sid> foreign_sids(const std::vector<AdIdentity>& identities, const Sid& domain) {
    std::vector<Sid> sids;
    for (const auto& identity : identities) {
        if (!identity.sid.empty() && !is_account_of(identity.sid, domain)) {
            sids.push_back(identity.sid);
        }
    }
    return sids;
}

Result<std::string> member_value(const AdIdentity& member, const Sid& domain,
                                 const ForeignNames& names) {
    if (is_account_of(member.sid, domain)) return "<SID=" + member.sid.text() + ">";
    if (member.sid.empty()) {
        if (const auto guid = canonical_guid(member.guid.text())) return "<GUID=" + *guid + ">";
    } else if (const auto name = names.find(member.sid); name != names.end()) {
        return name->second.text();
    }
    return failure(FailureKind::member_refused,
                   "The member " + member.key() + " is no account of this domain (" +
                       domain.text() +
                       "), and none that the forest knows: writing its SID would make a foreign "
                       "security principal of it.");
}

Result<std::vector<std::string>> member_values(const std::vector<AdIdentity>& members,
                                               const Sid& domain, const ForeignNames& names) {
    std::vector<std::string> values;
    std::set<std::string> seen;
    for (const auto& member : members) {
        auto value = member_value(member, domain, names);
        if (!value) return value.error();
        if (seen.insert(*value).second) values.push_back(std::move(*value));
    }
    return values;
}

bool names_objects(const SchemaFacts& schema, const std::string& attribute) {
    const auto found = schema.find(lower_case(attribute));
    return found != schema.end() && found->second.syntax == AttributeSyntax::name;
}

AdIdentity identity_of_key(const std::string& key) {
    if (key.starts_with("S-1-")) return {Sid(key), {}};
    if (auto guid = canonical_guid(key)) return {{}, ObjectGuid(std::move(*guid))};
    return {};
}

Result<std::vector<std::string>> object_values(const std::string& attribute,
                                               const std::vector<std::string>& keys,
                                               const Sid& domain, const ForeignNames& names) {
    std::vector<std::string> values;
    for (const auto& key : keys) {
        const auto identity = identity_of_key(key);
        if (identity.key().empty()) {
            values.push_back(key);
            continue;
        }
        auto value = member_value(identity, domain, names);
        if (!value) {
            return failure(
                FailureKind::value_refused,
                attribute + " names " + key + ", which is no account that this forest knows.");
        }
        values.push_back(std::move(*value));
    }
    return values;
}

Result<std::vector<LdapAttribute>> attributes_of_new(const DesiredGroup& group,
                                                     std::vector<std::string> member_values) {
    std::vector<LdapAttribute> attributes = {
        {"objectClass", {"group"}},
        {"sAMAccountName", {group.sam_account_name}},
        {"groupType", {std::to_string(group.group_type)}},
    };
    if (auto marked = require_mark(group); !marked) return marked.error();
    for (const auto& [name, values] : group.attributes)
        attributes.push_back({name, values});
    if (!member_values.empty()) attributes.push_back({"member", std::move(member_values)});
    return attributes;
}

std::vector<LdapChange> proof_of_mark(const GroupId& group) {
    return {{LdapChangeKind::remove, mark_attribute, {mark_of(group)}},
            {LdapChangeKind::add, mark_attribute, {mark_of(group)}}};
}

std::vector<LdapChange> guarded_changes(const GroupId& group,
                                        const std::vector<AttributeChange>& changes) {
    auto guarded = proof_of_mark(group);
    for (const auto& change : changes) {
        if (!is_mark(change.name)) {
            guarded.push_back({LdapChangeKind::replace, change.name, change.values});
        } else if (change.values.empty()) {
            guarded.erase(guarded.begin() + 1);
        } else {
            guarded[1].values = change.values;
        }
    }
    return guarded;
}

Result<std::vector<LdapChange>> reanimation(const DesiredGroup& group,
                                            const std::string& sam_account_name) {
    if (auto marked = require_mark(group); !marked) return marked.error();
    std::vector<LdapChange> changes = {
        {LdapChangeKind::remove, "isDeleted", {}},
        {LdapChangeKind::replace, "distinguishedName", {name_in(group.container, group.cn).text()}},
    };
    if (!sam_account_name.empty()) {
        changes.push_back({LdapChangeKind::replace, "sAMAccountName", {sam_account_name}});
    }
    for (const auto& [name, values] : group.attributes)
        changes.push_back({LdapChangeKind::replace, name, values});
    return changes;
}

std::vector<LdapChange> exchange_of_mark(const std::string& before, const std::string& after) {
    std::vector<LdapChange> changes;
    if (!before.empty()) changes.push_back({LdapChangeKind::remove, mark_attribute, {before}});
    if (!after.empty()) changes.push_back({LdapChangeKind::add, mark_attribute, {after}});
    return changes;
}

std::vector<std::int32_t> conversion_steps(std::int32_t from, std::int32_t to) {
    const auto old_scope = static_cast<std::uint32_t>(from) & scopes;
    const auto new_scope = static_cast<std::uint32_t>(to) & scopes;
    const bool by_way_of_universal =
        old_scope != new_scope && old_scope != universal_scope && new_scope != universal_scope;
    if (!by_way_of_universal) return {to};
    const auto universal = (static_cast<std::uint32_t>(to) & ~scopes) | universal_scope;
    return {static_cast<std::int32_t>(universal), to};
}

}  // namespace writeback
