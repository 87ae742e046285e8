#include "simulation/trace.hpp"

#include <bit>
#include <cstdio>
#include <cstring>
#include <string>
#include <variant>

namespace writeback::simulation {

namespace {

// "3:04:05.678", hours first.
std::string time_text(Duration time) {
    const std::int64_t milliseconds = time.count();
    char text[40];
    std::snprintf(text, sizeof text, "%4lld:%02lld:%02lld.%03lld",
                  static_cast<long long>(milliseconds / 3'600'000),
                  static_cast<long long>(milliseconds / 60'000 % 60),
                  static_cast<long long>(milliseconds / 1'000 % 60),
                  static_cast<long long>(milliseconds % 1'000));
    return text;
}

std::string text_of(const LogField& field) {
    return std::visit(
        [](const auto& value) {
            using Value = std::decay_t<decltype(value)>;
            if constexpr (std::is_same_v<Value, std::string_view>) {
                return std::string(value);
            } else if constexpr (std::is_same_v<Value, bool>) {
                return std::string(value ? "yes" : "no");
            } else {
                return std::to_string(value);
            }
        },
        field.value);
}

}  // namespace

void Trace::mix(std::uint64_t word) {
    hash_ = (hash_ ^ word) * 0xff51afd7ed558ccdU;
    hash_ ^= hash_ >> 32U;
}

void Trace::mix(std::string_view text) {
    mix(text.size());
    while (!text.empty()) {
        std::uint64_t word = 0;
        const std::size_t size = std::min(text.size(), sizeof word);
        std::memcpy(&word, text.data(), size);
        mix(word);
        text.remove_prefix(size);
    }
}

void Trace::tell(std::string_view who, std::string_view what,
                 std::initializer_list<LogField> fields) {
    ++events_;
    if (clock_ != nullptr) mix(static_cast<std::uint64_t>(clock_->monotonic().count()));
    mix(who);
    mix(what);
    for (const LogField& field : fields) {
        mix(field.name);
        std::visit(
            [this](const auto& value) {
                using Value = std::decay_t<decltype(value)>;
                if constexpr (std::is_same_v<Value, std::string_view>) {
                    mix(value);
                } else if constexpr (std::is_same_v<Value, double>) {
                    mix(std::bit_cast<std::uint64_t>(value));
                } else {
                    mix(static_cast<std::uint64_t>(value));
                }
            },
            field.value);
    }
    if (prints_) print(who, what, fields);
}

void Trace::print(std::string_view who, std::string_view what,
                  std::initializer_list<LogField> fields) const {
    std::string line = clock_ == nullptr ? std::string(14, ' ') : time_text(clock_->monotonic());
    line += "  ";
    line += who;
    line.append(who.size() < 10 ? 10 - who.size() : 1, ' ');
    line += what;
    for (const LogField& field : fields) {
        line += ' ';
        line += field.name;
        line += '=';
        line += text_of(field);
    }
    line += '\n';
    std::fwrite(line.data(), 1, line.size(), stdout);
}

std::string hash_text(std::uint64_t hash) {
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
    return text;
}

}  // namespace writeback::simulation
