// The token bucket of resource units that an application has for a tenant.
//
// Off until a test sets a limit. Requests that are refused still count, as with Graph, but at no
// more than one unit. Failures: none. Threads: one. Time is the machine's own, not the emulated
// one.
#pragma once

#include <chrono>
#include <optional>

namespace emulator {

class ResourceBudget {
 public:
    using Time = std::chrono::steady_clock::time_point;

    /// Units in ten seconds; 0 switches the limit off.
    void limit(double units_per_ten_seconds, Time now);
    /// Takes the units; where they are not there, the seconds after which they will be.
    std::optional<double> take(int units, Time now);
    /// The part of the budget that is used up, 1 being all of it.
    double used() const;

 private:
    double rate_ = 0;  ///< units a second
    double size_ = 0;
    double left_ = 0;
    Time refilled_{};
};

}  // namespace emulator
