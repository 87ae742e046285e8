// `serve`: builds the engine and the two listeners, runs them on three threads, and stops them in
// reverse.
//
// Failures: building tells the first part that cannot be had. While it runs, what fails is a
// problem in the status and is tried again; only a bug ends the daemon. Limits: it ends within
// drain_limit after SIGTERM, whatever hangs. Ownership: config must outlive it. Threads: run() is
// called on the main thread and keeps it. Cancellation: SIGTERM and SIGINT drain (readiness 503, no
// new connections, writes under way are finished and remembered); a second one ends at once.
#pragma once

#include <writeback/config.hpp>
#include <writeback/result.hpp>

#include <memory>

namespace writeback {

class Daemon {
 public:
    static constexpr Duration drain_limit = std::chrono::seconds(27);

    [[nodiscard]] static Result<std::unique_ptr<Daemon>> build(const Config& config);
    ~Daemon();

    void run();

 private:
    struct Parts;
    explicit Daemon(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace writeback
