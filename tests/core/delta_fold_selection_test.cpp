// What the selection adds to a page: further properties, owners, and what must be read directly.
#include "core/fold_mirror.hpp"

#include <doctest/doctest.h>

using namespace writeback;
using namespace writeback::examples;

namespace {

struct OwnedMirror : Mirror {
    OwnedMirror() {
        selection.owners = true;
        know(known_group());
    }
    [[nodiscard]] bool owners_unread(std::vector<GroupItem> items) const {
        const MirrorChanges changes = fold(std::move(items));
        return !changes.groups.empty() && changes.groups[0].owners_unread;
    }
};

GroupItem owner_item(int owner, bool removed) {
    GroupItem item;
    item.id = group_id();
    item.owners = {{member_id(owner), MemberType::user, removed}};
    item.owners_shown = true;
    return item;
}

GroupItem further_item(std::map<std::string, Patch<std::vector<std::string>>> further) {
    GroupItem item;
    item.id = group_id();
    item.further = std::move(further);
    return item;
}

using Further = std::map<std::string, std::vector<std::string>>;
using Values = std::vector<std::string>;

}  // namespace

TEST_CASE("further properties are kept, replaced, cleared, and left alone when left out") {
    MirrorGroup known = known_group();
    known.group.further = {{"classification", {"low"}},
                           {"theme", {"Blue"}},
                           {"writebackConfiguration.isEnabled", {"true"}},
                           {"writebackConfiguration.onPremisesGroupType", {"x"}}};
    Mirror mirror;
    mirror.know(known);
    const MirrorChanges changes =
        mirror.fold({further_item({{"classification", value(Values{"high"})},
                                   {"writebackConfiguration", {true, std::nullopt}},
                                   {"writebackConfiguration.isEnabled", value(Values{"false"})}})});
    CHECK(changes.groups.at(0).group.further ==
          Further{{"classification", {"high"}},
                  {"theme", {"Blue"}},
                  {"writebackConfiguration.isEnabled", {"false"}}});
    CHECK(changes.marks.size() == 1);
    const MirrorChanges cleared = mirror.fold({further_item(
        {{"theme", {true, std::nullopt}}, {"writebackConfiguration", {true, std::nullopt}}})});
    CHECK(cleared.groups.at(0).group.further == Further{{"classification", {"low"}}});
    const MirrorChanges emptied = mirror.fold(
        {further_item({{"theme", value(Values{})}, {"classification", {false, std::nullopt}}})});
    CHECK_FALSE(emptied.groups.at(0).group.further.contains("theme"));
    CHECK(emptied.groups.at(0).group.further.contains("classification"));
}

TEST_CASE("a new group is filled from the stream, without a read of its members") {
    Mirror mirror;
    CHECK_FALSE(mirror.fold({full_item()}).groups.at(0).members_unread);
    mirror.crawl = true;
    CHECK_FALSE(mirror.fold({full_item()}).groups.at(0).members_unread);
    mirror.crawl = false;
    CHECK_FALSE(mirror.fold({removed_item(Removal::changed)}).groups.at(0).members_unread);
}

TEST_CASE("owners come and go with a mark that is not whole") {
    OwnedMirror mirror;
    mirror.know_owner(1);
    const MirrorChanges changes = mirror.fold({owner_item(1, true), owner_item(2, false)});
    CHECK(changes.owners_shown);
    REQUIRE(changes.owners.size() == 2);
    CHECK_FALSE(changes.owners[0].present);
    CHECK(changes.owners[1].present);
    REQUIRE(changes.marks.size() == 1);
    CHECK_FALSE(changes.marks[0].whole);
    CHECK(changes.groups.empty());
}

TEST_CASE("owners of a group outside the scope are kept without a mark") {
    OwnedMirror mirror;
    MirrorGroup outside = known_group();
    outside.in_scope = false;
    outside.group.security_enabled = false;
    mirror.know(outside);
    const MirrorChanges changes = mirror.fold({owner_item(2, false)});
    CHECK(changes.owners.size() == 1);
    CHECK(changes.marks.empty());
}

TEST_CASE("a replay of owners changes nothing") {
    OwnedMirror mirror;
    mirror.know_owner(1);
    const MirrorChanges changes = mirror.fold({owner_item(1, false), owner_item(2, true)});
    CHECK(changes.owners.empty());
    CHECK(changes.marks.empty());
}

TEST_CASE("the last word about an owner wins within a page") {
    OwnedMirror mirror;
    const MirrorChanges changes = mirror.fold({owner_item(1, false), owner_item(1, true)});
    CHECK(changes.owners.empty());
}

TEST_CASE("in a crawl every owner shown takes the generation") {
    OwnedMirror mirror;
    mirror.know_owner(1);
    mirror.crawl = true;
    mirror.generation = 2;
    const MirrorChanges changes = mirror.fold({owner_item(1, false)});
    CHECK(changes.owners.size() == 1);
    CHECK(changes.marks.empty());
    CHECK_FALSE(changes.groups.at(0).owners_unread);
}

TEST_CASE("in a first crawl a group shown without owners has them read, once") {
    OwnedMirror mirror;
    mirror.crawl = true;
    mirror.generation = 2;
    CHECK(mirror.owners_unread({full_item()}));
    CHECK_FALSE(mirror.owners_unread({full_item(), owner_item(1, false)}));
    // A later part of the group in the same crawl.
    MirrorGroup shown = known_group();
    shown.generation = 2;
    mirror.know(shown);
    CHECK_FALSE(mirror.owners_unread({member_item(1, false)}));
    const MirrorChanges changes = OwnedMirror().fold({full_item()});
    CHECK(changes.marks.empty());
    // Once owners were shown, none shown are none.
    mirror.know(known_group());
    mirror.excerpt.owners_shown = true;
    CHECK_FALSE(mirror.owners_unread({full_item()}));
}

TEST_CASE("while the stream has never shown owners, each item has them read") {
    OwnedMirror mirror;
    CHECK(mirror.owners_unread({full_item()}));
    CHECK_FALSE(mirror.owners_unread({full_item(), owner_item(1, false)}));
    mirror.excerpt.owners_shown = true;
    CHECK_FALSE(mirror.owners_unread({full_item(1, "Other")}));
}

TEST_CASE("a restored group has its owners read as well") {
    OwnedMirror mirror;
    mirror.excerpt.owners_shown = true;
    mirror.know(known_group(CloudState::soft_deleted));
    CHECK(mirror.owners_unread({full_item()}));
    MirrorGroup unread = known_group();
    unread.unreadable = "displayName is a number";
    mirror.know(unread);
    CHECK(mirror.owners_unread({full_item()}));
    CHECK_FALSE(mirror.owners_unread({full_item(), removed_item(Removal::changed)}));
}

TEST_CASE("a new group has its owners read, in a crawl and after it, unless it shows them") {
    for (const bool crawl : {true, false}) {
        OwnedMirror mirror;
        mirror.crawl = crawl;
        mirror.excerpt.owners_shown = !crawl;
        CHECK(mirror.owners_unread({full_item(2)}));
    }
}

TEST_CASE("owners that nobody asks for are not read") {
    OwnedMirror mirror;
    mirror.selection.owners = false;
    CHECK_FALSE(mirror.owners_unread({full_item(1, "Other")}));
    mirror.crawl = true;
    mirror.generation = 2;
    CHECK_FALSE(mirror.owners_unread({full_item()}));
}

TEST_CASE("a scope that a group itself keeps from being told is marked as such") {
    Mirror mirror;
    mirror.know(known_group());
    GroupItem item = full_item();
    item.mail_nickname = value(std::string("fault"));
    const MirrorGroup held = mirror.fold({item}).groups.at(0);
    CHECK(held.scope_unknown);
    CHECK_FALSE(held.unreadable.empty());
    mirror.know(held);
    item.mail_nickname = value(std::string("told"));
    const MirrorGroup told = mirror.fold({item}).groups.at(0);
    CHECK_FALSE(told.scope_unknown);
    CHECK(told.unreadable.empty());
    CHECK_FALSE(told.members_unread);
}
