// The emulated time: the machine's time plus what a test has advanced it by.
//
// Failures: parse_time yields nothing for text that is no RFC 3339 time.
// Units: microseconds since the Unix epoch, UTC. Years 1970 to 9999.
// Threads: one. Time never runs backwards within one clock.
#pragma once

#include "time.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace emulator {

class Clock {
 public:
    explicit Clock(Time& time) : time_(time) {}

    TimePoint now();
    void advance(Duration by) { advanced_ += by; }
    Duration advanced() const { return advanced_; }

 private:
    Time& time_;
    Duration advanced_{0};
    TimePoint latest_{};
};

/// "2026-11-22T03:18:57Z"
std::string utc_text(TimePoint time);
/// "2026-11-22T03:18:57.1234567Z": seven digits, as .NET prints them.
std::string utc_text_with_fraction(TimePoint time);
/// "2026-11-21T20:18:57-07:00"
std::string text_with_offset(TimePoint time, std::chrono::minutes offset);
/// "2026-11-22T03:18:57": the zoneless form inside innerError.
std::string zoneless_text(TimePoint time);
/// "Sun, 22 Nov 2026 03:18:57 GMT"
std::string http_date(TimePoint time);
/// 100-nanosecond ticks since the year 1, which Graph once used as a sequence number.
std::int64_t dotnet_ticks(TimePoint time);

/// Reads RFC 3339 with Z, an offset, or no zone (taken as UTC), with or without a fraction.
std::optional<TimePoint> parse_time(std::string_view text);

}  // namespace emulator
