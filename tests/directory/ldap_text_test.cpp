#include "directory/ldap_text.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace writeback;

TEST_CASE("nothing in a value can become part of a filter") {
    CHECK(escape_filter_value("a)(objectClass=*") == "a\\29\\28objectClass=\\2a");
    CHECK(escape_filter_value("back\\slash") == "back\\5cslash");
    CHECK(escape_filter_value(std::string("nul\0", 4)) == "nul\\00");
    CHECK(escape_filter_value("Gr\xC3\xBC\xC3\x9F"
                              "e") ==
          "Gr\xC3\xBC\xC3\x9F"
          "e");
}

TEST_CASE("a SID is read from its bytes and written back to them") {
    const std::string bytes(
        "\x01\x05\x00\x00\x00\x00\x00\x05\x15\x00\x00\x00\x01\x02\x03\x04"
        "\xff\xff\xff\xff\x00\x00\x00\x00\x50\x04\x00\x00",
        28);
    const auto sid = sid_from_bytes(bytes);
    REQUIRE(sid);
    CHECK(sid->text() == "S-1-5-21-67305985-4294967295-0-1104");
    CHECK(bytes_of(*sid) == bytes);
    CHECK(sid_from_bytes(*bytes_of(Sid("S-1-5-32-544"))) == Sid("S-1-5-32-544"));
}

TEST_CASE("what is no SID is none") {
    const std::string good = *bytes_of(Sid("S-1-5-32-544"));
    CHECK_FALSE(sid_from_bytes(good.substr(1)));
    CHECK_FALSE(sid_from_bytes(good + "x"));
    CHECK_FALSE(sid_from_bytes(""));
    CHECK_FALSE(sid_from_bytes(std::string("\x02") + good.substr(1)));
    for (const char* text : {"", "S-1", "S-1-5", "S-2-5-1", "s-1-5-1", "S-1-5-", "S-1-5-x",
                             "S-1-5--1", "S-1-5-4294967296", "S-1-281474976710656-1", "S-1-5-+1",
                             "S-1-5- 1", "S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16"}) {
        CAPTURE(text);
        CHECK_FALSE(bytes_of(Sid(text)));
    }
}

TEST_CASE("a SID belongs to a domain when one number follows the domain's, and only then") {
    const Sid domain("S-1-5-21-1-2-3");
    CHECK(is_account_of(Sid("S-1-5-21-1-2-3-1104"), domain));
    CHECK_FALSE(is_account_of(Sid("S-1-5-21-1-2-31-1104"), domain));
    CHECK_FALSE(is_account_of(Sid("S-1-5-21-1-2-4-1104"), domain));
    CHECK_FALSE(is_account_of(Sid("S-1-5-21-1-2-3"), domain));
    CHECK_FALSE(is_account_of(Sid("S-1-5-21-1-2-3-1-1"), domain));
    CHECK_FALSE(is_account_of(Sid("S-1-5-21-1-2-3-1>"), domain));
    CHECK_FALSE(is_account_of(Sid("S-1-5-32-544"), domain));
    CHECK_FALSE(is_account_of(Sid(""), Sid("")));
}

TEST_CASE("a GUID's first three fields turn round between bytes and text") {
    const std::string bytes("\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff", 16);
    const ObjectGuid guid("33221100-5544-7766-8899-aabbccddeeff");
    CHECK(guid_from_bytes(bytes) == guid);
    CHECK(bytes_of(guid) == bytes);
    CHECK_FALSE(guid_from_bytes(bytes.substr(1)));
    CHECK_FALSE(bytes_of(ObjectGuid("33221100-5544-7766-8899-aabbccddeef")));
}

TEST_CASE("an extended name gives GUID, SID and name") {
    const auto name = parse_extended_name(
        "<GUID=88445500-AA3C-4377-acd0-809be11f7fcc>;<SID=S-1-5-21-1-2-3-4>;CN=a\\;<b,DC=x");
    REQUIRE(name);
    CHECK(name->guid.text() == "88445500-aa3c-4377-acd0-809be11f7fcc");
    CHECK(name->sid.text() == "S-1-5-21-1-2-3-4");
    CHECK(name->dn.text() == "CN=a\\;<b,DC=x");
    const auto contact = parse_extended_name("<GUID=88445500-aa3c-4377-acd0-809be11f7fcc>;CN=a");
    REQUIRE(contact);
    CHECK(contact->sid.empty());
    for (const char* text :
         {"", "CN=a", "<GUID=x>;CN=a", "<GUID=88445500-aa3c-4377-acd0-809be11f7fcc>;",
          "<GUID=88445500-aa3c-4377-acd0-809be11f7fcc>;<SID=x>;CN=a",
          "<GUID=88445500-aa3c-4377-acd0-809be11f7fcc>;<SID=S-1-5-1>", "<SID=S-1-5-21-1>;CN=a",
          "<GUID=88445500-aa3c-4377-acd0-809be11f7fcc>CN=a"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_extended_name(text));
    }
}

TEST_CASE("a range says where it begins and whether it is the last") {
    const auto range = parse_attribute_range("member;range=1500-2999");
    REQUIRE(range);
    CHECK(range->attribute == "member");
    CHECK(range->first == 1500);
    CHECK(range->last == 2999);
    const auto last = parse_attribute_range("Member;Range=3000-*");
    REQUIRE(last);
    CHECK_FALSE(last->last);
    for (const char* text :
         {"member", ";range=0-1", "member;range=", "member;range=-", "member;range=1",
          "member;range=5-4", "member;range=a-b", "member;range=0-1;x", "member;range=0-**",
          "member;range= 0-1", "member;range=99999999999999999999-*"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_attribute_range(text));
    }
    CHECK(attribute_range("member", 0, 1499) == "member;range=0-1499");
}

TEST_CASE("only a mark of this program's form is a mark") {
    CHECK(group_of_mark("Group_33221100-5544-7766-8899-AABBCCDDEEFF") ==
          GroupId("33221100-5544-7766-8899-aabbccddeeff"));
    for (const char* text : {"", "Group_", "group_33221100-5544-7766-8899-aabbccddeeff",
                             "Group_33221100-5544-7766-8899-aabbccddeeff ",
                             "Group_{33221100-5544-7766-8899-aabbccddeeff}",
                             "User_33221100-5544-7766-8899-aabbccddeeff", "Group_x"}) {
        CAPTURE(text);
        CHECK_FALSE(group_of_mark(text));
    }
}

TEST_CASE("group types are read in both spellings and told in words") {
    CHECK(parse_integer("-2147483640") == universal_security_group);
    CHECK(parse_integer("2147483656") == universal_security_group);
    CHECK_FALSE(parse_integer("4294967296"));
    CHECK_FALSE(parse_integer("8 "));
    CHECK(group_type_text(universal_security_group) == "universal security");
    CHECK(group_type_text(2) == "global distribution");
    CHECK(group_type_text(12345) == "12345 (no group type)");
    CHECK(parse_large_integer("9223372036854775807") == 9223372036854775807);
    CHECK_FALSE(parse_large_integer("9223372036854775808"));
}
