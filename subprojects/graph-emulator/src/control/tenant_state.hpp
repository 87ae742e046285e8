// The whole tenant as tests want to see it: the expectation that a directory is compared with.
//
// Pure. Failures: none. Threads: one.
#pragma once

#include "../base/json.hpp"
#include "../tenant/tenant.hpp"

#include <string_view>

namespace emulator {

/// {"groups": […with "members": [ids]], "deleted_groups": […], "users": […], "devices": […]}; one
/// group's entry only where an id is given. Members are those that live.
json::object describe_tenant(const Tenant& tenant, std::string_view only_group);

}  // namespace emulator
