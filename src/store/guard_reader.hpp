// Figures over all groups: for the guard's limits and for status. Within a read transaction.
#pragma once

#include "store/records.hpp"

#include <writeback/store.hpp>

#include <vector>

namespace writeback {

[[nodiscard]] GuardFacts read_guard_facts(Database& database, Instant window_begin);
[[nodiscard]] std::vector<PendingDeletion> read_pending_deletions(Database& database);
[[nodiscard]] Store::Counts read_counts(Database& database);

}  // namespace writeback
