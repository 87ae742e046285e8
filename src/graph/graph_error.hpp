// What an answer of Graph means for the call that got it: a decision computed without I/O.
//
// Failures: it makes them. Units: waits in milliseconds. Threads: values.
#pragma once

#include "graph/http_sender.hpp"
#include "graph/origin.hpp"

#include <writeback/clock.hpp>
#include <writeback/result.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace writeback {

// Calls that are throttled together.
enum class CallKind { delta, identities, subscriptions, reads };
inline constexpr std::size_t call_kinds = 4;
[[nodiscard]] std::string_view name_of(CallKind kind);

// One call, as far as its answer's meaning depends on it.
struct CallFacts {
    CallKind kind = CallKind::reads;
    std::string what;        // "read the groups stream", for sentences
    std::string permission;  // what 403 asks for
    std::string target;      // path and query; tells whether a delta or skip token was sent
    bool idempotent = true;
};

enum class Next {
    done,         // the answer is what was asked for
    renew_token,  // 401: once more with a new token
    again,        // after a wait: retry_after, or backoff
    again_held,   // the same, and all calls of its kind wait (429, or a Retry-After)
    fail,
};

struct Verdict {
    Next next = Next::done;
    Failure failure;  // unless done; failure.retry_after is the peer's wish
};

// The error envelope; every field may be empty.
struct GraphError {
    std::string code;
    std::string inner_code;  // the innermost one
    std::string message;
    std::string request_id;
};
[[nodiscard]] GraphError parse_error(std::string_view body);

[[nodiscard]] Verdict judge(const CallFacts& call, const HttpAnswer& answer,
                            const WebOrigin& origin, Instant now);

}  // namespace writeback
