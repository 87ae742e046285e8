#include "core/expression_attributes.hpp"
#include "core/expression_call.hpp"
#include "core/expression_words.hpp"

#include <algorithm>

namespace writeback::expressions {

namespace {

// What a value costs, in bytes of text; making any at all costs as much as a short text, so that
// small ones without number are bounded too.
std::size_t weight(const ExpressionValue& value) {
    constexpr std::size_t least = 16;
    if (const auto* text = std::get_if<std::string>(&value)) return least + text->size();
    std::size_t result = least;
    if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) {
        for (const std::string& text : *texts)
            result += least + text.size();
    }
    return result;
}

std::size_t longest_text(const ExpressionValue& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return text->size();
    std::size_t result = 0;
    if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) {
        for (const std::string& text : *texts)
            result = std::max(result, text.size());
    }
    return result;
}

std::vector<std::string> as_texts(ExpressionValue value) {
    if (auto* texts = std::get_if<std::vector<std::string>>(&value)) return std::move(*texts);
    if (std::holds_alternative<std::monostate>(value)) return {};
    return {as_text(value)};
}

Result<ExpressionValue> as_condition(const ExpressionValue& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value))
        return ExpressionValue(*number != 0);
    const auto* text = std::get_if<std::string>(&value);
    if (text == nullptr) {
        const auto* boolean = std::get_if<bool>(&value);
        return ExpressionValue(boolean != nullptr && *boolean);
    }
    if (text->empty()) return ExpressionValue(false);
    if (is_same_word(*text, "true")) return ExpressionValue(true);
    if (is_same_word(*text, "false")) return ExpressionValue(false);
    return refused("a condition is " + excerpt(*text) + ", which is neither True nor False");
}

// A choice between a number and a text gives text whichever it is, so that the type holds.
ExpressionValue fitted(ExpressionValue value, Type type) {
    if (!type || std::holds_alternative<std::monostate>(value)) return value;
    if (*type == ExpressionType::text && !std::holds_alternative<std::string>(value)) {
        return as_text(value);
    }
    if (*type == ExpressionType::texts) return as_texts(std::move(value));
    return value;
}

}  // namespace

Failure refused(std::string sentence) {
    return failure(FailureKind::value_refused, std::move(sentence));
}

Result<ExpressionValue> converted(ExpressionValue value, Accepts accepts) {
    switch (accepts) {
        case Accepts::text:
        case Accepts::each:
            return ExpressionValue(as_text(value));
        case Accepts::texts:
            return ExpressionValue(as_texts(std::move(value)));
        case Accepts::number:
            if (std::holds_alternative<std::monostate>(value)) {
                return ExpressionValue(std::int64_t{0});
            }
            return value;
        case Accepts::condition:
            return as_condition(value);
        case Accepts::any:
        case Accepts::word:
        case Accepts::variable:
            return value;
    }
    return value;
}

Result<ExpressionValue> Evaluation::weighed(ExpressionValue value) {
    if (longest_text(value) > most_text_bytes) {
        return refused("a text grows to " + std::to_string(longest_text(value)) +
                       " bytes, more than the " + std::to_string(most_text_bytes) +
                       " that an expression may make");
    }
    const std::size_t size = weight(value);
    if (size > work_left_) {
        return refused("the values in between grow to more than " +
                       std::to_string(most_work_bytes) +
                       " bytes together; shorten the attributes first, with Left, and go through "
                       "several values once");
    }
    work_left_ -= size;
    return value;
}

Result<ExpressionValue> Evaluation::value_of(const Node& node) {
    switch (node.kind) {
        case Node::Kind::omitted:
        case Node::Kind::word:
            return ExpressionValue();
        case Node::Kind::constant:
            return weighed(node.value);
        case Node::Kind::attribute: {
            auto value = expressions::value_of(*node.read, group_);
            return value ? weighed(std::move(*value)) : std::move(value);
        }
        case Node::Kind::variable:
            return weighed(variables[node.slot]);
        case Node::Kind::call:
            break;
    }
    auto value = call(node);
    return value ? weighed(fitted(std::move(*value), node.type)) : std::move(value);
}

Result<ExpressionValue> Evaluation::call(const Node& node) {
    if (node.function->evaluate_lazily != nullptr) {
        Call lazily(node, *this);
        return node.function->evaluate_lazily(lazily);
    }
    const auto& parameters = node.function->parameters;
    std::vector<ExpressionValue> arguments;
    std::optional<std::size_t> several;
    for (std::size_t i = 0; i < node.arguments.size(); ++i) {
        const Accepts accepts = parameters[std::min(i, parameters.size() - 1)].accepts;
        auto value = value_of(node.arguments[i]);
        if (!value) return value;
        const bool is_list = std::holds_alternative<std::vector<std::string>>(*value);
        if (accepts == Accepts::each && is_list) {
            several = i;
        } else {
            value = converted(std::move(*value), accepts);
            if (!value) return value;
        }
        arguments.push_back(std::move(*value));
    }
    if (!several) return call_once(node, arguments);
    std::vector<std::string> results;
    const auto values = std::get<std::vector<std::string>>(arguments[*several]);
    for (const std::string& value : values) {
        arguments[*several] = value;
        auto result = call_once(node, arguments);
        if (result) result = weighed(std::move(*result));
        if (!result) return result;
        results.push_back(as_text(*result));
    }
    return ExpressionValue(std::move(results));
}

Result<ExpressionValue> Evaluation::call_once(const Node& node,
                                              std::vector<ExpressionValue>& arguments) {
    return node.function->evaluate(Arguments(node, arguments, patterns));
}

const ExpressionValue& Arguments::value(std::size_t index) const {
    static const ExpressionValue null;
    return index < values_.size() ? values_[index] : null;
}

bool Arguments::is_null(std::size_t index) const {
    return std::holds_alternative<std::monostate>(value(index));
}

const std::string& Arguments::text(std::size_t index) const {
    static const std::string empty;
    const auto* text = std::get_if<std::string>(&value(index));
    return text == nullptr ? empty : *text;
}

std::int64_t Arguments::number(std::size_t index, std::int64_t otherwise) const {
    const auto* number = std::get_if<std::int64_t>(&value(index));
    return !given(index) || number == nullptr ? otherwise : *number;
}

bool Arguments::condition(std::size_t index) const {
    const auto* condition = std::get_if<bool>(&value(index));
    return condition != nullptr && *condition;
}

const std::vector<std::string>& Arguments::texts(std::size_t index) const {
    static const std::vector<std::string> none;
    const auto* texts = std::get_if<std::vector<std::string>>(&value(index));
    return texts == nullptr ? none : *texts;
}

bool Arguments::is_word(std::size_t index, std::string_view word) const {
    return given(index) && is_same_word(call_.arguments[index].name, word);
}

Result<ExpressionValue> Call::value(std::size_t index) {
    if (index >= count()) return ExpressionValue();
    return evaluation.value_of(node_.arguments[index]);
}

Result<bool> Call::condition(std::size_t index) {
    auto result = value(index);
    if (result) result = converted(std::move(*result), Accepts::condition);
    if (!result) return result.error();
    return std::get<bool>(*result);
}

Result<std::vector<std::string>> Call::texts(std::size_t index) {
    auto result = value(index);
    if (!result) return result.error();
    return as_texts(std::move(*result));
}

}  // namespace writeback::expressions
