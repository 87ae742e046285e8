// What the webhook answers to a request, apart from listening: Graph's validation handshake and its
// notifications.
//
// With public_url = "https://host/P" it answers POST /P/notifications and POST /P/lifecycle: 200 to
// a validationToken, 202 when the sink has made the batch durable, 503 with Retry-After when it
// could not, 400 to what is no batch, 413 to too much. Every other path is 404, every other method
// 405. Failures: none but those answers. Limits: WebhookConfig's nesting and items. Ownership:
// sink, log, metrics and clock must outlive it. Threads: one. Cancellation: none; the sink ends in
// time.
#pragma once

#include "intake/notification.hpp"
#include "platform/http_server.hpp"

#include <writeback/clock.hpp>
#include <writeback/config.hpp>
#include <writeback/log.hpp>
#include <writeback/notification.hpp>

#include <cstdint>
#include <list>
#include <optional>
#include <string>

namespace writeback {

class WebhookAnswers {
 public:
    WebhookAnswers(WebhookConfig config, NotificationSink& sink, Log& log, Metrics& metrics,
                   Clock& clock);

    Async<HttpResponse> answer(HttpRequest request);

 private:
    Async<HttpResponse> take(std::string body);
    Async<Result<NotificationBatch>> read(std::string body);
    HttpResponse refuse(const Failure& why);
    void count_unreadable(std::size_t items, std::string_view why);

    WebhookConfig config_;
    std::string prefix_;  // the path of public_url, without a slash at its end
    NotificationSink& sink_;
    Log& log_;
    Metrics& metrics_;
    Clock& clock_;
    std::int64_t unreadable_ = 0;  // since it was last logged
    std::optional<Duration> logged_unreadable_;
    bool reading_large_ = false;  // one large body is being read
    std::list<Alarm*> waiting_;   // for their turn to read one
};

}  // namespace writeback
