// Who is assigned to which application: the appRoleAssignments of users and groups.
//
// Failures: add refuses what exists already. Limits: those of memory. Ownership: principals and
// resources are objects of the tenant, by index. Threads: one.
#pragma once

#include "../base/clock.hpp"
#include "../base/random.hpp"
#include "../base/result.hpp"
#include "link_history.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace emulator {

struct AppRoleAssignment {
    std::string id;  ///< opaque, as Graph's
    std::string app_role_id;
    ObjectIndex principal = 0;
    ObjectIndex resource = 0;
    TimePoint created{};
    bool deleted = false;  ///< its place stays, so that positions on pages last
};

class AppRoleAssignments {
 public:
    explicit AppRoleAssignments(Random& random) : random_(random) {}

    Result<std::size_t> add(ObjectIndex principal, ObjectIndex resource, std::string app_role_id,
                            TimePoint now);
    /// False where there is none of that id.
    bool remove(std::string_view id);

    /// All ever made, in that order.
    const std::vector<AppRoleAssignment>& all() const { return assignments_; }
    const AppRoleAssignment* find(std::string_view id) const;

 private:
    Random& random_;
    std::vector<AppRoleAssignment> assignments_;
};

}  // namespace emulator
