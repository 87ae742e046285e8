#include "graph/http_client.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>

namespace writeback {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr std::size_t read_piece = 64 << 10;  // bytes asked for at once

std::string written(const ClientRequest& request) {
    std::string text = request.method + " " + request.address.target + " HTTP/1.1\r\n";
    text += "Host: " + host_header(request.address.origin) + "\r\n";
    for (const auto& [name, value] : request.headers)
        text += name + ": " + value + "\r\n";
    text += "Accept-Encoding: identity\r\n";
    if (!request.body.empty() || request.method != "GET") {
        text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
    }
    text += "\r\n";
    return text + request.body;
}

std::string place_of(const ClientRequest& request) {
    return request.method + " " + to_text(request.address.origin) +
           request.address.target.substr(0, request.address.target.find('?'));
}

bool has_plain_headers(const ClientRequest& request) {
    return std::none_of(request.headers.begin(), request.headers.end(), [](const auto& header) {
        return (header.first + header.second).find_first_of(std::string_view("\r\n\0", 3)) !=
               std::string::npos;
    });
}

Failure broken(const ClientRequest& request, const error_code& error) {
    const bool late = error == asio::error::timed_out;
    return failure(late ? FailureKind::timed_out : FailureKind::disconnected,
                   place_of(request) + (late ? ": no whole answer within request_timeout."
                                             : ": the connection ended before the answer (" +
                                                   error.message() + ")."));
}

Failure unparsable(const ClientRequest& request, const error_code& error) {
    if (error == http::error::body_limit) {
        return failure(FailureKind::too_large,
                       place_of(request) + ": the answer is larger than max_response.");
    }
    if (error == http::error::header_limit) {
        return failure(FailureKind::too_large,
                       place_of(request) + ": the answer's headers are too large.");
    }
    if (error == http::error::partial_message || error == http::error::end_of_stream) {
        return failure(FailureKind::disconnected,
                       place_of(request) + ": the answer was cut short.");
    }
    return failure(FailureKind::unreadable,
                   place_of(request) + ": the answer is no HTTP (" + error.message() + ").");
}

// One answer, read piece by piece into Beast's parser.
class AnswerReader {
 public:
    AnswerReader(std::size_t head_limit, std::size_t body_limit) {
        parser_.header_limit(static_cast<std::uint32_t>(head_limit));
        parser_.body_limit(body_limit);
        parser_.eager(true);
    }

    // Feeds what is buffered; true when the parser wants more.
    bool feed(boost::beast::flat_buffer& buffer, error_code& error) {
        while (buffer.size() > 0 && !parser_.is_done()) {
            const std::size_t used = parser_.put(buffer.data(), error);
            buffer.consume(used);
            if (error == http::error::need_more) {
                error = {};
                return true;
            }
            if (error) return false;
        }
        return !parser_.is_done();
    }
    void end(error_code& error) {
        if (parser_.got_some()) {
            parser_.put_eof(error);
        } else {
            error = http::error::end_of_stream;
        }
    }
    [[nodiscard]] bool is_done() const { return parser_.is_done(); }
    [[nodiscard]] bool is_interim() { return parser_.get().result_int() / 100 == 1; }
    [[nodiscard]] bool keep_alive() { return parser_.get().keep_alive(); }

    HttpAnswer take() {
        HttpAnswer answer;
        auto& message = parser_.get();
        answer.status = message.result_int();
        for (const auto& field : message) {
            answer.headers.emplace_back(std::string(field.name_string()),
                                        std::string(field.value()));
        }
        answer.body = std::move(message.body());
        return answer;
    }

 private:
    http::response_parser<http::string_body> parser_;
};

}  // namespace

HttpClient::~HttpClient() {
    stop();
}

void HttpClient::stop() {
    stopped_ = true;
    kept_.clear();
    for (ByteStream* stream : busy_)
        stream->close();
    for (auto* timer : waiting_)
        timer->cancel();
}

Failure HttpClient::stopping() const {
    return failure(FailureKind::cancelled, "Calls to Graph end: the program is stopping.");
}

Async<Result<HttpAnswer>> HttpClient::send(ClientRequest request) {
    if (!has_plain_headers(request)) {
        co_return failure(FailureKind::internal,
                          place_of(request) + ": a header to be sent holds a line break.");
    }
    const bool turn = co_await wait_for_turn();
    if (!turn) {
        if (stopped_) co_return stopping();
        co_return failure(
            FailureKind::timed_out,
            place_of(request) + ": no connection became free within request_timeout.");
    }
    auto answer = co_await send_in_turn(request);
    end_turn();
    if (stopped_) co_return stopping();
    co_return answer;
}

// Turns are given in the order of asking. False: the time is up, or we are stopping.
Async<bool> HttpClient::wait_for_turn() {
    if (stopped_) co_return false;
    if (in_turn_ < config_.max_connections) {
        ++in_turn_;
        co_return true;
    }
    asio::steady_timer timer(co_await asio::this_coro::executor, config_.request_timeout);
    const auto place = waiting_.insert(waiting_.end(), &timer);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    // end_turn() takes a waiter off the list when it hands its turn over.
    const bool handed_over = std::find(waiting_.begin(), waiting_.end(), &timer) == waiting_.end();
    if (!handed_over) waiting_.erase(place);
    if (handed_over && stopped_) end_turn();
    co_return handed_over && !stopped_;
}

void HttpClient::end_turn() {
    if (waiting_.empty()) {
        --in_turn_;
        return;
    }
    waiting_.front()->cancel();
    waiting_.pop_front();
}

Async<Result<HttpAnswer>> HttpClient::send_in_turn(const ClientRequest& request) {
    // A kept connection may have been closed by the peer at any time; only a request that may be
    // sent twice can find out.
    bool use_kept = request.idempotent;
    for (;;) {
        std::unique_ptr<ByteStream> stream;
        if (use_kept) stream = take_kept(request.address.origin);
        const bool was_kept = stream != nullptr;
        if (!was_kept) {
            auto opened = co_await open(request);
            if (opened.has_error()) co_return opened.error();
            stream = std::move(*opened);
        }
        if (stopped_) co_return stopping();
        ByteStream* const busy = stream.get();
        busy_.insert(busy);
        Exchange done = co_await exchange(*stream, request);
        busy_.erase(busy);
        if (done.answer.has_error() && was_kept && !done.answered && !stopped_ &&
            done.answer.error().kind == FailureKind::disconnected) {
            use_kept = false;
            continue;
        }
        if (done.keep && !stopped_) {
            stream->expires_after(config_.idle_timeout);
            kept_.push_back(
                {request.address.origin, std::move(stream), std::chrono::steady_clock::now()});
        }
        co_return std::move(done.answer);
    }
}

std::unique_ptr<ByteStream> HttpClient::take_kept(const WebOrigin& origin) {
    const auto oldest = std::chrono::steady_clock::now() - config_.idle_timeout;
    kept_.remove_if([&](const Kept& kept) { return kept.since <= oldest; });
    // The one used last is the likeliest to be still open.
    const auto found = std::find_if(kept_.rbegin(), kept_.rend(),
                                    [&](const Kept& kept) { return kept.origin == origin; });
    if (found == kept_.rend()) return nullptr;
    auto stream = std::move(found->stream);
    kept_.erase(std::next(found).base());
    return stream;
}

Async<Result<std::unique_ptr<ByteStream>>> HttpClient::open(const ClientRequest& request) {
    const WebOrigin& origin = request.address.origin;
    if (origin.tls && !tls_) {
        auto context = client_tls(config_.ca_file);
        if (context.has_error()) co_return context.error();
        tls_ = *context;
    }
    const ConnectRequest wanted{origin.host, origin.port,
                                request.through_proxy ? config_.proxy : std::string(),
                                origin.tls ? tls_ : nullptr, config_.connect_timeout};
    co_return co_await connect(wanted);
}

Async<HttpClient::Exchange> HttpClient::exchange(ByteStream& stream, const ClientRequest& request) {
    Exchange done{stopping(), false, false};
    stream.expires_after(config_.request_timeout);
    const std::string text = written(request);
    const auto sent = co_await stream.write(asio::buffer(text));
    if (sent.error) {
        done.answer = broken(request, sent.error);
        co_return done;
    }
    auto answer = co_await read_answer(stream, request, done);
    done.answer = std::move(answer);
    co_return done;
}

Async<Result<HttpAnswer>> HttpClient::read_answer(ByteStream& stream, const ClientRequest& request,
                                                  Exchange& told) {
    boost::beast::flat_buffer buffer;
    auto reader = std::make_unique<AnswerReader>(config_.max_head, config_.max_response);
    for (;;) {
        error_code error;
        const bool wants_more = reader->feed(buffer, error);
        if (error) co_return unparsable(request, error);
        if (!wants_more && reader->is_interim()) {
            reader = std::make_unique<AnswerReader>(config_.max_head, config_.max_response);
            continue;
        }
        if (!wants_more) break;
        const auto got = co_await stream.read_some(buffer.prepare(read_piece));
        buffer.commit(got.bytes);
        told.answered = told.answered || got.bytes > 0;
        if (got.error == asio::error::eof) {
            reader->end(error);
            if (error) co_return unparsable(request, error);
            break;
        }
        if (got.error) co_return broken(request, got.error);
    }
    told.keep = reader->keep_alive() && buffer.size() == 0;
    HttpAnswer answer = reader->take();
    const auto encoding = answer.header("Content-Encoding");
    if (!encoding.empty() && !boost::beast::iequals(encoding, "identity")) {
        co_return failure(FailureKind::unreadable,
                          place_of(request) +
                              ": the answer is encoded although that was not asked "
                              "for.");
    }
    co_return answer;
}

}  // namespace writeback
