// Bytes as text and back: Base64 and hexadecimal digits.
#include "core/expression_text.hpp"

namespace writeback::expressions {

namespace {

constexpr std::string_view base64_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::optional<unsigned> hexadecimal_digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
    return std::nullopt;
}

}  // namespace

std::string to_hexadecimal(std::string_view bytes) {
    std::string result;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        result += "0123456789ABCDEF"[byte >> 4];
        result += "0123456789ABCDEF"[byte & 0xF];
    }
    return result;
}

std::optional<std::string> from_hexadecimal(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::string result;
    for (std::size_t at = 0; at < text.size(); at += 2) {
        const auto high = hexadecimal_digit(text[at]);
        const auto low = hexadecimal_digit(text[at + 1]);
        if (!high || !low) return std::nullopt;
        result += static_cast<char>(*high << 4 | *low);
    }
    return result;
}

std::string to_base64(std::string_view bytes) {
    std::string result;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        unsigned group = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            const char c = at + i < bytes.size() ? bytes[at + i] : '\0';
            group = group << 8 | static_cast<unsigned char>(c);
        }
        for (std::size_t i = 0; i < 4; ++i) {
            const bool padding = at + i > bytes.size();
            result += padding ? '=' : base64_digits[(group >> (18 - 6 * i)) & 0x3F];
        }
    }
    return result;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=')
        ++padding;
    std::string result;
    for (std::size_t at = 0; at < text.size(); at += 4) {
        unsigned group = 0;
        for (std::size_t i = at; i < at + 4; ++i) {
            const std::size_t digit = i >= text.size() - padding ? 0 : base64_digits.find(text[i]);
            if (digit == std::string_view::npos) return std::nullopt;
            group = group << 6 | static_cast<unsigned>(digit);
        }
        for (unsigned shift : {16U, 8U, 0U})
            result += static_cast<char>(group >> shift & 0xFF);
    }
    result.resize(result.size() - padding);
    return result;
}

}  // namespace writeback::expressions
