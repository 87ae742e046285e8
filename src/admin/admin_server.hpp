// The admin listener. It only reads: GET and HEAD of
//   /healthz        200 as long as the process answers
//   /readyz         200, or 503 with one reason a line
//   /metrics        Prometheus
//   /api/v1/status  what `status --json` prints
//   /               the status page
//
// Failures: open() tells an address that cannot be had; a status that cannot be read is answered
// 503 with its sentence. Limits: AdminConfig's. Ownership: source, metrics, log and clock must
// outlive it. Threads: one, the executor's; the source is called on it. Cancellation: stop(), on
// that thread.
#pragma once

#include "admin/metrics.hpp"
#include "platform/http_server.hpp"

#include <writeback/config.hpp>
#include <writeback/log.hpp>
#include <writeback/status.hpp>

#include <memory>
#include <string>

namespace writeback {

class AdminServer {
 public:
    [[nodiscard]] static Result<std::unique_ptr<AdminServer>> open(
        boost::asio::any_io_executor executor, const AdminConfig& config, StatusSource& source,
        const MetricsRegistry& metrics, Log& log, const Clock& clock);

    Async<void> run();
    void stop(Duration grace);
    [[nodiscard]] std::string address() const;

 private:
    AdminServer(std::unique_ptr<Listener> listener, const AdminConfig& config, StatusSource& source,
                const MetricsRegistry& metrics, Log& log, const Clock& clock);
    Async<HttpResponse> answer(HttpRequest request);
    HttpResponse answer_of(const std::string& path);
    HttpResponse status_answer(bool page);
    HttpResponse readiness_answer();

    std::unique_ptr<Listener> listener_;
    StatusSource& source_;
    const MetricsRegistry& metrics_;
    const Clock& clock_;
    HttpServer server_;
};

}  // namespace writeback
