// What a sweep, a direct read and a changed configuration mean for the mirror.
#include "core/fold_mirror.hpp"

#include <doctest/doctest.h>

using namespace writeback;
using namespace writeback::examples;

TEST_CASE(
    "hard case 2: the sweep makes groups absent and memberships gone, with inferred evidence") {
    const Mirror mirror;
    const MirrorChanges changes =
        fold_unseen({{known_group()}, {{group_id(), member_id(1)}, {group_id(2), member_id(1)}}},
                    mirror.context());
    REQUIRE(changes.groups.size() == 1);
    CHECK(changes.groups[0].group.state == CloudState::absent);
    CHECK(changes.groups[0].in_scope);
    REQUIRE(changes.members.size() == 2);
    CHECK(changes.members[0].evidence == Evidence::absent);
    CHECK_FALSE(changes.members[0].present);
    REQUIRE(changes.marks.size() == 2);
    CHECK(changes.marks[0].whole);
    CHECK_FALSE(changes.marks[1].whole);
}

TEST_CASE("hard case 2: a soft-deleted group that a resync does not show is asked for as well") {
    const Mirror mirror;
    const MirrorChanges changes =
        fold_unseen({{known_group(CloudState::soft_deleted)}, {}}, mirror.context());
    CHECK(changes.groups.at(0).group.state == CloudState::absent);
}

TEST_CASE("hard case 2: a direct read says what an absent group is") {
    const Mirror mirror;
    GroupRead read;
    read.item = full_item(1, "Sales again");

    read.state = CloudState::active;
    MirrorChanges changes = fold_read(known_group(CloudState::absent), read, mirror.context());
    REQUIRE(changes.groups.size() == 1);
    CHECK(changes.groups[0].group.state == CloudState::active);
    CHECK(changes.groups[0].group.display_name == "Sales again");
    CHECK(changes.groups[0].members_unread);
    CHECK(changes.marks.at(0).whole);

    for (const CloudState state : {CloudState::soft_deleted, CloudState::deleted}) {
        read.state = state;
        changes = fold_read(known_group(CloudState::absent), read, mirror.context());
        CHECK(changes.groups.at(0).group.state == state);
        CHECK(changes.groups.at(0).group.display_name == "Sales");
        CHECK(changes.marks.size() == 1);
    }
    read.state = CloudState::absent;
    CHECK(fold_read(known_group(CloudState::absent), read, mirror.context()).marks.empty());
}

TEST_CASE("a direct read that comes after a page showed the group again changes nothing") {
    const Mirror mirror;
    GroupRead read;
    read.state = CloudState::deleted;
    CHECK(fold_read(known_group(), read, mirror.context()).groups.empty());
}

TEST_CASE("a direct read that cannot be understood makes the group active and holds it") {
    const Mirror mirror;
    GroupRead read;
    read.item = full_item();
    read.item.unreadable = "mailEnabled is text";
    const MirrorChanges changes =
        fold_read(known_group(CloudState::absent), read, mirror.context());
    CHECK(changes.groups.at(0).group.state == CloudState::active);
    CHECK(changes.groups.at(0).unreadable == "mailEnabled is text");
}

TEST_CASE(
    "a changed configuration marks every group whole and rewrites the rows whose scope changed") {
    const Mirror mirror;
    MirrorGroup leaves = row(security_group(2));
    leaves.group.security_enabled = false;
    MirrorGroup gone = leaves;
    gone.group.id = group_id(3);
    gone.group.state = CloudState::soft_deleted;
    const MirrorChanges changes = rescope({known_group(), leaves, gone}, mirror.context());
    REQUIRE(changes.groups.size() == 1);
    CHECK(changes.groups[0].group.id == group_id(2));
    CHECK_FALSE(changes.groups[0].in_scope);
    CHECK(changes.parents_of == std::vector<GroupId>{group_id(2)});
    REQUIRE(changes.marks.size() == 3);
    for (const Mark& mark : changes.marks) {
        CHECK(mark.whole);
        CHECK(mark.cause == Cause::configuration);
    }
}

TEST_CASE("owners that a resync did not show are no owners any more") {
    const Mirror mirror;
    const MirrorChanges changes =
        fold_unseen({{}, {}, {{group_id(), member_id(1)}}}, mirror.context());
    REQUIRE(changes.owners.size() == 1);
    CHECK_FALSE(changes.owners[0].present);
    REQUIRE(changes.marks.size() == 1);
    CHECK_FALSE(changes.marks[0].whole);
}

TEST_CASE("a group that the stream is not asked for is not taken for deleted") {
    Mirror mirror;
    mirror.selection.only = {group_id(2)};
    MirrorChanges changes =
        fold_unseen({{known_group(), row(security_group(2))}, {}}, mirror.context());
    REQUIRE(changes.groups.size() == 2);
    CHECK(changes.groups[0].unwatched);
    CHECK(changes.groups[0].group.state == CloudState::active);
    CHECK(changes.groups[1].group.state == CloudState::absent);
    REQUIRE(changes.marks.size() == 1);
    CHECK(changes.marks[0].group == group_id(2));
    // It is watched again when it is shown, and while other rules are not yet followed by a crawl.
    const MirrorGroup unwatched = changes.groups[0];
    CHECK_FALSE(rescope({unwatched}, mirror.context()).groups.at(0).unwatched);
    mirror.know(unwatched);
    changes = mirror.fold({full_item()});
    CHECK_FALSE(changes.groups.at(0).unwatched);
    CHECK(changes.marks.empty());
}

TEST_CASE("a direct read asks for members and owners where the stream is asked for owners") {
    Mirror mirror;
    GroupRead read;
    read.item = full_item();
    const MirrorGroup absent = known_group(CloudState::absent);
    CHECK_FALSE(fold_read(absent, read, mirror.context()).groups.at(0).owners_unread);
    mirror.selection.owners = true;
    CHECK(fold_read(absent, read, mirror.context()).groups.at(0).owners_unread);
}
