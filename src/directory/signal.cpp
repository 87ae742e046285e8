#include "directory/signal.hpp"

#include <utility>

namespace writeback {

Async<void> Signal::wait() {
    const auto waiter = std::make_shared<Waiter>();
    waiter->alarm = clock_.alarm();
    waiters_.push_back(waiter);
    while (!waiter->raised)
        co_await waiter->alarm->wait_for(std::chrono::hours(24));
}

void Signal::raise() {
    for (const auto& waiter : std::exchange(waiters_, {})) {
        waiter->raised = true;
        waiter->alarm->ring();
    }
}

}  // namespace writeback
