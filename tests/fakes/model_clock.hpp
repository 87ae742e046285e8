// A clock whose time stands still until a test moves it, and the one thread on which a history
// runs.
//
// Timers end in the order of their time, those of one instant in the order in which they began, so
// that one history is always the same. Waiting coroutines are kept here and not in Asio, so that a
// test can drop them all at once: that is a crash.
#pragma once

#include <writeback/clock.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace writeback::fakes {

class ModelClock final : public Clock {
 public:
    explicit ModelClock(Instant start);
    ~ModelClock() override;

    [[nodiscard]] Instant now() const override;
    [[nodiscard]] Duration monotonic() const override;
    [[nodiscard]] std::unique_ptr<Alarm> alarm() override;
    Async<void> sleep(Duration duration) override;

    // Ends the next wait, moving time to its end. False when nobody waits.
    bool step();
    // When the next wait ends.
    [[nodiscard]] std::optional<Duration> next() const;
    // Moves time, which never runs backwards; no wait may end before then. For clocks of several
    // machines that share one time.
    void advance_to(Duration elapsed);
    // How many wait.
    [[nodiscard]] std::size_t waiting() const;
    // The wall clock jumps; waits do not follow.
    void jump(Duration by);
    void drop_waiters();

    struct State;

 private:
    std::shared_ptr<State> state_;
};

// Runs coroutines on a model clock.
class ModelThread {
 public:
    explicit ModelThread(ModelClock& clock);
    ~ModelThread();

    void start(Async<void> task);
    // Runs until `done` holds, or `limit` of the model's time has passed; says which.
    bool run_until(const std::function<bool()>& done, Duration limit);
    void run_for(Duration time);
    // Runs one coroutine to its end.
    template <class T>
    T run(Async<T> task, Duration limit = std::chrono::hours(1));

    [[nodiscard]] boost::asio::io_context& context() { return context_; }

 private:
    void poll();

    ModelClock& clock_;
    boost::asio::io_context context_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    std::exception_ptr thrown_;
};

template <class T>
T ModelThread::run(Async<T> task, Duration limit) {
    std::optional<T> value;
    start([](Async<T> inner, std::optional<T>& into) -> Async<void> {
        into.emplace(co_await std::move(inner));
    }(std::move(task), value));
    if (!run_until([&] { return value.has_value(); }, limit)) {
        throw std::runtime_error("the coroutine did not end within its limit");
    }
    return std::move(*value);
}

}  // namespace writeback::fakes
