#include "platform/json_text.hpp"

#include <cstdio>

namespace writeback {

namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";

// How many bytes the well-formed UTF-8 character at the text's beginning has; 0 when there is none.
std::size_t character_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    if (first < 0x80) return 1;
    std::size_t length = 0;
    unsigned char least = 0x80;
    unsigned char most = 0xbf;
    if (first >= 0xc2 && first <= 0xdf) {
        length = 2;
    } else if (first >= 0xe0 && first <= 0xef) {
        length = 3;
        if (first == 0xe0) least = 0xa0;
        if (first == 0xed) most = 0x9f;
    } else if (first >= 0xf0 && first <= 0xf4) {
        length = 4;
        if (first == 0xf0) least = 0x90;
        if (first == 0xf4) most = 0x8f;
    }
    if (length == 0 || text.size() < length || byte(1) < least || byte(1) > most) return 0;
    for (std::size_t i = 2; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return 0;
    }
    return length;
}

void append_ascii(std::string& line, char c) {
    switch (c) {
        case '"':
            line += "\\\"";
            return;
        case '\\':
            line += "\\\\";
            return;
        case '\n':
            line += "\\n";
            return;
        case '\r':
            line += "\\r";
            return;
        case '\t':
            line += "\\t";
            return;
        default:
            break;
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
        char escaped[8];
        std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
        line += escaped;
    } else {
        line += c;
    }
}

}  // namespace

void append_json_text(std::string& line, std::string_view text, std::size_t limit) {
    line += '"';
    std::size_t taken = 0;
    while (taken < text.size()) {
        const std::size_t length = character_length(text.substr(taken));
        const std::size_t bytes = length == 0 ? 1 : length;
        if (taken + bytes > limit) {
            line += "…";
            break;
        }
        if (length == 0) {
            line += replacement;
        } else if (length == 1) {
            append_ascii(line, text[taken]);
        } else {
            line += text.substr(taken, length);
        }
        taken += bytes;
    }
    line += '"';
}

}  // namespace writeback
