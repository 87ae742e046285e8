// The port for time: all that the service knows of time and all its waiting go through it, so that
// a simulation can own both.
//
// Units: microseconds; the machine's time is UTC since the Unix epoch and may jump, steady time
// counts from any fixed point and never runs backwards. Failures: none. Ownership: the implementer
// outlives the service and every coroutine that it started. Threads: one. Cancellation: a pause
// that is never resumed is destroyed with its coroutine.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>

namespace emulator {

using Duration = std::chrono::microseconds;
using TimePoint = std::chrono::sys_time<Duration>;

class Time {
 public:
    virtual ~Time() = default;
    virtual TimePoint machine() = 0;
    virtual Duration steady() = 0;
    /// Returns when that much steady time has passed; at once where it is zero or less.
    virtual boost::asio::awaitable<void> pause(Duration time) = 0;
};

}  // namespace emulator
