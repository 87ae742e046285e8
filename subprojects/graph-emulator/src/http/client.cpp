// The only file with TLS templates.
#include "client.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <memory>

namespace emulator {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t largest_answer = 64 * 1024;

std::string head_of(const WebAddress& address, const std::string& content_type,
                    std::size_t body_size) {
    return "POST " + address.target + " HTTP/1.1\r\nHost: " + address.authority +
           "\r\nContent-Type: " + content_type +
           "\r\nContent-Length: " + std::to_string(body_size) + "\r\nConnection: close\r\n\r\n";
}

/// Sends the request and reads the answer; the stream is connected and, if need be, secured.
template <class Stream>
asio::awaitable<PostOutcome> exchange(Stream& stream, const std::string& head,
                                      const std::string& body) {
    PostOutcome outcome;
    const std::array<asio::const_buffer, 2> parts = {asio::buffer(head), asio::buffer(body)};
    const auto [write_error, written] = co_await asio::async_write(stream, parts, as_tuple);
    if (write_error) {
        outcome.detail = write_error.message();
        co_return outcome;
    }
    http::response_parser<http::string_body> parser;
    parser.eager(true);
    parser.body_limit(largest_answer);
    boost::beast::flat_buffer buffer;
    while (!parser.is_done()) {
        auto [error, count] = co_await stream.async_read_some(buffer.prepare(4096), as_tuple);
        error_code problem;
        if (error) {
            // A body without a length ends with the connection.
            if (parser.is_header_done()) parser.put_eof(problem);
            if (!parser.is_done()) {
                outcome.detail = error.message();
                co_return outcome;
            }
            break;
        }
        buffer.commit(count);
        buffer.consume(parser.put(buffer.data(), problem));
        if (problem && problem != http::error::need_more) {
            outcome.detail = problem.message();
            co_return outcome;
        }
    }
    outcome.kind = PostOutcome::Kind::answered;
    outcome.status = static_cast<int>(parser.get().result_int());
    for (const auto& field : parser.get()) {
        outcome.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    }
    outcome.body = std::move(parser.get().body());
    co_return outcome;
}

/// Closes the socket when the time is up, unless the exchange has ended before.
asio::awaitable<void> end_at_deadline(std::shared_ptr<asio::steady_timer> timer,
                                      std::shared_ptr<bool> timed_out,
                                      std::weak_ptr<asio::ssl::stream<tcp::socket>> stream) {
    const auto [error] = co_await timer->async_wait(as_tuple);
    if (error) co_return;
    *timed_out = true;
    if (const auto open = stream.lock()) {
        error_code ignored;
        open->next_layer().close(ignored);
    }
}

}  // namespace

HttpClient::HttpClient(asio::io_context& context, const ClientSettings& settings)
    : context_(context), tls_(asio::ssl::context::tls_client), connect_to_(settings.connect_to) {
    tls_.set_verify_mode(asio::ssl::verify_peer);
    if (settings.trusted_authorities_file.empty()) {
        tls_.set_default_verify_paths();
    } else {
        tls_.load_verify_file(settings.trusted_authorities_file);
    }
}

asio::awaitable<std::optional<tcp::endpoint>> HttpClient::resolve(const WebAddress& address,
                                                                  std::string& problem) {
    error_code error;
    const auto literal = asio::ip::make_address(address.host, error);
    tcp::endpoint endpoint(literal, address.port);
    if (error) {
        if (connect_to_) co_return connect_to_;
        tcp::resolver resolver(context_);
        auto [failed, results] =
            co_await resolver.async_resolve(address.host, std::to_string(address.port), as_tuple);
        if (failed || results.empty()) {
            problem = "the host name can't be resolved: " + failed.message();
            co_return std::nullopt;
        }
        endpoint = results.begin()->endpoint();
    }
    if (!endpoint.address().is_loopback()) {
        problem = "the emulator posts to loopback addresses only";
        co_return std::nullopt;
    }
    co_return endpoint;
}

asio::awaitable<PostOutcome> HttpClient::post(WebAddress address, std::string content_type,
                                              std::string body,
                                              std::chrono::milliseconds deadline) {
    PostOutcome outcome;
    auto stream = std::make_shared<asio::ssl::stream<tcp::socket>>(context_, tls_);
    const auto timer = std::make_shared<asio::steady_timer>(context_, deadline);
    const auto timed_out = std::make_shared<bool>(false);
    asio::co_spawn(
        context_,
        end_at_deadline(timer, timed_out, std::weak_ptr<asio::ssl::stream<tcp::socket>>(stream)),
        asio::detached);
    const auto endpoint = co_await resolve(address, outcome.detail);
    if (endpoint && !*timed_out) {
        auto& socket = stream->next_layer();
        const auto [connect_error] = co_await socket.async_connect(*endpoint, as_tuple);
        error_code ready = connect_error;
        if (!ready && address.secure) {
            SSL_set_tlsext_host_name(stream->native_handle(), address.host.c_str());
            stream->set_verify_callback(asio::ssl::host_name_verification(address.host));
            const auto [tls_error] =
                co_await stream->async_handshake(asio::ssl::stream_base::client, as_tuple);
            ready = tls_error;
            if (ready) outcome.kind = PostOutcome::Kind::insecure;
        }
        if (ready) {
            outcome.detail = ready.message();
        } else {
            const std::string head = head_of(address, content_type, body.size());
            // co_await may not stand inside a conditional expression without copying the outcome
            // twice.
            if (address.secure) {
                outcome = co_await exchange(*stream, head, body);
            } else {
                outcome = co_await exchange(socket, head, body);
            }
        }
    }
    timer->cancel();
    if (*timed_out) outcome = PostOutcome{PostOutcome::Kind::timed_out, 0, {}, {}, "timed out"};
    co_return outcome;
}

}  // namespace emulator
