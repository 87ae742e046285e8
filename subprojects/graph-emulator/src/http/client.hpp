// One outgoing POST to a webhook, over plain TCP or TLS.
//
// Failures: PostOutcome says why there was no answer. Only loopback addresses are connected to.
// Limits: a deadline for the whole exchange; answers up to 64 KiB. No User-Agent is sent, as Graph
// sends none. Ownership: the client must outlive its calls. Threads: the io_context's one.
// Cancellation: when the io_context stops, outstanding calls are destroyed with it.
#pragma once

#include "poster.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace emulator {

struct ClientSettings {
    std::string trusted_authorities_file;  ///< PEM; empty: the system's authorities
    std::optional<boost::asio::ip::tcp::endpoint> connect_to;  ///< instead of resolving host names
};

class HttpClient final : public Poster {
 public:
    HttpClient(boost::asio::io_context& context, const ClientSettings& settings);

    boost::asio::awaitable<PostOutcome> post(WebAddress address, std::string content_type,
                                             std::string body,
                                             std::chrono::milliseconds deadline) override;

 private:
    boost::asio::awaitable<std::optional<boost::asio::ip::tcp::endpoint>> resolve(
        const WebAddress& address, std::string& problem);

    boost::asio::io_context& context_;
    boost::asio::ssl::context tls_;
    std::optional<boost::asio::ip::tcp::endpoint> connect_to_;
};

}  // namespace emulator
