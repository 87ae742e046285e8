// group.writebackConfiguration of beta: {isEnabled, onPremisesGroupType}, each of them null where
// nobody has set it.
//
// Microsoft documents defaults (isEnabled true for Microsoft 365 groups and false for security
// groups, and a group type for each) while tenants show null; so both can be had.
//
// Pure. Failures: a value that Graph would refuse. Threads: none shared.
#pragma once

#include "../base/json.hpp"
#include "../base/result.hpp"

namespace emulator {

Verdict check_writeback_configuration(const json::value& value, bool unified);

/// What stands after a PATCH: a part that is not named keeps its value, null for the whole clears.
json::value changed_writeback_configuration(const json::value* present, const json::value& change);

/// As Graph shows it; `stored` is null where the group was never configured.
json::value shown_writeback_configuration(const json::value* stored, bool unified,
                                          bool documented_defaults);

}  // namespace emulator
