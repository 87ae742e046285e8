// Looks, before the first write, whether the account may do what the mapping will ask of it.
//
// Purpose: `check-config --online` and `enable`. Only reads: the directory itself computes the
// effective rights (allowedChildClassesEffective, allowedAttributesEffective). Failures: those of a
// read; a missing right is a finding, not a failure. Limits: attribute rights are looked up on one
// group of the container; while it holds none, that part is said to be unchecked. Ownership:
// values. Threads: the session's. Cancellation: the session's stop.
#pragma once

#include <writeback/async.hpp>
#include <writeback/config.hpp>
#include <writeback/result.hpp>

#include <set>
#include <string>
#include <vector>

namespace writeback {

class DirectorySession;

struct RightsFinding {
    bool problem = false;  // false: checked and good, or worth knowing
    std::string sentence;  // what was found, where, and the remedy
};

// `attributes` are those that the mapping writes, besides cn, sAMAccountName, groupType, member and
// adminDescription, which are always needed.
Async<Result<std::vector<RightsFinding>>> check_directory_rights(DirectorySession& session,
                                                                 const DirectoryConfig& config,
                                                                 std::set<std::string> attributes);

}  // namespace writeback
