#include "core/expression_text.hpp"

#include "core/expression_search.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>
#include <utf8proc.h>

namespace writeback::expressions {

namespace {

using Code = utf8proc_int32_t;

// The first character's code point, and its bytes; U+FFFD and one byte for what is no UTF-8.
std::pair<Code, std::size_t> first_code(std::string_view text) {
    Code code = 0;
    const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                         static_cast<utf8proc_ssize_t>(text.size()), &code);
    if (length <= 0) return {0xFFFD, 1};
    return {code, static_cast<std::size_t>(length)};
}

void append(std::string& text, Code code) {
    std::array<utf8proc_uint8_t, 4> bytes{};
    const auto length = utf8proc_encode_char(code, bytes.data());
    text.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(length));
}

template <class Function>
void for_each_code(std::string_view text, Function function) {
    while (!text.empty()) {
        const auto [code, length] = first_code(text);
        function(code);
        text.remove_prefix(length);
    }
}

constexpr Code dotted_capital = 0x130;
constexpr Code dotless_small = 0x131;
constexpr Code sharp_s = 0xDF;

// .NET's invariant culture leaves the Turkish letters and ß alone.
Code lower(Code code, Letters letters) {
    if (letters == Letters::turkic) {
        if (code == 'I') return dotless_small;
        if (code == dotted_capital) return 'i';
    }
    return code == dotted_capital ? code : utf8proc_tolower(code);
}
Code upper(Code code, Letters letters) {
    if (letters == Letters::turkic) {
        if (code == 'i') return dotted_capital;
        if (code == dotless_small) return 'I';
    }
    return code == dotless_small || code == sharp_s ? code : utf8proc_toupper(code);
}

bool ends_word(Code code) {
    switch (utf8proc_category(code)) {
        case UTF8PROC_CATEGORY_PC:
        case UTF8PROC_CATEGORY_PD:
        case UTF8PROC_CATEGORY_PS:
        case UTF8PROC_CATEGORY_PE:
        case UTF8PROC_CATEGORY_PI:
        case UTF8PROC_CATEGORY_PF:
        case UTF8PROC_CATEGORY_PO:
        case UTF8PROC_CATEGORY_SM:
        case UTF8PROC_CATEGORY_SC:
        case UTF8PROC_CATEGORY_SK:
        case UTF8PROC_CATEGORY_SO:
        case UTF8PROC_CATEGORY_ZS:
        case UTF8PROC_CATEGORY_ZL:
        case UTF8PROC_CATEGORY_ZP:
        case UTF8PROC_CATEGORY_CC:
        case UTF8PROC_CATEGORY_CF:
            return true;
        default:
            return false;
    }
}

// Accents, but not the signs that spell vowels in other scripts.
bool is_diacritical_mark(Code code) {
    return (code >= 0x300 && code <= 0x36F) || (code >= 0x1AB0 && code <= 0x1AFF) ||
           (code >= 0x1DC0 && code <= 0x1DFF) || (code >= 0x20D0 && code <= 0x20FF) ||
           (code >= 0xFE20 && code <= 0xFE2F);
}

// The letters of Microsoft's table that no mark makes.
std::string_view spelled_out(Code code) {
    switch (code) {
        case 0xE6:
            return "ae";
        case 0xC6:
            return "AE";
        case 0xF8:
        case 0x153:
            return "oe";
        case 0xD8:
        case 0x152:
            return "OE";
        case 0xDF:
            return "ss";
        case 0x142:
            return "l";
        case 0x141:
            return "L";
        case dotless_small:
            return "i";
        default:
            return {};
    }
}

std::string normalised(std::string_view text, utf8proc_option_t form) {
    utf8proc_uint8_t* bytes = nullptr;
    const auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                     static_cast<utf8proc_ssize_t>(text.size()), &bytes,
                                     static_cast<utf8proc_option_t>(UTF8PROC_STABLE | form));
    if (length < 0) return std::string(text);
    std::string result(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
    std::free(bytes);  // NOLINT: utf8proc allocates by malloc
    return result;
}

// Letters without case, so that those that differ in it alone are equal.
Code folded(Code code) {
    return utf8proc_tolower(utf8proc_toupper(code));
}

std::u32string codes(std::string_view text, bool ignore_case) {
    std::u32string result;
    for_each_code(text, [&](Code code) {
        result += static_cast<char32_t>(ignore_case ? folded(code) : code);
    });
    return result;
}

// The position of each code point, and the one after the last.
std::vector<std::size_t> positions(std::string_view text) {
    std::vector<std::size_t> result = {1};
    for_each_code(text,
                  [&](Code code) { result.push_back(result.back() + (code >= 0x10000 ? 2 : 1)); });
    return result;
}

std::set<std::string_view> characters_in(std::string_view text) {
    const auto all = characters(text);
    return {all.begin(), all.end()};
}

}  // namespace

std::string to_lower(std::string_view text, Letters letters) {
    std::string result;
    for_each_code(text, [&](Code code) { append(result, lower(code, letters)); });
    return result;
}

std::string to_upper(std::string_view text, Letters letters) {
    std::string result;
    for_each_code(text, [&](Code code) { append(result, upper(code, letters)); });
    return result;
}

std::string capitalised(std::string_view text, const std::optional<std::string>& separators) {
    const std::string given = separators.value_or("");
    const auto ends = characters_in(given);
    std::string result;
    bool begins = true;
    while (!text.empty()) {
        const auto [code, length] = first_code(text);
        const bool separates = separators ? ends.contains(text.substr(0, length)) : ends_word(code);
        append(result, begins ? utf8proc_totitle(code) : lower(code, Letters::invariant));
        begins = separates;
        text.remove_prefix(length);
    }
    return result;
}

std::string without_diacritics(std::string_view text) {
    std::string result;
    for_each_code(normalised(text, UTF8PROC_DECOMPOSE), [&](Code code) {
        if (is_diacritical_mark(code)) return;
        const std::string_view spelled = spelled_out(code);
        if (spelled.empty()) {
            append(result, code);
        } else {
            result += spelled;
        }
    });
    return normalised(result, UTF8PROC_COMPOSE);
}

std::string without_spaces(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c != ' ') result += c;
    }
    return result;
}

std::string right(std::string_view text, std::size_t units) {
    const std::size_t length = utf16_length(text);
    return units >= length ? std::string(text) : mid(text, length - units + 1, units);
}

std::size_t position(std::string_view text, std::string_view part, std::size_t begin,
                     bool ignore_case) {
    const auto place_of = positions(text);
    const auto from = std::lower_bound(place_of.begin(), place_of.end(), begin) - place_of.begin();
    const std::size_t found = Search(codes(part, ignore_case))
                                  .find(codes(text, ignore_case), static_cast<std::size_t>(from));
    return found == std::u32string::npos ? 0 : place_of[found];
}

std::size_t last_position(std::string_view text, std::string_view part, std::size_t end,
                          bool ignore_case) {
    const auto place_of = positions(text);
    std::u32string wanted = codes(part, ignore_case);
    // How many code points end at `end` or before.
    const auto fitting = static_cast<std::size_t>(
        std::upper_bound(place_of.begin() + 1, place_of.end(), end + 1) - place_of.begin() - 1);
    if (wanted.empty() || wanted.size() > fitting) return 0;
    // The last is the first from the end.
    std::u32string searched = codes(text, ignore_case).substr(0, fitting);
    std::reverse(searched.begin(), searched.end());
    std::reverse(wanted.begin(), wanted.end());
    const std::size_t length = wanted.size();
    const std::size_t found = Search(std::move(wanted)).find(searched);
    return found == std::u32string::npos ? 0 : place_of[fitting - found - length];
}

std::string nth_word(std::string_view text, std::int64_t number, std::string_view delimiters) {
    if (number < 1) return "";
    const auto separators = characters_in(delimiters);
    std::string current;
    for (const std::string_view character : characters(text)) {
        if (!separators.contains(character)) {
            current += character;
        } else if (!current.empty()) {
            if (--number == 0) return current;
            current.clear();
        }
    }
    return number == 1 ? current : "";
}

std::vector<std::string> split(std::string_view text, std::string_view delimiter,
                               std::size_t limit) {
    std::vector<std::string> result;
    const Search search{std::string(delimiter)};
    while (!delimiter.empty() && result.size() + 1 < limit) {
        const std::size_t end = search.find(text);
        if (end == std::string_view::npos) break;
        result.push_back(trim(text.substr(0, end)));
        text.remove_prefix(end + delimiter.size());
    }
    result.push_back(trim(text));
    return result;
}

std::optional<std::string> with_replaced(std::string_view text, std::string_view old,
                                         std::string_view replacement, std::size_t most) {
    std::string result;
    const Search search{std::string(old)};
    std::size_t end = old.empty() ? std::string_view::npos : search.find(text);
    while (end != std::string_view::npos) {
        result.append(text.substr(0, end)).append(replacement);
        text.remove_prefix(end + old.size());
        if (result.size() > most) return std::nullopt;
        end = search.find(text);
    }
    result += text;
    return result;
}

std::optional<std::string> with_characters_replaced(std::string_view text,
                                                    const Dictionary& dictionary,
                                                    std::size_t most) {
    std::string result;
    for (const std::string_view character : characters(text)) {
        const auto found = dictionary.find(character);
        result += found == dictionary.end() ? character : std::string_view(found->second);
        if (result.size() > most) return std::nullopt;
    }
    return result;
}

std::vector<std::string_view> characters(std::string_view text) {
    std::vector<std::string_view> result;
    while (!text.empty()) {
        const std::size_t length = first_code(text).second;
        result.push_back(text.substr(0, length));
        text.remove_prefix(length);
    }
    return result;
}

std::string to_utf16(std::string_view text) {
    std::string result;
    const auto unit = [&](Code value) {
        result += static_cast<char>(value & 0xFF);
        result += static_cast<char>((value >> 8) & 0xFF);
    };
    for_each_code(text, [&](Code code) {
        if (code < 0x10000) return unit(code);
        unit(0xD800 + ((code - 0x10000) >> 10));
        unit(0xDC00 + ((code - 0x10000) & 0x3FF));
    });
    return result;
}

std::string from_utf16(std::string_view bytes) {
    const auto unit = [&](std::size_t at) {
        return static_cast<Code>(static_cast<unsigned char>(bytes[at])) |
               static_cast<Code>(static_cast<unsigned char>(bytes[at + 1]) << 8);
    };
    std::string result;
    for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) {
        Code code = unit(at);
        const Code next = at + 3 < bytes.size() ? unit(at + 2) : 0;
        if (code >= 0xD800 && code < 0xDC00 && next >= 0xDC00 && next < 0xE000) {
            code = 0x10000 + ((code - 0xD800) << 10) + (next - 0xDC00);
            at += 2;
        } else if (code >= 0xD800 && code < 0xE000) {
            code = 0xFFFD;
        }
        append(result, code);
    }
    return result;
}

}  // namespace writeback::expressions
