#include "core/distinguished_name.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace writeback {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::optional<int> hexadecimal(char c) {
    c = lower(c);
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return std::nullopt;
}

// The end of the first relative name: the place of the first comma that no backslash escapes.
std::size_t end_of_first(std::string_view name) {
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (name[i] == '\\') {
            ++i;
        } else if (name[i] == ',') {
            return i;
        }
    }
    return name.size();
}

// Whether a backslash escapes the last character: an odd number of them stands before it, since
// each pair is one backslash of the value.
bool is_last_escaped(std::string_view text) {
    std::size_t backslashes = 0;
    while (backslashes + 1 < text.size() && text[text.size() - 2 - backslashes] == '\\')
        ++backslashes;
    return backslashes % 2 == 1;
}

std::string_view without_blanks(std::string_view text) {
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    // An escaped blank at the end belongs to the value.
    while (!text.empty() && text.back() == ' ' && !is_last_escaped(text))
        text.remove_suffix(1);
    return text;
}

// The value with its escapes resolved, in lower case; nothing when an escape leads nowhere.
std::optional<std::string> resolved(std::string_view value) {
    std::string result;
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value[i] != '\\') {
            result += lower(value[i]);
            continue;
        }
        if (++i == value.size()) return std::nullopt;
        const auto high = hexadecimal(value[i]);
        const auto low = i + 1 < value.size() ? hexadecimal(value[i + 1]) : std::nullopt;
        if (high && low) {
            result += lower(static_cast<char>(*high * 16 + *low));
            ++i;
        } else {
            result += lower(value[i]);
        }
    }
    return result;
}

// The relative names in a form that compares equal where the names do; empty when the name does
// not parse.
std::vector<std::string> relative_names(std::string_view name) {
    std::vector<std::string> result;
    while (!name.empty()) {
        const std::size_t end = end_of_first(name);
        const std::string_view part = name.substr(0, end);
        name.remove_prefix(std::min(name.size(), end + 1));
        const std::size_t equals = part.find('=');
        if (equals == std::string_view::npos) return {};
        const auto value = resolved(without_blanks(part.substr(equals + 1)));
        if (!value || value->empty()) return {};
        std::string type(without_blanks(part.substr(0, equals)));
        std::transform(type.begin(), type.end(), type.begin(), lower);
        result.push_back(type + "=" + *value);
    }
    return result;
}

std::string escaped(std::string_view value) {
    std::string result;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const char c = value[i];
        const bool at_an_end = i == 0 || i + 1 == value.size();
        if (static_cast<unsigned char>(c) < 0x20) {
            constexpr std::string_view digits = "0123456789ABCDEF";
            const auto byte = static_cast<unsigned char>(c);
            result += {'\\', digits[byte / 16], digits[byte % 16]};
            continue;
        }
        const bool special = std::string_view(",+\"\\<>;=").find(c) != std::string_view::npos;
        if (special || (c == ' ' && at_an_end) || (c == '#' && i == 0)) result += '\\';
        result += c;
    }
    return result;
}

}  // namespace

Dn dn_in(const Dn& container, std::string_view cn) {
    return Dn("CN=" + escaped(cn) + "," + container.text());
}

Dn parent_of(const Dn& name) {
    const std::string& text = name.text();
    return Dn(text.substr(std::min(text.size(), end_of_first(text) + 1)));
}

bool is_same_name(const Dn& a, const Dn& b) {
    const auto names = relative_names(a.text());
    return !names.empty() && names == relative_names(b.text());
}

bool is_below(const Dn& name, const Dn& container) {
    const auto inner = relative_names(name.text());
    const auto outer = relative_names(container.text());
    if (outer.empty() || inner.size() <= outer.size()) return false;
    return std::equal(outer.rbegin(), outer.rend(), inner.rbegin());
}

}  // namespace writeback
