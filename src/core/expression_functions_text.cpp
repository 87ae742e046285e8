// Functions that put texts together, and those that cut parts out of them.
#include "core/expression_functions.hpp"
#include "core/expression_text.hpp"
#include "core/text.hpp"

#include <algorithm>

namespace writeback::expressions {

namespace {

using enum Accepts;
constexpr auto optional = Parameter::Presence::optional;

// A count or position; large ones all mean "beyond any text".
std::size_t units(std::int64_t number) {
    return static_cast<std::size_t>(std::clamp<std::int64_t>(number, 0, std::int64_t{1} << 30));
}

Result<ExpressionValue> mid_of(const Arguments& a) {
    const std::string& source = a.text(0);
    const std::int64_t start = a.number(1);
    const std::int64_t length = a.number(2, INT64_MAX);
    if (length == 0) return std::string();
    if (length < 0 || start <= 0 || units(start) > utf16_length(source)) return source;
    return mid(source, units(start), units(length));
}

Result<ExpressionValue> padded(const Arguments& a, bool at_the_left) {
    const std::string& source = a.text(0);
    const auto length = units(a.number(1));
    const std::string& fill = a.text(2);
    const std::size_t present = utf16_length(source);
    const std::size_t unit = utf16_length(fill);
    if (present >= length || unit == 0) return source;
    const std::size_t missing = (length - present) / unit;
    if (missing * fill.size() > most_text_bytes) {
        return refused("a text is to be padded to " + std::to_string(length) +
                       " characters, more than an expression may make");
    }
    std::string padding;
    for (std::size_t i = 0; i < missing; ++i)
        padding += fill;
    return at_the_left ? padding + source : source + padding;
}

Result<ExpressionValue> left_of(const Arguments& a) {
    return a.number(1) < 0 ? a.text(0) : left(a.text(0), units(a.number(1)));
}
Result<ExpressionValue> right_of(const Arguments& a) {
    return a.number(1) < 0 ? a.text(0) : right(a.text(0), units(a.number(1)));
}

// What trim takes from each end is white space, which stands in no other place of what it keeps.
Result<ExpressionValue> left_trimmed(const Arguments& a) {
    const std::string kept = trim(a.text(0));
    return kept.empty() ? kept : a.text(0).substr(a.text(0).find(kept));
}
Result<ExpressionValue> right_trimmed(const Arguments& a) {
    const std::string kept = trim(a.text(0));
    return kept.empty() ? kept : a.text(0).substr(0, a.text(0).find(kept) + kept.size());
}

Result<ExpressionValue> joined(const Arguments& a) {
    std::string result;
    bool first = true;
    for (std::size_t i = 1; i < a.count(); ++i) {
        for (const std::string& text : a.texts(i)) {
            if (text.empty()) continue;
            if (!first) result += a.text(0);
            first = false;
            result += text;
            if (result.size() > most_text_bytes)
                return refused(
                    "Join makes a text that is longer "
                    "than an expression may make");
        }
    }
    return result;
}

}  // namespace

const std::vector<Function>& joining_functions() {
    constexpr auto text_result = ExpressionType::text;
    static const std::vector<Function> functions = {
        {"Append",
         {{"source", each}, {"suffix"}},
         text_result,
         "The source followed by the suffix.",
         {{R"e(Append("Group_", [objectId]))e",
           R"e("Group_3a5c3221-c465-48c0-95b8-e9305786a271")e"},
          {R"e(Append([mail], ".test"))e", R"e("sales@contoso.com.test")e"}},
         [](const Arguments& a) -> Result<ExpressionValue> { return a.text(0) + a.text(1); }},
        {"Join",
         {{"separator"}, {"source1", texts}, {"source2…", texts, Parameter::Presence::repeated}},
         text_result,
         "The sources in a row with the separator between them. Every value of an "
         "attribute with several is one source; sources that are null or empty are left out.",
         {{R"e(Join("_", [displayName], "Contoso_Group"))e", R"e("Sales_Contoso_Group")e"},
          {R"e(Join(", ", "", "Doe", "John"))e", R"e("Doe, John")e"},
          {R"e(Join(";", [proxyAddresses]))e",
           R"e("SMTP:sales@contoso.com;smtp:vente@contoso.com")e"}},
         joined},
        {"PadLeft",
         {{"source", each}, {"length", number}, {"padCharacter"}},
         text_result,
         "The source, with padding before it up to the length.",
         {{R"e(PadLeft("User", 10, "0"))e", R"e("000000User")e"}},
         [](const Arguments& a) { return padded(a, true); }},
        {"PadRight",
         {{"source", each}, {"length", number}, {"padCharacter"}},
         text_result,
         "The source, with padding after it up to the length.",
         {{R"e(PadRight("User", 10, "0"))e", R"e("User000000")e"}},
         [](const Arguments& a) { return padded(a, false); }},
    };
    return functions;
}

const std::vector<Function>& cutting_functions() {
    constexpr auto text_result = ExpressionType::text;
    static const std::vector<Function> functions = {
        {"Left",
         {{"source", each}, {"numChars", number}},
         text_result,
         "The first characters. A negative number gives the whole source.",
         {{R"e(Left("John Doe", 3))e", R"e("Joh")e"},
          {R"e(Left([description], 448))e", R"e("All of Sales")e"}},
         left_of},
        {"Right",
         {{"source", each}, {"numChars", number}},
         text_result,
         "The last characters. A negative number gives the whole source.",
         {{R"e(Right("John Doe", 3))e", R"e("Doe")e"}},
         right_of},
        {"Mid",
         {{"source", each}, {"start", number}, {"length", number, optional}},
         text_result,
         "The characters from start on, counted from 1, at most length of them; without a length "
         "all. Length 0 gives the empty text; a negative length, and a start below 1 or beyond the "
         "end, give the whole source.",
         {{R"e(Mid("John Doe", 3, 5))e", R"e("hn Do")e"},
          {R"e(Mid("John Doe", 6, 999))e", R"e("Doe")e"},
          {R"e(Mid([objectId], 25, 12))e", R"e("e9305786a271")e"}},
         mid_of},
        {"Trim",
         {{"source", each}},
         text_result,
         "Without white space at both ends.",
         {{R"e(Trim(" Test "))e", R"e("Test")e"}},
         [](const Arguments& a) -> Result<ExpressionValue> { return trim(a.text(0)); }},
        {"LTrim",
         {{"source", each}},
         text_result,
         "Without white space at the beginning.",
         {{R"e(LTrim(" Test "))e", R"e("Test ")e"}},
         left_trimmed},
        {"RTrim",
         {{"source", each}},
         text_result,
         "Without white space at the end.",
         {{R"e(RTrim(" Test "))e", R"e(" Test")e"}},
         right_trimmed},
        {"StripSpaces",
         {{"source", each}},
         text_result,
         "Without any space character.",
         {{R"e(StripSpaces("a b  c"))e", R"e("abc")e"}},
         [](const Arguments& a) -> Result<ExpressionValue> { return without_spaces(a.text(0)); }},
    };
    return functions;
}

}  // namespace writeback::expressions
