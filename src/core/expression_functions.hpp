// The functions and operators of the language: the one table that checking, evaluating and the page
// of documentation read. And the functions of Microsoft's that are refused, with the reason.
//
// Failures: none. Ownership: the tables live as long as the program. Threads: any.
#pragma once

#include "core/expression_call.hpp"

namespace writeback::expressions {

struct FunctionGroup {
    std::string_view title;
    const std::vector<Function>& functions;
};

[[nodiscard]] const std::vector<Function>& joining_functions();
[[nodiscard]] const std::vector<Function>& cutting_functions();
[[nodiscard]] const std::vector<Function>& letter_functions();
[[nodiscard]] const std::vector<Function>& search_functions();
[[nodiscard]] const std::vector<Function>& replace_functions();
[[nodiscard]] const std::vector<Function>& choice_functions();
[[nodiscard]] const std::vector<Function>& test_functions();
[[nodiscard]] const std::vector<Function>& list_functions();
[[nodiscard]] const std::vector<Function>& going_through_functions();
[[nodiscard]] const std::vector<Function>& conversion_functions();
[[nodiscard]] const std::vector<Function>& encoding_functions();
[[nodiscard]] const std::vector<Function>& name_functions();
// Named by their symbols; the arguments stand left and right.
[[nodiscard]] const std::vector<Function>& operators();

[[nodiscard]] const std::vector<FunctionGroup>& function_groups();
// In any case; null when there is none.
[[nodiscard]] const Function* find_function(std::string_view name);
[[nodiscard]] const Function& operator_of(std::string_view symbol);

struct RefusedFunction {
    std::string_view name;
    std::string_view why;
    std::string_view instead;
};
[[nodiscard]] const std::vector<RefusedFunction>& refused_functions();
// Why there is no function of this name, and what to use instead.
[[nodiscard]] std::string no_function(std::string_view name);

// Why a name without parentheses stands for nothing, and what was probably meant.
[[nodiscard]] std::string no_constant(std::string_view name);

// For checks: how an argument is shown in a sentence.
[[nodiscard]] std::string describe(const Node& node);

}  // namespace writeback::expressions
