// A story that a store lives through: calls as the daemon makes them, drawn from a seed. Each call
// is told as a value, so that it can be made again, on another disk or after a failure.
#pragma once

#include "store/sqlite_store.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace writeback::test {

struct StoreCall {
    std::string name;
    // One transaction of the store, beside reads. The first failure, be it of a read, is its own.
    std::function<Result<Done>(SqliteStore&)> make;
};

// The first call binds the domain; after it come pages of both streams, answers about identities,
// runs with their outcomes, reads of AD, deletions and their holds, decisions, subscriptions.
[[nodiscard]] std::vector<StoreCall> store_story(std::uint64_t seed, std::size_t calls);

}  // namespace writeback::test
