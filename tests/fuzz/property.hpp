// What every fuzz target shares: properties that end the run with a sentence when they do not hold,
// and the input taken apart into lines.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace writeback::fuzz {

// Ends the process where the property does not hold: libFuzzer then keeps the input.
inline void require(bool holds, std::string_view property, std::string_view detail = {}) {
    if (holds) return;
    const std::string told =
        "PROPERTY BROKEN: " + std::string(property) + "\n" + std::string(detail) + "\n";
    std::fputs(told.c_str(), stderr);
    std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

// Takes the first line off the text, without its newline.
inline std::string_view take_line(std::string_view& text) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() < text.size() ? line.size() + 1 : text.size());
    return line;
}

inline std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty())
        lines.push_back(take_line(text));
    return lines;
}

inline bool is_one_line(std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

// "\x00" and "\\" in a line of an input stand for a byte and a backslash, so that inputs stay text.
inline std::string bytes_of_line(std::string_view line) {
    const auto digit = [](char c) -> int {
        if (c >= '0' && c <= '9') return c - '0';
        if (c >= 'a' && c <= 'f') return c - 'a' + 10;
        return -1;
    };
    std::string bytes;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const bool byte = line[i] == '\\' && i + 3 < line.size() && line[i + 1] == 'x' &&
                          digit(line[i + 2]) >= 0 && digit(line[i + 3]) >= 0;
        if (!byte) {
            bytes += line[i];
            continue;
        }
        bytes += static_cast<char>(digit(line[i + 2]) * 16 + digit(line[i + 3]));
        i += 3;
    }
    return bytes;
}

}  // namespace writeback::fuzz
