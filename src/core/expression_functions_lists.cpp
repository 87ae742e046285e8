// Functions on several texts.
#include "core/expression_functions.hpp"
#include "core/expression_text.hpp"

#include <algorithm>

namespace writeback::expressions {

namespace {

using enum Accepts;
using Presence = Parameter::Presence;

// The item at `index`, counted from 1; null where there is none.
ExpressionValue item(const Arguments& a) {
    const auto& values = a.texts(0);
    const std::int64_t index = a.number(1);
    if (index < 1 || static_cast<std::uint64_t>(index) > values.size()) return {};
    return values[static_cast<std::size_t>(index) - 1];
}

Result<ExpressionValue> item_of(const Arguments& a) {
    ExpressionValue result = item(a);
    if (std::holds_alternative<std::string>(result)) return result;
    const std::string count = std::to_string(a.texts(0).size());
    return refused("Item asks for value " + std::to_string(a.number(1)) + " of " + count +
                   "; ItemOrNull gives null where there is none");
}

Result<ExpressionValue> index_of(const Arguments& a) {
    const bool ignore_case = a.is_word(2, "CaseInsensitive");
    const auto& values = a.texts(0);
    const auto found = std::find_if(values.begin(), values.end(), [&](const std::string& value) {
        return position(value, a.text(1), 1, ignore_case) > 0;
    });
    return found == values.end() ? std::int64_t{0} : found - values.begin() + 1;
}

Result<ExpressionValue> parts_of(const Arguments& a) {
    if (a.text(0).empty()) return ExpressionValue();
    const std::int64_t limit = a.number(2, INT64_MAX);
    auto parts =
        split(a.text(0), a.text(1),
              static_cast<std::size_t>(std::clamp<std::int64_t>(limit, 1, most_values + 1)));
    if (parts.size() > most_values) {
        return refused("Split makes more than " + std::to_string(most_values) + " values");
    }
    return parts;
}

Result<ExpressionValue> without_duplicates(const Arguments& a) {
    std::vector<std::string> result;
    std::set<std::string_view> seen;
    for (const std::string& value : a.texts(0)) {
        if (seen.insert(value).second) result.push_back(value);
    }
    return result;
}

// Calls each(value of the third argument) with the variable bound to each value of the second.
template <class Each>
Result<ExpressionValue> go_through(Call& call, Accepts accepts, Each each) {
    const auto values = call.texts(1);
    if (!values) return values.error();
    auto& variables = call.evaluation.variables;
    std::vector<std::string> results;
    for (const std::string& value : *values) {
        variables.emplace_back(value);
        auto result = call.value(2);
        variables.pop_back();
        if (result) result = converted(std::move(*result), accepts);
        if (!result) return result;
        each(results, value, *result);
    }
    return results;
}

Result<ExpressionValue> selected(Call& call) {
    return go_through(call, text, [](auto& results, const auto&, const ExpressionValue& result) {
        const auto& changed = std::get<std::string>(result);
        if (!changed.empty()) results.push_back(changed);
    });
}

Result<ExpressionValue> filtered(Call& call) {
    return go_through(call, condition,
                      [](auto& results, const auto& value, const ExpressionValue& result) {
                          if (std::get<bool>(result)) results.push_back(value);
                      });
}

}  // namespace

const std::vector<Function>& list_functions() {
    constexpr auto several = ExpressionType::texts;
    constexpr auto one = ExpressionType::text;
    constexpr auto count = ExpressionType::number;
    static const std::vector<Function> functions = {
        {"Item",
         {{"attribute", texts}, {"index", number}},
         one,
         "The value of that number, counted from 1. Where there are not so many the group is held; "
         "ItemOrNull gives null.",
         {{"Item([proxyAddresses], 1)", R"e("SMTP:sales@contoso.com")e"},
          {R"e(Mid(Item([proxyAddresses], Contains([proxyAddresses], "SMTP:")), 6))e",
           R"e("sales@contoso.com")e"},
          {R"e(Left(Item(Split([mail], "@"), 1), 15))e", R"e("sales")e"}},
         item_of},
        {"ItemOrNull",
         {{"attribute", texts}, {"index", number}},
         one,
         "The value of that number, counted from 1, or null.",
         {{"ItemOrNull([proxyAddresses], 9)", "NULL"}},
         [](const Arguments& a) -> Result<ExpressionValue> { return item(a); }},
        {"Count",
         {{"attribute", texts}},
         count,
         "How many values there are.",
         {{"Count([proxyAddresses])", "2"}},
         [](const Arguments& a) -> Result<ExpressionValue> {
             return static_cast<std::int64_t>(a.texts(0).size());
         }},
        {"Contains",
         {{"attribute", texts},
          {"search"},
          {"caseType", word, Presence::optional, {"CaseSensitive", "CaseInsensitive"}}},
         count,
         "The number of the first value in which the searched text stands; 0 where it stands in "
         "none.",
         {{R"e(Contains([groupTypes], "Unified") > 0)e", "True"},
          {R"e(Contains([proxyAddresses], "smtp:vente"))e", "2"}},
         index_of},
        {"Split",
         {{"source"}, {"delimiter"}, {"limit", number, Presence::optional}},
         several,
         "The parts between the delimiters, each trimmed; with a limit at most so many, the last "
         "with the rest.",
         {{R"e(Split("PermissionSetOne, PermissionSetTwo", ","))e",
           R"e(["PermissionSetOne", "PermissionSetTwo"])e"}},
         parts_of},
        {"RemoveDuplicates",
         {{"attribute", texts}},
         several,
         "Each value once, where it first stands; case counts.",
         {{R"e(RemoveDuplicates(Split("a,b,a", ",")))e", R"e(["a", "b"])e"}},
         without_duplicates},
    };
    return functions;
}

const std::vector<Function>& going_through_functions() {
    constexpr auto several = ExpressionType::texts;
    static const std::vector<Function> functions = {
        {"Select",
         {{"$item", variable}, {"attribute", texts}, {"expression"}},
         several,
         "What the expression gives for each value, which $item stands for; null and empty results "
         "are left out.",
         {{R"e(Select($item, [proxyAddresses], Mid($item, 6)))e",
           R"e(["sales@contoso.com", "vente@contoso.com"])e"}},
         nullptr,
         selected},
        {"Where",
         {{"$item", variable}, {"attribute", texts}, {"condition", condition}},
         several,
         "The values for which the condition is true; $item stands for each.",
         {{R"e(Where($item, [proxyAddresses], InStr($item, "SMTP:") = 1))e",
           R"e(["SMTP:sales@contoso.com"])e"}},
         nullptr,
         filtered},
    };
    return functions;
}

}  // namespace writeback::expressions
