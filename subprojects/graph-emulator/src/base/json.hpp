// Boost.JSON under a short name, and typed look-ups for objects that came from outside.
//
// Failures: a look-up yields nothing where the key is absent or of another type; parse_json yields
// nothing for text that is no JSON or nests deeper than 32. Ownership: string_view results live as
// long as the object.
#pragma once

#include <boost/json.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace emulator {

namespace json = boost::json;

inline std::optional<json::value> parse_json(std::string_view text) {
    boost::system::error_code error;
    auto value = json::parse(json::string_view(text.data(), text.size()), error);
    if (error) return std::nullopt;
    return value;
}

inline std::optional<std::string_view> text_at(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains({key.data(), key.size()});
    if (value == nullptr || !value->is_string()) return std::nullopt;
    return std::string_view(value->get_string().data(), value->get_string().size());
}

inline std::optional<bool> flag_at(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains({key.data(), key.size()});
    if (value == nullptr || !value->is_bool()) return std::nullopt;
    return value->get_bool();
}

inline std::optional<double> number_at(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains({key.data(), key.size()});
    if (value == nullptr || !value->is_number()) return std::nullopt;
    return value->to_number<double>();
}

inline std::optional<std::int64_t> integer_at(const json::object& object, std::string_view key) {
    const auto number = number_at(object, key);
    if (!number || *number < -9e15 || *number > 9e15) return std::nullopt;
    return static_cast<std::int64_t>(*number);
}

}  // namespace emulator
