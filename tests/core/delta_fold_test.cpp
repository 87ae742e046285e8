// What a page of the groups stream means for the mirror.
#include "core/fold_mirror.hpp"

#include <doctest/doctest.h>

using namespace writeback;
using namespace writeback::examples;

TEST_CASE("a new group in scope is a row, and a mark over the whole of it") {
    const MirrorChanges changes = Mirror().fold({full_item()});
    REQUIRE(changes.groups.size() == 1);
    CHECK(changes.groups[0] == row(security_group()));
    CHECK(changes.marks == std::vector<Mark>{{group_id(), Cause::poll, true, false, std::nullopt}});
    CHECK(changes.parents_of == std::vector<GroupId>{group_id()});
}

TEST_CASE("a new group out of scope is a row without a mark") {
    GroupItem item = full_item();
    item.security_enabled = value(false);
    item.members = {{member_id(1), MemberType::user, false}};
    const MirrorChanges changes = Mirror().fold({item});
    REQUIRE(changes.groups.size() == 1);
    CHECK_FALSE(changes.groups[0].in_scope);
    CHECK(changes.members.size() == 1);
    CHECK(changes.marks.empty());
}

TEST_CASE("what a property item leaves out stays, null clears, a value replaces") {
    MirrorGroup known = known_group();
    known.group.description = "old";
    known.group.mail = "old@contoso.com";
    GroupItem item;
    item.id = group_id();
    item.display_name = value(std::string("Sales 2"));
    item.description = {true, std::nullopt};
    item.on_premises_security_identifier = {true, std::nullopt};
    const MirrorChanges changes = Mirror().know(known).fold({item});
    REQUIRE(changes.groups.size() == 1);
    CHECK(changes.groups[0].group.display_name == "Sales 2");
    CHECK_FALSE(changes.groups[0].group.description.has_value());
    CHECK(changes.groups[0].group.mail == "old@contoso.com");
    REQUIRE(changes.marks.size() == 1);
    CHECK_FALSE(changes.marks[0].whole);
}

TEST_CASE("a null where the mirror keeps a plain value clears it too") {
    MirrorGroup known = known_group();
    known.group.on_premises_security_identifier = Sid("S-1-5-21-1");
    GroupItem item;
    item.id = group_id();
    item.display_name = {true, std::nullopt};
    item.on_premises_security_identifier = {true, std::nullopt};
    item.group_types = value(std::vector<std::string>{"DynamicMembership"});
    const MirrorChanges changes = Mirror().know(known).fold({item});
    CHECK(changes.groups.at(0).group.display_name.empty());
    CHECK(changes.groups.at(0).group.on_premises_security_identifier.empty());
    CHECK(changes.groups.at(0).group.group_types == Names{"DynamicMembership"});
}

TEST_CASE("a replay of what is known changes nothing and marks nothing") {
    Mirror mirror;
    mirror.know(known_group()).know_member(1);
    GroupItem item = full_item();
    item.members = {{member_id(1), MemberType::user, false},
                    {member_id(2), MemberType::user, true}};
    const MirrorChanges changes = mirror.fold({item, item, removed_item(Removal::deleted, 9)});
    CHECK(changes.groups.empty());
    CHECK(changes.members.empty());
    CHECK(changes.marks.empty());
    CHECK(changes.parents_of.empty());
}

TEST_CASE("a group split over a page is merged, and the last word about a member wins") {
    const MirrorChanges changes =
        Mirror()
            .know(known_group())
            .know_member(1)
            .fold({member_item(1, true), member_item(2, false), full_item(), member_item(1, false),
                   member_item(3, false), member_item(3, true)});
    REQUIRE(changes.members.size() == 1);
    CHECK(changes.members[0] ==
          MembershipChange{group_id(), member_id(2), MemberType::user, true, Evidence::none});
    CHECK(changes.marks.size() == 1);
}

TEST_CASE("hard case 1: a removed member carries explicit evidence") {
    const MirrorChanges changes =
        Mirror().know(known_group()).know_member(1).fold({member_item(1, true)});
    CHECK(changes.members ==
          std::vector<MembershipChange>{
              {group_id(), member_id(1), MemberType::user, false, Evidence::removed}});
    REQUIRE(changes.marks.size() == 1);
    CHECK_FALSE(changes.marks[0].whole);
}

TEST_CASE("a removal of a member that the mirror does not have is nothing") {
    const MirrorChanges changes = Mirror().know(known_group()).fold({member_item(1, true)});
    CHECK(changes.members.empty());
    CHECK(changes.marks.empty());
}

TEST_CASE("a group outside the scope is marked for a removal, not for an addition") {
    MirrorGroup outside = known_group();
    outside.in_scope = false;
    outside.group.security_enabled = false;
    Mirror mirror;
    mirror.know(outside).know_member(1);
    CHECK(mirror.fold({member_item(2, false)}).marks.empty());
    CHECK(mirror.fold({member_item(2, false)}).members.size() == 1);
    CHECK(mirror.fold({member_item(1, true)}).marks.size() == 1);
}

TEST_CASE("properties of a group that stays outside the scope are kept without a mark") {
    MirrorGroup outside = known_group();
    outside.in_scope = false;
    outside.group.security_enabled = false;
    GroupItem item;
    item.id = group_id();
    item.display_name = value(std::string("Other"));
    const MirrorChanges changes = Mirror().know(outside).fold({item});
    CHECK(changes.groups.size() == 1);
    CHECK(changes.marks.empty());
}

TEST_CASE("a hint gives the mark its cause and its time") {
    Mirror mirror;
    mirror.know(known_group());
    const Instant received{Duration(5000)};
    mirror.hinted[group_id()] = received;
    const MirrorChanges changes = mirror.fold({member_item(1, false), full_item(2)});
    REQUIRE(changes.marks.size() == 2);
    CHECK(changes.marks[0].cause == Cause::hint);
    CHECK(changes.marks[0].hinted_at == received);
    CHECK(changes.marks[1].cause == Cause::poll);
}

TEST_CASE(
    "hard case 2: in a crawl everything shown takes the generation, and only what is new is "
    "marked") {
    Mirror mirror;
    mirror.know(known_group()).know_member(1);
    mirror.crawl = true;
    mirror.generation = 2;
    GroupItem item = full_item();
    item.members = {{member_id(1), MemberType::user, false}};
    MirrorChanges changes = mirror.fold({item});
    REQUIRE(changes.groups.size() == 1);
    CHECK(changes.groups[0].generation == 2);
    CHECK(changes.members.size() == 1);
    CHECK(changes.marks.empty());
    CHECK(changes.parents_of.empty());
    changes = mirror.fold({item, member_item(2, false)});
    CHECK(changes.members.size() == 2);
    REQUIRE(changes.marks.size() == 1);
    CHECK(changes.marks[0].cause == Cause::resync);
}

TEST_CASE(
    "in a first crawl a deleted group that nobody knows is nothing, a soft-deleted one is "
    "remembered") {
    Mirror mirror;
    mirror.crawl = true;
    CHECK(mirror.fold({removed_item(Removal::deleted)}).groups.empty());
    const MirrorChanges changes = mirror.fold({removed_item(Removal::changed)});
    REQUIRE(changes.groups.size() == 1);
    CHECK(changes.groups[0].group.state == CloudState::soft_deleted);
    CHECK(changes.marks.empty());
    // So that its restore is known for one.
    mirror.know(changes.groups[0]);
    CHECK(mirror.fold({full_item()}).groups.at(0).members_unread);
}

TEST_CASE("a soft delete and a delete for good are told apart, and the scope stays what it was") {
    Mirror mirror;
    mirror.know(known_group());
    GroupItem soft = removed_item(Removal::changed);
    soft.security_enabled = value(false);
    MirrorChanges changes = mirror.fold({soft});
    REQUIRE(changes.groups.size() == 1);
    CHECK(changes.groups[0].group.state == CloudState::soft_deleted);
    CHECK(changes.groups[0].in_scope);
    CHECK(changes.groups[0].group.security_enabled);
    REQUIRE(changes.marks.size() == 1);
    CHECK(changes.marks[0].whole);
    mirror.know(changes.groups[0]);
    changes = mirror.fold({removed_item(Removal::deleted)});
    CHECK(changes.groups.at(0).group.state == CloudState::deleted);
    CHECK(changes.marks.size() == 1);
}

TEST_CASE(
    "hard case 6: a group shown again after it was gone is a restore, and its members are unread") {
    for (const CloudState state :
         {CloudState::soft_deleted, CloudState::absent, CloudState::deleted}) {
        const MirrorChanges changes = Mirror().know(known_group(state)).fold({full_item()});
        REQUIRE(changes.groups.size() == 1);
        CHECK(changes.groups[0].group.state == CloudState::active);
        CHECK(changes.groups[0].members_unread);
        REQUIRE(changes.marks.size() == 1);
        CHECK(changes.marks[0].whole);
    }
}

TEST_CASE("a group deleted and restored within one page is a restore as well") {
    const MirrorChanges changes =
        Mirror().know(known_group()).fold({removed_item(Removal::changed), full_item()});
    CHECK(changes.groups.at(0).group.state == CloudState::active);
    CHECK(changes.groups.at(0).members_unread);
}

TEST_CASE("a restored group that is deleted again needs no reading of members") {
    MirrorGroup restored = known_group();
    restored.members_unread = true;
    Mirror mirror;
    mirror.know(restored);
    CHECK_FALSE(mirror.fold({removed_item(Removal::changed)}).groups.at(0).members_unread);
    CHECK_FALSE(fold_unseen({{restored}, {}}, mirror.context()).groups.at(0).members_unread);
}

TEST_CASE(
    "hard case 10: an unreadable item holds its group, counts as shown, and changes nothing else") {
    Mirror mirror;
    mirror.know(known_group()).know_member(1);
    mirror.crawl = true;
    mirror.generation = 2;
    GroupItem item = full_item(1, "Other");
    item.members = {{member_id(1), MemberType::user, true}};
    item.unreadable = "displayName is a number";
    MirrorChanges changes = mirror.fold({item, full_item(2)});
    REQUIRE(changes.groups.size() == 2);
    CHECK(changes.groups[0].unreadable == "displayName is a number");
    CHECK(changes.groups[0].group.display_name == "Sales");
    CHECK(changes.groups[0].generation == 2);
    CHECK(changes.members.empty());
    CHECK(changes.marks.size() == 2);

    mirror.know(changes.groups[0]);
    changes = mirror.fold({full_item()});
    REQUIRE(changes.groups.size() == 1);
    CHECK(changes.groups[0].unreadable.empty());
    CHECK(changes.groups[0].members_unread);
    CHECK(changes.marks.at(0).whole);
}

TEST_CASE(
    "an unknown group whose first item is unreadable is held, and read whole when it can be") {
    Mirror mirror;
    GroupItem item = full_item();
    item.unreadable = "groupTypes is missing";
    MirrorChanges changes = mirror.fold({item});
    REQUIRE(changes.groups.size() == 1);
    CHECK(changes.marks.size() == 1);
    mirror.know(changes.groups[0]);
    changes = mirror.fold({full_item()});
    CHECK(changes.groups.at(0).in_scope);
    CHECK(changes.groups.at(0).members_unread);
    mirror.know(changes.groups[0]);
    CHECK(mirror.fold({removed_item(Removal::changed)}).groups.at(0).unreadable.empty());
}

TEST_CASE("hard case 7: a group that becomes synced is marked, and so are its parents") {
    GroupItem item;
    item.id = group_id();
    item.on_premises_sync_enabled = value(true);
    item.on_premises_security_identifier = value(std::string("S-1-5-21-1-2-3-4"));
    MirrorGroup outside = known_group();
    outside.in_scope = false;
    outside.group.security_enabled = false;
    for (const MirrorGroup& known : {known_group(), outside}) {
        const MirrorChanges changes = Mirror().know(known).fold({item});
        REQUIRE(changes.groups.size() == 1);
        CHECK(changes.groups[0].group.on_premises_sync_enabled);
        CHECK(changes.marks.at(0).whole);
        CHECK(changes.parents_of == std::vector<GroupId>{group_id()});
    }
}

TEST_CASE("entering and leaving the scope marks the group whole and its parents") {
    GroupItem item;
    item.id = group_id();
    item.security_enabled = value(false);
    const MirrorChanges changes = Mirror().know(known_group()).fold({item});
    CHECK_FALSE(changes.groups.at(0).in_scope);
    CHECK(changes.marks.at(0).whole);
    CHECK(changes.parents_of.size() == 1);
}

TEST_CASE("a scope that cannot be told stays as it was, in or out") {
    for (const bool in_scope : {true, false}) {
        MirrorGroup before = known_group();
        before.in_scope = in_scope;
        GroupItem item;
        item.id = group_id();
        item.mail_nickname = {true, "unread"};
        const MirrorChanges changes = Mirror().know(before).fold({item});
        CHECK(changes.groups.at(0).in_scope == in_scope);
        CHECK(changes.groups.at(0).unreadable.empty());
    }
}

TEST_CASE("a group that is the reason why its scope cannot be told is held, its members are read") {
    GroupItem item;
    item.id = group_id();
    item.mail_nickname = {true, "fault"};
    item.members = {{member_id(1), MemberType::user, false}};
    const MirrorChanges changes = Mirror().know(known_group()).fold({item});
    const MirrorGroup held = changes.groups.at(0);
    CHECK(held.in_scope);
    CHECK(is_scope_fault(held.unreadable));
    CHECK(changes.members.size() == 1);
    CHECK(changes.marks.at(0).whole);

    // Another item that leaves it so, one that mends it, and other rules.
    GroupItem other = item;
    other.mail_nickname = {};
    CHECK(is_scope_fault(Mirror().know(held).fold({other}).groups.empty()
                             ? held.unreadable
                             : Mirror().know(held).fold({other}).groups[0].unreadable));
    item.mail_nickname = {true, std::nullopt};
    const MirrorGroup mended = Mirror().know(held).fold({item}).groups.at(0);
    CHECK(mended.unreadable.empty());
    CHECK_FALSE(mended.members_unread);
    MirrorGroup by_other_rules = held;
    by_other_rules.group.mail_nickname.reset();
    CHECK(rescope({by_other_rules}, Mirror().context()).groups.at(0).unreadable.empty());
}

TEST_CASE("a group that begins or ends to distribute mail is compared whole, for its contacts") {
    GroupItem item;
    item.id = group_id();
    item.mail_enabled = {true, true};
    CHECK(Mirror().know(known_group()).fold({item}).marks.at(0).whole);
    item.mail_enabled = {true, false};
    CHECK(Mirror().know(known_group()).fold({item}).marks.empty());
}
