// The port for outgoing requests: one POST to a webhook.
//
// Failures: PostOutcome says why there was no answer. Limits: the deadline for the whole exchange,
// which the implementer keeps (a POST always ends). Ownership: the implementer outlives the service
// and every coroutine that it started. Threads: one. Cancellation: a POST that is never resumed is
// destroyed with its coroutine.
#pragma once

#include "message.hpp"

#include <boost/asio/awaitable.hpp>

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

class Poster {
 public:
    virtual ~Poster() = default;
    virtual boost::asio::awaitable<PostOutcome> post(WebAddress address, std::string content_type,
                                                     std::string body,
                                                     std::chrono::milliseconds deadline) = 0;
};

}  // namespace emulator
