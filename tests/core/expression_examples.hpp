// For the stories of the mapping language: an expression in, what it gives or says out.
#pragma once

#include "core/expression.hpp"
#include "core/expression_reference.hpp"
#include "core/expression_tree.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace writeback::examples {

// The value as display() shows it, or "held: " and the reason, or "refused: " and the reason.
inline std::string evaluated(std::string_view text,
                             const CloudGroup& group = expression_example_group()) {
    const auto expression = Expression::parse(text, "[mapping] cn");
    if (!expression) return "refused: " + expression.error().detail;
    const auto value = expression->evaluate(group);
    return value ? expressions::display(*value) : "held: " + value.error().detail;
}

// What parse says, without its place.
inline std::string refusal(std::string_view text) {
    const auto expression = Expression::parse(text, "[mapping] cn");
    if (expression) return "";
    const std::string& detail = expression.error().detail;
    const std::string place = "[mapping] cn, ";
    return detail.starts_with(place) ? detail.substr(place.size()) : detail;
}

inline CloudGroup named(std::string name) {
    CloudGroup group = expression_example_group();
    group.display_name = std::move(name);
    return group;
}

// A group whose description is the text.
inline CloudGroup described(std::string text) {
    CloudGroup group = expression_example_group();
    group.description = std::move(text);
    return group;
}

}  // namespace writeback::examples
