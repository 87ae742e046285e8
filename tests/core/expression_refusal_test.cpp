// What is wrong with an expression is said at start, with the place, the reason and what to write.
#include "core/expression_attributes.hpp"
#include "core/expression_examples.hpp"

#include <doctest/doctest.h>

using namespace writeback;
using namespace writeback::examples;

TEST_CASE("a refusal names the setting, the column, the reason and the remedy") {
    const auto expression = Expression::parse("Left([displayNam], 3)", "[mapping] info");
    REQUIRE(expression.has_error());
    CHECK(expression.error().kind == FailureKind::invalid_configuration);
    CHECK(expression.error().detail ==
          "[mapping] info, column 6: [displayNam] is no attribute of a group that can be read; did "
          "you mean [displayName]?");
}

TEST_CASE("columns count characters and go on over lines") {
    CHECK(refusal(R"("ö😀" & Foo())").starts_with("column 8: there is no function \"Foo\""));
    CHECK(refusal("Left(\n[displayName],\n\"3\")").starts_with("column 22: Left takes a number"));
}

TEST_CASE("names that do not exist are answered with the nearest") {
    CHECK(refusal("Lft([displayName], 3)") ==
          "column 1: there is no function \"Lft\"; did you mean Left?");
    CHECK(refusal("Substitute([mail])").find("deploy/EXPRESSIONS.md") != std::string::npos);
    CHECK(refusal("[mailNicknam]").find("did you mean [mailNickname]?") != std::string::npos);
    CHECK(refusal("[extension_12_x]").find("extension_<32 hexadecimal digits") !=
          std::string::npos);
    CHECK(refusal("[]").find("[] is no attribute") != std::string::npos);
}

TEST_CASE("attributes that cannot be read are refused with the reason") {
    CHECK(refusal("Join(\",\", [members])")
              .find("[members] cannot be read by an expression, because it holds references") !=
          std::string::npos);
    CHECK(refusal("[owners]").find("managedBy") != std::string::npos);
    CHECK(refusal("[hideFromAddressLists]").find("because Graph gives it only when") !=
          std::string::npos);
    CHECK(refusal("[userPrincipalName]").find("use mail") != std::string::npos);
}

TEST_CASE("functions that are not deterministic are refused by name") {
    CHECK(refusal("Guid()") ==
          "column 1: Guid is not offered, because it gives another value each time, and the group "
          "would be written again and again; use Mid([objectId], 25, 12), which is unique and "
          "stays");
    CHECK(refusal("SelectUniqueValue([mail], [displayName])").find("is not offered, because") !=
          std::string::npos);
    CHECK(refusal(R"(FormatDateTime([createdDateTime], , "yyyy", "yyyy"))")
              .find("use Left([createdDateTime], 10)") != std::string::npos);
}

TEST_CASE("the number of arguments is checked, and the signature shown") {
    CHECK(refusal("Left([displayName])") ==
          "column 1: Left has too few arguments, 1; write Left(source, numChars)");
    CHECK(refusal("Trim([displayName], 1)") ==
          "column 1: Trim has too many arguments, 2; write Trim(source)");
    CHECK(refusal(R"(InStr("a", "b", 1, vbTextCompare, 2))")
              .find("write InStr(value1, value2, [start], [compareType])") != std::string::npos);
    CHECK(refusal("Left(, 3)").find("Left needs its argument source") != std::string::npos);
    CHECK(refusal("Left([displayName], )").find("Left needs its argument numChars") !=
          std::string::npos);
    CHECK(refusal("Switch([displayName], \"a\", \"b\")").find("keys and values come in pairs") !=
          std::string::npos);
    CHECK(refusal("Switch([displayName], \"a\")").find("Switch has no key") != std::string::npos);
}

TEST_CASE("types are checked") {
    CHECK(refusal("Left([displayName], \"3\")") ==
          "column 21: Left takes a number as numChars, but \"3\" is a text; write it without "
          "quotes");
    CHECK(refusal("Left([displayName], [mail])").find("CNum makes a number of it") !=
          std::string::npos);
    CHECK(refusal("Len([proxyAddresses])").find("but [proxyAddresses] gives several") !=
          std::string::npos);
    CHECK(refusal(R"(IIF(InStr([proxyAddresses],"SIP:")=1,NULL,[proxyAddresses]))")
              .find("Where($item, …)") != std::string::npos);
    CHECK(refusal(R"([proxyAddresses] = "a")").find("a comparison takes one") != std::string::npos);
    CHECK(refusal("IIF([proxyAddresses], 1, 2)").find("compare Count(…) with 0") !=
          std::string::npos);
    CHECK(refusal(R"(IIF("yes", 1, 2))").find("\"yes\" is neither True nor False") !=
          std::string::npos);
    CHECK(refusal(R"([mailEnabled] = "yes")").find("compare with True or False") !=
          std::string::npos);
    CHECK(refusal("[mailEnabled] = 1").find("never equal") != std::string::npos);
    CHECK(refusal("[mailEnabled] > True").find("not in any order") != std::string::npos);
    CHECK(refusal(R"(Len([displayName]) > "a")").find("write a number without quotes") !=
          std::string::npos);
    CHECK(
        refusal(R"(InStr("a", "b", 1, "vbTextCompare"))")
            .find("InStr takes vbBinaryCompare or vbTextCompare as compareType, without quotes") !=
        std::string::npos);
    CHECK(refusal("[displayName] + 1").find("+ takes a number on its left") != std::string::npos);
    CHECK(refusal("[proxyAddresses] & [groupTypes]").find("several texts on both sides") !=
          std::string::npos);
    CHECK(refusal(R"(ToLower("a", "en US"))").find("takes a culture as \"en-US\"") !=
          std::string::npos);
}

TEST_CASE("what two products would read differently asks for a clear spelling") {
    CHECK(refusal("True || False && True").find("set parentheses: a || (b && c)") !=
          std::string::npos);
    CHECK(refusal("2 + 3 * 4").find("set parentheses") != std::string::npos);
    CHECK(evaluated("2 + (3 * 4)") == "14");
    CHECK(refusal("1 = 2 = 3").find("a comparison is compared again") != std::string::npos);
    CHECK(refusal(R"(Switch([mailEnabled], "x", True, "a", False, "b"))")
              .find("reads as Cloud Sync's") != std::string::npos);
    CHECK(evaluated(R"(Switch([mailEnabled], "x", "True", "a", "False", "b"))") == R"("a")");
}

TEST_CASE("slips of the pen are recognised") {
    CHECK(refusal("").find("the expression is empty") != std::string::npos);
    CHECK(refusal("  \n ").find("the expression is empty") != std::string::npos);
    CHECK(refusal("displayName").find("attributes stand in brackets: [displayName]") !=
          std::string::npos);
    CHECK(refusal("Left(displayName, 3)") ==
          "column 6: displayName is no constant; attributes stand in brackets: [displayName]");
    CHECK(refusal("Trim").find("lacks its arguments in parentheses") != std::string::npos);
    CHECK(refusal("OU=Groups,DC=contoso").find("texts stand in double quotes") !=
          std::string::npos);
    CHECK(refusal("Trim([displayName]").find("the parenthesis of Trim at column 1 is not closed") !=
          std::string::npos);
    CHECK(refusal("Trim([displayName]))") == "column 20: this ) closes nothing; leave it out");
    CHECK(refusal("[displayName").find("close it with ]") != std::string::npos);
    CHECK(refusal("\"abc").find("the text that begins here has no end") != std::string::npos);
    CHECK(refusal("\"a\" \"b\"").find("join texts with &") != std::string::npos);
    CHECK(refusal("\xE2\x80\x9C"
                  "a\xE2\x80\x9D")
              .find("typographic quote") != std::string::npos);
    CHECK(refusal("'a'").find("texts stand in double quotes") != std::string::npos);
    CHECK(refusal("[displayName] and [mail]").find("write && for and") != std::string::npos);
    CHECK(refusal("\"a\", \"b\"").find("outside of any function") != std::string::npos);
    CHECK(refusal("\"CN=Users,\" & %Domain.LDAP%").find("write its value as a text") !=
          std::string::npos);
    CHECK(refusal("1.5").find("numbers are whole here") != std::string::npos);
    CHECK(refusal("99999999999999999999").find("larger than any number") != std::string::npos);
    CHECK(refusal("12abc").find("neither a number nor a name") != std::string::npos);
    CHECK(refusal("& \"a\"").find("nothing to its left") != std::string::npos);
    CHECK(refusal("IgnoreThisFlow").find("write NULL") != std::string::npos);
    CHECK(refusal("$item").find("stands for nothing here") != std::string::npos);
    CHECK(refusal("Select([proxyAddresses], 1)").find("write Select($item, …)") !=
          std::string::npos);
    CHECK(
        refusal("Select($a, Select($a, [proxyAddresses], $a), $b)").find("$b stands for nothing") !=
        std::string::npos);
    CHECK(refusal("Append(\"a\"; \"b\")").find("write a comma") != std::string::npos);
    CHECK(refusal("Append(\"a\" \"b\")").find("separate arguments with commas") !=
          std::string::npos);
    CHECK(refusal("a\xFF").find("no UTF-8") != std::string::npos);
    CHECK(refusal(std::string("\"a\0b\"", 5)).find("no UTF-8") != std::string::npos);
}

TEST_CASE("Replace's forms and patterns are checked at start") {
    CHECK(refusal(R"(Replace([mail], "a"))").find("make none of its forms") != std::string::npos);
    CHECK(refusal(R"(Replace([mail], "a", "b", , "c", , ))").find("make none of its forms") !=
          std::string::npos);
    CHECK(refusal(R"(Replace([mail], , "(", , "c", , ))")
              .find("column 19: the regular expression does not compile at its character 2") !=
          std::string::npos);
    CHECK(refusal(R"(Replace([mail], , [displayName], , "c", , ))").find("must be a constant") !=
          std::string::npos);
    CHECK(refusal(R"e(Replace([mail], , "(?<a>x)", "b", "c", , ))e").find("its groups are a") !=
          std::string::npos);
    CHECK(refusal(R"(Replace([mail], , "x", "b", "c", , ))").find("name one as (?<b>…)") !=
          std::string::npos);
    CHECK(refusal(R"(Replace([mail], , "[a-z-[aeiou]]", , "", , ))").find("subtracts from") !=
          std::string::npos);
    CHECK(
        refusal(R"(Replace([mail], , "[[:alpha:]]", , "", , ))").find("which .NET does not know") !=
        std::string::npos);
    CHECK(refusal(R"(Replace([mail], , "(*UTF)a", , "", , ))").find("which .NET does not know") !=
          std::string::npos);
    CHECK(refusal(R"(Replace([mail], , "(?<a>x)(y)\\1", , "", , ))")
              .find("give every group a name") != std::string::npos);
    CHECK(refusal(R"(ReplaceChars([mail], "ab:c"))").find("not exactly one character") !=
          std::string::npos);
    CHECK(refusal(R"(ReplaceChars([mail], "a"))").find("has no colon") != std::string::npos);
}

TEST_CASE("length and depth are limited") {
    CHECK(refusal("\"" + std::string(expressions::most_expression_bytes, 'x') + "\"")
              .find("and the most is 65536") != std::string::npos);
    const auto nested = [](std::size_t depth) {
        std::string text = "[displayName]";
        for (std::size_t i = 0; i < depth; ++i)
            text = "Trim(" + text + ")";
        return text;
    };
    CHECK(evaluated(nested(90)) == R"("Sales")");
    CHECK(refusal(nested(110)).find("deep inside one another") != std::string::npos);
    CHECK(refusal(std::string(5000, '(')).find("deep inside one another") != std::string::npos);
    CHECK(refusal(std::string(5000, '-') + "1").find("deep inside one another") !=
          std::string::npos);
    std::string chain = "\"a\"";
    for (int i = 0; i < 5000; ++i)
        chain += "&\"a\"";
    CHECK(refusal(chain).find("deep inside one another") != std::string::npos);
    std::string wide = "Join(\"\"";
    for (int i = 0; i < 5000; ++i)
        wide += ",\"a\"";
    CHECK(evaluated("Len(" + wide + "))") == "5000");
}

TEST_CASE("every attribute of the table can be read, in any case, and has the type it says") {
    for (const auto& attribute : expressions::known_attributes()) {
        const std::string name(attribute.name);
        const auto expression = Expression::parse("[" + name + "]", "[mapping] info");
        REQUIRE_MESSAGE(expression.has_value(), name);
        CHECK_MESSAGE(expression->type() == attribute.type, name);
        CHECK_MESSAGE(expression->attributes() == std::set<std::string>{name}, name);
        CHECK_MESSAGE(expression->evaluate(CloudGroup{}).has_value(), name);
    }
}
