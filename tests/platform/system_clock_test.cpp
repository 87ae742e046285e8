#include "platform/system_clock.hpp"

#include "platform/loopback.hpp"

#include <boost/asio/detached.hpp>
#include <doctest/doctest.h>

#include <thread>

using namespace writeback;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

// Runs one story with a clock on a loop of its own.
template <class Story>
void with_clock(Story story) {
    asio::io_context context;
    SystemClock clock(context.get_executor());
    loopback::run(context, story(clock, context));
}

}  // namespace

TEST_CASE("a ring while nobody waits is kept for the next wait, and many count as one") {
    with_clock([](SystemClock& clock, asio::io_context&) -> Async<void> {
        const auto alarm = clock.alarm();
        alarm->ring();
        alarm->ring();
        CHECK(co_await alarm->wait_for(60s));
        CHECK_FALSE(co_await alarm->wait_for(1ms));
    });
}

TEST_CASE("a wait that nobody rings ends at its limit") {
    with_clock([](SystemClock& clock, asio::io_context&) -> Async<void> {
        const auto alarm = clock.alarm();
        const auto begin = clock.monotonic();
        CHECK_FALSE(co_await alarm->wait_for(20ms));
        CHECK(clock.monotonic() - begin >= 19ms);
        CHECK_FALSE(co_await alarm->wait_for(0ms));
        CHECK_FALSE(co_await alarm->wait_for(-5ms));
    });
}

TEST_CASE("a wait of no length gives the others a turn and sees their ring") {
    with_clock([](SystemClock& clock, asio::io_context& context) -> Async<void> {
        const auto alarm = clock.alarm();
        asio::co_spawn(
            context,
            [&alarm]() -> Async<void> {
                alarm->ring();
                co_return;
            },
            asio::detached);
        CHECK(co_await alarm->wait_for(0ms));
    });
}

TEST_CASE("a ring from another thread wakes the waiting one") {
    with_clock([](SystemClock& clock, asio::io_context&) -> Async<void> {
        const auto alarm = clock.alarm();
        for (int round = 0; round < 200; ++round) {
            std::jthread other([&alarm] { alarm->ring(); });
            CHECK(co_await alarm->wait_for(60s));
        }
    });
}

TEST_CASE("a late wake-up of an earlier ring does not end a later wait") {
    with_clock([](SystemClock& clock, asio::io_context&) -> Async<void> {
        const auto alarm = clock.alarm();
        alarm->ring();
        // The latch is taken before the posted wake-up arrives; that one finds the second wait.
        CHECK(co_await alarm->wait_for(60s));
        const auto begin = clock.monotonic();
        CHECK_FALSE(co_await alarm->wait_for(20ms));
        CHECK(clock.monotonic() - begin >= 19ms);
    });
}

TEST_CASE("an alarm may go while a ring is still under way") {
    asio::io_context context;
    SystemClock clock(context.get_executor());
    auto alarm = clock.alarm();
    alarm->ring();
    alarm.reset();
    CHECK(context.run() == 1);
}

TEST_CASE("sleep lasts as long as it was asked to") {
    with_clock([](SystemClock& clock, asio::io_context&) -> Async<void> {
        const auto begin = clock.monotonic();
        co_await clock.sleep(15ms);
        CHECK(clock.monotonic() - begin >= 14ms);
        CHECK(clock.now() > Instant(std::chrono::sys_days(std::chrono::year(2024) / 1 / 1)));
    });
}
