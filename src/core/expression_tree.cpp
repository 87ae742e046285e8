#include "core/expression_tree.hpp"

#include "core/text.hpp"

namespace writeback::expressions {

std::string_view name_of(Type type) {
    if (!type) return "NULL";
    switch (*type) {
        case ExpressionType::text:
            return "a text";
        case ExpressionType::number:
            return "a number";
        case ExpressionType::boolean:
            return "a Boolean";
        case ExpressionType::texts:
            return "several texts";
    }
    return "a value";
}

Type common_type(Type a, Type b) {
    if (!a || a == b) return b;
    if (!b) return a;
    if (*a == ExpressionType::texts || *b == ExpressionType::texts) return ExpressionType::texts;
    return ExpressionType::text;
}

namespace {

std::string in_quotes(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') result += '\\';
        result += c;
    }
    return result + "\"";
}

}  // namespace

std::string display(const ExpressionValue& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return in_quotes(*text);
    if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) {
        std::string result;
        for (const std::string& text : *texts)
            result += (result.empty() ? "" : ", ") + in_quotes(text);
        return "[" + result + "]";
    }
    return std::holds_alternative<std::monostate>(value) ? "NULL" : as_text(value);
}

std::string as_text(const ExpressionValue& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    if (const auto* boolean = std::get_if<bool>(&value)) return *boolean ? "True" : "False";
    return "";
}

std::string excerpt(std::string_view text) {
    constexpr std::size_t most = 60;
    std::string begin = left(text, most);
    return in_quotes(begin.size() < text.size() ? begin + "…" : begin);
}

}  // namespace writeback::expressions
