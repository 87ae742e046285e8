#include "sync/task_group.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include <exception>
#include <utility>

namespace writeback {

struct TaskGroup::State {
    boost::asio::any_io_executor executor;
    Clock& clock;
    std::unique_ptr<Alarm> ended;
    std::size_t running = 0;
};

TaskGroup::TaskGroup(std::shared_ptr<State> state) : state_(std::move(state)) {}
TaskGroup::TaskGroup(TaskGroup&&) noexcept = default;
TaskGroup::~TaskGroup() = default;

Async<TaskGroup> TaskGroup::here(Clock& clock) {
    auto executor = co_await boost::asio::this_coro::executor;
    co_return TaskGroup(
        std::make_shared<State>(State{std::move(executor), clock, clock.alarm(), 0}));
}

void TaskGroup::start(Async<void> task) {
    ++state_->running;
    boost::asio::co_spawn(state_->executor, std::move(task),
                          [state = state_](std::exception_ptr thrown) {
                              --state->running;
                              state->ended->ring();
                              if (thrown) std::rethrow_exception(thrown);
                          });
}

std::size_t TaskGroup::running() const {
    return state_->running;
}

Async<void> TaskGroup::join() {
    bool joined = false;
    while (!joined)
        joined = co_await join_for(std::chrono::hours(1));
}

Async<bool> TaskGroup::join_for(Duration limit) {
    const auto end = state_->clock.monotonic() + limit;
    while (state_->running > 0) {
        const auto left = end - state_->clock.monotonic();
        if (left <= Duration::zero()) co_return false;
        co_await state_->ended->wait_for(left);
    }
    co_return true;
}

}  // namespace writeback
