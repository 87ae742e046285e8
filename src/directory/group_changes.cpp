#include "directory/group_changes.hpp"

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

}  // namespace

Result<std::string> member_value(const AdIdentity& member, const Sid& domain) {
    if (is_account_of(member.sid, domain)) return "<SID=" + member.sid.text() + ">";
    if (const auto guid = canonical_guid(member.guid.text())) return "<GUID=" + *guid + ">";
    return failure(FailureKind::member_refused,
                   "The member " + member.key() + " is no account of this domain (" +
                       domain.text() +
                       "): writing its SID would make a foreign security principal of it.");
}

Result<std::vector<std::string>> member_values(const std::vector<AdIdentity>& members,
                                               const Sid& domain) {
    std::vector<std::string> values;
    std::set<std::string> seen;
    for (const auto& member : members) {
        auto value = member_value(member, domain);
        if (!value) return value.error();
        if (seen.insert(*value).second) values.push_back(std::move(*value));
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
    bool marked = false;
    for (const auto& [name, values] : group.attributes) {
        if (is_mark(name)) marked = values == std::vector<std::string>{mark_of(group.id)};
        attributes.push_back({name, values});
    }
    if (!marked) {
        return failure(FailureKind::internal, "The group " + group.cn +
                                                  " was to be created without its mark " +
                                                  mark_of(group.id) + ".");
    }
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
