// The log: one JSON object a line, {"ts":…,"level":…,"event":…, fields in the order given}.
//
// Failures: none shown. When the reader of the descriptor stands still for 200 ms the line is
// dropped; "log-lines-dropped" tells how many once it reads again. Limits: 4096 bytes of one text
// field. Ownership: the descriptor is borrowed, the clock must outlive the log. Threads: any.
#pragma once

#include <writeback/log.hpp>

#include <cstdint>
#include <mutex>
#include <optional>

namespace writeback {

// "debug", "info", "warning", "error".
[[nodiscard]] std::optional<LogLevel> log_level(std::string_view word);
[[nodiscard]] std::string_view name_of(LogLevel level);

class JsonLog final : public Log {
 public:
    JsonLog(int descriptor, LogLevel least, const Clock& clock);

    void write(LogLevel level, std::string_view event,
               std::initializer_list<LogField> fields) override;

 private:
    bool send(std::string_view line);

    int descriptor_;
    LogLevel least_;
    const Clock& clock_;
    std::mutex mutex_;
    std::int64_t dropped_ = 0;
    bool line_open_ = false;  // a line was cut off in its middle
};

}  // namespace writeback
