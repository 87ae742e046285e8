// The page that documents the mapping language, made of the tables that implement it.
//
// Failures: none. Threads: pure, any thread.
#pragma once

#include "core/expression.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace writeback {

// Markdown; deploy/EXPRESSIONS.md is this text, and a test compares them.
[[nodiscard]] std::string expression_reference();

// One of Cloud Sync's attribute filters, and the expression that says the same.
struct FilterExample {
    std::string_view filter;
    std::string_view expression;
    bool result = false;  // for the example group
};
[[nodiscard]] const std::vector<FilterExample>& filter_examples();

// The group that the page's examples are evaluated for.
[[nodiscard]] CloudGroup expression_example_group();

}  // namespace writeback
