// Time as the machine has it, waited for by Asio's timers.
//
// Failures: none. Threads: one, the executor's. Cancellation: a pause ends with the executor's
// context.
#pragma once

#include "time.hpp"

#include <boost/asio/any_io_executor.hpp>

namespace emulator {

class MachineTime final : public Time {
 public:
    explicit MachineTime(boost::asio::any_io_executor executor);

    TimePoint machine() override;
    Duration steady() override;
    boost::asio::awaitable<void> pause(Duration time) override;

 private:
    boost::asio::any_io_executor executor_;
};

}  // namespace emulator
