// What a person means by a name, and how one member of a group stands.
#include "store_fixture.hpp"

using namespace writeback;
using namespace writeback::test;

namespace {

struct ExplainFixture : StoreFixture {
    ExplainFixture() {
        written(1, 1, 2);
        MirrorChanges changes;
        changes.groups = {cloud_group(2)};
        changes.groups[0].group.display_name = "Übung Straße";
        changes.groups[0].group.on_premises_security_identifier = sid(900);
        commit(changes);
    }
    [[nodiscard]] std::vector<GroupId> groups(const std::string& text) const {
        return value(store->find_groups(text));
    }
    [[nodiscard]] std::vector<MemberId> members(const std::string& text) const {
        return value(store->find_members(text));
    }
    [[nodiscard]] MemberStanding standing(int group_number, int user_number) const {
        return value(store->member_standing(group(group_number), user(user_number))).value();
    }
};

using Groups = std::vector<GroupId>;
using Members = std::vector<MemberId>;

}  // namespace

TEST_CASE_FIXTURE(ExplainFixture, "a group is found by each of its names, without case") {
    const WrittenGroup written = ad_group(1);
    for (const std::string& text :
         {group(1).text(), std::string("group 1"), written.dn.text(), written.cn,
          std::string("GROUP1"), written.sid.text(), guid(1).text()}) {
        CAPTURE(text);
        CHECK(groups(text) == Groups{group(1)});
    }
    CHECK(groups("{AAAAAAAA-0000-4000-8000-000000000001}") == Groups{group(1)});
    CHECK(groups("übung STRASSE") == Groups{group(2)});
    CHECK(groups(sid(900).text()) == Groups{group(2)});
    CHECK(groups("nobody").empty());
    CHECK(groups("").empty());
}

TEST_CASE_FIXTURE(ExplainFixture, "groups of one name are all found, in id order") {
    MirrorChanges changes;
    for (const int number : {9, 8}) {
        changes.groups.push_back(cloud_group(number));
        changes.groups.back().group.display_name = "Twins";
    }
    commit(changes);
    CHECK(groups("twins") == Groups{group(8), group(9)});
}

TEST_CASE_FIXTURE(ExplainFixture, "a member is found by id, name and SID") {
    CHECK(members(user(1).text()) == Members{user(1)});
    CHECK(members(sid(2).text()) == Members{user(2)});
    CHECK(members("SOMEONE") == Members{user(1), user(2)});
    MirrorChanges changes;
    changes.members = {joins(1, as_member(group(2)), MemberType::group)};
    commit(changes);
    CHECK(members("Übung Straße") == Members{as_member(group(2))});
    CHECK(members("group 1").empty());
}

TEST_CASE_FIXTURE(ExplainFixture, "a member that stands as it should is told so") {
    const MemberStanding member = standing(1, 1);
    CHECK(member.in_cloud);
    CHECK(member.written);
    CHECK_FALSE(member.leaving);
    CHECK(member.identity.state == IdentityState::known);
    CHECK(member.identity.identity == person(1));
    CHECK(member.identity.name == "someone");
}

TEST_CASE_FIXTURE(ExplainFixture, "a member that is to leave is told with the reason") {
    MirrorChanges changes;
    changes.members = {leaves(1, user(1), Evidence::absent)};
    commit(changes);
    const MemberStanding member = standing(1, 1);
    CHECK_FALSE(member.in_cloud);
    CHECK(member.written);
    CHECK(member.leaving == Evidence::absent);
    carry_out(1);
    CHECK_FALSE(standing(1, 1).written);
    CHECK_FALSE(standing(1, 1).leaving);
}

TEST_CASE_FIXTURE(ExplainFixture,
                  "a member that lost its identity still stands until it is removed") {
    done(store->store_identities({none(1, "not-synced")}, value(store->change_number()), at(3)));
    const MemberStanding member = standing(1, 1);
    CHECK(member.in_cloud);
    CHECK(member.written);
    CHECK(member.leaving == Evidence::identity_lost);
    CHECK(member.identity.state == IdentityState::none);
    CHECK(member.identity.reason == "not-synced");
}

TEST_CASE_FIXTURE(ExplainFixture, "an object that the store does not know has no standing") {
    CHECK_FALSE(value(store->member_standing(group(1), user(99))));
    CHECK_FALSE(value(store->member_standing(group(99), user(1))));
    const MemberStanding elsewhere = standing(2, 1);
    CHECK_FALSE(elsewhere.in_cloud);
    CHECK_FALSE(elsewhere.written);
}
