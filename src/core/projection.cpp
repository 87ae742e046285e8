#include "core/projection.hpp"

#include "core/distinguished_name.hpp"
#include "core/managed_by.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace writeback {

namespace {

constexpr std::size_t readable_part = 51;  // of cn and sAMAccountName
constexpr std::size_t most_mail = 256;
constexpr std::size_t most_proxy_address = 1123;

std::string id_part(const GroupId& id) {
    return mid(id.text(), 25, 12);
}

// The display name without the characters that a sAMAccountName must not have: control characters,
// AD's list, and `$` at the beginning, where generated names have it.
std::string account_name(const CloudGroup& group) {
    std::string kept;
    for (const char c : clean(group.display_name)) {
        const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
        const bool forbidden =
            std::string_view("\"/\\[]:;|=,+*?<>").find(c) != std::string_view::npos;
        if (!control && !forbidden) kept += c;
    }
    std::string readable = trim(kept);
    while (readable.starts_with('$'))
        readable = trim(std::string_view(readable).substr(1));
    readable = trim(left(readable, readable_part));
    return (readable.empty() ? "Group" : readable) + "_" + id_part(group.id);
}

struct Kind {
    std::int32_t group_type = universal_security_group;
    bool mail_enabled = false;
};

Kind kind_of(Microsoft365As type, bool mail_enabled) {
    switch (type) {
        case Microsoft365As::universal_distribution_group:
            return {universal_distribution_group, mail_enabled};
        case Microsoft365As::universal_mail_enabled_security_group:
            return {universal_security_group, mail_enabled};
        case Microsoft365As::universal_security_group:
            break;
    }
    return {universal_security_group, false};
}

// What the group's own configuration asks for; nothing when it is no type that AD knows.
std::optional<Microsoft365As> chosen_type(const std::string& name) {
    if (name == "universalDistributionGroup") return Microsoft365As::universal_distribution_group;
    if (name == "universalSecurityGroup") return Microsoft365As::universal_security_group;
    if (name == "universalMailEnabledSecurityGroup") {
        return Microsoft365As::universal_mail_enabled_security_group;
    }
    return std::nullopt;
}

Result<Kind> kind_of(const CloudGroup& group, const ProjectionRules& rules) {
    if (!group.is_microsoft365()) return Kind{universal_security_group, group.mail_enabled};
    if (!rules.by_writeback_configuration) {
        return kind_of(rules.microsoft365_as, group.mail_enabled);
    }
    const auto own = group.further.find("writebackConfiguration.onPremisesGroupType");
    if (own == group.further.end() || own->second.empty()) {
        return Kind{universal_distribution_group, group.mail_enabled};
    }
    const auto type = chosen_type(own->second.front());
    if (type) return kind_of(*type, group.mail_enabled);
    return failure(FailureKind::value_refused,
                   "its writebackConfiguration.onPremisesGroupType is \"" +
                       clean(own->second.front()) +
                       "\"; set it to universalDistributionGroup, universalSecurityGroup or "
                       "universalMailEnabledSecurityGroup");
}

// The primary address: the one that proxyAddresses shows with SMTP in capitals, else mail.
std::string primary_address(const CloudGroup& group) {
    for (const std::string& address : group.proxy_addresses) {
        if (address.starts_with("SMTP:")) return clean(std::string_view(address).substr(5));
    }
    return clean(group.mail.value_or(""));
}

void set(Attributes& attributes, const std::string& name, std::string value) {
    if (!value.empty()) attributes[name] = {std::move(value)};
}

void set_addresses(Attributes& attributes, const CloudGroup& group, const Mapping& mapping) {
    const std::string mail = clean(group.mail.value_or(""));
    if (mapping.mail && utf16_length(mail) <= most_mail) set(attributes, "mail", mail);
    const std::string primary = primary_address(group);
    if (!mapping.proxy_addresses || primary.empty()) return;
    const std::string address = "SMTP:" + primary;
    if (utf16_length(address) <= most_proxy_address) set(attributes, "proxyAddresses", address);
}

std::string settings_of(const GroupsConfig& groups) {
    const auto number = [](auto value) { return std::to_string(static_cast<int>(value)); };
    return "policy " + number(groups.policy) + ";soft-delete " + number(groups.on_soft_delete) +
           ";delete " + number(groups.on_delete) + ";out-of-scope " +
           number(groups.on_out_of_scope) + ";recreate " + number(groups.recreate) +
           ";membership " + number(groups.membership);
}

// The one text that an expression gives as a name of the group.
Result<std::string> name_by(const Expression& expression, std::string_view name,
                            const CloudGroup& group, const char* remedy) {
    auto value = expression.evaluate(group);
    if (!value) return value.error();
    auto texts = fit(name, facts_of(name, {}).value_or(AttributeFacts{}), *value);
    if (!texts) return texts.error();
    if (!texts->empty()) return std::move(texts->front());
    return failure(FailureKind::value_refused,
                   "[mapping] " + std::string(name) +
                       ": the expression gives nothing for this group; " + remedy);
}

Result<Done> set_names(DesiredGroup& desired, const CloudGroup& group, const Mapping& mapping) {
    auto cn = name_by(mapping.cn, "cn", group, "append Mid([objectId],25,12)");
    if (!cn) return cn.error();
    desired.cn = std::move(*cn);
    desired.alternative_cn = with_id(desired.cn, group.id, most_cn_units);
    desired.sam_account_name = account_name(group);
    if (mapping.sam_account_name) {
        auto name = name_by(*mapping.sam_account_name, "sAMAccountName", group,
                            "append Mid([objectId],25,12)");
        if (!name) return name.error();
        desired.sam_account_name = std::move(*name);
        desired.compares_sam_account_name = true;
    }
    desired.alternative_sam_account_name =
        with_id(desired.sam_account_name, group.id, most_account_name_units);
    return Done{};
}

Result<Dn> container_of(const CloudGroup& group, const ProjectionRules& rules) {
    if (!rules.mapping.container) return rules.container;
    constexpr const char* name = "parentDistinguishedName";
    auto text =
        name_by(*rules.mapping.container, name, group, "give Switch a default, or use Coalesce");
    if (!text) return text.error();
    Dn container(trim(*text));
    if (is_same_name(container, container)) return container;
    return failure(FailureKind::value_refused,
                   std::string("[mapping] ") + name + ": \"" + container.text() +
                       "\" is no distinguished name; give one as "
                       "\"OU=Sales,OU=Cloud Groups,DC=contoso,DC=com\"");
}

Result<Done> set_attributes(Attributes& attributes, const CloudGroup& group,
                            const Mapping& mapping) {
    for (const MappedAttribute& mapped : mapping.attributes) {
        auto value = mapped.expression.evaluate(group);
        if (!value) return value.error();
        auto values = fit(mapped.name, mapped.facts, *value);
        if (!values) return values.error();
        if (!values->empty()) attributes[mapped.name] = std::move(*values);
    }
    return Done{};
}

}  // namespace

Result<ProjectionRules> projection_rules(
    const GroupsConfig& groups, const DirectoryConfig& directory,
    const std::map<std::string, std::string>& mapping,
    const std::map<std::string, AttributeFacts>& group_attributes) {
    if (directory.container.empty()) {
        return failure(FailureKind::invalid_configuration,
                       "directory.container is empty; name the organizational unit that groups "
                       "are made in");
    }
    auto compiled = compile_mapping(mapping, group_attributes);
    if (!compiled) return compiled.error();
    return ProjectionRules{Dn(directory.container),
                           std::move(*compiled),
                           groups.microsoft365_as,
                           groups.select == Select::writeback_configuration,
                           group_attributes.contains("msds-externaldirectoryobjectid"),
                           settings_of(groups)};
}

Result<DesiredGroup> project(const CloudGroup& group, const ProjectionRules& rules) {
    if (!canonical_guid(group.id.text())) {
        return failure(FailureKind::value_refused,
                       "the group's object id \"" + clean(group.id.text()) +
                           "\" is no GUID, so it can bear no mark in the directory");
    }
    DesiredGroup desired;
    desired.id = group.id;
    auto container = container_of(group, rules);
    if (!container) return container.error();
    desired.container = std::move(*container);
    if (auto named = set_names(desired, group, rules.mapping); !named) return named.error();
    const auto kind = kind_of(group, rules);
    if (!kind) return kind.error();
    desired.group_type = kind->group_type;
    desired.mail_enabled = kind->mail_enabled;
    set(desired.attributes, "adminDescription", mark_of(group.id));
    if (rules.external_directory_object_id) {
        set(desired.attributes, "msDS-ExternalDirectoryObjectId", mark_of(group.id));
    }
    if (desired.mail_enabled) set_addresses(desired.attributes, group, rules.mapping);
    if (auto done = set_attributes(desired.attributes, group, rules.mapping); !done) {
        return done.error();
    }
    return desired;
}

std::vector<std::string> written_attributes(const ProjectionRules& rules) {
    std::vector<std::string> names = {"adminDescription"};
    for (const MappedAttribute& attribute : rules.mapping.attributes)
        names.push_back(attribute.name);
    if (rules.mapping.mail) names.emplace_back("mail");
    if (rules.mapping.managed_by) names.emplace_back(managed_by_attribute);
    if (rules.external_directory_object_id) names.emplace_back("msDS-ExternalDirectoryObjectId");
    if (rules.mapping.proxy_addresses) names.emplace_back("proxyAddresses");
    std::sort(names.begin(), names.end());
    return names;
}

std::string fingerprint(const ProjectionRules& rules) {
    const Mapping& mapping = rules.mapping;
    std::string text = "mapping 2;" + rules.settings + ";microsoft365 " +
                       std::to_string(static_cast<int>(rules.microsoft365_as)) +
                       (rules.by_writeback_configuration ? " or its own" : "") + ";attributes";
    for (const std::string& name : written_attributes(rules))
        text += " " + name;
    text += ";container " + rules.container.text() + ";cn " + mapping.cn.text();
    if (mapping.sam_account_name) text += ";sAMAccountName " + mapping.sam_account_name->text();
    if (mapping.container) text += ";parentDistinguishedName " + mapping.container->text();
    for (const MappedAttribute& attribute : mapping.attributes) {
        text += ";" + attribute.name + " " + attribute.expression.text() + " " +
                std::to_string(static_cast<int>(attribute.facts.syntax)) + " " +
                std::to_string(attribute.facts.most_length);
    }
    return text;
}

}  // namespace writeback
