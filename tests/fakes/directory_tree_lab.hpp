// The lab's domain in a DirectoryTree: the same units, accounts, users and rights that
// deploy/directory gives a throw-away domain controller, so that one test fits both.
#pragma once

#include "fakes/directory_tree.hpp"

#include <string>

namespace writeback::fakes {

struct LabOptions {
    int users = 100;
    std::string service_password = "service";
    std::string administrator_password = "administrator";
    bool exchange_rights = false;
    bool child_domain = true;
};

inline constexpr const char* lab_container = "OU=CloudGroups,DC=lab,DC=test";
inline constexpr const char* lab_people = "OU=People,DC=lab,DC=test";
inline constexpr const char* lab_service_account =
    "CN=svc-writeback,OU=Service Accounts,DC=lab,DC=test";
inline constexpr const char* lab_administrator = "CN=Administrator,CN=Users,DC=lab,DC=test";
// Another domain of the forest, with users and groups of each scope.
inline constexpr const char* lab_child_domain = "DC=child,DC=lab,DC=test";

// The tree must be new and have the lab's base.
void furnish_lab(DirectoryTree& tree, const LabOptions& options);
// What the service account may write of groups in the container.
[[nodiscard]] std::set<std::string> lab_rights(bool exchange);

}  // namespace writeback::fakes
