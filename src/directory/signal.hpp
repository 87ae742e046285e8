// Wakes every coroutine that waits for it, on the Clock port.
//
// Failures: none; a signal that is never raised is waited for without end. Ownership: it must not
// be destroyed while somebody waits. Threads: one.
#pragma once

#include <writeback/async.hpp>
#include <writeback/clock.hpp>

#include <memory>
#include <vector>

namespace writeback {

class Signal {
 public:
    explicit Signal(Clock& clock) : clock_(clock) {}

    // Until the next raise().
    Async<void> wait();
    void raise();

 private:
    struct Waiter {
        std::unique_ptr<Alarm> alarm;
        bool raised = false;
    };
    Clock& clock_;
    std::vector<std::shared_ptr<Waiter>> waiters_;
};

}  // namespace writeback
