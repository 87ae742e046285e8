// The guard's limits as numbers and as the sentences that a person reads when one is exceeded.
//
// Failures: none. Threads: pure, any thread.
#pragma once

#include <writeback/config.hpp>
#include <writeback/store.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace writeback {

inline constexpr std::string_view how_to_decide =
    "`group-writeback approve` lets it happen, `group-writeback reject` keeps things as they are.";

// How many of `total` a limit allows: a number itself; of a percentage that share, rounded down,
// but at least one when it is above 0.
[[nodiscard]] std::int64_t allowed_by(const Limit& limit, std::int64_t total);

// What the removals of one group come to, before they are permitted.
struct RemovalCount {
    std::int64_t inferred = 0;
    std::int64_t explicit_ones = 0;  // those that limit_explicit_removals counts
};

// A sentence when these removals from a group with written_count members exceed
// max_member_removals or max_inferred_removals; nothing when they do not.
[[nodiscard]] std::string exceeded_limit(const RemovalCount& count, std::int64_t written_count,
                                         const GuardFacts& facts, const GuardConfig& guard,
                                         const GroupsConfig& groups);

// The same for group deletions: `waiting` are pending and not approved.
[[nodiscard]] std::string exceeded_deletion_limit(std::int64_t waiting, const GuardFacts& facts,
                                                  const GuardConfig& guard);

}  // namespace writeback
