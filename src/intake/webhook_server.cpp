#include "intake/webhook_server.hpp"

#include "intake/form_text.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace writeback {

namespace asio = boost::asio;

namespace {

constexpr std::size_t longest_validation_token = 4096;
constexpr std::size_t large_body = 64 << 10;
constexpr Duration log_interval{60'000};
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

HttpLimits limits_of(const WebhookConfig& config) {
    HttpLimits limits;
    limits.max_head = config.max_head;
    limits.max_body = config.max_body;
    limits.max_body_total = config.max_body_total;
    limits.head_timeout = config.head_timeout;
    limits.body_timeout = config.body_timeout;
    limits.idle_timeout = config.idle_timeout;
    limits.max_connections = config.max_connections;
    return limits;
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

Result<std::unique_ptr<WebhookServer>> WebhookServer::open(asio::any_io_executor executor,
                                                           WebhookConfig config,
                                                           NotificationSink& sink, Log& log,
                                                           Metrics& metrics, const Clock& clock) {
    std::shared_ptr<asio::ssl::context> tls;
    if (!config.tls_certificate_file.empty()) {
        auto context = server_tls(config.tls_certificate_file, config.tls_private_key_file);
        if (context.has_error()) return context.error();
        tls = std::move(*context);
    }
    auto listener = listen(executor, config.listen, std::move(tls));
    if (listener.has_error()) return listener.error();
    return std::unique_ptr<WebhookServer>(new WebhookServer(
        executor, std::move(config), std::move(*listener), sink, log, metrics, clock));
}

WebhookServer::WebhookServer(const asio::any_io_executor& executor, WebhookConfig config,
                             std::unique_ptr<Listener> listener, NotificationSink& sink, Log& log,
                             Metrics& metrics, const Clock& clock)
    : config_(std::move(config)),
      prefix_(path_of(config_.public_url)),
      listener_(std::move(listener)),
      sink_(sink),
      log_(log),
      metrics_(metrics),
      clock_(clock),
      turn_(executor, asio::steady_timer::time_point::max()),
      server_(
          *listener_, [this](HttpRequest request) { return answer(std::move(request)); },
          limits_of(config_), log) {}

Async<void> WebhookServer::run() {
    return server_.run();
}

void WebhookServer::stop(Duration grace) {
    server_.stop(grace);
}

std::string WebhookServer::address() const {
    return listener_->address();
}

Async<HttpResponse> WebhookServer::answer(HttpRequest request) {
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

Async<HttpResponse> WebhookServer::take(std::string body) {
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
Async<Result<NotificationBatch>> WebhookServer::read(std::string body) {
    const NotificationLimits limits{config_.max_nesting, config_.max_items};
    if (body.size() <= large_body) co_return read_notifications(body, limits);
    while (reading_large_)
        co_await turn_.async_wait(asio::as_tuple(asio::use_awaitable));
    reading_large_ = true;
    co_await asio::post(turn_.get_executor(), asio::use_awaitable);
    auto batch = read_notifications(body, limits);
    reading_large_ = false;
    turn_.cancel_one();
    co_return batch;
}

HttpResponse WebhookServer::refuse(const Failure& why) {
    if (why.kind == FailureKind::unreadable || why.kind == FailureKind::too_large) {
        count_unreadable(1, why.detail);
        return plain_answer(why.kind == FailureKind::too_large ? 413 : 400, why.detail);
    }
    auto response = plain_answer(503, "The notification could not be kept; send it again.");
    response.headers.emplace_back("Retry-After", retry_after);
    return response;
}

// Anyone may send rubbish, so it is counted always and logged seldom.
void WebhookServer::count_unreadable(std::size_t items, std::string_view why) {
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
