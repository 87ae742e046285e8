// Tries again what the directory refused: names that were taken, values and members that it did not
// accept, objects that were missing or had been moved away. A hold is tried again after as long as
// it has stood already, within limits, so that the tries become more seldom by themselves.
//
// What waits for a person is left alone. Failures: the store's. Threads: one.
#pragma once

#include "sync/ports.hpp"

#include <writeback/store.hpp>

#include <map>
#include <string>

namespace writeback {

class HoldRetry {
 public:
    static constexpr Duration least = std::chrono::minutes(1);
    static constexpr Duration most = std::chrono::hours(1);
    static constexpr Duration between_looks = std::chrono::seconds(20);

    explicit HoldRetry(SyncPorts& ports);

    // Marks the groups whose holds are due, at a start all of them. Gives true when there were any.
    [[nodiscard]] Result<bool> look();
    [[nodiscard]] Result<bool> look_at_all();

 private:
    Result<bool> look(bool all);

    SyncPorts& ports_;
    std::map<std::string, Instant> next_;  // by the hold's id
};

}  // namespace writeback
