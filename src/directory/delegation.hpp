// The commands by which a domain administrator gives an account its rights on a container, and no
// more than these.
//
// Purpose: on the container, creating and deleting groups, there and below; on groups below it,
// reading and writing each attribute that the mapping writes. Nothing elsewhere, and no right to
// read beyond what every account has. deploy/directory holds the same as scripts; a test compares.
// Pure. Failures: an attribute without a known schemaIDGUID is left out. Ownership: values.
#pragma once

#include <writeback/ids.hpp>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace writeback {

// By lower-case lDAPDisplayName: the GUIDs by which rights name classes and attributes.
using SchemaGuids = std::map<std::string, std::string>;

// What the default mapping writes, the schema permitting.
[[nodiscard]] const std::vector<std::string>& delegated_by_default();

// Those of a mapping, with the ones that are always written: cn and name (for a rename), member,
// sAMAccountName, groupType and adminDescription. Each once, spelt as the caller does.
[[nodiscard]] std::vector<std::string> attributes_to_delegate(const std::set<std::string>& mapped);

struct Delegation {
    std::string access_control_entries;  // in SDDL
    std::vector<std::string> windows;    // lines of dsacls for a command prompt
    std::string samba;                   // a line of samba-tool for a shell on the controller
};

// `account` is "CONTOSO\svc-writeback", `sid` its SID; `guids` must hold the class group.
[[nodiscard]] Delegation delegate_rights(const Dn& container, std::string_view account,
                                         const Sid& sid, const std::vector<std::string>& attributes,
                                         const SchemaGuids& guids);

}  // namespace writeback
