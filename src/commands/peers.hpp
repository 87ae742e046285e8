// Graph and Active Directory without the daemon between them: for the commands that look.
//
// Failures: those of the ports; a few attempts only, since a person waits. Ownership: config must
// outlive it. Threads: the one that calls run(). Cancellation: SIGINT and SIGTERM end every call.
#pragma once

#include "admin/metrics.hpp"
#include "directory/active_directory.hpp"
#include "graph/graph.hpp"
#include "platform/json_log.hpp"
#include "platform/system_clock.hpp"
#include "platform/system_random.hpp"

#include <writeback/async.hpp>
#include <writeback/config.hpp>

#include <boost/asio/io_context.hpp>

namespace writeback {

class Peers {
 public:
    explicit Peers(const Config& config);

    [[nodiscard]] Graph& graph() { return graph_; }
    [[nodiscard]] ActiveDirectory& directory() { return directory_; }
    [[nodiscard]] Clock& clock() { return clock_; }
    [[nodiscard]] Log& log() { return log_; }
    [[nodiscard]] Metrics& metrics() { return metrics_; }

    // Runs the work to its end, then ends both.
    void run(Async<void> work);

 private:
    boost::asio::io_context context_{1};
    SystemClock clock_;
    SystemRandom random_;
    JsonLog log_;
    MetricsRegistry metrics_;
    Graph graph_;
    ActiveDirectory directory_;
};

}  // namespace writeback
