#include "machine_time.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace emulator {

MachineTime::MachineTime(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

TimePoint MachineTime::machine() {
    return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

Duration MachineTime::steady() {
    return std::chrono::floor<Duration>(std::chrono::steady_clock::now().time_since_epoch());
}

boost::asio::awaitable<void> MachineTime::pause(Duration time) {
    if (time.count() <= 0) co_return;
    boost::asio::steady_timer timer(executor_, time);
    co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
}

}  // namespace emulator
