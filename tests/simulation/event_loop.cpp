#include "simulation/event_loop.hpp"

#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <stdexcept>

namespace writeback::simulation {

namespace asio = boost::asio;

namespace {

// A model that never comes to rest within one instant has a bug, or the daemon spins.
constexpr std::uint64_t most_steps_at_once = 2'000'000;

void spawn(asio::io_context& context, Async<void> task) {
    asio::co_spawn(context, std::move(task), [](const std::exception_ptr& thrown) {
        if (thrown) std::rethrow_exception(thrown);
    });
}

}  // namespace

EventLoop::EventLoop(Instant beginning)
    : world_clock_(beginning),
      machine_clock_(beginning),
      world_(std::make_unique<asio::io_context>(1)),
      world_work_(asio::make_work_guard(*world_)) {}

EventLoop::~EventLoop() {
    close();
}

void EventLoop::close() {
    if (process_) end_process();
    world_clock_.drop_waiters();
    world_work_.reset();
    world_.reset();
    world_clock_.drop_waiters();
}

void EventLoop::spawn_in_world(Async<void> task) {
    spawn(*world_, std::move(task));
}

void EventLoop::spawn_in_process(Async<void> task) {
    spawn(*process_, std::move(task));
}

void EventLoop::begin_process() {
    if (process_) throw std::logic_error("a process runs already");
    process_ = std::make_unique<asio::io_context>(1);
    process_work_.emplace(asio::make_work_guard(*process_));
    process_steps_ = 0;
}

void EventLoop::end_process() {
    machine_clock_.drop_waiters();
    process_work_.reset();
    process_.reset();
    // What was destroyed may have waited once more in its destructors.
    machine_clock_.drop_waiters();
}

bool EventLoop::step_process() {
    if (!process_ || process_->poll_one() == 0) return false;
    ++process_steps_;
    if (process_ends && process_ends()) on_process_end();
    return true;
}

void EventLoop::run_what_is_ready() {
    std::uint64_t here = 0;
    while (step_process() || world_->poll_one() != 0) {
        ++steps_;
        if (++here > most_steps_at_once) {
            throw std::runtime_error("something does not come to rest within one instant");
        }
    }
}

std::optional<Duration> EventLoop::next() const {
    const auto world = world_clock_.next();
    const auto machine = machine_clock_.next();
    if (!world) return machine;
    if (!machine) return world;
    return std::min(*world, *machine);
}

void EventLoop::move_time(Duration to) {
    world_clock_.advance_to(to);
    machine_clock_.advance_to(to);
}

void EventLoop::run_for(Duration time) {
    run_until([] { return false; }, time);
}

bool EventLoop::run_until(const std::function<bool()>& done, Duration limit) {
    const Duration end = this->time() + limit;
    while (true) {
        run_what_is_ready();
        if (done()) return true;
        const auto due = next();
        if (!due || *due > end) break;
        move_time(*due);
        auto& clock = world_clock_.next() == due ? world_clock_ : machine_clock_;
        clock.step();
    }
    move_time(end);
    return false;
}

}  // namespace writeback::simulation
