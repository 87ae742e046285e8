// HTTP/1.1 requests over kept connections: one exchange at a time on each, a few connections at
// once.
//
// Failures: those of connect(); timed_out and disconnected (the outcome is then unknown);
// too_large; unreadable for what is no HTTP; cancelled after stop(). An answer with any status is
// no failure here. A kept connection that turns out to have been closed is replaced once, silently,
// when the request is idempotent; other requests never use a kept one. Redirects are not followed.
// Limits: GraphConfig's. Ownership: it owns its connections. Threads: one.
// Cancellation: stop() closes every connection.
#pragma once

#include "graph/http_sender.hpp"
#include "platform/byte_stream.hpp"

#include <writeback/async.hpp>
#include <writeback/config.hpp>
#include <writeback/result.hpp>

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <list>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace writeback {

class HttpClient final : public HttpSender {
 public:
    explicit HttpClient(const GraphConfig& config) : config_(config) {}
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;
    ~HttpClient() override;

    Async<Result<HttpAnswer>> send(ClientRequest request) override;
    void stop() override;

 private:
    struct Kept {
        WebOrigin origin;
        std::unique_ptr<ByteStream> stream;
        std::chrono::steady_clock::time_point since;
    };
    struct Exchange {
        Result<HttpAnswer> answer;
        bool answered = false;  // a byte of an answer arrived
        bool keep = false;
    };

    Async<bool> wait_for_turn();
    void end_turn();
    Async<Result<HttpAnswer>> send_in_turn(const ClientRequest& request);
    Async<Result<std::unique_ptr<ByteStream>>> open(const ClientRequest& request);
    Async<Exchange> exchange(ByteStream& stream, const ClientRequest& request);
    Async<Result<HttpAnswer>> read_answer(ByteStream& stream, const ClientRequest& request,
                                          Exchange& told);
    std::unique_ptr<ByteStream> take_kept(const WebOrigin& origin);
    [[nodiscard]] Failure stopping() const;

    GraphConfig config_;
    std::shared_ptr<boost::asio::ssl::context> tls_;  // made at the first https request
    std::list<Kept> kept_;
    std::set<ByteStream*> busy_;
    int in_turn_ = 0;
    std::list<boost::asio::steady_timer*> waiting_;
    bool stopped_ = false;
};

}  // namespace writeback
