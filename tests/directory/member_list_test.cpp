// A member list out of ranges, entry by entry: what counts as whole, and what shows that it moved.
#include "directory/group_entry.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <string>
#include <vector>

using namespace writeback;
using Progress = MemberList::Progress;
using Values = std::vector<std::string>;

namespace {

std::string member(int number) {
    char text[120];
    std::snprintf(text, sizeof text,
                  "<GUID=00000000-0000-0000-0000-%012d>;<SID=S-1-5-21-1-2-3-%d>;CN=user %d", number,
                  number, number);
    return text;
}

LdapEntry entry(const std::string& range, Values values, const std::string& usn = "7") {
    LdapEntry result;
    result.dn = "CN=big,DC=lab,DC=test";
    result.attributes = {{"cn", {"big"}}, {"uSNChanged", {usn}}, {range, std::move(values)}};
    return result;
}

// What the second range makes of a list whose first range held two members.
std::string second(const LdapEntry& given) {
    MemberList list(2);
    REQUIRE(list.next_range() == "member;range=0-1");
    REQUIRE(*list.take(entry("member;range=0-1", {member(1), member(2)})) == Progress::more);
    REQUIRE(list.next_range() == "member;range=2-3");
    const auto taken = list.take(given);
    if (taken.has_error()) return std::string(name_of(taken.error().kind));
    constexpr const char* names[] = {"more", "whole", "changed"};
    return names[static_cast<std::size_t>(*taken)];
}

}  // namespace

TEST_CASE("law 4: a member list is whole when its last range ended in a star, and only then") {
    CHECK(second(entry("member;range=2-*", {member(3)})) == "whole");
    CHECK(second(entry("Member;Range=2-*", {member(3)})) == "whole");
    CHECK(second(entry("member;range=2-3", {member(3), member(4)})) == "more");
    // Nothing came for what was asked.
    CHECK(second(entry("description", {"x"})) == "changed");
    CHECK(second(entry("member", {})) == "changed");
    CHECK(second(entry("memberOf;range=2-*", {member(3)})) == "changed");
}

TEST_CASE("law 4: what does not fit the range before it shows that the list has changed") {
    CHECK(second(entry("member;range=1-*", {member(2), member(3)})) == "changed");
    CHECK(second(entry("member;range=3-*", {member(4)})) == "changed");
    CHECK(second(entry("member;range=2-*", {member(1)})) == "changed");
    CHECK(second(entry("member;range=2-*", {member(3)}, "8")) == "changed");
}

TEST_CASE("law 4: what cannot be understood is no member list") {
    CHECK(second(entry("member;range=2-3", {member(3)})) == "unreadable");
    CHECK(second(entry("member;range=2-*", {"CN=no extended name"})) == "unreadable");
    CHECK(second(entry("member", {member(3)})) == "unreadable");
    LdapEntry nameless = entry("member;range=2-*", {member(3)});
    nameless.attributes.erase(nameless.attributes.begin() + 1);
    CHECK(second(nameless) == "unreadable");
}

TEST_CASE("a server without ranges gives the whole list at once, or none") {
    MemberList whole(2);
    CHECK(*whole.take(entry("member", {member(1), member(2), member(3)})) == Progress::whole);
    CHECK(whole.release().size() == 3);
    MemberList empty(2);
    CHECK(*empty.take(entry("cn", {"big"})) == Progress::whole);
    CHECK(empty.release().empty());
    MemberList twice(2);
    CHECK(*twice.take(entry("member", {member(1), member(1)})) == Progress::changed);
    MemberList garbled(2);
    CHECK(garbled.take(entry("member", {"CN=no extended name"})).has_error());
}
