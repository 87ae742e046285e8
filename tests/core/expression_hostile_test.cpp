// Whatever a group holds and whatever is written as an expression: a value or a sentence, never
// more than a bounded amount of work, and never a crash.
#include "core/expression_examples.hpp"
#include "core/expression_functions.hpp"
#include "core/text.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace writeback;
using namespace writeback::examples;

namespace {

const std::vector<std::string>& hostile_texts() {
    static const std::vector<std::string> texts = {
        "",
        " ",
        "Sales",
        std::string("a\0b", 3),
        "\xFF\xFE",
        "\xED\xA0\x80",  // a surrogate alone
        "\xC3",          // cut in the middle
        "😀😀😀",
        "👨‍👩‍👧‍👦",  // joined by joiners
        "\xE2\x80\xAEtxt.exe",        // right to left
        "مجموعة المبيعات",
        "e\xCC\x81\xCC\x81\xCC\x81",
        "a,b+c\"d\\e<f>;=# ",
        "line\r\nline\ttab\x01\x7F",
        "\\Q$1${x}(((",
        "DROP TABLE groups;--",
        "12",
        "True",
        std::string(256, 'x'),
        std::string(1024, ' '),
        "ﬁ ß İ ı Ǆ ŉ",
        "\xF4\x8F\xBF\xBF",
    };
    return texts;
}

class Chance {
 public:
    explicit Chance(unsigned seed) : engine_(seed) {}

    std::size_t below(std::size_t most) { return engine_() % most; }

    CloudGroup group() {
        CloudGroup group = expression_example_group();
        group.display_name = text();
        group.description = text();
        if (below(3) == 0) group.mail.reset();
        group.visibility = text();
        group.proxy_addresses.assign(below(4), text());
        group.further["theme"] = {text()};
        if (below(2) == 0) group.further["isAssignableToRole"] = {below(2) == 0 ? "true" : text()};
        return group;
    }

    // An expression that may or may not hold together.
    std::string expression(int depth) {
        switch (depth <= 0 ? below(5) : below(9)) {
            case 0:
                return one_of(
                    {"[displayName]", "[description]", "[mail]", "[visibility]", "[theme]"});
            case 1:
                return one_of(
                    {"[proxyAddresses]", "[isAssignableToRole]", "[mailEnabled]", "NULL"});
            case 2:
                return one_of({"-1", "0", "1", "3", "9223372036854775807", "&HFF"});
            case 3:
                return one_of({"\"\"", "\"a\"", "\"😀ö\"", "\" ,-\"", "\"True\"", "\"x:y\""});
            case 4:
                return one_of({"True", "False", "vbTextCompare", "$item", "\"(a*)*b\"", "CRLF"});
            case 5: {
                const auto& symbols = expressions::operators();
                return "(" + expression(depth - 1) +
                       std::string(symbols[below(symbols.size())].name) + expression(depth - 1) +
                       ")";
            }
            default:
                return call(depth);
        }
    }

 private:
    const std::string& text() { return hostile_texts()[below(hostile_texts().size())]; }

    std::string one_of(std::vector<std::string> choices) { return choices[below(choices.size())]; }

    std::string call(int depth) {
        const auto& groups = expressions::function_groups();
        const auto& functions = groups[below(groups.size())].functions;
        const auto& function = functions[below(functions.size())];
        std::string result = std::string(function.name) + "(";
        const std::size_t count = function.parameters.size() + below(3);
        for (std::size_t i = 0; i < count; ++i) {
            if (i > 0) result += ",";
            const bool variable =
                i == 0 && function.parameters[0].accepts == expressions::Accepts::variable;
            if (variable) {
                result += "$item";
            } else if (below(8) > 0) {
                result += expression(depth - 1);
            }
        }
        return result + ")";
    }

    std::mt19937 engine_;
};

bool is_valid(const ExpressionValue& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return clean(*text) == *text;
    if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) {
        for (const std::string& text : *texts) {
            if (clean(text) != text || text.empty()) return false;
        }
    }
    return true;
}

bool is_of(ExpressionType type, const ExpressionValue& value) {
    switch (value.index()) {
        case 0:
            return true;
        case 1:
            return type == ExpressionType::text;
        case 2:
            return type == ExpressionType::number;
        case 3:
            return type == ExpressionType::boolean;
        default:
            return type == ExpressionType::texts;
    }
}

std::string held(std::string_view text, const CloudGroup& group) {
    const std::string result = evaluated(text, group);
    return result.starts_with("held: ") ? result : "not held: " + result.substr(0, 200);
}

}  // namespace

TEST_CASE("expressions by chance on groups by chance give a value of their type or a sentence") {
    int evaluated_count = 0;
    for (unsigned seed = 1; seed <= 20'000; ++seed) {
        Chance chance(seed);
        const std::string text = chance.expression(4);
        const auto expression = Expression::parse(text, "[mapping] cn");
        if (!expression) {
            REQUIRE(expression.error().kind == FailureKind::invalid_configuration);
            REQUIRE(expression.error().detail.starts_with("[mapping] cn, column "));
            continue;
        }
        const CloudGroup group = chance.group();
        const auto value = expression->evaluate(group);
        ++evaluated_count;
        if (!value) {
            REQUIRE(value.error().kind == FailureKind::value_refused);
            REQUIRE(clean(value.error().detail) == value.error().detail);
            continue;
        }
        CHECK_MESSAGE(is_valid(*value), text);
        CHECK_MESSAGE(is_of(expression->type(), *value), text);
        CHECK_MESSAGE(
            expressions::display(*expression->evaluate(group)) == expressions::display(*value),
            text);
    }
    CHECK(evaluated_count > 2'000);
}

TEST_CASE("bytes by chance are no expression, and are told so") {
    const std::string letters = "[]()\"\\,&|=<>-+*$%'; \nLeftTrim1displayNameNULL\xC3\xB6\xFF";
    for (unsigned seed = 1; seed <= 20'000; ++seed) {
        std::mt19937 engine(seed);
        std::string text;
        for (std::size_t i = engine() % 40; i > 0; --i)
            text += letters[engine() % letters.size()];
        const auto expression = Expression::parse(text, "[mapping] cn");
        if (!expression) {
            REQUIRE(expression.error().kind == FailureKind::invalid_configuration);
        }
    }
}

TEST_CASE("an expression that is cut or changed anywhere is still only a value or a sentence") {
    const std::string text =
        R"(IIF(IsPresent([mail]) && Len([displayName]) > 3, Replace(Mid([mail], 2, 9), , "(?<a>\\w+)@", "a", "ö", , ), Switch(Left(Trim([displayName]), 2), "x" & CRLF, "Sa", Join("-", [proxyAddresses]))))";
    for (std::size_t length = 0; length <= text.size(); ++length) {
        const auto cut = evaluated(text.substr(0, length));
        CHECK_MESSAGE((length == text.size()) != cut.starts_with("refused"), cut);
    }
    for (std::size_t at = 0; at < text.size(); ++at) {
        for (const char c : {'(', ')', '"', '[', ',', '\\', 'x', '\0', '\xFF'}) {
            std::string changed = text;
            changed[at] = c;
            CHECK(!evaluated(changed).empty());
        }
    }
}

TEST_CASE("every function of one text takes hostile texts") {
    for (const auto& group : expressions::function_groups()) {
        for (const auto& function : group.functions) {
            for (const std::string& text : hostile_texts()) {
                for (const char* arguments :
                     {"([description])", "([description],2)", "([description],2,\"x\")",
                      "([description],[description])", "([description],1,3)"}) {
                    CHECK(!evaluated(std::string(function.name) + arguments, described(text))
                               .empty());
                }
            }
        }
    }
}

TEST_CASE("bytes that are no text come out as replacement characters, and NUL not at all") {
    CHECK(evaluated("[description]", described(std::string("a\0b", 3))) == R"("ab")");
    CHECK(evaluated("[description]", described("a\xFF")) == "\"a\xEF\xBF\xBD\"");
    CHECK(evaluated("Left([description], 1)", described("\xF0\x9F\x98")) == "\"\xEF\xBF\xBD\"");
}

TEST_CASE("a text of a megabyte holds the group") {
    const CloudGroup group = described(std::string(1024 * 1024, 'x'));
    CHECK(held("[description]", group).find("the group's description has 1048576 bytes") !=
          std::string::npos);
    CHECK(evaluated("[displayName]", group) == R"("Sales")");
    const CloudGroup invalid = described(std::string(60'000, '\xFF'));
    CHECK(held("[description]", invalid).find("too long") != std::string::npos);
}

TEST_CASE("what an expression makes is bounded") {
    const CloudGroup group = described(std::string(60'000, 'x'));
    CHECK(held("[description] & [description]", group).find("a text grows to 120000 bytes") !=
          std::string::npos);
    CHECK(held(R"(Replace([description], "x", , , "yyyyyyyy", , ))", group)
              .find("longer than 65536 bytes") != std::string::npos);
    CHECK(held(R"(Replace([description], , "x+", , "$&$&", , ))", group)
              .find("longer than 65536 bytes") != std::string::npos);
    CHECK(held(R"(Replace("xx", , "x", , [description], , ))", group)
              .find("longer than 65536 bytes") != std::string::npos);
    CHECK(held(R"(ReplaceChars([description], "x:yyyyyyyy"))", group)
              .find("longer than 65536 bytes") != std::string::npos);
    CHECK(held("PadLeft([description], 1000000000, \"x\")", group).find("more than") !=
          std::string::npos);
    CHECK(held(R"(Split([description], "x"))", group).find("more than 2000 values") !=
          std::string::npos);
    CHECK(held("Join([description], [description], [description])", group).find("Join makes") !=
          std::string::npos);
    std::string many = "Join(\"\"";
    for (int i = 0; i < 200; ++i)
        many += ",Left([description],1)";
    CHECK(held(many + ")", group).find("grow to more than 8388608 bytes together") !=
          std::string::npos);
    CloudGroup addresses = expression_example_group();
    addresses.proxy_addresses.assign(3000, "smtp:a");
    CHECK(held("[proxyAddresses]", addresses).find("has 3000 values") != std::string::npos);
    addresses.proxy_addresses.assign(1000, std::string(1000, 'x'));
    CHECK(held("PadLeft([proxyAddresses], 60000, \"x\")", addresses).find("together") !=
          std::string::npos);
}

TEST_CASE("going through several values within going through several values is bounded") {
    CloudGroup group = expression_example_group();
    group.proxy_addresses.assign(2000, "smtp:a@contoso.com");
    CHECK(held("Select($a, [proxyAddresses], Count(Where($b, [proxyAddresses], $a = $b)))", group)
              .find("go through several values once") != std::string::npos);
    CHECK(evaluated("Count(Where($a, [proxyAddresses], Left($a, 5) = \"smtp:\"))", group) ==
          "2000");
}

TEST_CASE("looking for a long text in a long text takes no longer than both are") {
    const std::string half(30'000, 'a');
    CloudGroup group = described(half + half);
    group.further["theme"] = {half + "b"};
    CHECK(evaluated("InStr([description], [theme])", group) == "0");
    CHECK(evaluated("InStr([description], [theme], 1, vbTextCompare)", group) == "0");
    CHECK(evaluated("InStrRev([description], [theme])", group) == "0");
    CHECK(evaluated(R"(Len(Replace([description], [theme], , , "", , )))", group) == "60000");
    CHECK(evaluated("Count(Split([description], [theme]))", group) == "1");
    group.further["theme"] = {half};
    CHECK(evaluated("InStrRev([description], [theme])", group) == "30001");
    CHECK(evaluated("InStr([description], [theme], 30001)", group) == "30001");
}

TEST_CASE("a regular expression that would run for ever is stopped") {
    const CloudGroup group = described(std::string(200, 'a') + "!");
    for (const char* pattern : {"^(a+)+$", "^(a|aa)+$", "^(a*)*b", "(.*)*(.*)*(.*)*b",
                                "(?:a?){200}a{200}", "((a{0,50}){0,50}){0,50}b"}) {
        const std::string text =
            "Replace([description], , \"" + std::string(pattern) + "\", , \"\", , )";
        const std::string result = evaluated(text, group);
        CHECK_MESSAGE((result.find("needs more than 1000000 steps") != std::string::npos ||
                       result.starts_with("\"") || result.starts_with("refused")),
                      result);
    }
    CHECK(held(R"(Replace([description], , "^(a+)+$", , "", , ))", group)
              .find("write one with fewer repetitions") != std::string::npos);
    // The steps are counted over all matches together.
    const CloudGroup longer = described(std::string(60'000, 'a'));
    CHECK(held(R"e(Replace([description], , "(?=((?:a|aa){0,9}b|))", , "", , ))e", longer)
              .find("steps") != std::string::npos);
    // Recursion needs memory, which is bounded as well.
    CHECK(!evaluated(R"(Replace([description], , "^((.)(?1)*)*$", , "", , ))", longer).empty());
    CHECK(evaluated(R"e(Replace([description], , "(?<Suffix>@(.)*)", "Suffix", "", , ))e",
                    described("a@" + std::string(1'000, 'b'))) == R"("a")");
}

TEST_CASE("values of the wrong kind in Graph's properties hold the group") {
    CloudGroup group = expression_example_group();
    group.further["isAssignableToRole"] = {"perhaps"};
    CHECK(held("[isAssignableToRole]", group).find("is \"perhaps\", which is no Boolean") !=
          std::string::npos);
    group.further["theme"] = {"a", "b"};
    CHECK(held("[theme]", group).find("has 2 values where a mapping reads one") !=
          std::string::npos);
    group.further["theme"] = {};
    CHECK(evaluated("[theme]", group) == "NULL");
}
