#include "platform/system_clock.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>

namespace writeback {

namespace asio = boost::asio;

namespace {

// What an alarm shares with the wake-ups that are under way to its executor, which may arrive after
// the alarm has gone.
struct Latch {
    explicit Latch(const asio::any_io_executor& executor) : timer(executor) {}
    std::atomic<bool> rung = false;
    asio::steady_timer timer;  // touched on the executor's thread only
};

class SystemAlarm final : public Alarm {
 public:
    explicit SystemAlarm(const asio::any_io_executor& executor)
        : executor_(executor), latch_(std::make_shared<Latch>(executor)) {}

    Async<bool> wait_for(Duration limit) override {
        const auto latch = latch_;
        if (limit <= Duration::zero()) {
            co_await asio::post(executor_, asio::use_awaitable);
            co_return latch->rung.exchange(false);
        }
        const auto deadline = std::chrono::steady_clock::now() + limit;
        while (!latch->rung.exchange(false)) {
            if (std::chrono::steady_clock::now() >= deadline) co_return false;
            latch->timer.expires_at(deadline);
            co_await latch->timer.async_wait(asio::as_tuple(asio::use_awaitable));
        }
        co_return true;
    }

    // The wake-up is posted, so it always finds the waiting coroutine suspended; a wake-up that
    // comes too late for the ring it belongs to only makes the loop above look again.
    void ring() override {
        if (latch_->rung.exchange(true)) return;
        asio::post(executor_, [latch = latch_] { latch->timer.cancel(); });
    }

 private:
    asio::any_io_executor executor_;
    std::shared_ptr<Latch> latch_;
};

}  // namespace

SystemClock::SystemClock(asio::any_io_executor executor) : executor_(std::move(executor)) {}

Instant SystemClock::now() const {
    return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

Duration SystemClock::monotonic() const {
    return std::chrono::floor<Duration>(std::chrono::steady_clock::now().time_since_epoch());
}

std::unique_ptr<Alarm> SystemClock::alarm() {
    return std::make_unique<SystemAlarm>(executor_);
}

Async<void> SystemClock::sleep(Duration duration) {
    asio::steady_timer timer(executor_);
    timer.expires_after(duration);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace writeback
