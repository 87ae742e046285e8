// Reads a tenant from JSON: {"users": […], "devices": […], "servicePrincipals": […], "contacts":
// […], "groups": [{…, "members": [ids], "owners": [ids], "appRoleAssignments": [service
// principals]}], "writebackDefaults": true}, with Graph's names.
//
// Failures: the first problem, with the place it stands at. Limits: those of memory. Threads: one.
#pragma once

#include "tenant.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace emulator {

/// Adds everything in the text to the tenant; yields what is wrong, or nothing. The client's own
/// service principal is made where the file has none with its application id.
std::optional<std::string> load_tenant(std::string_view text, Tenant& tenant, TimePoint now,
                                       std::string_view application_id = {});

/// The same from a file.
std::optional<std::string> load_tenant_file(const std::string& path, Tenant& tenant, TimePoint now,
                                            std::string_view application_id);

}  // namespace emulator
