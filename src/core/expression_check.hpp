// Whether the arguments of a call fit its function: their number, their types, and what the
// function itself asks.
//
// Failures: the first Problem, at the argument that has it. Threads: pure, any thread.
#pragma once

#include "core/expression_tree.hpp"

namespace writeback::expressions {

// Sets the call's type and prepares its constants.
[[nodiscard]] std::optional<Problem> check_call(Node& call);

// `Left(source, numChars)`
[[nodiscard]] std::string signature(const Function& function);

}  // namespace writeback::expressions
