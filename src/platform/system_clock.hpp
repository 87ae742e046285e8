// The machine's clock behind the port, waiting by Asio timers on one executor.
//
// Threads: now() and monotonic() from any; alarms and sleep() on the executor's thread, ring() from
// any. Ownership: an alarm may be destroyed before or after the clock, but not while it is waited
// on. Cancellation: a wait ends by ring(), by its limit, or with the executor's context.
#pragma once

#include <writeback/clock.hpp>

#include <boost/asio/any_io_executor.hpp>

namespace writeback {

class SystemClock final : public Clock {
 public:
    explicit SystemClock(boost::asio::any_io_executor executor);

    [[nodiscard]] Instant now() const override;
    [[nodiscard]] Duration monotonic() const override;
    [[nodiscard]] std::unique_ptr<Alarm> alarm() override;
    Async<void> sleep(Duration duration) override;

 private:
    boost::asio::any_io_executor executor_;
};

}  // namespace writeback
