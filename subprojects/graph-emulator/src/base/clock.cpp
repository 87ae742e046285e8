#include "clock.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>

namespace emulator {
namespace {

using std::chrono::duration_cast;
using std::chrono::floor;
using std::chrono::seconds;

std::tm broken_down(TimePoint time) {
    const std::time_t whole =
        duration_cast<seconds>(floor<seconds>(time).time_since_epoch()).count();
    std::tm parts{};
    gmtime_r(&whole, &parts);
    return parts;
}

std::string formatted(TimePoint time, const char* format) {
    const std::tm parts = broken_down(time);
    char buffer[64];
    return std::string(buffer, std::strftime(buffer, sizeof buffer, format, &parts));
}

/// Reads exactly `count` digits at `position` and moves past them.
std::optional<int> digits(std::string_view text, std::size_t& position, std::size_t count) {
    if (position + count > text.size()) return std::nullopt;
    int number = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const char c = text[position + i];
        if (c < '0' || c > '9') return std::nullopt;
        number = number * 10 + (c - '0');
    }
    position += count;
    return number;
}

bool accept(std::string_view text, std::size_t& position, char wanted) {
    if (position >= text.size() || text[position] != wanted) return false;
    ++position;
    return true;
}

/// The fraction as microseconds; more digits than six are dropped.
Duration fraction(std::string_view text, std::size_t& position) {
    std::int64_t value = 0;
    std::int64_t unit = 100000;
    while (position < text.size() && text[position] >= '0' && text[position] <= '9') {
        value += (text[position] - '0') * unit;
        unit /= 10;
        ++position;
    }
    return Duration{value};
}

std::optional<seconds> zone(std::string_view text, std::size_t& position) {
    if (position == text.size()) return seconds{0};
    const char sign = text[position++];
    if (sign == 'Z' || sign == 'z') return seconds{0};
    if (sign != '+' && sign != '-') return std::nullopt;
    const auto hours = digits(text, position, 2);
    if (!hours || !accept(text, position, ':')) return std::nullopt;
    const auto minutes = digits(text, position, 2);
    if (!minutes || *hours > 14 || *minutes > 59) return std::nullopt;
    const seconds offset{*hours * 3600 + *minutes * 60};
    return sign == '-' ? -offset : offset;
}

}  // namespace

TimePoint Clock::now() {
    latest_ = std::max(latest_, time_.machine() + advanced_);
    return latest_;
}

std::string utc_text(TimePoint time) {
    return formatted(time, "%Y-%m-%dT%H:%M:%SZ");
}

std::string utc_text_with_fraction(TimePoint time) {
    const auto rest = (time - floor<seconds>(time)).count() * 10;
    char buffer[16];
    std::snprintf(buffer, sizeof buffer, ".%07lldZ", static_cast<long long>(rest));
    return formatted(time, "%Y-%m-%dT%H:%M:%S") + buffer;
}

std::string text_with_offset(TimePoint time, std::chrono::minutes offset) {
    char buffer[16];
    const auto absolute = std::abs(offset.count());
    std::snprintf(buffer, sizeof buffer, "%c%02d:%02d", offset.count() < 0 ? '-' : '+',
                  static_cast<int>(absolute / 60), static_cast<int>(absolute % 60));
    return formatted(time + offset, "%Y-%m-%dT%H:%M:%S") + buffer;
}

std::string zoneless_text(TimePoint time) {
    return formatted(time, "%Y-%m-%dT%H:%M:%S");
}

std::string http_date(TimePoint time) {
    return formatted(time, "%a, %d %b %Y %H:%M:%S GMT");
}

std::int64_t dotnet_ticks(TimePoint time) {
    constexpr std::int64_t ticks_at_unix_epoch = 621355968000000000;
    return ticks_at_unix_epoch + time.time_since_epoch().count() * 10;
}

std::optional<TimePoint> parse_time(std::string_view text) {
    std::size_t at = 0;
    const auto year = digits(text, at, 4);
    if (!year || *year < 1970 || !accept(text, at, '-')) return std::nullopt;
    const auto month = digits(text, at, 2);
    if (!month || !accept(text, at, '-')) return std::nullopt;
    const auto day = digits(text, at, 2);
    if (!day || !(accept(text, at, 'T') || accept(text, at, 't'))) return std::nullopt;
    const auto hour = digits(text, at, 2);
    if (!hour || !accept(text, at, ':')) return std::nullopt;
    const auto minute = digits(text, at, 2);
    if (!minute || !accept(text, at, ':')) return std::nullopt;
    const auto second = digits(text, at, 2);
    if (!second) return std::nullopt;
    const Duration part = accept(text, at, '.') ? fraction(text, at) : Duration{0};
    const auto offset = zone(text, at);
    if (!offset || at != text.size()) return std::nullopt;

    const std::chrono::year_month_day date{std::chrono::year{*year},
                                           std::chrono::month{static_cast<unsigned>(*month)},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    const seconds of_day{*hour * 3600 + *minute * 60 + *second};
    return TimePoint{std::chrono::sys_days{date}} + of_day + part - *offset;
}

}  // namespace emulator
