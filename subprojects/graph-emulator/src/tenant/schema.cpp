#include "schema.hpp"

#include <algorithm>
#include <string>

namespace emulator {
namespace {

using enum ValueType;
constexpr auto on_select = Returned::on_select;
constexpr auto outside_store = Returned::outside_store;
constexpr auto always = Returned::always;

constexpr Property group_properties[] = {
    {"deletedDateTime", time, always, false, true},
    {"classification", text},
    {"createdDateTime", time, always, false, true},
    {"creationOptions", list},
    {"description", text, always, false, false, 1024},
    {"displayName", text, always, false, false, 256},
    {"expirationDateTime", time, always, false, true},
    {"groupTypes", list},
    {"isAssignableToRole", flag},
    {"mail", text},
    {"mailEnabled", flag},
    {"mailNickname", text, always, false, false, 64},
    {"membershipRule", text},
    {"membershipRuleProcessingState", text},
    {"onPremisesDomainName", text},
    {"onPremisesLastSyncDateTime", time},
    {"onPremisesNetBiosName", text},
    {"onPremisesSamAccountName", text},
    {"onPremisesSecurityIdentifier", text},
    {"onPremisesSyncEnabled", flag},
    {"preferredDataLocation", text},
    {"preferredLanguage", text},
    {"proxyAddresses", list},
    {"renewedDateTime", time},
    {"resourceBehaviorOptions", list},
    {"resourceProvisioningOptions", list},
    {"securityEnabled", flag},
    {"securityIdentifier", text, always, false, true},
    {"theme", text},
    {"uniqueName", text, always, false, false, 128},
    {"visibility", text},
    {"onPremisesProvisioningErrors", list},
    {"writebackConfiguration", record, always, true},
    {"isManagementRestricted", flag, on_select},
    {"assignedLabels", list, on_select},
    {"assignedLicenses", list, on_select},
    {"licenseProcessingState", record, on_select},
    {"onPremisesExtensionAttributes", record, on_select},
    {"hideFromAddressLists", flag, outside_store},
    {"hideFromOutlookClients", flag, outside_store},
    {"allowExternalSenders", flag, outside_store},
    {"autoSubscribeNewMembers", flag, outside_store},
    {"isSubscribedByMail", flag, outside_store},
    {"unseenCount", text, outside_store},
};

constexpr Property user_properties[] = {
    {"businessPhones", list},
    {"displayName", text, always, false, false, 256},
    {"givenName", text, always, false, false, 64},
    {"jobTitle", text, always, false, false, 128},
    {"mail", text},
    {"mobilePhone", text},
    {"officeLocation", text},
    {"preferredLanguage", text},
    {"surname", text, always, false, false, 64},
    {"userPrincipalName", text},
    {"accountEnabled", flag, on_select},
    {"city", text, on_select},
    {"companyName", text, on_select},
    {"country", text, on_select},
    {"createdDateTime", time, on_select, false, true},
    {"deletedDateTime", time, on_select, false, true},
    {"department", text, on_select},
    {"employeeId", text, on_select},
    {"mailNickname", text, on_select, false, false, 64},
    {"onPremisesDistinguishedName", text, on_select},
    {"onPremisesDomainName", text, on_select},
    {"onPremisesExtensionAttributes", record, on_select},
    {"onPremisesImmutableId", text, on_select},
    {"onPremisesLastSyncDateTime", time, on_select},
    {"onPremisesProvisioningErrors", list, on_select},
    {"onPremisesSamAccountName", text, on_select},
    {"onPremisesSecurityIdentifier", text, on_select},
    {"onPremisesSyncEnabled", flag, on_select},
    {"onPremisesUserPrincipalName", text, on_select},
    {"otherMails", list, on_select},
    {"proxyAddresses", list, on_select},
    {"securityIdentifier", text, on_select, false, true},
    {"usageLocation", text, on_select},
    {"userType", text, on_select},
};

constexpr Property device_properties[] = {
    {"accountEnabled", flag},
    {"approximateLastSignInDateTime", time},
    {"createdDateTime", time, on_select, false, true},
    {"deletedDateTime", time, always, false, true},
    {"deviceId", text},
    {"displayName", text, always, false, false, 256},
    {"isCompliant", flag},
    {"isManaged", flag},
    {"onPremisesLastSyncDateTime", time},
    {"onPremisesSecurityIdentifier", text},
    {"onPremisesSyncEnabled", flag},
    {"operatingSystem", text},
    {"operatingSystemVersion", text},
    {"trustType", text},
};

constexpr Property service_principal_properties[] = {
    {"accountEnabled", flag},
    {"appDisplayName", text},
    {"appId", text},
    {"deletedDateTime", time, always, false, true},
    {"displayName", text, always, false, false, 256},
    {"appRoleAssignmentRequired", flag},
    {"appRoles", list},
    {"servicePrincipalType", text},
};

constexpr Property org_contact_properties[] = {
    {"companyName", text},
    {"deletedDateTime", time, always, false, true},
    {"displayName", text, always, false, false, 256},
    {"givenName", text},
    {"mail", text},
    {"mailNickname", text},
    {"onPremisesLastSyncDateTime", time},
    {"onPremisesProvisioningErrors", list},
    {"onPremisesSyncEnabled", flag},
    {"proxyAddresses", list},
    {"surname", text},
};

bool has_type(const json::value& value, ValueType type) {
    switch (type) {
        case text:
            return value.is_string();
        case flag:
            return value.is_bool();
        case list:
            return value.is_array();
        case record:
            return value.is_object();
        case time:
            return value.is_string() &&
                   parse_time({value.get_string().data(), value.get_string().size()}).has_value();
    }
    return false;
}

/// A directory extension holds text, a number or a flag, or a list of one of them.
bool is_extension_value(const json::value& value) {
    if (!value.is_array()) return value.is_string() || value.is_bool() || value.is_number();
    const auto& list = value.get_array();
    return std::all_of(list.begin(), list.end(), [](const json::value& item) {
        return item.is_string() || item.is_bool() || item.is_number();
    });
}

std::size_t characters(const json::string& text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

Verdict check_property(const Property& property, const json::value& value) {
    const std::string name(property.name);
    if (property.read_only) {
        return Refusal{400, "Request_BadRequest",
                       "Property '" + name + "' is read-only and cannot be set."};
    }
    const bool needed = name == "displayName" || name == "mailEnabled" || name == "securityEnabled";
    if (value.is_null() ? needed : needed && value.is_string() && value.get_string().empty()) {
        return Refusal{400, "Request_BadRequest",
                       "Invalid value specified for property '" + name + "' of resource."};
    }
    if (value.is_null()) return std::nullopt;
    if (!has_type(value, property.type)) {
        return Refusal{400, "Request_BadRequest",
                       "Cannot convert the value of property '" + name + "' to the expected type."};
    }
    if (property.longest > 0 && characters(value.get_string()) > property.longest) {
        return Refusal{400, "Request_BadRequest",
                       "Invalid value specified for property '" + name +
                           "' of resource: it is longer than " + std::to_string(property.longest) +
                           " characters."};
    }
    return std::nullopt;
}

}  // namespace

std::span<const Property> properties_of(Kind kind) {
    switch (kind) {
        case Kind::user:
            return user_properties;
        case Kind::group:
            return group_properties;
        case Kind::device:
            return device_properties;
        case Kind::service_principal:
            return service_principal_properties;
        case Kind::org_contact:
            return org_contact_properties;
    }
    return {};
}

const Property* find_property(Kind kind, std::string_view name) {
    const auto table = properties_of(kind);
    const auto found = std::find_if(table.begin(), table.end(), [&](const Property& property) {
        return property.name == name;
    });
    return found == table.end() ? nullptr : &*found;
}

bool is_directory_extension(std::string_view name) {
    constexpr std::string_view prefix = "extension_";
    constexpr std::size_t application = 32;
    if (!name.starts_with(prefix)) return false;
    name.remove_prefix(prefix.size());
    return name.size() > application + 1 && name[application] == '_' &&
           name.substr(0, application).find_first_not_of("0123456789abcdefABCDEF") ==
               std::string_view::npos;
}

bool has_property(Kind kind, std::string_view name) {
    return find_property(kind, name) != nullptr || is_directory_extension(name);
}

Verdict check_properties(Kind kind, const json::object& values, bool beta) {
    for (const auto& [key, value] : values) {
        const std::string_view name(key.data(), key.size());
        if (name.find("@odata") != std::string_view::npos || name == "passwordProfile") continue;
        if (is_directory_extension(name)) {
            if (value.is_null() || is_extension_value(value)) continue;
            return Refusal{400, "Request_BadRequest",
                           "Invalid value specified for property '" + std::string(name) + "'."};
        }
        const auto* property = find_property(kind, name);
        if (property == nullptr || (property->beta_only && !beta)) {
            return Refusal{400, "Request_BadRequest",
                           "Invalid property '" + std::string(name) + "'."};
        }
        if (auto refusal = check_property(*property, value)) return refusal;
    }
    return std::nullopt;
}

json::value value_when_unset(const Property& property) {
    if (property.type == list) return json::array();
    return nullptr;
}

}  // namespace emulator
