// The HTTP/1.1 server: keep-alive connections on one loopback port, each served by a coroutine.
//
// Failures: construction throws std::runtime_error where the address is not loopback or can't be
// bound. A request that is no HTTP gets 400 and the connection is closed; over-long ones get 413 or
// 431. Limits: ServerLimits. Ownership: the handler is kept by value; what it refers to must
// outlive the server. Threads: everything runs on the one thread that runs the io_context.
// Cancellation: stop() closes all sockets.
#pragma once

#include "message.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>

namespace emulator {

struct ServerLimits {
    std::uint32_t head_bytes = 64 * 1024;
    std::uint64_t body_bytes = 4 * 1024 * 1024;
    std::chrono::seconds idle{300};  ///< for a whole request to arrive, and between requests
    std::size_t connections = 1024;
};

class HttpServer {
 public:
    using Handler = std::function<boost::asio::awaitable<Response>(Request)>;

    HttpServer(boost::asio::io_context& context, const boost::asio::ip::tcp::endpoint& address,
               ServerLimits limits, Handler handler);

    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    void start();
    void stop();

 private:
    struct Connection;

    boost::asio::awaitable<void> accept();
    boost::asio::awaitable<void> serve(std::shared_ptr<Connection> connection);
    boost::asio::awaitable<bool> exchange(Connection& connection);
    boost::asio::awaitable<void> watch(std::shared_ptr<Connection> connection);
    boost::asio::awaitable<void> send(Connection& connection, const Response& response,
                                      bool keep_alive, bool head_only);

    boost::asio::ip::tcp::acceptor acceptor_;
    ServerLimits limits_;
    Handler handler_;
    std::set<Connection*> connections_;
};

}  // namespace emulator
