// Functions that turn a value into another type or encoding, and those on distinguished names.
#include "core/expression_compare.hpp"
#include "core/expression_functions.hpp"
#include "core/expression_text.hpp"
#include "core/expression_words.hpp"
#include "core/text.hpp"

#include <algorithm>

namespace writeback::expressions {

namespace {

using enum Accepts;
using Presence = Parameter::Presence;

Result<ExpressionValue> number_of(const Arguments& a) {
    if (trim(a.text(0)).empty()) return ExpressionValue();
    const auto number = read_number(a.text(0));
    if (!number) return refused("CNum is given " + excerpt(a.text(0)) + ", which is no number");
    return *number;
}

// Text of bytes that came from an encoding: without NUL, and valid UTF-8.
Result<ExpressionValue> decoded(const std::optional<std::string>& text, std::string_view function,
                                const std::string& source) {
    if (text) return clean(*text);
    return refused(std::string(function) + " is given " + excerpt(source) +
                   ", which is not so encoded");
}

Result<ExpressionValue> from_base64_of(const Arguments& a) {
    auto bytes = from_base64(a.text(0));
    const bool unicode = !a.given(1) || a.is_word(1, "Unicode");
    if (bytes && unicode) bytes = from_utf16(*bytes);
    return decoded(bytes, "ConvertFromBase64", a.text(0));
}

// The end of the first relative name: a comma that no backslash escapes.
std::size_t end_of_first(std::string_view name) {
    std::size_t at = 0;
    while (at < name.size() && name[at] != ',')
        at += name[at] == '\\' ? 2 : 1;
    return std::min(at, name.size());
}

std::string unescaped(std::string_view value) {
    std::string result;
    for (std::size_t at = 0; at < value.size(); ++at) {
        const auto byte =
            value[at] == '\\' ? from_hexadecimal(value.substr(at + 1, 2)) : std::nullopt;
        if (byte && byte->size() == 1) {
            result += *byte;
            at += 2;
        } else if (value[at] != '\\') {
            result += value[at];
        } else if (++at < value.size()) {
            result += value[at];
        }
    }
    return clean(result);
}

struct RelativeName {
    std::string type;
    std::string value;
};

std::vector<RelativeName> relative_names(std::string_view name) {
    std::vector<RelativeName> result;
    while (!name.empty()) {
        const std::size_t end = end_of_first(name);
        const std::string part = trim(name.substr(0, end));
        const std::size_t equals = std::min(part.find('='), part.size());
        result.push_back(
            {in_lower_case(trim(part.substr(0, equals))),
             unescaped(trim(std::string_view(part).substr(std::min(equals + 1, part.size()))))});
        name.remove_prefix(std::min(end + 1, name.size()));
    }
    return result;
}

ExpressionValue component(const std::vector<RelativeName>& names, std::int64_t number) {
    if (number < 1 || static_cast<std::uint64_t>(number) > names.size()) return {};
    return names[static_cast<std::size_t>(number) - 1].value;
}

Result<ExpressionValue> component_from_left(const Arguments& a) {
    return component(relative_names(a.text(0)), a.number(1));
}

Result<ExpressionValue> component_from_right(const Arguments& a) {
    auto names = relative_names(a.text(0));
    if (is_same_word(a.text(2), "DC")) {
        std::erase_if(names, [](const RelativeName& name) { return name.type == "dc"; });
    }
    std::reverse(names.begin(), names.end());
    return component(names, a.number(1));
}

std::optional<Problem> check_options(Node& call) {
    if (!call.given(2)) return std::nullopt;
    const Node& options = call.arguments[2];
    if (options.is_constant_text() && is_same_word(std::get<std::string>(options.value), "DC")) {
        return std::nullopt;
    }
    return Problem{options.column, "DNComponentRev takes \"DC\" or nothing as options"};
}

// As RFC 4514 escapes a value; a type before the first = stays.
Result<ExpressionValue> escaped_component(const Arguments& a) {
    const std::string& source = a.text(0);
    const std::size_t equals = source.find('=');
    const std::size_t begin = equals == std::string::npos ? 0 : equals + 1;
    std::string result = source.substr(0, begin);
    for (std::size_t at = begin; at < source.size(); ++at) {
        const char c = source[at];
        const bool at_an_end = at == begin || at + 1 == source.size();
        const bool special = std::string_view(",+\"\\<>;").find(c) != std::string_view::npos;
        if (static_cast<unsigned char>(c) < 0x20) {
            result += "\\" + to_hexadecimal(source.substr(at, 1));
            continue;
        }
        if (special || (c == ' ' && at_an_end) || (c == '#' && at == begin)) result += '\\';
        result += c;
    }
    return result;
}

}  // namespace

const std::vector<Function>& conversion_functions() {
    constexpr auto text_result = ExpressionType::text;
    constexpr auto number_result = ExpressionType::number;
    static const std::vector<Function> functions = {
        {"CStr",
         {{"value", each}},
         text_result,
         "The value as a text.",
         {{"CStr(12)", R"e("12")e"}, {"CStr([mailEnabled])", R"e("True")e"}},
         [](const Arguments& a) -> Result<ExpressionValue> { return a.text(0); }},
        {"CNum",
         {{"value"}},
         number_result,
         "The text as a whole number; null for null and the empty text. What is no number holds "
         "the group; IsNumeric tells.",
         {{R"e(CNum("12"))e", "12"}},
         number_of},
        {"CBool",
         {{"expression", condition}},
         ExpressionType::boolean,
         "True for True, \"True\" and numbers other than 0.",
         {{R"e(CBool("true"))e", "True"},
          {"CBool([displayName] = [mail])", "False"},
          {"CBool(0)", "False"}},
         [](const Arguments& a) -> Result<ExpressionValue> { return a.condition(0); }},
        {"BitAnd",
         {{"value1", number}, {"value2", number}},
         number_result,
         "The bits that both have.",
         {{"BitAnd(&HF, &HF7)", "7"}},
         [](const Arguments& a) -> Result<ExpressionValue> { return a.number(0) & a.number(1); }},
        {"BitOr",
         {{"value1", number}, {"value2", number}},
         number_result,
         "The bits that one of them has.",
         {{"BitOr(1, 6)", "7"}},
         [](const Arguments& a) -> Result<ExpressionValue> { return a.number(0) | a.number(1); }},
        {"IsBitSet",
         {{"value", number}, {"flag", number}},
         ExpressionType::boolean,
         "Whether one of the flag's bits is set in the value.",
         {{"IsBitSet(&HF, 4)", "True"}},
         [](const Arguments& a) -> Result<ExpressionValue> {
             return (a.number(0) & a.number(1)) != 0;
         }},
    };
    return functions;
}

const std::vector<Function>& encoding_functions() {
    constexpr auto text_result = ExpressionType::text;
    static const std::vector<Function> functions = {
        {"ConvertToBase64",
         {{"source", each}},
         text_result,
         "Base64 of the text's UTF-16.",
         {{R"e(ConvertToBase64("Hello world!"))e", R"e("SABlAGwAbABvACAAdwBvAHIAbABkACEA")e"}},
         [](const Arguments& a) -> Result<ExpressionValue> {
             return to_base64(to_utf16(a.text(0)));
         }},
        {"ConvertFromBase64",
         {{"source", each}, {"encoding", word, Presence::optional, {"Unicode", "ASCII", "UTF8"}}},
         text_result,
         "The text of Base64, of UTF-16 unless the encoding says otherwise.",
         {{R"e(ConvertFromBase64("SABlAGwAbABvACAAdwBvAHIAbABkACEA"))e", R"e("Hello world!")e"},
          {R"e(ConvertFromBase64("SGVsbG8gd29ybGQh", UTF8))e", R"e("Hello world!")e"}},
         from_base64_of},
        {"ConvertToUTF8Hex",
         {{"source", each}},
         text_result,
         "The text's UTF-8 in hexadecimal digits.",
         {{R"e(ConvertToUTF8Hex("Hello world!"))e", R"e("48656C6C6F20776F726C6421")e"}},
         [](const Arguments& a) -> Result<ExpressionValue> { return to_hexadecimal(a.text(0)); }},
        {"ConvertFromUTF8Hex",
         {{"source", each}},
         text_result,
         "The text of UTF-8 in hexadecimal digits.",
         {{R"e(ConvertFromUTF8Hex("48656C6C6F20776F726C6421"))e", R"e("Hello world!")e"}},
         [](const Arguments& a) {
             return decoded(from_hexadecimal(a.text(0)), "ConvertFromUTF8Hex", a.text(0));
         }},
    };
    return functions;
}

const std::vector<Function>& name_functions() {
    constexpr auto text_result = ExpressionType::text;
    static const std::vector<Function> functions = {
        {"DNComponent",
         {{"dn"}, {"number", number}},
         text_result,
         "The value of one part of a distinguished name, counted from the left, unescaped; null "
         "where there are not so many.",
         {{R"e(DNComponent(CRef("CN=Doe\, Joe,OU=US,DC=contoso,DC=com"), 1))e", R"e("Doe, Joe")e"}},
         component_from_left},
        {"DNComponentRev",
         {{"dn"}, {"number", number}, {"options", text, Presence::optional}},
         text_result,
         "The same, counted from the right; \"DC\" leaves out the parts of the domain.",
         {{R"e(DNComponentRev("cn=Joe,ou=Atlanta,ou=GA,ou=US, dc=contoso,dc=com", 3))e",
           R"e("US")e"},
          {R"e(DNComponentRev("cn=Joe,ou=Atlanta,ou=GA,ou=US, dc=contoso,dc=com", 1, "DC"))e",
           R"e("US")e"}},
         component_from_right,
         nullptr,
         check_options},
        {"EscapeDNComponent",
         {{"value", each}},
         text_result,
         "One part of a distinguished name, escaped as a directory wants it.",
         {{R"e(EscapeDNComponent("OU=Sales, Paris"))e", R"e("OU=Sales\\, Paris")e"}},
         escaped_component},
        {"CRef",
         {{"value"}},
         text_result,
         "The text unchanged: distinguished names are texts here.",
         {{R"e(CRef("OU=Sales,DC=contoso,DC=com"))e", R"e("OU=Sales,DC=contoso,DC=com")e"}},
         [](const Arguments& a) -> Result<ExpressionValue> { return a.text(0); }},
    };
    return functions;
}

}  // namespace writeback::expressions
