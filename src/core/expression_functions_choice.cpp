// Functions that choose between values, and those that test one.
#include "core/expression_compare.hpp"
#include "core/expression_functions.hpp"
#include "core/expression_words.hpp"
#include "core/text.hpp"

#include <writeback/ids.hpp>

namespace writeback::expressions {

namespace {

using enum Accepts;
using Presence = Parameter::Presence;

bool is_null(const ExpressionValue& value) {
    const auto* texts = std::get_if<std::vector<std::string>>(&value);
    return std::holds_alternative<std::monostate>(value) || (texts != nullptr && texts->empty());
}

bool is_empty(const ExpressionValue& value) {
    const auto* text = std::get_if<std::string>(&value);
    return text != nullptr && text->empty();
}

std::optional<Problem> check_iif(Node& call) {
    call.type = common_type(call.arguments[1].type, call.arguments[2].type);
    return std::nullopt;
}

Result<ExpressionValue> chosen(Call& call) {
    const auto condition = call.condition(0);
    if (!condition) return condition.error();
    return call.value(*condition ? 1 : 2);
}

std::optional<Problem> check_coalesce(Node& call) {
    for (const Node& argument : call.arguments)
        call.type = common_type(call.type, argument.type);
    return std::nullopt;
}

Result<ExpressionValue> first_present(Call& call) {
    for (std::size_t i = 0; i < call.count(); ++i) {
        auto value = call.value(i);
        if (!value || !is_null(*value)) return value;
    }
    return ExpressionValue();
}

// Cloud Sync's Switch(source, default, key, value, …) and Connect's Switch(condition, value, …)
// look alike where the source is a Boolean.
enum class SwitchForm { keys, conditions, either };

SwitchForm switch_form(const Node& call) {
    bool constants = true;
    for (std::size_t i = 0; i < call.arguments.size(); i += 2) {
        const Node& argument = call.arguments[i];
        if (argument.type != ExpressionType::boolean) return SwitchForm::keys;
        if (i > 0 && argument.kind != Node::Kind::constant) constants = false;
    }
    if (call.arguments.size() == 2) return SwitchForm::conditions;
    return constants ? SwitchForm::either : SwitchForm::conditions;
}

std::optional<Problem> check_switch(Node& call) {
    const std::size_t count = call.arguments.size();
    if (count % 2 != 0 || count < 2) {
        return Problem{call.column,
                       "Switch has " + std::to_string(count) +
                           " arguments, but keys and values come in pairs behind source and "
                           "defaultValue; write Switch(source, default, key1, value1, …)"};
    }
    const SwitchForm form = switch_form(call);
    if (form == SwitchForm::either) {
        return Problem{
            call.column,
            "this Switch reads as Cloud Sync's, with a Boolean source, and as Connect's, "
            "with conditions, and they differ; write IIF, or the keys as \"True\" and "
            "\"False\""};
    }
    if (form == SwitchForm::keys && count < 4) {
        return Problem{call.column,
                       "Switch has no key; write Switch(source, default, key1, value1)"};
    }
    for (std::size_t i = 1; i < count; i += 2) {
        call.type = common_type(call.type, call.arguments[i].type);
    }
    for (std::size_t i = 2; i < count && form == SwitchForm::keys; i += 2) {
        if (auto problem = check_comparison(call.arguments[0], call.arguments[i], false)) {
            return problem;
        }
    }
    return std::nullopt;
}

Result<ExpressionValue> switched_by_condition(Call& call) {
    for (std::size_t i = 0; i < call.count(); i += 2) {
        const auto condition = call.condition(i);
        if (!condition) return condition.error();
        if (*condition) return call.value(i + 1);
    }
    return ExpressionValue();
}

Result<ExpressionValue> switched(Call& call) {
    if (switch_form(call.node()) == SwitchForm::conditions) return switched_by_condition(call);
    const auto source = call.value(0);
    if (!source) return source;
    for (std::size_t i = 2; i < call.count(); i += 2) {
        const auto key = call.value(i);
        if (!key) return key;
        if (is_equal(*source, *key)) return call.value(i + 1);
    }
    return call.value(1);
}

std::optional<Problem> check_with(Node& call) {
    call.type = call.arguments[2].type;
    return std::nullopt;
}

Result<ExpressionValue> with_variable(Call& call) {
    auto value = call.value(1);
    if (!value) return value;
    call.evaluation.variables.push_back(std::move(*value));
    auto result = call.value(2);
    call.evaluation.variables.pop_back();
    return result;
}

std::optional<Problem> type_of_first(Node& call) {
    call.type = call.arguments[0].type;
    return std::nullopt;
}

}  // namespace

const std::vector<Function>& choice_functions() {
    static const std::vector<Function> functions = {
        {"IIF",
         {{"condition", condition}, {"valueIfTrue", any}, {"valueIfFalse", any}},
         {},
         "The one value or the other. Only that one is evaluated.",
         {{R"e(IIF(Left([displayName],4)="PRJ-", True, False))e", "False"},
          {R"e(IIF([mailEnabled], "mail", "plain"))e", R"e("mail")e"}},
         nullptr,
         chosen,
         check_iif},
        {"Switch",
         {{"source", any},
          {"defaultValue", any, Presence::optional},
          {"key1, value1, …", any, Presence::repeated}},
         {},
         "The value behind the first key that equals the source, with regard to case, or "
         "defaultValue. A null source equals the key \"\". Where every first of two arguments is a "
         "Boolean expression it is Connect's Switch(condition1, value1, …): the value of the first "
         "condition that is true, or null.",
         {{R"e(Switch([displayName], "OU=All", "Law", "OU=Law", "Sales", "OU=Sales"))e",
           R"e("OU=Sales")e"},
          {R"e(Switch([visibility], "Other", "", "None"))e", R"e("None")e"},
          {R"e(Switch([displayName]="Rome", "it", [displayName]="Sales", "en", True, "?"))e",
           R"e("en")e"}},
         nullptr,
         switched,
         check_switch},
        {"Coalesce",
         {{"source1", any}, {"source2…", any, Presence::repeated}},
         {},
         "The first source that is not null; an empty text is not null. Null where all are.",
         {{R"e(Coalesce([visibility], [mail]))e", R"e("sales@contoso.com")e"}},
         nullptr,
         first_present,
         check_coalesce},
        {"With",
         {{"$variable", variable}, {"subExpression", any}, {"expression", any}},
         {},
         "The expression, in which $variable stands for the subexpression.",
         {{R"e(With($name, Trim([displayName]), IIF(Len($name) > 3, Left($name, 3), $name)))e",
           R"e("Sal")e"}},
         nullptr,
         with_variable,
         check_with},
        {"IgnoreFlowIfNullOrEmpty",
         {{"expression", any}},
         {},
         "The expression; null where it is the empty text. A null is not written, and what was "
         "written earlier is removed, since AD follows the cloud here.",
         {{R"e(IgnoreFlowIfNullOrEmpty([visibility]))e", "NULL"}},
         [](const Arguments& a) -> Result<ExpressionValue> {
             return is_empty(a.value(0)) ? ExpressionValue() : a.value(0);
         },
         nullptr,
         type_of_first},
        {"Error",
         {{"message"}},
         {},
         "Holds the group, with the message as the reason; nothing of it is written until the "
         "expression gives a value.",
         {},
         [](const Arguments& a) -> Result<ExpressionValue> {
             return refused("the mapping says: " + a.text(0));
         },
         nullptr,
         nullptr,
         "nothing"},
    };
    return functions;
}

const std::vector<Function>& test_functions() {
    constexpr auto boolean = ExpressionType::boolean;
    static const std::vector<Function> functions = {
        {"IsNull",
         {{"expression", any}},
         boolean,
         "Whether it is null, as an absent attribute.",
         {{"IsNull([visibility])", "True"}, {R"e(IsNull(""))e", "False"}},
         [](const Arguments& a) -> Result<ExpressionValue> { return is_null(a.value(0)); }},
        {"IsNullOrEmpty",
         {{"expression", any}},
         boolean,
         "Whether it is null or the empty text.",
         {{"IsNullOrEmpty([displayName])", "False"}, {R"e(IsNullOrEmpty(""))e", "True"}},
         [](const Arguments& a) -> Result<ExpressionValue> {
             return is_null(a.value(0)) || is_empty(a.value(0));
         }},
        {"IsPresent",
         {{"expression", any}},
         boolean,
         "The opposite of IsNullOrEmpty.",
         {{"IsPresent([mail])", "True"}},
         [](const Arguments& a) -> Result<ExpressionValue> {
             return !is_null(a.value(0)) && !is_empty(a.value(0));
         }},
        {"IsEmpty",
         {{"expression", any}},
         boolean,
         "Whether it is the empty text; null is not.",
         {{R"e(IsEmpty(""))e", "True"}, {"IsEmpty([visibility])", "False"}},
         [](const Arguments& a) -> Result<ExpressionValue> { return is_empty(a.value(0)); }},
        {"IsString",
         {{"expression", any}},
         boolean,
         "Whether CStr makes a text of it: one value, not null.",
         {{R"e(IsString(3))e", "True"}, {"IsString([proxyAddresses])", "False"}},
         [](const Arguments& a) -> Result<ExpressionValue> {
             return !is_null(a.value(0)) &&
                    !std::holds_alternative<std::vector<std::string>>(a.value(0));
         }},
        {"IsNumeric",
         {{"expression"}},
         boolean,
         "Whether CNum makes a number of it.",
         {{R"e(IsNumeric("12"))e", "True"}, {R"e(IsNumeric("12a"))e", "False"}},
         [](const Arguments& a) -> Result<ExpressionValue> {
             return read_number(a.text(0)).has_value();
         }},
        {"IsGuid",
         {{"value"}},
         boolean,
         "Whether the text is a GUID, with or without braces.",
         {{"IsGuid([objectId])", "True"}},
         [](const Arguments& a) -> Result<ExpressionValue> {
             return canonical_guid(a.text(0)).has_value();
         }},
        {"Not",
         {{"source", condition}},
         boolean,
         "False for True, True for False and null.",
         {{"Not([mailEnabled])", "False"}, {R"e(Not("False"))e", "True"}},
         [](const Arguments& a) -> Result<ExpressionValue> { return !a.condition(0); }},
    };
    return functions;
}

}  // namespace writeback::expressions
