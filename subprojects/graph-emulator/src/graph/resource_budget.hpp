// The token bucket of resource units, or of writes, that an application has for a tenant.
//
// Off until a test sets a limit. Requests that are refused still count, as with Graph, but at no
// more than one unit. Failures: none. Threads: one. Time is steady, not the emulated one.
#pragma once

#include "../base/time.hpp"

#include <optional>

namespace emulator {

class ResourceBudget {
 public:
    /// Units in a window; 0 switches the limit off. `now` is steady time.
    void limit(double units, Duration now, std::chrono::seconds window = std::chrono::seconds(10));
    /// Takes the units; where they are not there, the seconds after which they will be.
    std::optional<double> take(int units, Duration now);
    /// The part of the budget that is used up, 1 being all of it.
    double used() const;

 private:
    double rate_ = 0;  ///< units a second
    double size_ = 0;
    double left_ = 0;
    Duration refilled_{0};
};

}  // namespace emulator
