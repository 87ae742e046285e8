#include "platform/json_log.hpp"

#include "platform/json_text.hpp"

#include <climits>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <poll.h>
#include <unistd.h>

namespace writeback {

namespace {

constexpr std::chrono::milliseconds patience{200};

void append_number(std::string& line, double number) {
    if (!std::isfinite(number)) {
        line += "null";
        return;
    }
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, number).ptr;
    line.append(text, end);
}

void append_value(std::string& line, const LogField& field) {
    if (const auto* text = std::get_if<std::string_view>(&field.value)) {
        append_json_text(line, *text);
    } else if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
        line += std::to_string(*number);
    } else if (const auto* fraction = std::get_if<double>(&field.value)) {
        append_number(line, *fraction);
    } else {
        line += std::get<bool>(field.value) ? "true" : "false";
    }
}

std::string line_of(Instant now, LogLevel level, std::string_view event,
                    std::initializer_list<LogField> fields) {
    std::string line = "{\"ts\":\"" + to_text(now) + "\",\"level\":\"";
    line += name_of(level);
    line += "\",\"event\":";
    append_json_text(line, event);
    for (const auto& field : fields) {
        line += ',';
        append_json_text(line, field.name);
        line += ':';
        append_value(line, field);
    }
    line += "}\n";
    return line;
}

}  // namespace

std::optional<LogLevel> log_level(std::string_view word) {
    for (const auto level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error}) {
        if (name_of(level) == word) return level;
    }
    return std::nullopt;
}

std::string_view name_of(LogLevel level) {
    constexpr std::string_view names[] = {"debug", "info", "warning", "error"};
    return names[static_cast<int>(level)];
}

JsonLog::JsonLog(int descriptor, LogLevel least, const Clock& clock)
    : descriptor_(descriptor), least_(least), clock_(clock) {}

void JsonLog::write(LogLevel level, std::string_view event,
                    std::initializer_list<LogField> fields) {
    if (level < least_) return;
    const auto line = line_of(clock_.now(), level, event, fields);
    const std::lock_guard lock(mutex_);
    if (dropped_ > 0) {
        const auto notice =
            line_of(clock_.now(), LogLevel::warning, "log-lines-dropped", {{"lines", dropped_}});
        if (send(notice)) dropped_ = 0;
    }
    if (dropped_ > 0 || !send(line)) ++dropped_;
}

// A pipe that poll() calls writable takes PIPE_BUF bytes without blocking, so lines go in pieces of
// that size; nearly every line is one piece.
bool JsonLog::send(std::string_view line) {
    std::string repaired;
    if (line_open_) {
        repaired = "\n" + std::string(line);
        line = repaired;
    }
    const auto deadline = std::chrono::steady_clock::now() + patience;
    bool begun = false;
    while (!line.empty()) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        pollfd descriptor{descriptor_, POLLOUT, 0};
        const int wait = static_cast<int>(std::max<std::int64_t>(left.count(), 0));
        if (::poll(&descriptor, 1, wait) < 0 && errno == EINTR) continue;
        if ((descriptor.revents & POLLOUT) == 0) break;
        const auto written =
            ::write(descriptor_, line.data(), std::min<std::size_t>(line.size(), PIPE_BUF));
        if (written < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (written <= 0) break;
        begun = true;
        line.remove_prefix(static_cast<std::size_t>(written));
    }
    if (begun) line_open_ = !line.empty();
    return line.empty();
}

}  // namespace writeback
