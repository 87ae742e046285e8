// Operators, as functions of what stands left and right of them.
#include "core/expression_compare.hpp"
#include "core/expression_functions.hpp"

#include <stdexcept>

namespace writeback::expressions {

namespace {

using enum Accepts;

std::optional<Problem> check_equality(Node& call) {
    return check_comparison(call.arguments[0], call.arguments[1], false);
}
std::optional<Problem> check_order(Node& call) {
    return check_comparison(call.arguments[0], call.arguments[1], true);
}

std::optional<Problem> check_concatenation(Node& call) {
    const bool both = call.arguments[0].type == ExpressionType::texts &&
                      call.arguments[1].type == ExpressionType::texts;
    if (!both) return std::nullopt;
    return Problem{call.column, "& has several texts on both sides; join one of them with Join"};
}

template <class Holds>
Result<ExpressionValue> ordered(const Arguments& a, Holds holds) {
    const auto sign = order(a.value(0), a.value(1));
    if (!sign) return sign.error();
    return sign->has_value() && holds(**sign);
}

template <class Compute>
Result<ExpressionValue> computed(const Arguments& a, Compute compute) {
    std::int64_t result = 0;
    if (!compute(a.number(0), a.number(1), &result)) return result;
    return refused("a number grows over " + std::to_string(INT64_MAX));
}

Result<ExpressionValue> either(Call& call) {
    auto left = call.condition(0);
    if (!left || *left) return left ? Result<ExpressionValue>(true) : left.error();
    auto right = call.condition(1);
    return right ? Result<ExpressionValue>(*right) : right.error();
}

Result<ExpressionValue> both(Call& call) {
    auto left = call.condition(0);
    if (!left || !*left) return left ? Result<ExpressionValue>(false) : left.error();
    auto right = call.condition(1);
    return right ? Result<ExpressionValue>(*right) : right.error();
}

const std::vector<Function>& logical_operators() {
    constexpr auto boolean = ExpressionType::boolean;
    static const std::vector<Parameter> conditions = {{"left", condition}, {"right", condition}};
    static const std::vector<Function> functions = {
        {"||",
         conditions,
         boolean,
         "Whether one of two conditions is true.",
         {{R"e([mail] = "a" || [mailEnabled])e", "True"}},
         nullptr,
         either},
        {"&&",
         conditions,
         boolean,
         "Whether both conditions are true.",
         {{R"e([mailEnabled] && IsPresent([visibility]))e", "False"}},
         nullptr,
         both},
    };
    return functions;
}

const std::vector<Function>& comparison_operators() {
    constexpr auto boolean = ExpressionType::boolean;
    static const std::vector<Parameter> values = {{"left", any}, {"right", any}};
    static const std::vector<Function> functions = {
        {"=",
         values,
         boolean,
         "Equal.",
         {{R"e([displayName] = "sales")e", "False"}},
         [](const Arguments& a) -> Result<ExpressionValue> {
             return is_equal(a.value(0), a.value(1));
         },
         nullptr,
         check_equality},
        {"<>",
         values,
         boolean,
         "Not equal.",
         {{R"e([visibility] <> "Private")e", "True"}},
         [](const Arguments& a) -> Result<ExpressionValue> {
             return !is_equal(a.value(0), a.value(1));
         },
         nullptr,
         check_equality},
        {"<",
         values,
         boolean,
         "Sorts before.",
         {{R"e("a" < "b")e", "True"}},
         [](const Arguments& a) { return ordered(a, [](int sign) { return sign < 0; }); },
         nullptr,
         check_order},
        {"<=",
         values,
         boolean,
         "Sorts before, or equal.",
         {{"Len([displayName]) <= 5", "True"}},
         [](const Arguments& a) { return ordered(a, [](int sign) { return sign <= 0; }); },
         nullptr,
         check_order},
        {">",
         values,
         boolean,
         "Sorts after.",
         {{"Count([proxyAddresses]) > 2", "False"}},
         [](const Arguments& a) { return ordered(a, [](int sign) { return sign > 0; }); },
         nullptr,
         check_order},
        {">=",
         values,
         boolean,
         "Sorts after, or equal.",
         {{"2 >= 2", "True"}},
         [](const Arguments& a) { return ordered(a, [](int sign) { return sign >= 0; }); },
         nullptr,
         check_order},
    };
    return functions;
}

const std::vector<Function>& value_operators() {
    constexpr auto number_result = ExpressionType::number;
    static const std::vector<Parameter> numbers = {{"left", number}, {"right", number}};
    static const std::vector<Function> functions = {
        {"&",
         {{"left", each}, {"right", each}},
         ExpressionType::text,
         "One text after the other.",
         {{R"e("t-" & [displayName])e", R"e("t-Sales")e"}},
         [](const Arguments& a) -> Result<ExpressionValue> { return a.text(0) + a.text(1); },
         nullptr,
         check_concatenation},
        {"+",
         numbers,
         number_result,
         "Sum.",
         {{"Len([displayName]) + 1", "6"}},
         [](const Arguments& a) {
             return computed(
                 a, [](auto x, auto y, auto* z) { return __builtin_add_overflow(x, y, z); });
         }},
        {"-",
         numbers,
         number_result,
         "Difference.",
         {{"Len([displayName]) - 1", "4"}},
         [](const Arguments& a) {
             return computed(
                 a, [](auto x, auto y, auto* z) { return __builtin_sub_overflow(x, y, z); });
         }},
        {"*",
         numbers,
         number_result,
         "Product.",
         {{"2 * (3 + 4)", "14"}},
         [](const Arguments& a) {
             return computed(
                 a, [](auto x, auto y, auto* z) { return __builtin_mul_overflow(x, y, z); });
         }},
    };
    return functions;
}

}  // namespace

const std::vector<Function>& operators() {
    static const std::vector<Function> functions = [] {
        std::vector<Function> all = logical_operators();
        for (const auto* more : {&comparison_operators(), &value_operators()})
            all.insert(all.end(), more->begin(), more->end());
        return all;
    }();
    return functions;
}

const Function& operator_of(std::string_view symbol) {
    for (const Function& function : operators()) {
        if (function.name == symbol) return function;
    }
    throw std::logic_error("no operator " + std::string(symbol));
}

}  // namespace writeback::expressions
