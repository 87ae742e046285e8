// Coroutines that run beside one another on one thread and end before their owner does. This is the
// one place where the story starts a coroutine.
//
// Failures: an exception that leaves a task is a bug; it leaves the executor's run() and ends the
// process. Ownership: what a task refers to must outlive join(). Threads: the thread of the
// coroutine that made the group. Cancellation: none here; tasks end by themselves when they are
// told to stop.
#pragma once

#include <writeback/async.hpp>
#include <writeback/clock.hpp>

#include <cstddef>
#include <memory>

namespace writeback {

class TaskGroup {
 public:
    // A group on the executor of the calling coroutine.
    static Async<TaskGroup> here(Clock& clock);

    TaskGroup(TaskGroup&&) noexcept;
    ~TaskGroup();

    void start(Async<void> task);
    [[nodiscard]] std::size_t running() const;
    // Waits until no task is running.
    Async<void> join();
    // The same for at most `limit`; false when some are running still.
    Async<bool> join_for(Duration limit);

 private:
    struct State;
    explicit TaskGroup(std::shared_ptr<State> state);
    std::shared_ptr<State> state_;
};

}  // namespace writeback
