#include "permissions.hpp"

#include <algorithm>
#include <array>

namespace emulator {
namespace {

struct Grant {
    Kind kind;
    std::string_view permission;
};
constexpr Grant grants[] = {
    {Kind::group, "GroupMember.Read.All"},
    {Kind::group, "Group.Read.All"},
    {Kind::group, "Group.ReadWrite.All"},
    {Kind::user, "User.Read.All"},
    {Kind::user, "User.ReadWrite.All"},
    {Kind::device, "Device.Read.All"},
    {Kind::org_contact, "OrgContact.Read.All"},
    {Kind::service_principal, "Application.Read.All"},
    {Kind::service_principal, "Application.ReadWrite.All"},
};

struct Reading {
    std::string_view operation;
    Kind kind;
};
constexpr Reading readings[] = {
    {"groups", Kind::group},
    {"groups-delta", Kind::group},
    {"members", Kind::group},
    {"owners", Kind::group},
    {"users", Kind::user},
    {"users-delta", Kind::user},
    {"devices", Kind::device},
    {"contacts", Kind::org_contact},
    {"servicePrincipals", Kind::service_principal},
    {"appRoleAssignments", Kind::service_principal},
};

}  // namespace

bool Permissions::may_read(Kind kind) const {
    if (!granted || granted->contains("Directory.Read.All") ||
        granted->contains("Directory.ReadWrite.All")) {
        return true;
    }
    return std::any_of(std::begin(grants), std::end(grants), [&](const Grant& grant) {
        return grant.kind == kind && granted->contains(grant.permission);
    });
}

Verdict Permissions::check(std::string_view operation, std::string_view method) const {
    const auto reading =
        std::find_if(std::begin(readings), std::end(readings),
                     [&](const Reading& one) { return one.operation == operation; });
    if (method != "GET" || reading == std::end(readings) || may_read(reading->kind)) {
        return std::nullopt;
    }
    return Refusal{403, "Authorization_RequestDenied",
                   "Insufficient privileges to complete the operation."};
}

}  // namespace emulator
