#include "directory/distinguished_name.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace writeback;

namespace {

// The value of the first part after composing and reading back.
std::string round_trip(const std::string& cn) {
    const auto name = name_in(Dn("OU=Groups,DC=lab,DC=test"), cn);
    const auto parsed = parse_name(name.text());
    REQUIRE_MESSAGE(parsed.has_value(), name.text());
    REQUIRE(parsed->size() == 4);
    return parsed->front().front().value;
}

bool refused(const std::string& text) {
    return parse_name(text).has_error();
}

}  // namespace

TEST_CASE("whatever a name holds, it comes back as itself") {
    for (const std::string cn : {"plain",
                                 "a,b",
                                 "a+b",
                                 "\"quoted\"",
                                 "back\\slash",
                                 "<angle>",
                                 "semi;colon",
                                 "eq=ual",
                                 "#hash",
                                 " leading",
                                 "trailing ",
                                 " ",
                                 "  ",
                                 "new\nline",
                                 "tab\there",
                                 "O=x,OU=y",
                                 "\xF0\x9F\x99\x82 emoji",
                                 "CN=a,DC=lab,DC=test",
                                 "a\x7f",
                                 "\\2C",
                                 ",",
                                 "\\"}) {
        CAPTURE(cn);
        CHECK(round_trip(cn) == cn);
    }
    CHECK(round_trip(std::string("nul\0byte", 8)) == std::string("nul\0byte", 8));
}

TEST_CASE("a name is written by RFC 4514") {
    CHECK(common_name("a, b") == "CN=a\\, b");
    CHECK(common_name("#x ") == "CN=\\#x\\ ");
    CHECK(common_name("x#y z") == "CN=x#y z");
    CHECK(common_name("line\nbreak") == "CN=line\\0Abreak");
}

TEST_CASE("names as people and as the directory write them are read") {
    const auto spaced = parse_name("OU = Cloud Groups , DC=contoso, DC=com");
    REQUIRE(spaced.has_value());
    CHECK(to_text(*spaced) == "OU=Cloud Groups,DC=contoso,DC=com");
    const auto several = parse_name("CN=a+UID=b,DC=x");
    REQUIRE(several.has_value());
    CHECK(several->front().size() == 2);
    CHECK(to_text(*several) == "CN=a+UID=b,DC=x");
    const auto escaped = parse_name("CN=Smith\\2C John\\0ADEL:1234,DC=x");
    REQUIRE(escaped.has_value());
    CHECK(escaped->front().front().value == "Smith, John\nDEL:1234");
    CHECK(parse_name("")->empty());
}

TEST_CASE("what is no name is refused with the place") {
    for (const char* text :
         {"CN", "CN=", "=x", "CN=a,", ",CN=a", "CN=a,,DC=b", "CN=a\\", "CN=a\\2", "CN=a\\zz",
          "CN=\"a\"", "CN=a;DC=b", "CN=<a>", "CN=#0401", "C N=a", "CN=a+", "\\CN=a", "CN\n=a"}) {
        CAPTURE(text);
        CHECK(refused(text));
    }
    CHECK(parse_name("CN=a,DC").error().detail.find("character 8") != std::string::npos);
}

TEST_CASE("below means by structure, not by text") {
    const Dn container("OU=Groups,DC=lab,DC=test");
    CHECK(stands_below(Dn("CN=a,OU=Groups,DC=lab,DC=test"), container));
    CHECK(stands_below(Dn("cn=a,ou=inner,ou=groups,dc=LAB,dc=Test"), container));
    CHECK(stands_below(Dn("CN=a, OU=Groups, DC=lab, DC=test"), container));
    CHECK_FALSE(stands_below(container, container));
    CHECK_FALSE(stands_below(Dn("CN=a,OU=Other Groups,DC=lab,DC=test"), container));
    CHECK_FALSE(stands_below(Dn("CN=a\\,OU=Groups,DC=lab,DC=test"), container));
    CHECK_FALSE(stands_below(Dn("CN=a,OU=Groups,DC=lab"), container));
    CHECK_FALSE(stands_below(Dn("CN=x,OU=Groups\\,DC=lab,DC=test"), container));
    CHECK_FALSE(stands_below(Dn("no name"), container));
    CHECK_FALSE(stands_below(Dn("CN=a"), Dn("no name")));
}

TEST_CASE("names compare without the case of ASCII letters and without the spelling of escapes") {
    CHECK(same_name(Dn("CN=A\\2Cb,DC=x"), Dn("cn=a\\,B, dc=X")));
    CHECK_FALSE(same_name(Dn("CN=a,DC=x"), Dn("CN=a,DC=x,DC=y")));
    CHECK_FALSE(same_name(Dn("="), Dn("=")));
    CHECK(container_of(Dn("CN=a\\,b,OU=c,DC=d")) == Dn("OU=c,DC=d"));
    CHECK(container_of(Dn("DC=d")).empty());
    CHECK(container_of(Dn("nonsense")).empty());
}
