// One HTTP exchange with Graph or the token endpoint, as values, and who carries it out.
//
// Purpose: everything above it (tokens, calls, readers) knows no sockets, so that a simulation can
// answer in the network's place. Failures: timed_out and disconnected (the outcome is then
// unknown), unreachable, tls, too_large, unreadable for what is no HTTP, cancelled after stop(). An
// answer with any status is no failure here. Redirects are not followed. Limits: the sender's own.
// Threads: one. Cancellation: stop() ends every exchange with `cancelled`.
#pragma once

#include "graph/origin.hpp"

#include <writeback/async.hpp>
#include <writeback/result.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace writeback {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct ClientRequest {
    std::string method = "GET";
    Address address;
    HttpHeaders headers;  // Host, Content-Length and Accept-Encoding are added
    std::string body;
    bool idempotent = true;
    bool through_proxy = true;  // where a proxy is configured
};

struct HttpAnswer {
    unsigned status = 0;
    HttpHeaders headers;
    std::string body;
    // The first header of this name, in any case; empty when there is none.
    [[nodiscard]] std::string_view header(std::string_view name) const;
};

class HttpSender {
 public:
    virtual ~HttpSender() = default;
    virtual Async<Result<HttpAnswer>> send(ClientRequest request) = 0;
    virtual void stop() = 0;
};

}  // namespace writeback
