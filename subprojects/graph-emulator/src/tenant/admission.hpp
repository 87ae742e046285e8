// How objects enter the tenant: the values that the service itself fills in, the same for Graph's
// POST, the tenant file and the generator.
//
// Failures: none; callers have checked the values. Threads: none shared.
#pragma once

#include "../base/json.hpp"
#include "tenant.hpp"

namespace emulator {

/// Adds securityIdentifier, createdDateTime, empty groupTypes and the like where they are absent.
json::object completed(Kind kind, json::object properties, std::string_view id, TimePoint now);

/// Whether this kind of object may be a member of that group: M365 groups hold users, and mail
/// contacts, but no groups or devices.
bool may_be_member(const DirectoryObject& group, const DirectoryObject& member);
/// Users and service principals own groups.
bool may_be_owner(const DirectoryObject& owner);

/// The client's enterprise application, where the tenant has none with that application id.
void enter_application(Tenant& tenant, TimePoint now, std::string_view app_id);

}  // namespace emulator
