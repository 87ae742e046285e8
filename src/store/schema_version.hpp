// The version of a file's tables, kept in PRAGMA user_version, and the steps that lead to it.
#pragma once

#include "store/database.hpp"

#include <string>
#include <vector>

namespace writeback {

// steps[n] leads from version n to n + 1; the first one is the whole schema. All that are missing
// run in one transaction, whose name for crash points is `name`. A newer version than ours is
// refused: it may hold what we would lose.
[[nodiscard]] Result<Done> migrate(Database& database, const std::vector<std::string>& steps,
                                   DurableStep name = DurableStep::none);

// For those who open beside the owner: nothing is changed, the version must be ours.
[[nodiscard]] Result<Done> require_version(Database& database,
                                           const std::vector<std::string>& steps);

[[nodiscard]] const std::vector<std::string>& store_schema();
[[nodiscard]] const std::vector<std::string>& inbox_schema();

}  // namespace writeback
