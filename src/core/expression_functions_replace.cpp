// Replace with its several forms, and what else works by patterns.
#include "core/expression_functions.hpp"
#include "core/expression_text.hpp"
#include "core/text.hpp"

#include <array>

namespace writeback::expressions {

namespace {

using enum Accepts;
constexpr auto optional = Parameter::Presence::optional;

// The arguments of Replace, as Cloud Sync numbers them.
enum : std::size_t { source, old_value, pattern, group_name, value, attribute, template_text };

// The form is told by which arguments are given.
enum class Form { none, plain, into_template, expression, group, from_attribute, connect };

Form form_of(const Node& call) {
    const auto given = [&](std::initializer_list<std::size_t> wanted) {
        std::array<bool, 7> expected{};
        for (const std::size_t index : wanted)
            expected.at(index) = true;
        for (std::size_t index = 1; index < expected.size(); ++index) {
            if (call.given(index) != expected.at(index)) return false;
        }
        return true;
    };
    if (given({old_value, value})) return Form::plain;
    if (given({old_value, template_text})) return Form::into_template;
    if (given({pattern, value})) return Form::expression;
    if (given({pattern, group_name, value})) return Form::group;
    if (given({pattern, group_name, attribute})) return Form::from_attribute;
    if (given({old_value, pattern}) && call.arguments.size() == 3) return Form::connect;
    return Form::none;
}

std::optional<Problem> check_group(const Node& call, const Pattern& compiled) {
    if (!call.given(group_name)) return std::nullopt;
    const Node& name = call.arguments[group_name];
    if (!name.is_constant_text()) {
        return Problem{name.column,
                       "regexGroupName must be a constant text, because it is checked at start; "
                       "write the group's name in quotes"};
    }
    const auto& wanted = std::get<std::string>(name.value);
    if (compiled.has_group(wanted)) return std::nullopt;
    const std::string names = compiled.names_of_groups();
    return Problem{name.column, "the pattern has no group named " + excerpt(wanted) +
                                    (names.empty() ? "; name one as (?<" + wanted + ">…)"
                                                   : "; its groups are " + names)};
}

// Compiles the pattern that stands at `index`, once and for all groups.
std::optional<Problem> prepare_pattern(Node& call, std::size_t index) {
    const Node& written = call.arguments[index];
    if (!written.is_constant_text()) {
        return Problem{written.column,
                       "regexPattern must be a constant text, because it is checked at start; "
                       "write the pattern in quotes"};
    }
    auto compiled = Pattern::compile(std::get<std::string>(written.value));
    if (const auto* why = std::get_if<std::string>(&compiled)) {
        return Problem{written.column, "the regular expression " + *why};
    }
    call.prepared = std::get<std::shared_ptr<const Pattern>>(compiled);
    return std::nullopt;
}

std::optional<Problem> check_match(Node& call) {
    return prepare_pattern(call, 1);
}

Result<ExpressionValue> matched(const Arguments& a) {
    const auto& compiled = dynamic_cast<const Pattern&>(*a.call().prepared);
    const auto result = compiled.matches(a.text(0), a.patterns);
    return result ? Result<ExpressionValue>(*result) : result.error();
}

std::optional<Problem> check_replace(Node& call) {
    const Form form = form_of(call);
    if (form == Form::none) {
        return Problem{call.column,
                       "Replace is given arguments that make none of its forms; give oldValue and "
                       "replacementValue, oldValue and template, regexPattern and "
                       "replacementValue, or regexPattern, regexGroupName and one of "
                       "replacementValue and replacementAttributeName; commas keep the places of "
                       "those left out: Replace([mail], \"a\", , , \"b\", , )"};
    }
    if (!call.given(pattern) || form == Form::connect) return std::nullopt;
    if (auto problem = prepare_pattern(call, pattern)) return problem;
    return check_group(call, dynamic_cast<const Pattern&>(*call.prepared));
}

// Connect's monikers in the two texts of its own form.
std::string without_monikers(const std::string& text) {
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char next = text[at] == '\\' && at + 1 < text.size() ? text[at + 1] : '\0';
        const std::size_t which = std::string_view("nrt").find(next);
        if (next == '\0' || which == std::string_view::npos) {
            result += text[at];
        } else {
            result += "\n\r\t"[which];
            ++at;
        }
    }
    return result;
}

Result<ExpressionValue> bounded(std::optional<std::string> text) {
    if (text) return ExpressionValue(std::move(*text));
    return refused("the result of Replace is longer than " + std::to_string(most_text_bytes) +
                   " bytes");
}

Result<ExpressionValue> value_of(Result<std::string> text) {
    return text ? Result<ExpressionValue>(std::move(*text)) : text.error();
}

Result<ExpressionValue> extracted(const Arguments& a, const Pattern& compiled) {
    if (!a.text(source).empty()) return a.text(source);
    auto found = compiled.extract(a.text(attribute), a.text(group_name), a.patterns);
    if (!found) return found.error();
    return ExpressionValue(found->value_or(""));
}

Result<ExpressionValue> replaced(const Arguments& a) {
    const auto* compiled = dynamic_cast<const Pattern*>(a.call().prepared.get());
    switch (form_of(a.call())) {
        case Form::plain:
            return bounded(
                with_replaced(a.text(source), a.text(old_value), a.text(value), most_text_bytes));
        case Form::into_template:
            return bounded(with_replaced(a.text(template_text), a.text(old_value), a.text(source),
                                         most_text_bytes));
        case Form::connect:
            return bounded(with_replaced(a.text(source), without_monikers(a.text(old_value)),
                                         without_monikers(a.text(pattern)), most_text_bytes));
        case Form::expression:
            return value_of(compiled->replace(a.text(source), a.text(value), a.patterns));
        case Form::group:
            return value_of(compiled->replace_group(a.text(source), a.text(group_name),
                                                    a.text(value), a.patterns));
        case Form::from_attribute:
            return extracted(a, *compiled);
        case Form::none:
            break;
    }
    return refused("Replace has none of its forms");  // refused at start
}

struct PreparedDictionary : Prepared {
    Dictionary entries;
};

std::string without_blanks(const std::string& text) {
    std::string result;
    for (const std::string_view character : characters(text)) {
        if (!trim(character).empty()) result += character;
    }
    return result;
}

// {character}:{text},{character}:{text}
std::optional<Problem> check_dictionary(Node& call) {
    const Node& written = call.arguments[1];
    const auto wrong = [&](const std::string& what) {
        return Problem{written.column, what + "; write ReplacePattern as \"ö:oe,ß:ss,':\""};
    };
    if (!written.is_constant_text()) {
        return wrong("ReplacePattern must be a constant text, because it is checked at start");
    }
    auto result = std::make_shared<PreparedDictionary>();
    for (const std::string& entry :
         split(without_blanks(std::get<std::string>(written.value)), ",", SIZE_MAX)) {
        const std::size_t colon = entry.find(':');
        if (colon == std::string::npos) {
            return wrong("the entry " + excerpt(entry) + " of ReplacePattern has no colon");
        }
        if (characters(entry.substr(0, colon)).size() != 1) {
            return wrong("the entry " + excerpt(entry) +
                         " of ReplacePattern replaces not exactly one character");
        }
        result->entries.emplace(entry.substr(0, colon), entry.substr(colon + 1));
    }
    call.prepared = std::move(result);
    return std::nullopt;
}

Result<ExpressionValue> characters_replaced(const Arguments& a) {
    const auto* dictionary = dynamic_cast<const PreparedDictionary*>(a.call().prepared.get());
    return bounded(with_characters_replaced(a.text(0), dictionary->entries, most_text_bytes));
}

}  // namespace

const std::vector<Function>& replace_functions() {
    static const std::vector<Function> functions = {
        {"Replace",
         {{"source", each},
          {"oldValue", text, optional},
          {"regexPattern", text, optional},
          {"regexGroupName", text, optional},
          {"replacementValue", text, optional},
          {"replacementAttributeName", text, optional},
          {"template", text, optional}},
         ExpressionType::text,
         "Replaces texts, case-sensitively; the given arguments choose the form. oldValue and "
         "replacementValue: replaces every oldValue in the source. oldValue and template: puts the "
         "source in place of every oldValue in the template. regexPattern and replacementValue: "
         "replaces every match; in the value ${name}, $1, $& and $$ stand for groups, the match "
         "and "
         "a dollar sign. regexPattern, regexGroupName and replacementValue: replaces what the "
         "group "
         "matched, in every match. regexPattern, regexGroupName and replacementAttributeName: "
         "gives "
         "the source, or where it is empty what the group matches in the other attribute. With "
         "three arguments it is Connect's Replace(source, oldValue, newValue), where \\n, \\r and "
         "\\t are line ends and tabs.",
         {{R"e(Replace([mail], "@contoso.com", , , "", , ))e", R"e("sales")e"},
          {R"e(Replace("jsmith", "<username>", , , , , "<username>@contoso.com"))e",
           R"e("jsmith@contoso.com")e"},
          {R"e(Replace("+91 9998887777", , "\\+(?<code>\\d* )(?<phone>\\d+)", , "${phone}", , ))e",
           R"e("9998887777")e"},
          {R"e(Replace("545 Tremont Street", , "(?<number>^\\d*)", "number", "888", , ))e",
           R"e("888 Tremont Street")e"},
          {R"e(Replace("", , "\\+(?<code>\\d* )(?<phone>\\d+)", "phone", , "+91 8887779999", ))e",
           R"e("8887779999")e"},
          {R"e(Replace("john_doe72", , "[a-zA-Z_]*", , "", , ))e", R"e("72")e"},
          {R"e(Replace([displayName], "Sales", "Vente"))e", R"e("Vente")e"}},
         replaced,
         nullptr,
         check_replace},
        {"RegexMatch",
         {{"source"}, {"regexPattern"}},
         ExpressionType::boolean,
         "Whether the pattern matches anywhere in the source, as REGEX MATCH does in Cloud Sync's "
         "filters. This function is an addition to Microsoft's.",
         {{R"e(RegexMatch([displayName], "^(Sales|Marketing)"))e", "True"}},
         matched,
         nullptr,
         check_match},
        {"ReplaceChars",
         {{"source", each}, {"ReplacePattern"}},
         ExpressionType::text,
         "Replaces single characters, each by the text behind its colon.",
         {{R"e(ReplaceChars("Räksmörgås", "Å:A,Ä:A,Ö:O,å:a,ä:a,ö:o"))e", R"e("Raksmorgas")e"},
          {R"e(ReplaceChars("O’Neil", "’:"))e", R"e("ONeil")e"}},
         characters_replaced,
         nullptr,
         check_dictionary},
    };
    return functions;
}

}  // namespace writeback::expressions
