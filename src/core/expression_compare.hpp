// How values compare: by = and <>, by the order, and by Switch with its keys.
//
// Texts compare character by character and with regard to case. A null compares as the empty text;
// with a Boolean or a number it is neither equal nor in any order. A Boolean and a text compare by
// the words True and False in any case, a number and a text as numbers.
//
// Failures: value_refused from in_order for a text that is no number. Threads: pure, any thread.
#pragma once

#include "core/expression_call.hpp"

namespace writeback::expressions {

[[nodiscard]] bool is_equal(const ExpressionValue& a, const ExpressionValue& b);
// -1, 0 or 1; nothing where they are in no order.
[[nodiscard]] Result<std::optional<int>> order(const ExpressionValue& a, const ExpressionValue& b);
// Why the two arguments of a call can never be equal, where the types say so.
[[nodiscard]] std::optional<Problem> check_comparison(const Node& a, const Node& b, bool ordered);
[[nodiscard]] std::optional<std::int64_t> read_number(std::string_view text);

}  // namespace writeback::expressions
