// The webhook's listener: WebhookAnswers on a socket of its own, with the limits of the
// configuration.
//
// Failures: open() tells a listener or a certificate that cannot be had. Limits: WebhookConfig's.
// Ownership: sink, log, metrics and clock must outlive it. Threads: one, the executor's; the sink
// is called on it, and the clock's waits go on there. Cancellation: stop(), on that thread; run()
// then ends within the grace.
#pragma once

#include "intake/webhook_answers.hpp"
#include "platform/http_server.hpp"

#include <writeback/config.hpp>
#include <writeback/log.hpp>
#include <writeback/notification.hpp>

#include <memory>
#include <string>

namespace writeback {

class WebhookServer {
 public:
    [[nodiscard]] static Result<std::unique_ptr<WebhookServer>> open(
        boost::asio::any_io_executor executor, WebhookConfig config, NotificationSink& sink,
        Log& log, Metrics& metrics, Clock& clock);

    Async<void> run();
    void stop(Duration grace);
    // Where it listens: "127.0.0.1:41234" or "unix:/path".
    [[nodiscard]] std::string address() const;

 private:
    WebhookServer(const WebhookConfig& config, std::unique_ptr<Listener> listener,
                  NotificationSink& sink, Log& log, Metrics& metrics, Clock& clock);

    std::unique_ptr<Listener> listener_;
    WebhookAnswers answers_;
    HttpServer server_;
};

}  // namespace writeback
