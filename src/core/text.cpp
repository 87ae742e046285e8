#include "core/text.hpp"

#include <array>
#include <utility>

namespace writeback {

namespace {

// One character of a text: its bytes, its length in UTF-16 units, its code point. A byte that
// belongs to no sequence is a character of one unit with code point `broken`.
constexpr char32_t broken = 0xFFFFFFFF;
struct Character {
    std::string_view bytes;
    std::size_t units = 1;
    char32_t code = broken;
};

bool continues(std::string_view text, std::size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
}

// Length of the sequence that a leading byte announces, and the bits of the code point that it
// holds; 0 for a byte that cannot lead.
std::pair<std::size_t, char32_t> leading(unsigned char byte) {
    if (byte < 0x80) return {1, byte};
    if (byte >= 0xC2 && byte < 0xE0) return {2, byte & 0x1F};
    if (byte >= 0xE0 && byte < 0xF0) return {3, byte & 0x0F};
    if (byte >= 0xF0 && byte < 0xF5) return {4, byte & 0x07};
    return {0, 0};
}

Character first_character(std::string_view text) {
    auto [length, code] = leading(static_cast<unsigned char>(text.front()));
    for (std::size_t i = 1; i < length; ++i) {
        if (!continues(text, i)) return {text.substr(0, 1)};
        code = (code << 6) | (static_cast<unsigned char>(text[i]) & 0x3F);
    }
    constexpr std::array<char32_t, 5> least = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = code >= 0xD800 && code < 0xE000;
    if (length == 0 || code < least.at(length) || surrogate || code > 0x10FFFF) {
        return {text.substr(0, 1)};
    }
    return {text.substr(0, length), code >= 0x10000 ? 2U : 1U, code};
}

// What .NET's Trim, and with it Microsoft's, takes for white space.
bool is_white_space(char32_t code) {
    return (code >= 0x09 && code <= 0x0D) || code == 0x20 || code == 0x85 || code == 0xA0 ||
           code == 0x1680 || (code >= 0x2000 && code <= 0x200A) || code == 0x2028 ||
           code == 0x2029 || code == 0x202F || code == 0x205F || code == 0x3000;
}

}  // namespace

std::size_t utf16_length(std::string_view text) {
    std::size_t units = 0;
    while (!text.empty()) {
        const Character character = first_character(text);
        units += character.units;
        text.remove_prefix(character.bytes.size());
    }
    return units;
}

std::string left(std::string_view text, std::size_t units) {
    return mid(text, 1, units);
}

std::string mid(std::string_view text, std::size_t begin, std::size_t units) {
    std::string result;
    std::size_t position = 1;
    while (!text.empty()) {
        const Character character = first_character(text);
        const std::size_t end = position + character.units;
        if (end > begin + units) break;
        if (position >= begin) result += character.bytes;
        position = end;
        text.remove_prefix(character.bytes.size());
    }
    return result;
}

std::string trim(std::string_view text) {
    std::size_t begin = text.size();
    std::size_t end = 0;
    for (std::size_t at = 0; at < text.size();) {
        const Character character = first_character(text.substr(at));
        const std::size_t next = at + character.bytes.size();
        if (!is_white_space(character.code)) {
            if (end == 0) begin = at;
            end = next;
        }
        at = next;
    }
    return std::string(text.substr(begin, end > begin ? end - begin : 0));
}

std::string clean(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const Character character = first_character(text);
        if (character.code == broken) {
            result += "\xEF\xBF\xBD";
        } else if (character.code != 0) {
            result += character.bytes;
        }
        text.remove_prefix(character.bytes.size());
    }
    return result;
}

}  // namespace writeback
