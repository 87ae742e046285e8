// The webhook listener: answers Graph's validation handshake and takes its notifications.
//
// With public_url = "https://host/P" it answers POST /P/notifications and POST /P/lifecycle: 200 to
// a validationToken, 202 when the sink has made the batch durable, 503 with Retry-After when it
// could not, 400 to what is no batch, 413 to too much. Every other path is 404, every other method
// 405.
//
// Failures: open() tells a listener or a certificate that cannot be had. Limits: WebhookConfig's.
// Ownership: sink, log, metrics and clock must outlive it. Threads: one, the executor's; the sink
// is called on it. Cancellation: stop(), on that thread; run() then ends within the grace.
#pragma once

#include "intake/notification.hpp"
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
        Log& log, Metrics& metrics, const Clock& clock);

    Async<void> run();
    void stop(Duration grace);
    // Where it listens: "127.0.0.1:41234" or "unix:/path".
    [[nodiscard]] std::string address() const;

 private:
    WebhookServer(const boost::asio::any_io_executor& executor, WebhookConfig config,
                  std::unique_ptr<Listener> listener, NotificationSink& sink, Log& log,
                  Metrics& metrics, const Clock& clock);
    Async<HttpResponse> answer(HttpRequest request);
    Async<HttpResponse> take(std::string body);
    Async<Result<NotificationBatch>> read(std::string body);
    HttpResponse refuse(const Failure& why);
    void count_unreadable(std::size_t items, std::string_view why);

    WebhookConfig config_;
    std::string prefix_;  // the path of public_url, without a slash at its end
    std::unique_ptr<Listener> listener_;
    NotificationSink& sink_;
    Log& log_;
    Metrics& metrics_;
    const Clock& clock_;
    std::int64_t unreadable_ = 0;  // since it was last logged
    std::optional<Duration> logged_unreadable_;
    bool reading_large_ = false;      // one large body is being read
    boost::asio::steady_timer turn_;  // cancelled when it has been
    HttpServer server_;
};

}  // namespace writeback
