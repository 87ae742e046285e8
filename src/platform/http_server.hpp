// A small HTTP/1.1 server over a Listener, for the webhook and the admin pages: it reads requests
// within limits, hands each to a handler, and writes the answer at once.
//
// Failures: a peer's fault is answered (400, 408, 413, 417, 431, 501, 505) and its connection
// closed; a handler that throws is answered 500 and logged. No connection's failure touches
// another. Limits: HttpLimits. At max_connections the connection that has been idle longest is
// closed to make room, or else the one that has been sending its request longest, if that is more
// than 20 ms; when there is none of either the new one gets 503 and is closed. Ownership: the
// listener and log must outlive the server, the server must outlive run(). Threads: one, the
// listener's executor; stop() is called on it. Cancellation: stop().
#pragma once

#include "platform/byte_stream.hpp"

#include <writeback/async.hpp>
#include <writeback/log.hpp>

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace writeback {

struct HttpLimits {
    std::size_t max_head = 16 << 10;  // bytes of request line and headers
    std::size_t max_body = 1 << 20;   // bytes
    // Bytes of all bodies over 64 KiB that are being received or handled at once; beyond: 503.
    std::size_t max_body_total = 64 << 20;
    Duration head_timeout{10'000};  // from the accept, or a request's first byte, to its head's end
    Duration body_timeout{10'000};  // from the head's end to the body's end
    Duration idle_timeout{60'000};  // between two requests of one connection
    Duration write_timeout{10'000};  // of one answer
    int max_connections = 1024;
};

struct HttpRequest {
    std::string method;  // as sent: "POST"
    std::string path;    // as sent, undecoded, without the query: "/graph/notifications"
    std::string query;   // as sent, undecoded, without the question mark
    std::string body;
};

struct HttpResponse {
    int status = 200;
    std::string content_type;  // empty: none
    std::string body;          // left out of an answer to HEAD, its length told all the same
    std::vector<std::pair<std::string, std::string>> headers;  // further ones
};

using HttpHandler = std::function<Async<HttpResponse>(HttpRequest request)>;

// A short plain-text answer, the sentence ending in a newline.
[[nodiscard]] HttpResponse plain_answer(int status, std::string_view sentence);

class HttpConnection;

// The bytes that bodies over 64 KiB may take together.
struct HttpBodyBudget {
    std::size_t limit = 0;
    std::size_t used = 0;
};

class HttpServer {
 public:
    HttpServer(Listener& listener, HttpHandler handler, HttpLimits limits, Log& log);
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    // Serves until stop(), and ends when the last connection has ended.
    Async<void> run();
    // Stops accepting. Idle connections end at once, busy ones after their answer, and what is left
    // after `grace` is closed.
    void stop(Duration grace);

 private:
    using Connections = std::list<std::shared_ptr<HttpConnection>>;

    Async<void> accept_until_stopped();
    Async<void> serve(Connections::iterator place);
    void refuse(std::unique_ptr<ByteStream> stream, const boost::asio::any_io_executor& executor);
    Async<void> keep_deadlines();
    bool make_room();

    Listener& listener_;
    HttpHandler handler_;
    HttpLimits limits_;
    Log& log_;
    HttpBodyBudget budget_;
    Connections connections_;    // the oldest first
    std::size_t accepting_ = 0;  // coroutines that accept
    std::size_t refusals_ = 0;   // connections that are being told 503
    std::int64_t refused_ = 0;   // since it was last logged
    std::chrono::steady_clock::time_point refused_logged_{};
    bool stopping_ = false;
    bool keeping_deadlines_ = false;
    std::optional<boost::asio::steady_timer> changed_;  // cancelled when a connection came or went
};

}  // namespace writeback
