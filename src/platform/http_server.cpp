#include "platform/http_server.hpp"

#include "platform/http_connection.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace writeback {

namespace asio = boost::asio;

namespace {

using Phase = HttpConnection::Phase;
using Time = HttpConnection::Time;

constexpr std::chrono::milliseconds deadline_precision{50};
// A request that takes longer than this to come may be ended to make room for another. An honest
// one is there within this time of its connection, behind a proxy always; and the longer the
// patience, the longer a crowd that says nothing could keep everybody else out.
constexpr std::chrono::milliseconds patience_when_full{20};
// Each turn of the loop accepts as many as wait for it: one alone would let a crowd that connects
// again and again keep others waiting at the door.
constexpr std::size_t acceptors = 16;
constexpr std::size_t most_refusals = 64;  // answered at once; beyond, connections just end

}  // namespace

HttpServer::HttpServer(Listener& listener, HttpHandler handler, HttpLimits limits, Log& log)
    : listener_(listener),
      handler_(std::move(handler)),
      limits_(limits),
      log_(log),
      budget_{limits.max_body_total, 0} {}

HttpServer::~HttpServer() = default;

Async<void> HttpServer::run() {
    const auto executor = co_await asio::this_coro::executor;
    changed_.emplace(executor);
    changed_->expires_at(Time::max());
    keeping_deadlines_ = true;
    asio::co_spawn(executor, keep_deadlines(), asio::detached);
    for (std::size_t i = 0; i < acceptors; ++i) {
        ++accepting_;
        asio::co_spawn(executor, accept_until_stopped(), asio::detached);
    }
    while (accepting_ != 0 || !connections_.empty() || refusals_ != 0 || keeping_deadlines_) {
        co_await changed_->async_wait(asio::as_tuple(asio::use_awaitable));
    }
}

void HttpServer::stop(Duration grace) {
    if (stopping_) return;
    stopping_ = true;
    listener_.stop();
    const auto deadline = std::chrono::steady_clock::now() + grace;
    for (const auto& connection : connections_)
        connection->finish(deadline);
    if (changed_) changed_->cancel();
}

Async<void> HttpServer::accept_until_stopped() {
    const auto executor = co_await asio::this_coro::executor;
    while (!stopping_) {
        auto accepted = co_await listener_.accept();
        if (accepted.has_error()) break;
        const bool full = connections_.size() >= static_cast<std::size_t>(limits_.max_connections);
        if (full && !make_room()) {
            refuse(std::move(*accepted), executor);
            continue;
        }
        auto connection = std::make_shared<HttpConnection>(std::move(*accepted), executor, handler_,
                                                           limits_, budget_, log_);
        const auto place = connections_.insert(connections_.end(), std::move(connection));
        changed_->cancel();
        asio::co_spawn(executor, serve(place), asio::detached);
    }
    --accepting_;
    stopping_ = true;
    changed_->cancel();
}

Async<void> HttpServer::serve(Connections::iterator place) {
    const auto connection = *place;
    try {
        co_await connection->serve(listener_);
    } catch (const std::exception& error) {
        log_.write(LogLevel::error, "http-connection-failed",
                   {{"error", std::string_view(error.what())}});
    }
    connection->end();
    connections_.erase(place);
    changed_->cancel();
}

// Without waiting for the request: whoever comes in such a crowd is told to come again.
void HttpServer::refuse(std::unique_ptr<ByteStream> stream, const asio::any_io_executor& executor) {
    ++refused_;
    const auto now = std::chrono::steady_clock::now();
    if (now - refused_logged_ > std::chrono::minutes(1)) {
        log_.write(LogLevel::warning, "http-connections-refused",
                   {{"address", std::string_view(listener_.address())},
                    {"refused", refused_},
                    {"max_connections", std::int64_t{limits_.max_connections}}});
        refused_logged_ = now;
        refused_ = 0;
    }
    if (refusals_ >= most_refusals) return;
    ++refusals_;
    asio::co_spawn(
        executor,
        [this, stream = std::move(stream)]() -> Async<void> {
            auto response = plain_answer(503, "Too many connections.");
            response.headers.emplace_back("Retry-After", "5");
            stream->expires_after(std::chrono::seconds(1));
            const auto shaken = co_await listener_.handshake(*stream);
            if (!shaken.has_error()) {
                co_await write_last(*stream, http_message(response, false, false));
            }
            --refusals_;
            changed_->cancel();
        },
        asio::detached);
}

// What has been ended holds no place any more, though its coroutine has yet to notice.
bool HttpServer::make_room() {
    const auto now = std::chrono::steady_clock::now();
    HttpConnection* chosen = nullptr;
    int open = 0;
    for (const auto& connection : connections_) {
        if (connection->ended()) continue;
        ++open;
        const bool idle = connection->phase() == Phase::idle;
        const bool slow =
            connection->phase() == Phase::reading && now - connection->since() > patience_when_full;
        if (!idle && !slow) continue;
        const bool better =
            chosen == nullptr || (idle && chosen->phase() != Phase::idle) ||
            (idle == (chosen->phase() == Phase::idle) && connection->since() < chosen->since());
        if (better) chosen = connection.get();
    }
    if (open < limits_.max_connections) return true;
    if (chosen != nullptr) chosen->end();
    return chosen != nullptr;
}

// One timer for all connections: that a deadline is kept to within its precision is enough, and a
// request then needs no timer of its own.
Async<void> HttpServer::keep_deadlines() {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    while (!stopping_ || !connections_.empty()) {
        if (connections_.empty()) {
            co_await changed_->async_wait(asio::as_tuple(asio::use_awaitable));
            continue;
        }
        timer.expires_after(deadline_precision);
        co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
        const auto now = std::chrono::steady_clock::now();
        for (const auto& connection : connections_) {
            if (now >= connection->deadline()) connection->cut();
        }
    }
    keeping_deadlines_ = false;
    changed_->cancel();
}

}  // namespace writeback
