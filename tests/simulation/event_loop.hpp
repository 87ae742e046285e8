// The one thread on which a history runs: two loops in one model time, that of the world (cloud,
// directory, network, people) and that of the daemon's process, which can end at any step.
//
// Order: what is ready runs before time moves, the process first; waits end in the order of their
// time, those of one instant the world's first. So a history is always the same. Failures: what a
// coroutine throws comes out of run_for() and run_until(). Ownership: coroutines that wait belong
// to the loop; end_process() destroys the process's, close() all. Threads: one.
#pragma once

#include "fakes/model_clock.hpp"

#include <writeback/async.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace writeback::simulation {

class EventLoop {
 public:
    explicit EventLoop(Instant beginning);
    ~EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    [[nodiscard]] fakes::ModelClock& world_clock() { return world_clock_; }
    // Of the daemon's machine: its wall clock may jump, its monotonic one is the world's.
    [[nodiscard]] fakes::ModelClock& machine_clock() { return machine_clock_; }
    [[nodiscard]] Duration time() const { return world_clock_.monotonic(); }

    [[nodiscard]] boost::asio::io_context& world() { return *world_; }
    void spawn_in_world(Async<void> task);

    void begin_process();
    // Nothing of it goes on, nothing is cleaned up.
    void end_process();
    [[nodiscard]] bool process_runs() const { return process_ != nullptr; }
    [[nodiscard]] boost::asio::io_context& process() { return *process_; }
    void spawn_in_process(Async<void> task);
    // Steps of the event loop since begin_process().
    [[nodiscard]] std::uint64_t process_steps() const { return process_steps_; }
    // Called after each step of the process; true ends the process there.
    std::function<bool()> process_ends;
    // Called when process_ends() said so, outside of any step.
    std::function<void()> on_process_end;

    // Everything that happens within this time.
    void run_for(Duration time);
    // The same, until `done` holds at the end of an instant; says whether it did.
    bool run_until(const std::function<bool()>& done, Duration limit);
    [[nodiscard]] std::uint64_t steps() const { return steps_; }
    [[nodiscard]] std::size_t waiting_in_process() const { return machine_clock_.waiting(); }

    void close();

 private:
    using Work = boost::asio::executor_work_guard<boost::asio::io_context::executor_type>;

    bool step_process();
    void run_what_is_ready();
    [[nodiscard]] std::optional<Duration> next() const;
    void move_time(Duration to);

    fakes::ModelClock world_clock_;
    fakes::ModelClock machine_clock_;
    std::unique_ptr<boost::asio::io_context> world_;
    std::optional<Work> world_work_;
    std::unique_ptr<boost::asio::io_context> process_;
    std::optional<Work> process_work_;
    std::uint64_t steps_ = 0;
    std::uint64_t process_steps_ = 0;
};

}  // namespace writeback::simulation
