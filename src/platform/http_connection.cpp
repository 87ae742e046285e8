#include "platform/http_connection.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <array>
#include <ctime>

namespace writeback {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr std::size_t read_size = 16 << 10;
constexpr std::size_t small_body = 64 << 10;          // needs no place in the budget
constexpr std::size_t longest_chunk_head = 64 << 10;  // of unparsed bytes within a body
constexpr Duration last_words{1'000};                 // for a final answer and the peer's end
constexpr std::size_t discarded_at_end = 1 << 20;

std::string date_text() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::array<char, 40> text{};
    std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return text.data();
}

// "http://host/path?query", as a proxy may send it, is "/path?query".
std::string_view without_origin(std::string_view target) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!boost::beast::iequals(target.substr(0, scheme.size()), scheme)) continue;
        const auto path = target.find('/', scheme.size());
        return path == std::string_view::npos ? std::string_view("/") : target.substr(path);
    }
    return target;
}

}  // namespace

struct HttpConnection::Parser : http::request_parser<http::string_body> {};

HttpConnection::HttpConnection(std::unique_ptr<ByteStream> stream, asio::any_io_executor executor,
                               const HttpHandler& handler, const HttpLimits& limits,
                               HttpBodyBudget& budget, Log& log)
    : stream_(std::move(stream)),
      executor_(std::move(executor)),
      answered_(executor_, Time::max()),
      handler_(handler),
      limits_(limits),
      budget_(budget),
      log_(log) {
    enter(Phase::reading, limits_.head_timeout);
}

HttpConnection::~HttpConnection() = default;

void HttpConnection::enter(Phase phase, Duration limit) {
    phase_ = phase;
    since_ = std::chrono::steady_clock::now();
    deadline_ = limit == Duration::max() ? latest_end_ : std::min(since_ + limit, latest_end_);
}

Async<void> HttpConnection::serve(Listener& listener) {
    const auto shaken = co_await listener.handshake(*stream_);
    if (shaken.has_error() || cut_) co_return;
    open_ = true;
    bool another = co_await serve_one();
    while (another) {
        begun_ = false;
        enter(Phase::idle, limits_.idle_timeout);
        another = co_await serve_one();
    }
    if (answering_) co_await answered_.async_wait(asio::as_tuple(asio::use_awaitable));
}

void HttpConnection::finish(Time deadline) {
    finishing_ = true;
    latest_end_ = deadline;
    deadline_ = std::min(deadline_, latest_end_);
    if (!begun_) stream_->close();
}

void HttpConnection::cut() {
    const bool answer = open_ && begun_ && !cut_ && phase_ == Phase::reading;
    cut_ = true;
    deadline_ = Time::max();
    if (!answer) return end();
    // The reading coroutine still waits for the peer, which a connection allows while it is written
    // to; it ends when this one has closed the stream.
    enter(Phase::writing, last_words);
    answering_ = true;
    asio::co_spawn(
        executor_,
        [self = shared_from_this()]() -> Async<void> {
            const auto message =
                http_message(plain_answer(408, "The request did not come in time."), false, false);
            co_await self->stream_->write(asio::buffer(message));
            self->answering_ = false;
            self->end();
            self->answered_.cancel();
        },
        asio::detached);
}

void HttpConnection::end() {
    cut_ = true;
    ended_ = true;
    deadline_ = Time::max();
    stream_->close();
    release();
}

// False when the connection is to end.
Async<bool> HttpConnection::serve_one() {
    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(limits_.max_head));
    parser.body_limit(limits_.max_body);
    Fault fault = co_await read_head(parser);
    if (fault == Fault::none) fault = co_await check_head(parser);
    if (fault == Fault::none) fault = co_await read_body(parser);
    if (fault == Fault::ended || cut_) co_return false;
    if (fault != Fault::none) {
        const int status = static_cast<int>(fault);
        const auto reason = http::obsolete_reason(http::int_to_status(status));
        auto response = plain_answer(status, reason);
        if (fault == Fault::no_room) response.headers.emplace_back("Retry-After", "5");
        co_await answer_last(std::move(response));
        co_return false;
    }
    auto message = parser.release();
    const std::string_view target = without_origin(message.target());
    const auto query = target.find('?');
    HttpRequest request{
        std::string(message.method_string()), std::string(target.substr(0, query)),
        query == std::string_view::npos ? std::string() : std::string(target.substr(query + 1)),
        std::move(message.body())};
    const bool head_only = message.method() == http::verb::head;
    enter(Phase::handling, Duration::max());
    const auto response = co_await handle(std::move(request));
    release();
    const bool keep = message.keep_alive() && !finishing_;
    if (cut_) co_return false;
    co_return co_await write(response, keep, head_only) && keep;
}

Async<bool> HttpConnection::read_more() {
    const auto got = co_await stream_->read_some(buffer_.prepare(read_size));
    if (got.error || cut_) co_return false;
    buffer_.commit(got.bytes);
    co_return true;
}

Async<HttpConnection::Fault> HttpConnection::read_head(Parser& parser) {
    while (!parser.is_header_done()) {
        // Empty lines between requests are no part of either.
        while (!begun_ && buffer_.size() >= 2 &&
               std::string_view(static_cast<const char*>(buffer_.data().data()), 2) == "\r\n") {
            buffer_.consume(2);
        }
        if (buffer_.size() != 0) {
            if (!begun_) {
                begun_ = true;
                if (phase_ == Phase::idle) enter(Phase::reading, limits_.head_timeout);
            }
            error_code error;
            buffer_.consume(parser.put(buffer_.data(), error));
            if (parser.is_header_done() && !error) break;
            if (error == http::error::header_limit) co_return Fault::head_too_large;
            if (error == http::error::body_limit) co_return Fault::body_too_large;
            if (error == http::error::bad_version) co_return Fault::version;
            if (error && error != http::error::need_more) co_return Fault::bad_request;
        }
        const bool more = co_await read_more();
        if (!more) co_return Fault::ended;
    }
    co_return Fault::none;
}

Async<HttpConnection::Fault> HttpConnection::check_head(Parser& parser) {
    enter(Phase::reading, limits_.body_timeout);
    const auto& head = parser.get();
    const auto encoding = head.find(http::field::transfer_encoding);
    if (encoding != head.end() && !boost::beast::iequals(encoding->value(), "chunked")) {
        co_return Fault::not_implemented;
    }
    const auto declared = parser.content_length();
    if (declared && *declared > limits_.max_body) co_return Fault::body_too_large;
    if (declared && *declared > small_body && !reserve(*declared)) co_return Fault::no_room;
    const auto expectation = head.find(http::field::expect);
    if (expectation == head.end() || head.version() < 11) co_return Fault::none;
    if (!boost::beast::iequals(expectation->value(), "100-continue")) co_return Fault::expectation;
    if (parser.is_done() || buffer_.size() != 0) co_return Fault::none;
    const std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    const auto sent = co_await stream_->write(asio::buffer(go_on));
    co_return sent.error ? Fault::ended : Fault::none;
}

Async<HttpConnection::Fault> HttpConnection::read_body(Parser& parser) {
    parser.eager(true);
    while (!parser.is_done()) {
        if (buffer_.size() != 0) {
            error_code error;
            buffer_.consume(parser.put(buffer_.data(), error));
            if (error == http::error::body_limit) co_return Fault::body_too_large;
            if (error && error != http::error::need_more) co_return Fault::bad_request;
            // A chunk's head or the trailers, which may not grow without end.
            if (buffer_.size() > longest_chunk_head) co_return Fault::bad_request;
            if (parser.is_done()) break;
        }
        const bool grown = parser.get().body().size() > small_body;
        if (grown && reserved_ == 0 && !reserve(limits_.max_body)) co_return Fault::no_room;
        const bool more = co_await read_more();
        if (!more) co_return Fault::ended;
    }
    co_return Fault::none;
}

bool HttpConnection::reserve(std::size_t bytes) {
    if (budget_.used + bytes > budget_.limit) return false;
    budget_.used += bytes;
    reserved_ = bytes;
    return true;
}

void HttpConnection::release() {
    budget_.used -= reserved_;
    reserved_ = 0;
}

Async<HttpResponse> HttpConnection::handle(HttpRequest request) {
    std::string what;
    try {
        co_return co_await handler_(std::move(request));
    } catch (const std::exception& error) {
        what = error.what();
    }
    log_.write(LogLevel::error, "http-request-failed", {{"error", what}});
    co_return plain_answer(500, "Internal error.");
}

Async<bool> HttpConnection::write(const HttpResponse& response, bool keep, bool head_only) {
    enter(Phase::writing, limits_.write_timeout);
    const auto message = http_message(response, keep, head_only);
    const auto sent = co_await stream_->write(asio::buffer(message));
    if (!keep && !sent.error) {
        stream_->expires_after(last_words);
        co_await stream_->shutdown();
    }
    co_return !sent.error;
}

Async<void> HttpConnection::answer_last(HttpResponse response) {
    enter(Phase::writing, 2 * last_words);
    co_await write_last(*stream_, http_message(response, false, false));
    stream_->close();
}

HttpResponse plain_answer(int status, std::string_view sentence) {
    return {status, "text/plain; charset=utf-8", std::string(sentence) + "\n", {}};
}

std::string http_message(const HttpResponse& response, bool keep, bool head_only) {
    std::string message = "HTTP/1.1 " + std::to_string(response.status) + " ";
    message += http::obsolete_reason(http::int_to_status(response.status));
    message += "\r\nDate: " + date_text();
    message += "\r\nContent-Length: " + std::to_string(response.body.size());
    if (!response.content_type.empty()) message += "\r\nContent-Type: " + response.content_type;
    for (const auto& [name, value] : response.headers)
        message.append("\r\n").append(name).append(": ").append(value);
    message += keep ? "\r\nConnection: keep-alive\r\n\r\n" : "\r\nConnection: close\r\n\r\n";
    if (!head_only) message += response.body;
    return message;
}

// Closing with unread bytes would reset the connection, and the peer might lose the answer.
Async<void> write_last(ByteStream& stream, std::string message) {
    stream.expires_after(last_words);
    const Transfer written = co_await stream.write(asio::buffer(message));
    if (written.error) co_return;
    co_await stream.shutdown();
    std::array<char, 4096> discarded{};
    std::size_t total = 0;
    while (total < discarded_at_end) {
        const auto got = co_await stream.read_some(asio::buffer(discarded));
        if (got.error) co_return;
        total += got.bytes;
    }
}

}  // namespace writeback
