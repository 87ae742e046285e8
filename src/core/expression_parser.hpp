// Reads an expression into a checked tree.
//
//   expression = and { "||" and }            and   = comparison { "&&" comparison }
//   comparison = joined [ ( = <> < <= > >= ) joined ]
//   joined     = sum { "&" sum }             sum   = product { ( + | - ) product }
//   product    = sign { "*" sign }           sign  = [ "-" ] value
//   value      = "text" | number | &Hdigits | [attribute] | $variable | True | False | NULL | CRLF
//              | word | name "(" [ argument { "," argument } ] ")" | "(" expression ")"
//
// Connect evaluates operators from left to right, whatever they are. Where that would give another
// value than this order, which everybody expects, parentheses are asked for.
//
// Failures: the first Problem in the text. Limits: length and depth, as in expression.hpp. Threads:
// pure, any thread.
#pragma once

#include "core/expression_tree.hpp"

namespace writeback::expressions {

[[nodiscard]] std::variant<Node, Problem> parse(std::string_view text);

}  // namespace writeback::expressions
