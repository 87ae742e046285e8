// The two ways in which Graph writes points in time. Pure.
//
// Failures: an empty optional for what is none. Units: milliseconds; finer digits are cut off.
#pragma once

#include <writeback/clock.hpp>

#include <optional>
#include <string_view>

namespace writeback {

// "2026-01-01T00:00:00.1234567Z", or with an offset: "2026-01-01T01:00:00+01:00". Without either it
// is UTC.
[[nodiscard]] std::optional<Instant> parse_timestamp(std::string_view text);

// A Retry-After header: seconds, also with a fraction, or an HTTP date, which counts from `now`.
// Never negative, and never more than longest_wait: one wrong header must not stop us for years.
inline constexpr Duration longest_wait = std::chrono::hours(24);
[[nodiscard]] std::optional<Duration> parse_retry_after(std::string_view text, Instant now);

}  // namespace writeback
