// Which groups are written back. Independent of the directory, so that the cloud can be followed
// while Active Directory is out of reach.
//
// Failures: scope_rules refuses a setting that this program does not know how to follow, with
// invalid_configuration and a sentence that names setting and remedy. Ownership: values. Threads:
// pure, any thread.
#pragma once

#include <writeback/config.hpp>
#include <writeback/group.hpp>
#include <writeback/result.hpp>

#include <set>
#include <string>

namespace writeback {

struct ScopeRules {
    bool microsoft365 = true;
    bool security = true;
    bool listed = false;        // only the groups in `include`
    std::set<GroupId> include;  // canonical ids
};

[[nodiscard]] Result<ScopeRules> scope_rules(const GroupsConfig& groups);

struct Scope {
    bool in_scope = false;
    std::string reason;  // a sentence, for people, in either case
};

// Asked of active groups: a soft-deleted security group shows securityEnabled = false, so a group
// that is not active keeps the scope it had (core/delta_fold sees to it).
[[nodiscard]] Scope scope_of(const CloudGroup& group, const ScopeRules& rules);

// Differs when the rules decide differently. Compared with the one in the store to know that a
// changed configuration asks for `rescope`.
[[nodiscard]] std::string fingerprint(const ScopeRules& rules);

}  // namespace writeback
