#include "admin/admin_server.hpp"

#include "admin/status.hpp"

namespace writeback {

namespace {

HttpLimits limits_of(const AdminConfig& config) {
    HttpLimits limits;
    limits.max_body = 1024;
    limits.head_timeout = config.request_timeout;
    limits.body_timeout = config.request_timeout;
    limits.write_timeout = config.request_timeout;
    limits.max_connections = config.max_connections;
    return limits;
}

}  // namespace

Result<std::unique_ptr<AdminServer>> AdminServer::open(boost::asio::any_io_executor executor,
                                                       const AdminConfig& config,
                                                       StatusSource& source,
                                                       const MetricsRegistry& metrics, Log& log,
                                                       const Clock& clock) {
    auto listener = listen(executor, config.listen, nullptr);
    if (listener.has_error()) return listener.error();
    return std::unique_ptr<AdminServer>(
        new AdminServer(std::move(*listener), config, source, metrics, log, clock));
}

AdminServer::AdminServer(std::unique_ptr<Listener> listener, const AdminConfig& config,
                         StatusSource& source, const MetricsRegistry& metrics, Log& log,
                         const Clock& clock)
    : listener_(std::move(listener)),
      source_(source),
      metrics_(metrics),
      clock_(clock),
      server_(
          *listener_, [this](HttpRequest request) { return answer(std::move(request)); },
          limits_of(config), log) {}

Async<void> AdminServer::run() {
    return server_.run();
}

void AdminServer::stop(Duration grace) {
    server_.stop(grace);
}

std::string AdminServer::address() const {
    return listener_->address();
}

Async<HttpResponse> AdminServer::answer(HttpRequest request) {
    HttpResponse response = answer_of(request.path);
    if (response.status != 404 && request.method != "GET" && request.method != "HEAD") {
        response = plain_answer(405, "This listener only reads: use GET.");
        response.headers.emplace_back("Allow", "GET, HEAD");
    }
    response.headers.emplace_back("Cache-Control", "no-store");
    response.headers.emplace_back("X-Content-Type-Options", "nosniff");
    co_return response;
}

HttpResponse AdminServer::answer_of(const std::string& path) {
    if (path == "/healthz") return plain_answer(200, "alive");
    if (path == "/readyz") return readiness_answer();
    if (path == "/metrics") {
        return {200, "text/plain; version=0.0.4; charset=utf-8", metrics_.exposition(), {}};
    }
    if (path == "/api/v1/status") return status_answer(false);
    if (path == "/") return status_answer(true);
    return plain_answer(404,
                        "Nothing is here; there are /, /healthz, /readyz, /metrics and "
                        "/api/v1/status.");
}

HttpResponse AdminServer::readiness_answer() {
    const auto readiness = source_.readiness();
    if (readiness.ready) return plain_answer(200, "ready");
    std::string reasons;
    for (const auto& reason : readiness.reasons)
        reasons += (reasons.empty() ? "" : "\n") + reason;
    return plain_answer(503, reasons.empty() ? "not ready" : reasons);
}

HttpResponse AdminServer::status_answer(bool page) {
    const auto status = source_.status();
    if (status.has_error()) return plain_answer(503, status.error().detail);
    if (!page) return {200, "application/json", status_json(*status) + "\n", {}};
    return {
        200,
        "text/html; charset=utf-8",
        status_page(*status, clock_.now()),
        {{"Content-Security-Policy", status_page_policy()}, {"Referrer-Policy", "no-referrer"}}};
}

}  // namespace writeback
