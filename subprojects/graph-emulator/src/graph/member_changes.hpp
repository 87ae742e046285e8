// References to members in request bodies.
//
// Failures: refusals for unknown objects, kinds that may not be members, and more than 20 at once.
// Threads: one.
#pragma once

#include "call.hpp"

#include <vector>

namespace emulator {

/// The object that ".../directoryObjects/{id}", ".../users/{id}" and the like point to; checked
/// against the group.
Result<ObjectIndex> referenced_member(const Services& services, const json::value& reference,
                                      const DirectoryObject& group);

/// members@odata.bind of a POST or PATCH; empty where there is none.
Result<std::vector<ObjectIndex>> bound_members(const Services& services, const json::object& body,
                                               const DirectoryObject& group);

}  // namespace emulator
