// The daemon's status and readiness, put together from a connection of its own to the store and
// from what only the running daemon knows.
//
// Failures: `store` when the file cannot be read; readiness then says so. Ownership: config and
// live must outlive it. Threads: one, the edge's. Cancellation: none, reads are short.
#pragma once

#include "sync/live_state.hpp"

#include <writeback/config.hpp>
#include <writeback/status.hpp>

#include <memory>

namespace writeback {

class DaemonStatus final : public StatusSource {
 public:
    // `store`: opened for reading beside the daemon's own.
    DaemonStatus(const Config& config, const LiveState& live, std::unique_ptr<Store> store,
                 const Clock& clock);

    [[nodiscard]] Result<Status> status() override;
    [[nodiscard]] Readiness readiness() override;

 private:
    const Config& config_;
    const LiveState& live_;
    std::unique_ptr<Store> store_;
    const Clock& clock_;
};

// What the store alone tells, as `status` shows it when no daemon runs.
[[nodiscard]] Result<Status> stored_status(const Config& config, Store& store, Instant now);

}  // namespace writeback
