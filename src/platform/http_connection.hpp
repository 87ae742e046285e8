// One connection of the HTTP server: reads requests one after the other, has them handled, writes
// the answers. Private to http_server.
//
// Deadlines: the connection says by when its phase must end; the server looks at that from time to
// time and calls cut(). Failures: within. Ownership: shared by the server and the coroutines that
// serve it; the handler and log must outlive it. Threads: one.
#pragma once

#include "platform/http_server.hpp"

#include <boost/beast/core/flat_buffer.hpp>

#include <chrono>
#include <memory>

namespace writeback {

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
    using Time = std::chrono::steady_clock::time_point;
    enum class Phase { idle, reading, handling, writing };

    HttpConnection(std::unique_ptr<ByteStream> stream, boost::asio::any_io_executor executor,
                   const HttpHandler& handler, const HttpLimits& limits, HttpBodyBudget& budget,
                   Log& log);
    ~HttpConnection();
    HttpConnection(const HttpConnection&) = delete;
    HttpConnection& operator=(const HttpConnection&) = delete;

    // Until either side ends it.
    Async<void> serve(Listener& listener);
    // Ends it after the answer that is under way, at the latest by `deadline`.
    void finish(Time deadline);
    // What becomes of it when its deadline has passed: 408 to a request that was begun, the end for
    // others.
    void cut();
    // At once, without a word.
    void end();

    [[nodiscard]] bool ended() const { return ended_; }
    [[nodiscard]] Phase phase() const { return phase_; }
    [[nodiscard]] Time since() const { return since_; }  // when the phase began
    [[nodiscard]] Time deadline() const { return deadline_; }

 private:
    struct Parser;
    // What ends the reading of a request; those with a number are answered by it.
    enum class Fault {
        none = 0,
        ended = 1,
        bad_request = 400,
        body_too_large = 413,
        expectation = 417,
        head_too_large = 431,
        not_implemented = 501,
        no_room = 503,
        version = 505
    };

    void enter(Phase phase, Duration limit);
    Async<bool> serve_one();
    Async<Fault> read_head(Parser& parser);
    Async<Fault> check_head(Parser& parser);
    Async<Fault> read_body(Parser& parser);
    Async<bool> read_more();
    bool reserve(std::size_t bytes);
    void release();
    Async<HttpResponse> handle(HttpRequest request);
    Async<bool> write(const HttpResponse& response, bool keep, bool head_only);
    Async<void> answer_last(HttpResponse response);

    std::unique_ptr<ByteStream> stream_;
    boost::asio::any_io_executor executor_;
    boost::asio::steady_timer answered_;  // cancelled when a cut request has got its answer
    const HttpHandler& handler_;
    HttpLimits limits_;
    HttpBodyBudget& budget_;
    Log& log_;
    boost::beast::flat_buffer buffer_;  // received and not yet parsed
    std::size_t reserved_ = 0;          // of the budget
    Phase phase_ = Phase::reading;
    Time since_{};
    Time deadline_ = Time::max();
    Time latest_end_ = Time::max();
    bool open_ = false;   // the TLS handshake, if any, is done
    bool begun_ = false;  // some byte of the request has come
    bool cut_ = false;
    bool ended_ = false;      // its socket is closed
    bool answering_ = false;  // a cut request is being answered
    bool finishing_ = false;
};

// The bytes of an answer. An answer to HEAD tells the body's length and leaves the body out.
[[nodiscard]] std::string http_message(const HttpResponse& response, bool keep, bool head_only);

// Writes an answer and ends the connection so that the peer can read it, though bytes of its
// request may still be under way.
Async<void> write_last(ByteStream& stream, std::string message);

}  // namespace writeback
