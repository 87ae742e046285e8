#include "intake/webhook_answers.hpp"

#include "intake/form_text.hpp"

namespace writeback {

namespace {

constexpr std::size_t longest_validation_token = 4096;
constexpr std::size_t large_body = 64 << 10;
constexpr Duration log_interval{60'000};
constexpr Duration longest_wait{60'000};       // for a turn; then it looks again
constexpr std::string_view retry_after = "5";  // seconds

// The path of "https://host/graph": "/graph"; nothing when there is none.
std::string path_of(std::string_view url) {
    const auto authority = url.find("://");
    if (authority == std::string_view::npos) return {};
    const auto path = url.find('/', authority + 3);
    std::string result(path == std::string_view::npos ? std::string_view() : url.substr(path));
    while (result.ends_with('/'))
        result.pop_back();
    return result;
}

// What Graph asks of an address before it sends to it. The token comes from outside and goes back
// as it came, so nothing may take it for a page.
HttpResponse validation_answer(const std::optional<std::string>& token) {
    if (!token) return plain_answer(400, "The validationToken is not encoded as in a form.");
    if (token->size() > longest_validation_token) {
        return plain_answer(400, "The validationToken is too long.");
    }
    return {200, "text/plain; charset=utf-8", *token, {{"X-Content-Type-Options", "nosniff"}}};
}

}  // namespace

WebhookAnswers::WebhookAnswers(WebhookConfig config, NotificationSink& sink, Log& log,
                               Metrics& metrics, Clock& clock)
    : config_(std::move(config)),
      prefix_(path_of(config_.public_url)),
      sink_(sink),
      log_(log),
      metrics_(metrics),
      clock_(clock) {}

Async<HttpResponse> WebhookAnswers::answer(HttpRequest request) {
    const std::string_view path = request.path;
    const bool ours =
        path.starts_with(prefix_) && (path.substr(prefix_.size()) == "/notifications" ||
                                      path.substr(prefix_.size()) == "/lifecycle");
    if (!ours) co_return plain_answer(404, "Nothing is here.");
    if (request.method != "POST") {
        auto response = plain_answer(405, "Only POST is answered here.");
        response.headers.emplace_back("Allow", "POST");
        co_return response;
    }
    const auto token = form_value(request.query, "validationToken");
    if (token.present) co_return validation_answer(token.value);
    const auto begin = clock_.monotonic();
    auto response = co_await take(std::move(request.body));
    const std::chrono::duration<double> took = clock_.monotonic() - begin;
    metrics_.observe("notification_ack_seconds", {}, took.count());
    co_return response;
}

Async<HttpResponse> WebhookAnswers::take(std::string body) {
    auto batch = co_await read(std::move(body));
    if (batch.has_error()) co_return refuse(batch.error());
    if (batch->unreadable != 0) {
        count_unreadable(batch->unreadable, "An item of a batch makes no sense.");
    }
    if (!batch->items.empty()) {
        const auto outcome = co_await sink_.receive(std::move(batch->items));
        if (outcome.has_error()) co_return refuse(outcome.error());
    }
    co_return HttpResponse{202, "", "", {}};
}

// Large bodies are parsed one at a time, with a turn for everybody else in between: so a flood of
// them delays an ordinary notification by the time of one.
Async<Result<NotificationBatch>> WebhookAnswers::read(std::string body) {
    const NotificationLimits limits{config_.max_nesting, config_.max_items};
    if (body.size() <= large_body) co_return read_notifications(body, limits);
    while (reading_large_) {
        const auto turn = clock_.alarm();
        const auto place = waiting_.insert(waiting_.end(), turn.get());
        co_await turn->wait_for(longest_wait);
        waiting_.erase(place);
    }
    reading_large_ = true;
    co_await clock_.sleep(Duration(0));
    auto batch = read_notifications(body, limits);
    reading_large_ = false;
    if (!waiting_.empty()) waiting_.front()->ring();
    co_return batch;
}

HttpResponse WebhookAnswers::refuse(const Failure& why) {
    if (why.kind == FailureKind::unreadable || why.kind == FailureKind::too_large) {
        count_unreadable(1, why.detail);
        return plain_answer(why.kind == FailureKind::too_large ? 413 : 400, why.detail);
    }
    auto response = plain_answer(503, "The notification could not be kept; send it again.");
    response.headers.emplace_back("Retry-After", retry_after);
    return response;
}

// Anyone may send rubbish, so it is counted always and logged seldom.
void WebhookAnswers::count_unreadable(std::size_t items, std::string_view why) {
    metrics_.add("notifications_received_total", {{"outcome", "unreadable"}},
                 static_cast<double>(items));
    unreadable_ += static_cast<std::int64_t>(items);
    const auto now = clock_.monotonic();
    if (logged_unreadable_ && now - *logged_unreadable_ < log_interval) return;
    logged_unreadable_ = now;
    log_.write(LogLevel::warning, "notifications-unreadable",
               {{"count", unreadable_}, {"reason", why}});
    unreadable_ = 0;
}

}  // namespace writeback
