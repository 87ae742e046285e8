#include "core/attribute_limits.hpp"

#include "core/examples.hpp"
#include "core/text.hpp"

#include <doctest/doctest.h>

using namespace writeback;
using namespace writeback::examples;

namespace {

const std::string face = "\xF0\x9F\x98\x80";

using Value = ExpressionValue;

Result<Names> fitted(const std::string& name, Value value) {
    return fit(name, facts_of(name, {}).value_or(AttributeFacts{}), value);
}
std::string fault(const std::string& name, Value value) {
    const auto result = fitted(name, std::move(value));
    REQUIRE(result.has_error());
    CHECK(result.error().kind == FailureKind::value_refused);
    CHECK(result.error().detail.starts_with("[mapping] " + name + ": "));
    return result.error().detail;
}

}  // namespace

TEST_CASE("nothing, and an empty text, is no value") {
    CHECK(fitted("info", Value())->empty());
    CHECK(fitted("info", Value(""))->empty());
    CHECK(fitted("proxyAddresses", Value(Names{"", ""}))->empty());
    CHECK(fitted("hideDLMembership", Value())->empty());
}

TEST_CASE("a text that is too long is cut, and no surrogate pair with it") {
    CHECK(fitted("info", Value(std::string(2000, 'x'))).value() == Names{std::string(1024, 'x')});
    std::string pairs = "x";
    for (int i = 0; i < 600; ++i)
        pairs += face;
    CHECK(utf16_length(fitted("info", Value(pairs))->front()) == 1023);
    CHECK(utf16_length(fitted("mailNickname", Value(std::string(80, 'm')))->front()) == 64);
}

TEST_CASE("an address is never cut, for that would be another one") {
    CHECK(fault("mail", Value(std::string(257, 'm'))).find("shorter address") != std::string::npos);
    CHECK(fault("targetAddress", Value("SMTP:" + std::string(1119, 'm'))).find("1123") !=
          std::string::npos);
    CHECK(fitted("mail", Value(std::string(256, 'm'))).has_value());
}

TEST_CASE("Booleans and numbers are written as the attribute's type asks") {
    CHECK(fitted("hideDLMembership", Value(true)).value() == Names{"TRUE"});
    CHECK(fitted("hideDLMembership", Value("false")).value() == Names{"FALSE"});
    CHECK(fault("hideDLMembership", Value("yes")).find("neither True nor False") !=
          std::string::npos);
    fault("hideDLMembership", Value(std::int64_t{1}));
    CHECK(fitted("msExchRecipientDisplayType", Value(std::int64_t{-2147483642})).value() ==
          Names{"-2147483642"});
    CHECK(fitted("msExchRecipientDisplayType", Value(" 8 ")).value() == Names{"8"});
    CHECK(fault("msExchRecipientDisplayType", Value("8a")).find("whole number") !=
          std::string::npos);
    fault("msExchRecipientDisplayType", Value("99999999999999999999"));
    fault("msExchRecipientDisplayType", Value(true));
    CHECK(fitted("info", Value(true)).value() == Names{"True"});
    CHECK(fitted("info", Value(std::int64_t{7})).value() == Names{"7"});
}

TEST_CASE("several values go where several may be, each once, whatever their case") {
    CHECK(fitted("proxyAddresses", Value(Names{"SMTP:a@x", "smtp:b@x", "smtp:A@X"})).value() ==
          Names{"SMTP:a@x", "smtp:b@x"});
    CHECK(fitted("proxyAddresses", Value("SMTP:a@x")).value() == Names{"SMTP:a@x"});
    CHECK(fitted("info", Value(Names{"one"})).value() == Names{"one"});
    CHECK(fault("info", Value(Names{"one", "two"})).find("Item") != std::string::npos);
    CHECK(fault("description", Value(Names{"one", "two"})).find("takes one") != std::string::npos);
}

TEST_CASE("an attribute of printable characters takes no others") {
    CHECK(fitted("displayNamePrintable", Value("Sales & more")).value() == Names{"Sales & more"});
    CHECK(fault("displayNamePrintable", Value("B\xC3\xBCro")).find("NormalizeDiacritics") !=
          std::string::npos);
    fault("displayNamePrintable", Value("a\tb"));
}

TEST_CASE("an account name has no character that AD forbids, no $ before it, no dot behind it") {
    CHECK(fitted("sAMAccountName", Value("Sales & Gr\xC3\xB6\xC3\x9F"
                                         "e 'x' (1) @"))
              .has_value());
    for (const char c : std::string("\"/\\[]:;|=,+*?<>\t\x7F")) {
        CHECK(fault("sAMAccountName", Value(std::string("a") + c + "b")).find("Replace") !=
              std::string::npos);
    }
    fault("sAMAccountName", Value("$Sales"));
    fault("sAMAccountName", Value("Sales."));
    fault("sAMAccountName", Value("   "));
    CHECK(fitted("sAMAccountName", Value(std::string(300, 'x')))->front().size() == 256);
}

TEST_CASE("a CN is trimmed, cut at 64, and may hold what directory text escapes") {
    CHECK(fitted("cn", Value("  Sales, \"North\" #1  ")).value() == Names{"Sales, \"North\" #1"});
    CHECK(fitted("cn", Value(std::string(63, 'x') + " y")).value() == Names{std::string(63, 'x')});
    CHECK(fitted("cn", Value("   "))->empty());
}

TEST_CASE("NUL and broken UTF-8 reach no value") {
    CHECK(fitted("info", Value(std::string("a\0b\xFF", 4))).value() == Names{"ab\xEF\xBF\xBD"});
}

TEST_CASE("the schema's word counts, sharpened by what is known of standard attributes") {
    const Schema schema = {{"info", {AttributeSyntax::text, true, 10}},
                           {"proxyaddresses", {}},
                           {"contoso-code", {AttributeSyntax::integer, true, 0}},
                           {"description", {AttributeSyntax::text, false, 1024}}};
    CHECK(facts_of("INFO", schema)->most_length == 10);
    CHECK_FALSE(facts_of("proxyAddresses", schema)->single_valued);
    CHECK(facts_of("Contoso-Code", schema)->syntax == AttributeSyntax::integer);
    CHECK(facts_of("description", schema)->single_valued);
    CHECK_FALSE(facts_of("mailNickname", schema).has_value());
    CHECK(facts_of("mailNickname", {}).has_value());
    CHECK_FALSE(facts_of("contoso-code", {}).has_value());
    CHECK(spelled("MAILNICKNAME") == "mailNickname");
    CHECK(spelled("contoso-Code") == "contoso-Code");
}

TEST_CASE("what must not be mapped says why") {
    const AttributeFacts text;
    CHECK(forbidden("adminDescription", text).find("mark") != std::string::npos);
    CHECK(forbidden("MEMBER", text).find("members") != std::string::npos);
    CHECK(forbidden("whenChanged", text).find("Active Directory") != std::string::npos);
    CHECK(forbidden("authOrig", *facts_of("authOrig", {})).find("managedBy") != std::string::npos);
    CHECK(forbidden("contoso-blob", {AttributeSyntax::other, true, 0}).find("no text") !=
          std::string::npos);
    CHECK(forbidden("info", text).empty());
    CHECK(forbidden("msDS-ObjectSoa", text).empty());
}

TEST_CASE("the id's end makes a name one's own, and all of it fits") {
    CHECK(with_id("Sales", group_id(7), 64) == "Sales_000000000007");
    CHECK(with_id(std::string(64, 'x'), group_id(7), 64) == std::string(51, 'x') + "_000000000007");
}
