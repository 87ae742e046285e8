// The port for time: all waiting of `sync` goes through it, so that a simulation can own time.
//
// Units: wall-clock instants in UTC with milliseconds. A wall clock may jump; waits do not follow
// it. Threads: a Clock is thread-safe for now(); an Alarm belongs to one thread, but ring() may be
// called from any.
#pragma once

#include <writeback/async.hpp>
#include <writeback/result.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace writeback {

using Instant = std::chrono::sys_time<Duration>;

// A latch that one coroutine waits on, with a deadline. A ring while nobody waits is kept for the
// next wait, so no wake-up is lost; many rings before a wait count as one.
class Alarm {
 public:
    virtual ~Alarm() = default;
    // Returns true when it was rung, false when the time had passed first. A duration of zero or
    // less gives the other coroutines one turn.
    virtual Async<bool> wait_for(Duration limit) = 0;
    virtual void ring() = 0;
};

class Clock {
 public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Instant now() const = 0;
    // Time since some fixed point, never running backwards: for durations.
    [[nodiscard]] virtual Duration monotonic() const = 0;
    [[nodiscard]] virtual std::unique_ptr<Alarm> alarm() = 0;
    virtual Async<void> sleep(Duration duration) = 0;
};

// "2026-01-01T00:00:00Z", and with milliseconds where they are not zero.
[[nodiscard]] std::string to_text(Instant instant);

}  // namespace writeback
