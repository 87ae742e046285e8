// The only file that reads HTTP requests. Beast's parser is fed by hand: its composed operations
// would cost five times as much to compile.
#include "server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <optional>
#include <stdexcept>

namespace emulator {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);

std::string head_of(const Response& response, bool keep_alive) {
    std::string head = "HTTP/1.1 " + std::to_string(response.status) + ' ';
    head += reason_phrase(response.status);
    head += "\r\n";
    for (const auto& [name, value] : response.headers)
        head += name + ": " + value + "\r\n";
    if (response.status != 204) {
        head += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
    }
    if (!keep_alive) head += "Connection: close\r\n";
    return head += "\r\n";
}

Response refusal_of(const error_code& error) {
    const int status = error == http::error::body_limit     ? 413
                       : error == http::error::header_limit ? 431
                                                            : 400;
    return Response{status, {{"Content-Type", "text/plain"}}, error.message() + "\n"};
}

Request request_of(http::request<http::string_body>&& message) {
    Request request;
    request.method = std::string(message.method_string());
    request.target = std::string(message.target());
    for (const auto& field : message) {
        request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    }
    request.body = std::move(message.body());
    return request;
}

}  // namespace

struct HttpServer::Connection {
    explicit Connection(asio::ip::tcp::socket accepted)
        : socket(std::move(accepted)), timer(socket.get_executor()) {}

    void close() {
        error_code ignored;
        socket.close(ignored);
        timer.cancel();
    }

    asio::ip::tcp::socket socket;
    asio::steady_timer timer;
    boost::beast::flat_buffer buffer;
    std::chrono::steady_clock::time_point deadline;
};

HttpServer::HttpServer(asio::io_context& context, const asio::ip::tcp::endpoint& address,
                       ServerLimits limits, Handler handler)
    : acceptor_(context), limits_(limits), handler_(std::move(handler)) {
    if (!address.address().is_loopback()) {
        throw std::runtime_error(
            "refusing to listen on " + address.address().to_string() +
            ": the emulator has no TLS and no access control; give a loopback address");
    }
    acceptor_.open(address.protocol());
    acceptor_.set_option(asio::socket_base::reuse_address(true));
    acceptor_.bind(address);
    acceptor_.listen(asio::socket_base::max_listen_connections);
}

void HttpServer::start() {
    asio::co_spawn(acceptor_.get_executor(), accept(), asio::detached);
}

void HttpServer::stop() {
    error_code ignored;
    acceptor_.close(ignored);
    for (auto* connection : connections_)
        connection->close();
}

asio::awaitable<void> HttpServer::accept() {
    while (acceptor_.is_open()) {
        auto [error, socket] = co_await acceptor_.async_accept(as_tuple);
        if (error == asio::error::operation_aborted) co_return;
        if (error || connections_.size() >= limits_.connections) {
            // Out of descriptors, or too many clients: give those that are here the time to leave.
            asio::steady_timer pause(acceptor_.get_executor(), std::chrono::milliseconds(20));
            co_await pause.async_wait(as_tuple);
            continue;
        }
        error_code ignored;
        socket.set_option(asio::ip::tcp::no_delay(true), ignored);
        auto connection = std::make_shared<Connection>(std::move(socket));
        asio::co_spawn(acceptor_.get_executor(), serve(connection), asio::detached);
        asio::co_spawn(acceptor_.get_executor(), watch(connection), asio::detached);
    }
}

asio::awaitable<void> HttpServer::watch(std::shared_ptr<Connection> connection) {
    connection->deadline = std::chrono::steady_clock::now() + limits_.idle;
    while (connection->socket.is_open()) {
        if (connection->deadline <= std::chrono::steady_clock::now()) {
            connection->close();
            co_return;
        }
        connection->timer.expires_at(connection->deadline);
        co_await connection->timer.async_wait(as_tuple);
    }
}

asio::awaitable<void> HttpServer::serve(std::shared_ptr<Connection> connection) {
    connections_.insert(connection.get());
    try {
        while (co_await exchange(*connection)) {
        }
    } catch (const std::exception&) {
        // The connection is lost; the next one starts afresh.
    }
    connections_.erase(connection.get());
    connection->close();
}

/// One request and its response. False when the connection is to be closed.
asio::awaitable<bool> HttpServer::exchange(Connection& connection) {
    http::request_parser<http::string_body> parser;
    parser.eager(true);
    parser.header_limit(limits_.head_bytes);
    parser.body_limit(limits_.body_bytes);
    connection.deadline = std::chrono::steady_clock::now() + limits_.idle;
    bool told_to_continue = false;
    while (!parser.is_done()) {
        if (connection.buffer.size() > 0) {
            error_code error;
            connection.buffer.consume(parser.put(connection.buffer.data(), error));
            if (error && error != http::error::need_more) {
                co_await send(connection, refusal_of(error), false, false);
                co_return false;
            }
            if (parser.is_done()) break;
        }
        if (!told_to_continue && parser.is_header_done() &&
            boost::beast::iequals(parser.get()[http::field::expect], "100-continue")) {
            told_to_continue = true;
            const std::string_view interim = "HTTP/1.1 100 Continue\r\n\r\n";
            co_await asio::async_write(connection.socket, asio::buffer(interim), as_tuple);
        }
        auto [error, count] = co_await connection.socket.async_read_some(
            connection.buffer.prepare(16 * 1024), as_tuple);
        if (error) co_return false;
        connection.buffer.commit(count);
    }
    const bool keep_alive = parser.get().keep_alive();
    const bool head_only = parser.get().method() == http::verb::head;
    // Handlers may wait for other servers under deadlines of their own.
    connection.deadline = std::chrono::steady_clock::now() + limits_.idle;
    const Response response = co_await handler_(request_of(parser.release()));
    co_await send(connection, response, keep_alive, head_only);
    co_return keep_alive&& response.delivery == Delivery::whole;
}

asio::awaitable<void> HttpServer::send(Connection& connection, const Response& response,
                                       bool keep_alive, bool head_only) {
    const std::string head = head_of(response, keep_alive);
    auto body = asio::buffer(response.body);
    if (head_only) body = asio::buffer(response.body, 0);
    if (response.delivery == Delivery::cut_in_the_middle) {
        body = asio::buffer(response.body, response.body.size() / 2);
    }
    const std::array<asio::const_buffer, 2> parts = {asio::buffer(head), body};
    const auto [error, count] = co_await asio::async_write(connection.socket, parts, as_tuple);
    if (error) connection.close();
}

}  // namespace emulator
