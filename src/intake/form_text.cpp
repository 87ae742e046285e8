#include "intake/form_text.hpp"

#include <algorithm>

namespace writeback {

namespace {

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

std::optional<std::string> form_decoded(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+') {
            result += ' ';
        } else if (text[i] != '%') {
            result += text[i];
        } else {
            const int high = i + 2 < text.size() ? digit(text[i + 1]) : -1;
            const int low = high < 0 ? -1 : digit(text[i + 2]);
            if (low < 0) return std::nullopt;
            result += static_cast<char>(high * 16 + low);
            i += 2;
        }
    }
    return result;
}

FormValue form_value(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        const auto pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        const auto equals = pair.find('=');
        if (form_decoded(pair.substr(0, equals)) != name) continue;
        const auto value =
            equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
        return {true, form_decoded(value)};
    }
    return {};
}

}  // namespace writeback
