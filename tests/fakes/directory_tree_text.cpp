#include "fakes/directory_tree_text.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utf8proc.h>

namespace writeback::fakes {

namespace {

std::optional<std::string> mapped(std::string_view text, int options) {
    utf8proc_uint8_t* result = nullptr;
    const auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                     static_cast<utf8proc_ssize_t>(text.size()), &result,
                                     static_cast<utf8proc_option_t>(options));
    const std::unique_ptr<utf8proc_uint8_t, void (*)(void*)> owner(result, std::free);
    if (length < 0) return std::nullopt;
    return std::string(reinterpret_cast<char*>(result), static_cast<std::size_t>(length));
}

// Each character replaced by what `change` makes of it; nothing for what is not UTF-8.
template <class Change>
std::optional<std::string> changed(std::string_view text, Change change) {
    std::string result;
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
    for (std::size_t i = 0; i < text.size();) {
        utf8proc_int32_t point = 0;
        const auto used =
            utf8proc_iterate(bytes + i, static_cast<utf8proc_ssize_t>(text.size() - i), &point);
        if (used <= 0) return std::nullopt;
        utf8proc_uint8_t encoded[4];
        const auto length = utf8proc_encode_char(change(point), encoded);
        result.append(reinterpret_cast<char*>(encoded), static_cast<std::size_t>(length));
        i += static_cast<std::size_t>(used);
    }
    return result;
}

// Katakana and hiragana stand 0x60 apart.
utf8proc_int32_t with_one_kana(utf8proc_int32_t point) {
    return point >= 0x30a1 && point <= 0x30f6 ? point - 0x60 : point;
}

std::string with_single_blanks(const std::string& text) {
    std::string result;
    for (const char c : text) {
        if (c != ' ' || (!result.empty() && result.back() != ' ')) result += c;
    }
    if (!result.empty() && result.back() == ' ') result.pop_back();
    return result;
}

}  // namespace

std::optional<std::string> comparison_key(std::string_view text, DirectoryDialect dialect) {
    if (dialect == DirectoryDialect::samba) {
        auto key = changed(text, utf8proc_toupper);
        return key ? std::optional(with_single_blanks(*key)) : std::nullopt;
    }
    auto key = mapped(text, UTF8PROC_CASEFOLD | UTF8PROC_STABLE | UTF8PROC_COMPAT |
                                UTF8PROC_DECOMPOSE | UTF8PROC_STRIPMARK);
    return key ? changed(*key, with_one_kana) : std::nullopt;
}

std::size_t utf16_length(std::string_view text) {
    std::size_t units = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xc0U) != 0x80) ++units;
        if (byte >= 0xf0) ++units;
    }
    return units;
}

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return result;
}

}  // namespace writeback::fakes
