#include "core/expression_check.hpp"

#include "core/expression_compare.hpp"
#include "core/expression_functions.hpp"
#include "core/expression_words.hpp"

#include <algorithm>

namespace writeback::expressions {

namespace {

using Presence = Parameter::Presence;

const Parameter& parameter_of(const Function& function, std::size_t index) {
    return function.parameters[std::min(index, function.parameters.size() - 1)];
}

bool repeats(const Function& function) {
    return !function.parameters.empty() &&
           function.parameters.back().presence == Presence::repeated;
}

std::optional<Problem> check_count(const Node& call) {
    const Function& function = *call.function;
    const auto needed = static_cast<std::size_t>(
        std::count_if(function.parameters.begin(), function.parameters.end(),
                      [](const Parameter& p) { return p.presence == Presence::required; }));
    const std::size_t count = call.arguments.size();
    const bool few = count < needed;
    const bool many = !repeats(function) && count > function.parameters.size();
    if (!few && !many) return std::nullopt;
    return Problem{call.column, std::string(function.name) + " has too " + (few ? "few" : "many") +
                                    " arguments, " + std::to_string(count) + "; write " +
                                    signature(function)};
}

std::optional<Problem> check_omitted(const Node& call, std::size_t index) {
    const Parameter& parameter = parameter_of(*call.function, index);
    if (parameter.presence == Presence::optional) return std::nullopt;
    return Problem{call.arguments[index].column,
                   std::string(call.function->name) + " needs its argument " +
                       std::string(parameter.name) +
                       "; write NULL or \"\" where it is to be empty"};
}

std::string takes(const Node& call, const Parameter& parameter, std::string_view what) {
    const std::string name(call.function->name);
    const bool is_operator = name[0] < 'A' || name[0] > 'Z';
    return is_operator
               ? name + " takes " + std::string(what) + " on its " + std::string(parameter.name)
               : name + " takes " + std::string(what) + " as " + std::string(parameter.name);
}

std::optional<Problem> check_word(const Node& call, const Parameter& parameter,
                                  const Node& argument) {
    for (const std::string_view word : parameter.words) {
        if (argument.kind == Node::Kind::word && is_same_word(word, argument.name)) {
            return std::nullopt;
        }
    }
    std::string words;
    for (const std::string_view word : parameter.words)
        words += (words.empty() ? "" : " or ") + std::string(word);
    return Problem{argument.column, takes(call, parameter, words) + ", without quotes; this is " +
                                        describe(argument)};
}

std::optional<Problem> check_number(const Node& call, const Parameter& parameter,
                                    const Node& argument) {
    const std::string begin = takes(call, parameter, "a number") + ", but " + describe(argument) +
                              " is " + std::string(name_of(argument.type)) + "; ";
    if (argument.is_constant_text() && read_number(std::get<std::string>(argument.value))) {
        return Problem{argument.column, begin + "write it without quotes"};
    }
    if (argument.type == ExpressionType::text) {
        return Problem{argument.column, begin + "CNum makes a number of it"};
    }
    if (argument.type == ExpressionType::texts) {
        return Problem{argument.column, begin + "Count gives their number"};
    }
    return Problem{argument.column, begin + "IIF chooses a number by it"};
}

std::optional<Problem> check_condition(const Node& call, const Parameter& parameter,
                                       const Node& argument) {
    const std::string begin = takes(call, parameter, "a condition") + ", but " + describe(argument);
    if (argument.type == ExpressionType::texts) {
        return Problem{argument.column, begin + " gives several texts; compare Count(…) with 0"};
    }
    if (!argument.is_constant_text()) return std::nullopt;
    const auto& text = std::get<std::string>(argument.value);
    if (is_same_word(text, "true") || is_same_word(text, "false")) return std::nullopt;
    return Problem{argument.column,
                   begin + " is neither True nor False; compare it, as in [displayName] = \"a\""};
}

std::optional<Problem> check_argument(const Node& call, std::size_t index) {
    const Parameter& parameter = parameter_of(*call.function, index);
    const Node& argument = call.arguments[index];
    if (argument.kind == Node::Kind::omitted) return check_omitted(call, index);
    if (parameter.accepts == Accepts::word) return check_word(call, parameter, argument);
    if (parameter.accepts == Accepts::variable) return std::nullopt;
    if (argument.kind == Node::Kind::word) {
        return Problem{argument.column, no_constant(argument.name)};
    }
    if (!argument.type) return std::nullopt;
    if (parameter.accepts == Accepts::text && argument.type == ExpressionType::texts) {
        return Problem{argument.column,
                       takes(call, parameter, "one text") + ", but " + describe(argument) +
                           " gives several; choose one with Item, join them with Join, or go "
                           "through them with Select($item, …) or Where($item, …)"};
    }
    if (parameter.accepts == Accepts::number && argument.type != ExpressionType::number) {
        return check_number(call, parameter, argument);
    }
    if (parameter.accepts == Accepts::condition) return check_condition(call, parameter, argument);
    return std::nullopt;
}

}  // namespace

std::optional<Problem> check_call(Node& call) {
    if (auto problem = check_count(call)) return problem;
    call.type = call.function->type;
    for (std::size_t i = 0; i < call.arguments.size(); ++i) {
        if (auto problem = check_argument(call, i)) return problem;
        const bool several = parameter_of(*call.function, i).accepts == Accepts::each &&
                             call.arguments[i].type == ExpressionType::texts;
        if (several) call.type = ExpressionType::texts;
    }
    return call.function->check == nullptr ? std::nullopt : call.function->check(call);
}

std::string signature(const Function& function) {
    std::string result;
    for (const Parameter& parameter : function.parameters) {
        const std::string name(parameter.name);
        result += result.empty() ? "" : ", ";
        result += parameter.presence == Presence::optional ? "[" + name + "]" : name;
    }
    return std::string(function.name) + "(" + result + ")";
}

}  // namespace writeback::expressions
