// One call to Graph: token, request, the meaning of the answer, and another attempt where that is
// right.
//
// Failures: those of judge() (graph_error.hpp), of the token, and of the HTTP client; `throttled`
// when Graph asks for longer waits than throttle_limit; link_refused for a link off the endpoint's
// origin, before a token is sent. Limits: max_attempts, throttle_limit and the sender's. A
// Retry-After, and a 429 without one, holds all calls of its kind. Threads: one. Cancellation:
// stop() ends every call with `cancelled`.
#pragma once

#include "graph/access_token.hpp"
#include "graph/graph_error.hpp"
#include "graph/http_sender.hpp"

#include <writeback/async.hpp>
#include <writeback/clock.hpp>
#include <writeback/config.hpp>
#include <writeback/log.hpp>
#include <writeback/random.hpp>
#include <writeback/result.hpp>

#include <array>
#include <optional>
#include <set>
#include <string>

namespace writeback {

struct Call {
    CallKind kind = CallKind::reads;
    std::string operation;   // a label of metrics and logs: "groups-delta"
    std::string what;        // "read the groups stream", for sentences
    std::string permission;  // what to grant when it is forbidden
    std::string method = "GET";
    std::string link;  // "/v1.0/…", below the endpoint; or a whole address that Graph gave
    std::string body;  // JSON
    bool idempotent = true;
};

class GraphCaller {
 public:
    GraphCaller(const GraphConfig& config, HttpSender& http, AccessToken& token, Clock& clock,
                Random& random, Log& log, Metrics& metrics);
    GraphCaller(const GraphCaller&) = delete;
    GraphCaller& operator=(const GraphCaller&) = delete;

    // An answer with a status of success.
    Async<Result<HttpAnswer>> call(Call call);
    void stop();

    // Where links must stay.
    [[nodiscard]] const WebOrigin& origin() const { return origin_; }

 private:
    struct Attempt {
        Verdict verdict;
        HttpAnswer answer;  // when the verdict is done
        std::string token;
    };

    [[nodiscard]] Result<ClientRequest> request_for(const Call& call);
    Async<Attempt> attempt(const Call& call, ClientRequest request);
    [[nodiscard]] static Verdict judge_failure(const Call& call, Failure failure);
    Async<Result<Done>> wait_while_held(const Call& call, Duration& waited);
    Async<void> pause(Duration duration);
    void hold(const Call& call, Duration duration);
    [[nodiscard]] Duration backoff(int attempt);
    [[nodiscard]] static Failure stopping();

    GraphConfig config_;
    HttpSender& http_;
    AccessToken& token_;
    Clock& clock_;
    Random& random_;
    Log& log_;
    Metrics& metrics_;
    WebOrigin origin_;
    std::optional<std::string> base_path_;  // of the endpoint; none when the endpoint is no address
    std::array<Duration, call_kinds> held_until_{};  // on the monotonic clock
    std::set<Alarm*> pausing_;
    bool stopped_ = false;
};

}  // namespace writeback
