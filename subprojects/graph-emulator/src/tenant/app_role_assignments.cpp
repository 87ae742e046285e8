#include "app_role_assignments.hpp"

#include "../base/text.hpp"

#include <algorithm>

namespace emulator {

Result<std::size_t> AppRoleAssignments::add(ObjectIndex principal, ObjectIndex resource,
                                            std::string app_role_id, TimePoint now) {
    const bool there =
        std::any_of(assignments_.begin(), assignments_.end(), [&](const AppRoleAssignment& one) {
            return !one.deleted && one.principal == principal && one.resource == resource &&
                   one.app_role_id == app_role_id;
        });
    if (there) {
        return Refusal{400, "Request_BadRequest",
                       "Permission being assigned already exists on the object"};
    }
    assignments_.push_back({.id = base64url(random_.guid()).substr(0, 43),
                            .app_role_id = std::move(app_role_id),
                            .principal = principal,
                            .resource = resource,
                            .created = now});
    return assignments_.size() - 1;
}

bool AppRoleAssignments::remove(std::string_view id) {
    for (auto& assignment : assignments_) {
        if (assignment.deleted || assignment.id != id) continue;
        assignment.deleted = true;
        return true;
    }
    return false;
}

const AppRoleAssignment* AppRoleAssignments::find(std::string_view id) const {
    const auto found =
        std::find_if(assignments_.begin(), assignments_.end(),
                     [&](const AppRoleAssignment& one) { return !one.deleted && one.id == id; });
    return found == assignments_.end() ? nullptr : &*found;
}

}  // namespace emulator
