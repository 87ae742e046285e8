// Who owns a group: rows of their own, an identity asked for as a member's is, and a plan that
// knows what it does not know.
#include "store_fixture.hpp"

using namespace writeback;
using namespace writeback::test;

namespace {

struct OwnersFixture : StoreFixture {
    OwnersFixture() { written(1, 1, 2); }

    void own(std::vector<int> users, std::vector<int> no_more = {}, std::int64_t generation = 1) {
        MirrorChanges changes;
        for (const int number : users)
            changes.owners.push_back(joins(1, user(number)));
        for (const int number : no_more)
            changes.owners.push_back(leaves(1, user(number)));
        changes.owners_shown = true;
        commit(changes, at(2), generation);
    }
    [[nodiscard]] std::vector<std::string> owners() const {
        std::vector<std::string> keys;
        for (const AdIdentity& owner : work(1).owners)
            keys.push_back(owner.key());
        return keys;
    }
    [[nodiscard]] std::vector<MemberId> asked_for() const {
        return value(store->to_identify(at(0), at(0), {}, 100));
    }
    void read_owners(std::vector<MemberId> ids, std::int64_t since) {
        const std::vector<MemberType> types(ids.size(), MemberType::user);
        done(store->replace_owners(group(1), ids, types, since, at(3)));
    }
    void await_owners() {
        MirrorChanges changes;
        changes.groups = {cloud_group(1)};
        changes.groups[0].owners_unread = true;
        commit(changes);
    }
};

}  // namespace

TEST_CASE_FIXTURE(OwnersFixture, "an owner makes its group dirty and touches no member") {
    own({7});
    const GroupWork work = this->work(1);
    CHECK(work.number != 0);
    CHECK_FALSE(work.whole);
    CHECK(work.wanted.empty());
    CHECK(work.present.empty());
    CHECK(work.owners.empty());
    CHECK(work.unknown_owners == 1);
    CHECK(work.unknown_count == 0);
}

TEST_CASE_FIXTURE(OwnersFixture,
                  "an owner's identity is asked for, and its answer marks the group") {
    own({7});
    CHECK(asked_for() == std::vector<MemberId>{user(7)});
    carry_out(1);
    CHECK_FALSE(dirty(1));
    know_users(7, 7);
    CHECK(dirty(1));
    CHECK(owners() == std::vector<std::string>{sid(7).text()});
    CHECK(work(1).unknown_owners == 0);
    CHECK(asked_for().empty());
}

TEST_CASE_FIXTURE(OwnersFixture, "owners come in the order of their ids, those with an identity") {
    own({9, 2, 7, 5});
    know_users(9, 9);
    know_users(2, 2);
    done(store->store_identities({none(5)}, value(store->change_number()), at(3)));
    CHECK(owners() == std::vector<std::string>{sid(2).text(), sid(9).text()});
    CHECK(work(1).unknown_owners == 1);
}

TEST_CASE_FIXTURE(OwnersFixture, "an owner that turns out to have no identity marks the group") {
    own({7});
    carry_out(1);
    done(store->store_identities({none(7)}, value(store->change_number()), at(3)));
    CHECK(dirty(1));
    CHECK(work(1).unknown_owners == 0);
}

TEST_CASE_FIXTURE(OwnersFixture, "a deleted user owns nothing in Active Directory") {
    own({7});
    know_users(7, 7);
    carry_out(1);
    UserItem deleted;
    deleted.id = user(7);
    deleted.removal = Removal::changed;
    done(store->commit_users({deleted}, steady(), at(4)));
    CHECK(dirty(1));
    CHECK(owners().empty());
}

TEST_CASE_FIXTURE(OwnersFixture, "an owner that left is no owner, and is asked for no more") {
    own({7});
    own({}, {7});
    CHECK(work(1).unknown_owners == 0);
    CHECK(asked_for().empty());
}

TEST_CASE_FIXTURE(OwnersFixture, "a member that ceases to be an owner is still asked for") {
    own({7});
    MirrorChanges changes;
    changes.members = {joins(1, user(7))};
    commit(changes);
    own({}, {7});
    CHECK(asked_for() == std::vector<MemberId>{user(7)});
    own({7});
    changes.members = {leaves(1, user(7))};
    commit(changes);
    CHECK(asked_for() == std::vector<MemberId>{user(7)});
}

TEST_CASE_FIXTURE(OwnersFixture, "owners of groups out of scope are not asked for") {
    own({7});
    MirrorChanges changes;
    changes.groups = {cloud_group(1, false)};
    commit(changes);
    CHECK(asked_for().empty());
    changes.groups = {cloud_group(1)};
    commit(changes);
    CHECK(asked_for() == std::vector<MemberId>{user(7)});
}

TEST_CASE_FIXTURE(OwnersFixture, "an owner shown again changes nothing") {
    own({7});
    carry_out(1);
    own({7});
    CHECK_FALSE(dirty(1));
}

TEST_CASE_FIXTURE(OwnersFixture, "an owner who is no member is not counted among the members") {
    own({7});
    CHECK(value(store->counts()).unresolved.empty());
    MirrorChanges changes;
    changes.members = {joins(1, user(7))};
    commit(changes);
    CHECK(value(store->counts()).unresolved ==
          std::vector<std::pair<std::string, std::int64_t>>{{"not-asked", 1}});
}

TEST_CASE_FIXTURE(OwnersFixture, "owners that were read directly replace the list") {
    own({7, 8});
    know_users(7, 9);
    await_owners();
    CHECK(value(store->owners_unread(10)) == std::vector<GroupId>{group(1)});
    CHECK(work(1).cloud->owners_unread);
    read_owners({user(8), user(9)}, value(store->change_number()));
    know_users(9, 9);
    CHECK(value(store->owners_unread(10)).empty());
    CHECK(owners() == std::vector<std::string>{sid(8).text(), sid(9).text()});
}

TEST_CASE_FIXTURE(OwnersFixture, "what a page showed of owners wins over an earlier read") {
    own({7, 8});
    know_users(7, 9);
    const std::int64_t since = value(store->change_number());
    own({9}, {7});
    read_owners({user(7), user(8)}, since);
    know_users(9, 9);
    CHECK(owners() == std::vector<std::string>{sid(8).text(), sid(9).text()});
}

TEST_CASE_FIXTURE(OwnersFixture, "a group that proves to have no owner is planned again") {
    own({7});
    know_users(7, 7);
    own({}, {7});
    await_owners();
    carry_out(1);
    CHECK_FALSE(dirty(1));
    read_owners({}, value(store->change_number()));
    CHECK(dirty(1));
    carry_out(1);
    read_owners({}, value(store->change_number()));
    CHECK_FALSE(dirty(1));
}

TEST_CASE_FIXTURE(OwnersFixture, "a resync finds owners that its generation did not show") {
    own({7, 8});
    MirrorChanges page;
    page.groups = {cloud_group(1, true, 2)};
    page.members = {joins(1, user(1)), joins(1, user(2))};
    page.owners = {joins(1, user(8))};
    commit(page, at(5), 2);
    const auto unseen = value(store->unseen(2, 100));
    CHECK(unseen.groups.empty());
    CHECK(unseen.members.empty());
    REQUIRE(unseen.owners.size() == 1);
    CHECK(unseen.owners[0] == std::pair(group(1), user(7)));
    MirrorChanges swept;
    swept.owners = {leaves(1, user(7), Evidence::absent)};
    commit(swept, at(6), 2);
    CHECK(value(store->unseen(2, 100)).empty());
}

TEST_CASE_FIXTURE(OwnersFixture, "owners that are to be read are not swept") {
    own({7});
    MirrorChanges page;
    page.groups = {cloud_group(1, true, 2)};
    page.groups[0].owners_unread = true;
    page.members = {joins(1, user(1)), joins(1, user(2))};
    commit(page, at(5), 2);
    CHECK(value(store->unseen(2, 100)).empty());
    read_owners({user(7)}, value(store->change_number()));
    CHECK(value(store->unseen(2, 100)).empty());
}

TEST_CASE_FIXTURE(OwnersFixture, "an excerpt has the owners that a page names") {
    GroupItem item;
    item.id = group(1);
    item.owners = {{user(7), MemberType::user, false}, {user(8), MemberType::user, true}};
    CHECK_FALSE(value(store->excerpt({{item}, {}})).owners_shown);
    own({7});
    const MirrorExcerpt excerpt = value(store->excerpt({{item}, {}}));
    CHECK(excerpt.owners == std::set<std::pair<GroupId, MemberId>>{{group(1), user(7)}});
    CHECK(excerpt.owners_shown);
}
