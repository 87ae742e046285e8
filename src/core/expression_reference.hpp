// The page that documents the mapping language, made of the tables that implement it.
//
// Failures: none. Threads: pure, any thread.
#pragma once

#include "core/expression.hpp"

#include <string>

namespace writeback {

// Markdown; deploy/EXPRESSIONS.md is this text, and a test compares them.
[[nodiscard]] std::string expression_reference();

// The group that the page's examples are evaluated for.
[[nodiscard]] CloudGroup expression_example_group();

}  // namespace writeback
