// Cuts an expression into tokens.
//
// Failures: a Problem with the column of the first character that begins no token. Limits: those of
// expression.hpp. Threads: pure, any thread.
#pragma once

#include "core/expression_tree.hpp"

namespace writeback::expressions {

struct Token {
    enum class Kind { name, number, text, attribute, variable, symbol, end };
    Kind kind = Kind::end;
    std::size_t column = 1;
    std::string text;  // name without brackets or $, text without quotes and escapes, symbol
    std::int64_t number = 0;
};

// The last token is `end`. Without tokens: `problem` says why.
struct Tokens {
    std::vector<Token> tokens;
    std::optional<Problem> problem;
};

[[nodiscard]] Tokens cut_into_tokens(std::string_view text);

}  // namespace writeback::expressions
