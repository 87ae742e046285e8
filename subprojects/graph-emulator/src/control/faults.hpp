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
    loop,       ///< a nextLink that leads to itself
    forbidden,  ///< 403
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

class FaultPlan {
 public:
    explicit FaultPlan(Random& random) : random_(random) {}

    static Result<Fault> parse(const json::object& description);

    std::uint64_t add(Fault fault);
    void clear() { faults_.clear(); }
    bool erase(std::uint64_t id);
    /// The fault that strikes this request, if one does; at most one.
    std::optional<Fault> strike(std::string_view operation, std::string_view method);
    json::array describe() const;

 private:
    Random& random_;
    std::vector<Fault> faults_;
    std::uint64_t next_id_ = 1;
};

}  // namespace emulator
