// Which groups are written back. Independent of the directory, so that the cloud can be followed
// while Active Directory is out of reach.
//
// Failures: scope_rules refuses a setting that cannot be followed, with invalid_configuration and a
// sentence that names setting and remedy. Ownership: values. Threads: pure, any thread.
#pragma once

#include "core/expression.hpp"

#include <writeback/config.hpp>
#include <writeback/group.hpp>
#include <writeback/result.hpp>

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace writeback {

struct ScopeRules {
    bool microsoft365 = true;
    bool security = true;
    bool role_assignable = true;
    bool dynamic = true;
    Select select = Select::all;
    std::set<GroupId> include;         // listed: canonical ids
    std::optional<Expression> filter;  // filter: gives a Boolean
    // assigned: the groups that are assigned to our application. Nothing: not known yet; then every
    // group keeps the scope that it has. Whoever asks the cloud sets it, before each use.
    std::optional<std::set<GroupId>> assigned;
};

// A setting of [groups] that cannot be followed, and why.
struct ScopeFault {
    std::string setting;  // "groups.filter"
    Failure failure;
};
[[nodiscard]] std::vector<ScopeFault> scope_faults(const GroupsConfig& groups);

// The first of the faults, if there is one.
[[nodiscard]] Result<ScopeRules> scope_rules(const GroupsConfig& groups);

struct Scope {
    bool in_scope = false;
    std::string reason;  // a sentence without capital and full stop, for people, in any case
    // False where it cannot be told: the group keeps the scope it has, because not knowing is no
    // evidence, and in_scope says nothing.
    bool told = true;
    // Not told because of the group itself: it is held `unreadable` with the reason
    // (MirrorGroup::unreadable), until it changes or the configuration does.
    bool fault = false;
};

// Asked of active groups: a soft-deleted security group shows securityEnabled = false, so a group
// that is not active keeps the scope it had (core/delta_fold sees to it).
//
// Never in scope: synced groups, mail-enabled groups that Exchange Online manages. Left out as the
// configuration says: kinds, groups that roles can be assigned to, dynamic ones. Of the others
//   listed, assigned, filter  say which.
//   writeback-configuration   follows the group's own writebackConfiguration:
//
//     isEnabled              Microsoft 365   security
//     true                   written         written
//     null, with a type      written         written
//     null, without a type   written         not written: these opt in
//     false                  not written     not written
[[nodiscard]] Scope scope_of(const CloudGroup& group, const ScopeRules& rules);

// How the reason of a fault begins.
inline constexpr std::string_view scope_fault_begins = "whether it is in scope cannot be told: ";

// Whether a row's MirrorGroup::unreadable is a fault of scope_of, so that other rules may say more.
[[nodiscard]] bool is_scope_fault(const std::string& unreadable);

// Differs when the rules decide differently. Compared with the one in the store to know that a
// changed configuration, or another list of assigned groups, asks for `rescope`.
[[nodiscard]] std::string fingerprint(const ScopeRules& rules);

}  // namespace writeback
