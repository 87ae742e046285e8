#include "core/projection.hpp"

#include "core/text.hpp"

#include <string_view>
#include <utility>

namespace writeback {

namespace {

constexpr std::size_t readable_part = 51;  // of cn and sAMAccountName
constexpr std::size_t most_display_name = 256;
constexpr std::size_t most_description = 448;
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

std::int32_t group_type(const CloudGroup& group, Microsoft365As microsoft365_as) {
    const bool distribution =
        group.is_microsoft365() && microsoft365_as == Microsoft365As::universal_distribution_group;
    return distribution ? universal_distribution_group : universal_security_group;
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

void set_mail(Attributes& attributes, const CloudGroup& group, const ProjectionRules& rules) {
    if (!group.mail_enabled) return;
    const std::string mail = clean(group.mail.value_or(""));
    if (rules.mail && utf16_length(mail) <= most_mail) set(attributes, "mail", mail);
    const std::string primary = primary_address(group);
    if (!rules.proxy_addresses || primary.empty()) return;
    const std::string address = "SMTP:" + primary;
    if (utf16_length(address) <= most_proxy_address) set(attributes, "proxyAddresses", address);
}

std::string settings_of(const GroupsConfig& groups) {
    const auto number = [](auto value) { return std::to_string(static_cast<int>(value)); };
    return "policy " + number(groups.policy) + ";soft-delete " + number(groups.on_soft_delete) +
           ";delete " + number(groups.on_delete) + ";out-of-scope " +
           number(groups.on_out_of_scope) + ";recreate " + number(groups.recreate);
}

}  // namespace

std::vector<std::string> optional_attributes() {
    return {"mail", "msDS-ExternalDirectoryObjectId", "proxyAddresses"};
}

Result<ProjectionRules> projection_rules(
    const GroupsConfig& groups, const DirectoryConfig& directory,
    const std::map<std::string, std::string>& mapping,
    const std::map<std::string, AttributeFacts>& group_attributes) {
    if (!mapping.empty()) {
        return failure(FailureKind::invalid_configuration,
                       "mapping." + mapping.begin()->first +
                           " is set, but this version writes the default mapping only; remove "
                           "the [mapping] section's entries");
    }
    if (directory.container.empty()) {
        return failure(FailureKind::invalid_configuration,
                       "directory.container is empty; name the organizational unit that groups "
                       "are made in");
    }
    return ProjectionRules{Dn(directory.container),
                           groups.microsoft365_as,
                           group_attributes.contains("msds-externaldirectoryobjectid"),
                           group_attributes.contains("mail"),
                           group_attributes.contains("proxyaddresses"),
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
    desired.container = rules.container;
    const std::string display_name = clean(group.display_name);
    desired.cn = left(trim(display_name), readable_part) + "_" + id_part(group.id);
    desired.sam_account_name = account_name(group);
    desired.group_type = group_type(group, rules.microsoft365_as);
    set(desired.attributes, "displayName", left(display_name, most_display_name));
    set(desired.attributes, "description",
        left(trim(clean(group.description.value_or(""))), most_description));
    set(desired.attributes, "adminDescription", mark_of(group.id));
    if (rules.external_directory_object_id) {
        set(desired.attributes, "msDS-ExternalDirectoryObjectId", mark_of(group.id));
    }
    set_mail(desired.attributes, group, rules);
    return desired;
}

std::vector<std::string> written_attributes(const ProjectionRules& rules) {
    std::vector<std::string> names = {"adminDescription", "description", "displayName"};
    if (rules.mail) names.emplace_back("mail");
    if (rules.external_directory_object_id) names.emplace_back("msDS-ExternalDirectoryObjectId");
    if (rules.proxy_addresses) names.emplace_back("proxyAddresses");
    return names;
}

std::string fingerprint(const ProjectionRules& rules) {
    std::string text = "mapping 1;" + rules.settings + ";microsoft365 " +
                       std::to_string(static_cast<int>(rules.microsoft365_as)) + ";attributes";
    for (const std::string& name : written_attributes(rules))
        text += " " + name;
    return text + ";container " + rules.container.text();
}

}  // namespace writeback
