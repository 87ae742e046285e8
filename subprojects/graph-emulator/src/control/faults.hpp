// Faults on demand: which requests go wrong, how, and how often.
//
// Failures: parse() names what is wrong with a fault's description. Limits: 1,000 faults at a time.
// Ownership: by value. Threads: one. Pure: the plan decides, the router carries out.
#pragma once

#include "../base/json.hpp"
#include "../base/random.hpp"
#include "../base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace emulator {

enum class FaultKind : std::uint8_t {
    throttled,       ///< 429
    unavailable,     ///< 503
    internal_error,  ///< 500
    gone,            ///< 410 with Location
    sync_state_not_found,
    cut,    ///< the answer ends in the middle of its body
    delay,  ///< the answer comes later
    expired_token,
    garbage,  ///< 200 with a body that is no JSON
    empty_page,
    loop,             ///< a nextLink that leads to itself
    forbidden,        ///< 403
    bad_gateway,      ///< 502 with a page of HTML, as from something before Graph
    gateway_timeout,  ///< 504
    concurrency,      ///< 409 Directory_ConcurrencyViolation
    not_found,        ///< 404
    expired_page,     ///< 400 Directory_ExpiredPageToken, of requests with a $skiptoken
};

struct Fault {
    std::uint64_t id = 0;
    std::string operation = "any";
    std::string method;  ///< empty: any
    FaultKind kind = FaultKind::unavailable;
    std::optional<double> retry_after;  ///< seconds; absent: no header
    std::int64_t delay_milliseconds = 1000;
    std::int64_t times = 1;  ///< -1: until deleted
    std::int64_t after = 0;  ///< requests to let pass first
    double probability = 1;
    std::int64_t struck = 0;
};

/// Whether faults and scenarios know this name, "any" among them.
bool is_operation(std::string_view name);

class FaultPlan {
 public:
    explicit FaultPlan(Random& random) : random_(random) {}

    static Result<Fault> parse(const json::object& description);

    std::uint64_t add(Fault fault);
    void clear() { faults_.clear(); }
    bool erase(std::uint64_t id);
    /// The fault that strikes this request, if one does; at most one.
    std::optional<Fault> strike(std::string_view operation, std::string_view method,
                                std::string_view query);
    json::array describe() const;

 private:
    Random& random_;
    std::vector<Fault> faults_;
    std::uint64_t next_id_ = 1;
};

}  // namespace emulator
