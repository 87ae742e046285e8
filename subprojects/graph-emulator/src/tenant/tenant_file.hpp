// Reads a tenant from JSON: {"users": […], "devices": […], "groups": [{…, "members": [ids]}]}, with
// Graph's names.
//
// Failures: the first problem, with the place it stands at. Limits: those of memory. Threads: one.
#pragma once

#include "tenant.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace emulator {

/// Adds everything in the text to the tenant; yields what is wrong, or nothing.
std::optional<std::string> load_tenant(std::string_view text, Tenant& tenant, Random& random,
                                       TimePoint now);

/// The same from a file.
std::optional<std::string> load_tenant_file(const std::string& path, Tenant& tenant, Random& random,
                                            TimePoint now);

}  // namespace emulator
