#include "graph/timestamp.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace writeback {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// Reads a text from left to right; the first thing that doesn't fit makes the whole unreadable.
class Scanner {
 public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    int number(std::size_t digits) {
        int value = 0;
        if (rest_.size() < digits) return fail();
        const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + digits, value);
        if (error != std::errc() || end != rest_.data() + digits || value < 0) return fail();
        rest_.remove_prefix(digits);
        return value;
    }
    void literal(std::string_view expected) {
        if (!rest_.starts_with(expected)) {
            fail();
            return;
        }
        rest_.remove_prefix(expected.size());
    }
    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    std::string_view digits() {
        const auto end = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
        const auto found = rest_.substr(0, end);
        rest_.remove_prefix(end);
        return found;
    }
    std::string_view rest() const { return rest_; }
    int fail() {
        good_ = false;
        return 0;
    }
    [[nodiscard]] bool good() const { return good_; }

 private:
    std::string_view rest_;
    bool good_ = true;
};

Duration fraction(std::string_view digits) {
    int thousandths = 0;
    for (std::size_t i = 0; i < 3; ++i) {
        thousandths = thousandths * 10 + (i < digits.size() ? digits[i] - '0' : 0);
    }
    return Duration(thousandths);
}

std::optional<Instant> instant_of(int year, unsigned month, unsigned day, Duration of_day) {
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                           std::chrono::day(day)};
    if (!date.ok()) return std::nullopt;
    return Instant(std::chrono::sys_days(date).time_since_epoch()) + of_day;
}

// "Sun, 06 Nov 1994 08:49:37 GMT"
std::optional<Instant> parse_http_date(std::string_view text) {
    constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    if (text.size() != 29 || text.substr(3, 2) != ", ") return std::nullopt;
    const auto month = std::find(months.begin(), months.end(), text.substr(8, 3));
    Scanner scan(text.substr(5));
    const int day = scan.number(2);
    scan.literal(" ");
    if (month == months.end()) return std::nullopt;
    scan.literal(*month);
    scan.literal(" ");
    const int year = scan.number(4);
    scan.literal(" ");
    Duration of_day = hours(scan.number(2));
    scan.literal(":");
    of_day += minutes(scan.number(2));
    scan.literal(":");
    of_day += seconds(scan.number(2));
    scan.literal(" GMT");
    if (!scan.good()) return std::nullopt;
    return instant_of(year, static_cast<unsigned>(month - months.begin()) + 1,
                      static_cast<unsigned>(day), of_day);
}

}  // namespace

std::optional<Instant> parse_timestamp(std::string_view text) {
    Scanner scan(text);
    const int year = scan.number(4);
    scan.literal("-");
    const int month = scan.number(2);
    scan.literal("-");
    const int day = scan.number(2);
    scan.literal("T");
    const int hour = scan.number(2);
    scan.literal(":");
    const int minute = scan.number(2);
    scan.literal(":");
    const int second = scan.number(2);
    Duration of_day = hours(hour) + minutes(minute) + seconds(second);
    if (scan.take('.')) of_day += fraction(scan.digits());
    if (!scan.take('Z') && !scan.rest().empty()) {
        const int sign = scan.take('+') ? 1 : scan.take('-') ? -1 : scan.fail();
        Duration offset = hours(scan.number(2));
        scan.literal(":");
        offset += minutes(scan.number(2));
        of_day -= sign * offset;
    }
    if (!scan.good() || !scan.rest().empty()) return std::nullopt;
    if (hour > 24 || minute > 59 || second > 60) return std::nullopt;
    return instant_of(year, static_cast<unsigned>(month), static_cast<unsigned>(day), of_day);
}

std::optional<Duration> parse_retry_after(std::string_view text, Instant now) {
    while (text.starts_with(' '))
        text.remove_prefix(1);
    while (text.ends_with(' '))
        text.remove_suffix(1);
    if (const auto date = parse_http_date(text)) {
        return std::clamp(*date - now, Duration(0), longest_wait);
    }
    Scanner scan(text);
    const auto whole = scan.digits();
    // Nine digits are thirty years; more is no number of seconds that anyone means.
    if (whole.empty() || whole.size() > 9) return std::nullopt;
    long long count = 0;
    std::from_chars(whole.data(), whole.data() + whole.size(), count);
    Duration wait = seconds(count);
    if (scan.take('.')) wait += fraction(scan.digits());
    if (!scan.rest().empty()) return std::nullopt;
    return std::min(wait, longest_wait);
}

}  // namespace writeback
