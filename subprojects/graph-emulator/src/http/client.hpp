// One outgoing POST to a webhook, over plain TCP or TLS.
//
// Failures: PostOutcome says why there was no answer. Only loopback addresses are connected to.
// Limits: a deadline for the whole exchange; answers up to 64 KiB. No User-Agent is sent, as Graph
// sends none. Ownership: the client must outlive its calls. Threads: the io_context's one.
// Cancellation: when the io_context stops, outstanding calls are destroyed with it.
#pragma once

#include "../base/result.hpp"
#include "message.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace emulator {

/// The parts of http://… and https://… that a client needs.
struct WebAddress {
    bool secure = false;
    std::string host;
    std::uint16_t port = 80;
    std::string target;     ///< path and query, "/" at least
    std::string authority;  ///< host and port as written, for the Host header
};

/// Nothing for other schemes, user names in the URL, or malformed text.
std::optional<WebAddress> parse_web_address(std::string_view url);

struct PostOutcome {
    enum class Kind { answered, timed_out, unreachable, insecure };
    Kind kind = Kind::unreachable;
    int status = 0;
    Headers headers;
    std::string body;
    std::string detail;

    bool accepted() const { return kind == Kind::answered && status >= 200 && status < 300; }
};

struct ClientSettings {
    std::string trusted_authorities_file;  ///< PEM; empty: the system's authorities
    std::optional<boost::asio::ip::tcp::endpoint> connect_to;  ///< instead of resolving host names
};

class HttpClient {
 public:
    HttpClient(boost::asio::io_context& context, const ClientSettings& settings);

    boost::asio::awaitable<PostOutcome> post(WebAddress address, std::string content_type,
                                             std::string body, std::chrono::milliseconds deadline);

 private:
    boost::asio::awaitable<std::optional<boost::asio::ip::tcp::endpoint>> resolve(
        const WebAddress& address, std::string& problem);

    boost::asio::io_context& context_;
    boost::asio::ssl::context tls_;
    std::optional<boost::asio::ip::tcp::endpoint> connect_to_;
};

}  // namespace emulator
