#include "core/text.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace writeback;

namespace {
const std::string face = "\xF0\x9F\x98\x80";     // U+1F600, two UTF-16 units
const std::string o_umlaut = "\xC3\xB6";         // U+00F6
const std::string replacement = "\xEF\xBF\xBD";  // U+FFFD
}  // namespace

TEST_CASE("a text is as long as its UTF-16 units, not its bytes") {
    CHECK(utf16_length("") == 0);
    CHECK(utf16_length("abc") == 3);
    CHECK(utf16_length(o_umlaut + "\xE2\x82\xAC") == 2);
    CHECK(utf16_length(face) == 2);
}

TEST_CASE("hard case 8: Left never cuts a surrogate pair") {
    CHECK(left("abcdef", 3) == "abc");
    CHECK(left("ab", 3) == "ab");
    CHECK(left("a" + face + "b", 2) == "a");
    CHECK(left("a" + face + "b", 3) == "a" + face);
    CHECK(left(o_umlaut + o_umlaut, 1) == o_umlaut);
    CHECK(left("abc", 0).empty());
}

TEST_CASE("Mid counts positions from 1 and leaves out what is cut at either end") {
    CHECK(mid("3a5c3221-c465-48c0-95b8-e9305786a271", 25, 12) == "e9305786a271");
    CHECK(mid("abc", 2, 10) == "bc");
    CHECK(mid("abc", 9, 2).empty());
    CHECK(mid(face + "b", 2, 2) == "b");
}

TEST_CASE("Trim takes Unicode's white space from both ends and none from the middle") {
    CHECK(trim("  a b \t\n") == "a b");
    CHECK(trim("\xC2\xA0\xE3\x80\x80x\xE2\x80\xA8") == "x");
    CHECK(trim(" \t ").empty());
    CHECK(trim("").empty());
    CHECK(trim(face) == face);
}

TEST_CASE("clean drops NUL and replaces what is no UTF-8") {
    CHECK(clean(std::string("a\0b", 3)) == "ab");
    CHECK(clean("a\xFF"
                "b") == "a" + replacement + "b");
    CHECK(clean("\xC3") == replacement);
    CHECK(clean("\xE2\x82") == replacement + replacement);
    CHECK(clean("\xC0\x80") == replacement + replacement);  // overlong
    CHECK(clean("\xE0\x80\x80") == replacement + replacement + replacement);
    CHECK(clean("\xED\xA0\x80") == replacement + replacement + replacement);  // a surrogate alone
    CHECK(clean("\xF4\x90\x80\x80").size() == 4 * replacement.size());        // beyond Unicode
    CHECK(clean("tab\there" + face) == "tab\there" + face);
}
