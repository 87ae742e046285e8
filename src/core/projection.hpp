// What a cloud group should be in Active Directory. The default mapping (Cloud Sync's, with a
// readable sAMAccountName), which [mapping] overrides attribute by attribute:
//
//   cn                Append(Append(Left(Trim([displayName]),51),"_"),Mid([objectId],25,12))
//   displayName       [displayName]; absent when empty; cut at the schema's 256
//   description       Left(Trim([description]),448); absent when that is empty
//   adminDescription  Group_<objectId>: the mark
//   msDS-ExternalDirectoryObjectId  the same, where the schema has it
//   sAMAccountName    displayName without what AD forbids there, at most 51, "_", last 12 of the id
//   mail, proxyAddresses  of mail-enabled groups, where the schema has them: the primary address
//
// Lengths count UTF-16 units, as Microsoft's functions and the schema's limits do: "448
// characters" are 448 units, and a surrogate pair is never cut (the text is then one unit
// shorter). NUL is dropped from every value, because neither LDAP servers nor their clients treat
// it as text; bytes that are no UTF-8 become U+FFFD. All else is kept: cn and displayName may hold
// control characters, quotes and commas, and directory text escapes them.
//
// Type: a security group is a universal security group. A Microsoft 365 group is what
// groups.microsoft365_as says, or, with select = "writeback-configuration", what its own
// onPremisesGroupType says (none: a distribution group). As a universal security group it has no
// mail attributes and no contacts.
//
// Failures: invalid_configuration from projection_rules, with setting and remedy; value_refused
// from project, with attribute, reason and remedy: for a group without a usable id, and where an
// expression gives what AD could not take. Such a group is held `refused` (Plan::refused).
// Ownership: values. Threads: pure, any thread.
#pragma once

#include "core/mapping.hpp"

#include <writeback/config.hpp>
#include <writeback/directory.hpp>
#include <writeback/group.hpp>
#include <writeback/result.hpp>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace writeback {

struct ProjectionRules {
    Dn container;  // of groups for which no expression says another
    Mapping mapping;
    Microsoft365As microsoft365_as = Microsoft365As::universal_distribution_group;
    bool by_writeback_configuration = false;    // the group's own onPremisesGroupType decides
    bool external_directory_object_id = false;  // the schema has msDS-ExternalDirectoryObjectId
    std::string settings;                       // the rest of the configuration that a plan reads
};

// group_attributes: DirectoryFacts::group_attributes (lower case); empty while no directory was
// asked.
[[nodiscard]] Result<ProjectionRules> projection_rules(
    const GroupsConfig& groups, const DirectoryConfig& directory,
    const std::map<std::string, std::string>& mapping,
    const std::map<std::string, AttributeFacts>& group_attributes);

[[nodiscard]] Result<DesiredGroup> project(const CloudGroup& group, const ProjectionRules& rules);

// Every attribute that project may write besides cn, sAMAccountName, groupType and member, and
// managedBy where it is mapped: what is read of a group in AD, kept in WrittenGroup::attributes and
// compared. Sorted.
[[nodiscard]] std::vector<std::string> written_attributes(const ProjectionRules& rules);

// Differs when any group's plan may differ: mapping, container, schema, policy and what becomes of
// groups that are gone. A changed one asks for all groups to be marked whole.
[[nodiscard]] std::string fingerprint(const ProjectionRules& rules);

}  // namespace writeback
