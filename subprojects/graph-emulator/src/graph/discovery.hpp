// The documents by which clients find the endpoints of the identity platform: the OpenID
// configuration of a tenant, and the discovery of instances.
//
// Failures: nothing for paths that name neither. Threads: one.
#pragma once

#include "call.hpp"

#include <optional>
#include <string_view>

namespace emulator {

std::optional<Response> discovery_document(const Services& services, const Call& call,
                                           std::string_view path);

}  // namespace emulator
