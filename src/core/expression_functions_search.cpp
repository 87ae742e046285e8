// Functions on letters, and those that look into texts.
#include "core/expression_functions.hpp"
#include "core/expression_text.hpp"
#include "core/expression_words.hpp"
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

// Names of cultures as RFC 4646 writes them; only the Turkic ones change the letters.
std::optional<Problem> check_culture(Node& call) {
    if (!call.given(1)) return std::nullopt;
    const Node& culture = call.arguments[1];
    const auto wrong = [&](const std::string& what) {
        return Problem{culture.column,
                       std::string(call.function->name) + " takes a culture as \"en-US\", but " +
                           what + "; leave it out for letters that are the same everywhere"};
    };
    if (!culture.is_constant_text()) return wrong("this is no constant text");
    const auto& name = std::get<std::string>(culture.value);
    const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-';
    });
    if (!plain || name.size() > 35) return wrong(excerpt(name) + " names none");
    return std::nullopt;
}

Letters letters_of(const Arguments& a) {
    const std::string language = in_lower_case(a.text(1)).substr(0, a.text(1).find('-'));
    return language == "tr" || language == "az" ? Letters::turkic : Letters::invariant;
}

Result<ExpressionValue> lower_of(const Arguments& a) {
    return to_lower(a.text(0), letters_of(a));
}
Result<ExpressionValue> upper_of(const Arguments& a) {
    return to_upper(a.text(0), letters_of(a));
}

Result<ExpressionValue> place_of(const Arguments& a) {
    if (a.text(0).empty()) return std::int64_t{0};
    const std::size_t begin = std::max<std::size_t>(1, units(a.number(2, 1)));
    return static_cast<std::int64_t>(
        position(a.text(0), a.text(1), begin, a.is_word(3, "vbTextCompare")));
}

Result<ExpressionValue> last_place_of(const Arguments& a) {
    const std::int64_t end = a.number(2, -1);
    return static_cast<std::int64_t>(last_position(
        a.text(0), a.text(1), units(end < 0 ? INT64_MAX : end), a.is_word(3, "vbTextCompare")));
}

}  // namespace

const std::vector<Function>& letter_functions() {
    constexpr auto text_result = ExpressionType::text;
    static const std::vector<Function> functions = {
        {"ToLower",
         {{"source", each}, {"culture", text, optional}},
         text_result,
         "In small letters, the same everywhere unless the culture is a Turkic one.",
         {{R"e(ToLower("John.SMITH"))e", R"e("john.smith")e"},
          {R"e(ToLower("KIRIKKALE", "tr-TR"))e", R"e("kırıkkale")e"}},
         lower_of,
         nullptr,
         check_culture},
        {"ToUpper",
         {{"source", each}, {"culture", text, optional}},
         text_result,
         "In capital letters, the same everywhere unless the culture is a Turkic one.",
         {{R"e(ToUpper("zoë"))e", R"e("ZOË")e"}},
         upper_of,
         nullptr,
         check_culture},
        {"LCase",
         {{"source", each}},
         text_result,
         "ToLower, as Connect calls it.",
         {{R"e(LCase("TeSt"))e", R"e("test")e"}},
         lower_of},
        {"UCase",
         {{"source", each}},
         text_result,
         "ToUpper, as Connect calls it.",
         {{R"e(UCase("TeSt"))e", R"e("TEST")e"}},
         upper_of},
        {"PCase",
         {{"source", each}, {"wordSeparators", text, optional}},
         text_result,
         "Each word with one capital letter. Words end at the separators; without separators at "
         "white space, punctuation and symbols.",
         {{R"e(PCase("PABLO GONSALVES (SECOND)"))e", R"e("Pablo Gonsalves (Second)")e"},
          {R"e(PCase("PINTO-DE'SILVA", " '-"))e", R"e("Pinto-De'Silva")e"}},
         [](const Arguments& a) -> Result<ExpressionValue> {
             return capitalised(a.text(0), a.given(1) && !a.text(1).empty()
                                               ? std::optional<std::string>(a.text(1))
                                               : std::nullopt);
         }},
        {"NormalizeDiacritics",
         {{"source", each}},
         text_result,
         "Without accents; æ, ø, œ, ß, ł and ı as ae, oe, oe, ss, l and i.",
         {{R"e(NormalizeDiacritics("Zoë Łęcka"))e", R"e("Zoe Lecka")e"},
          {R"e(NormalizeDiacritics("Straße Ø"))e", R"e("Strasse OE")e"}},
         [](const Arguments& a) -> Result<ExpressionValue> {
             return without_diacritics(a.text(0));
         }},
    };
    return functions;
}

const std::vector<Function>& search_functions() {
    const auto comparison =
        Parameter{"compareType", Accepts::word, optional, {"vbBinaryCompare", "vbTextCompare"}};
    static const std::vector<Function> functions = {
        {"Len",
         {{"source"}},
         ExpressionType::number,
         "How many characters the source has.",
         {{R"e(Len("John Doe"))e", "8"}, {R"e(Len("😀"))e", "2"}},
         [](const Arguments& a) -> Result<ExpressionValue> {
             return static_cast<std::int64_t>(utf16_length(a.text(0)));
         }},
        {"InStr",
         {{"value1"}, {"value2"}, {"start", number, optional}, comparison},
         ExpressionType::number,
         "Where value2 first stands in value1, counted from 1; 0 where it does not. "
         "vbTextCompare ignores case.",
         {{R"e(InStr("The quick brown fox", "quick"))e", "5"},
          {R"e(InStr("repEated", "e", 3, vbBinaryCompare))e", "7"},
          {R"e(InStr("repEated", "e", 3, vbTextCompare))e", "4"}},
         place_of},
        {"InStrRev",
         {{"value1"}, {"value2"}, {"start", number, optional}, comparison},
         ExpressionType::number,
         "Where value2 last stands in value1, before start where that is given; 0 where it does "
         "not.",
         {{R"e(InStrRev("abbcdbbbef", "bb"))e", "7"}},
         last_place_of},
        {"Word",
         {{"source", each}, {"wordNumber", number}, {"delimiters"}},
         ExpressionType::text,
         "The word of that number, counted from 1. Each character of delimiters separates words; "
         "the empty text where there are not so many.",
         {{R"e(Word("The quick brown fox", 3, " "))e", R"e("brown")e"},
          {R"e(Word("This,string!has&many separators", 3, ",!&#"))e", R"e("has")e"}},
         [](const Arguments& a) -> Result<ExpressionValue> {
             return nth_word(a.text(0), a.number(1), a.text(2));
         }},
    };
    return functions;
}

}  // namespace writeback::expressions
