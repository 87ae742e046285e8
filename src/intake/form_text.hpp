// Reads a query as forms write it: name=value&name=value, with %XX and + for a blank. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace writeback {

// The text that was encoded, byte for byte; nothing when a % is not followed by two hexadecimal
// digits.
[[nodiscard]] std::optional<std::string> form_decoded(std::string_view text);

struct FormValue {
    bool present = false;
    std::optional<std::string> value;  // empty when it is wrongly encoded
};

// The first value of that name.
[[nodiscard]] FormValue form_value(std::string_view query, std::string_view name);

}  // namespace writeback
