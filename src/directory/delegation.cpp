#include "directory/delegation.hpp"

#include "directory/ldap_text.hpp"

#include <algorithm>

namespace writeback {

namespace {

std::string double_quoted(std::string_view text) {
    return "\"" + std::string(text) + "\"";
}

// For a POSIX shell, where nothing within means anything.
std::string single_quoted(std::string_view text) {
    std::string quoted = "'";
    for (const char c : text) {
        if (c == '\'') {
            quoted += "'\\''";
        } else {
            quoted += c;
        }
    }
    return quoted + "'";
}

}  // namespace

const std::vector<std::string>& delegated_by_default() {
    static const std::vector<std::string> names = {"cn",
                                                   "name",
                                                   "member",
                                                   "sAMAccountName",
                                                   "groupType",
                                                   "displayName",
                                                   "displayNamePrintable",
                                                   "description",
                                                   "mail",
                                                   "adminDescription",
                                                   "proxyAddresses",
                                                   "info",
                                                   "managedBy",
                                                   "msDS-ExternalDirectoryObjectId"};
    return names;
}

std::vector<std::string> attributes_to_delegate(const std::set<std::string>& mapped) {
    std::vector<std::string> names = {
        "cn", "name", "member", "sAMAccountName", "groupType", "adminDescription"};
    for (const auto& name : mapped) {
        const bool there = std::any_of(names.begin(), names.end(), [&](const auto& other) {
            return lower_case(other) == lower_case(name);
        });
        if (!there) names.push_back(name);
    }
    return names;
}

Delegation delegate_rights(const Dn& container, std::string_view account, const Sid& sid,
                           const std::vector<std::string>& attributes, const SchemaGuids& guids) {
    const auto& group = guids.at("group");
    const std::string dsacls = "dsacls " + double_quoted(container.text());
    const std::string trustee(account);
    Delegation delegation;
    delegation.access_control_entries = "(OA;CI;CCDC;" + group + ";;" + sid.text() + ")";
    delegation.windows.push_back(dsacls + " /I:T /G " + double_quoted(trustee + ":CCDC;group"));
    for (const auto& name : attributes) {
        const auto guid = guids.find(lower_case(name));
        if (guid == guids.end()) continue;
        delegation.access_control_entries +=
            "(OA;CIIO;RPWP;" + guid->second + ";" + group + ";" + sid.text() + ")";
        delegation.windows.push_back(dsacls + " /I:S /G " +
                                     double_quoted(trustee + ":RPWP;" + name + ";group"));
    }
    delegation.samba = "samba-tool dsacl set --objectdn=" + single_quoted(container.text()) +
                       " --sddl=" + single_quoted(delegation.access_control_entries);
    return delegation;
}

}  // namespace writeback
