#include "core/expression_compare.hpp"

#include "core/expression_functions.hpp"
#include "core/expression_words.hpp"
#include "core/text.hpp"

#include <charconv>

namespace writeback::expressions {

namespace {

template <class T>
bool both(const ExpressionValue& a, const ExpressionValue& b) {
    return std::holds_alternative<T>(a) && std::holds_alternative<T>(b);
}

bool is_null(const ExpressionValue& value) {
    return std::holds_alternative<std::monostate>(value);
}

std::optional<std::int64_t> as_number(const ExpressionValue& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
    const auto* text = std::get_if<std::string>(&value);
    return text == nullptr ? std::nullopt : read_number(*text);
}

int sign(auto a, auto b) {
    return a < b ? -1 : b < a ? 1 : 0;
}

}  // namespace

std::optional<std::int64_t> read_number(std::string_view text) {
    const std::string trimmed = trim(text);
    std::int64_t number = 0;
    const char* end = trimmed.data() + trimmed.size();
    const auto [stop, error] = std::from_chars(trimmed.data(), end, number);
    if (error != std::errc() || stop != end) return std::nullopt;
    return number;
}

bool is_equal(const ExpressionValue& a, const ExpressionValue& b) {
    if (both<std::string>(a, b) || both<std::int64_t>(a, b) || both<bool>(a, b)) return a == b;
    if (is_null(a) || is_null(b)) {
        const ExpressionValue& other = is_null(a) ? b : a;
        const auto* text = std::get_if<std::string>(&other);
        return is_null(other) || (text != nullptr && text->empty());
    }
    if (std::holds_alternative<bool>(a) || std::holds_alternative<bool>(b)) {
        return is_same_word(as_text(a), as_text(b));
    }
    const auto left = as_number(a);
    return left && left == as_number(b);
}

Result<std::optional<int>> order(const ExpressionValue& a, const ExpressionValue& b) {
    const bool numbers =
        std::holds_alternative<std::int64_t>(a) || std::holds_alternative<std::int64_t>(b);
    if (!numbers) return std::optional<int>(sign(as_text(a), as_text(b)));
    if (as_text(a).empty() || as_text(b).empty()) return std::optional<int>();
    const auto left = as_number(a);
    const auto right = as_number(b);
    if (!left || !right) {
        return refused("a number is compared with " + excerpt(as_text(left ? b : a)) +
                       ", which is none");
    }
    return std::optional<int>(sign(*left, *right));
}

std::optional<Problem> check_comparison(const Node& a, const Node& b, bool ordered) {
    for (const Node* side : {&a, &b}) {
        if (side->type == ExpressionType::texts) {
            return Problem{
                side->column,
                describe(*side) +
                    " gives several texts, and a comparison takes one; "
                    "compare Count(…), Item(…, 1) or Contains(…, \"text\") with a number"};
        }
        if (ordered && side->type == ExpressionType::boolean) {
            return Problem{side->column, describe(*side) +
                                             " is a Boolean, and these are not in any order; "
                                             "compare with = or <>"};
        }
    }
    const auto types = [&](ExpressionType one, ExpressionType other) {
        return (a.type == one && b.type == other) || (a.type == other && b.type == one);
    };
    if (types(ExpressionType::boolean, ExpressionType::number)) {
        return Problem{b.column,
                       "a Boolean is compared with a number, and these are never equal; "
                       "compare with True or False"};
    }
    const Node& text = a.is_constant_text() ? a : b;
    if (!text.is_constant_text() || a.kind == b.kind) return std::nullopt;
    const auto& constant = std::get<std::string>(text.value);
    const bool boolean_word = is_same_word(constant, "true") || is_same_word(constant, "false");
    if (types(ExpressionType::boolean, ExpressionType::text) && !boolean_word &&
        !constant.empty()) {
        return Problem{text.column, "a Boolean is compared with " + excerpt(constant) +
                                        ", and is never equal to it; compare with True or False"};
    }
    if (types(ExpressionType::number, ExpressionType::text) && !read_number(constant)) {
        return Problem{text.column, "a number is compared with " + excerpt(constant) +
                                        ", which is none; write a number without quotes"};
    }
    return std::nullopt;
}

}  // namespace writeback::expressions
