#include "store_fixture.hpp"

using namespace writeback;
using namespace writeback::test;

namespace {

UserItem item(int number) {
    UserItem user_item;
    user_item.id = user(number);
    return user_item;
}

UserItem synced(int number, bool enabled, std::optional<Sid> its_sid = std::nullopt) {
    UserItem user_item = item(number);
    user_item.on_premises_sync_enabled = {true, enabled};
    if (its_sid) user_item.on_premises_security_identifier = {true, its_sid->text()};
    return user_item;
}

UserItem deleted(int number) {
    UserItem user_item = item(number);
    user_item.removal = Removal::changed;
    return user_item;
}

struct IdentitiesFixture : StoreFixture {
    void users(const std::vector<UserItem>& items, Instant now = at(2)) {
        done(store->commit_users(items, steady(), now));
    }
    void answer(const MemberIdentity& identity, Instant now = at(2)) {
        done(store->store_identities({identity}, value(store->change_number()), now));
    }
    [[nodiscard]] std::vector<MemberId> to_ask(Instant not_since, Instant none_before = at(-10),
                                               std::size_t limit = 100) const {
        return value(store->to_identify(not_since, none_before, {}, limit));
    }
    void show_unknown(int number, int first_user, int last_user, bool in_scope = true) {
        MirrorChanges changes;
        changes.groups = {cloud_group(number, in_scope)};
        for (int i = first_user; i <= last_user; ++i) {
            changes.members.push_back(joins(number, user(i)));
        }
        commit(changes);
    }
};

}  // namespace

TEST_CASE_FIXTURE(IdentitiesFixture, "a member that was never asked for is unknown and counted") {
    show_unknown(1, 1, 3);
    CHECK(work(1).unknown_count == 3);
    CHECK(work(1).wanted.empty());
    answer(known(1));
    answer(none(2));
    answer(unknown(3));
    CHECK(work(1).unknown_count == 1);
    const auto unresolved = value(store->counts()).unresolved;
    CHECK(unresolved ==
          std::vector<std::pair<std::string, std::int64_t>>{{"cloud-only", 1}, {"failed", 1}});
}

TEST_CASE_FIXTURE(IdentitiesFixture,
                  "those to ask for come in id order, once, from groups in scope") {
    show_unknown(1, 1, 3);
    show_unknown(2, 4, 5, false);
    show_unknown(3, 2, 6);
    CHECK(to_ask(at(0)) ==
          std::vector<MemberId>{user(1), user(2), user(3), user(4), user(5), user(6)});
    CHECK(value(store->to_identify(at(0), at(0), user(2), 2)) ==
          std::vector<MemberId>{user(3), user(4)});
    // Group 3 leaves the scope: users 4 to 6 are asked for by nobody.
    MirrorChanges changes;
    changes.groups = {cloud_group(3, false)};
    commit(changes);
    CHECK(to_ask(at(0)) == std::vector<MemberId>{user(1), user(2), user(3)});
    changes.groups = {cloud_group(2, true)};
    changes.members = {leaves(1, user(1))};
    commit(changes);
    CHECK(to_ask(at(0)) == std::vector<MemberId>{user(2), user(3), user(4), user(5)});
}

TEST_CASE_FIXTURE(IdentitiesFixture,
                  "who could not be asked, and who has none, is asked again later") {
    show_unknown(1, 1, 3);
    answer(known(1), at(100));
    answer(none(2), at(100));
    answer(unknown(3), at(100));
    CHECK(to_ask(at(100), at(100)).empty());
    CHECK(to_ask(at(101), at(100)) == std::vector<MemberId>{user(3)});
    CHECK(to_ask(at(100), at(101)) == std::vector<MemberId>{user(2)});
    done(store->ask_everyone_again());
    CHECK(to_ask(at(100), at(100)) == std::vector<MemberId>{user(1), user(2), user(3)});
    CHECK_MESSAGE(work(1).wanted.size() == 1, "the known identity stays until it is answered");
    answer(known(1), at(200));
    answer(none(2), at(200));
    answer(unknown(3), at(200));
    CHECK(to_ask(at(200), at(200)).empty());
}

TEST_CASE_FIXTURE(IdentitiesFixture, "a known member that no stream tells of is asked for daily") {
    show_unknown(1, 1, 1);
    MirrorChanges changes;
    changes.groups = {cloud_group(1)};
    changes.members = {joins(1, user(2), MemberType::device),
                       joins(1, user(3), MemberType::contact),
                       joins(1, user(4), MemberType::unknown)};
    commit(changes);
    for (const int number : {1, 2, 3, 4}) {
        MemberIdentity told = known(number);
        if (number > 1) told.type = MemberType::unknown;  // it stays what the stream said
        answer(told, at(100));
    }
    CHECK(to_ask(at(100), at(100)).empty());
    CHECK(to_ask(at(100), at(101)) == std::vector<MemberId>{user(2), user(3), user(4)});
    CHECK(to_ask(at(100), at(101), 2) == std::vector<MemberId>{user(2), user(3)});
    // Whom no answer names is asked for no sooner than a day later.
    answer(unknown(2, "not-returned"), at(200));
    CHECK(to_ask(at(100), at(101)) == std::vector<MemberId>{user(3), user(4)});
    CHECK(work(1).wanted.size() == 4);
    answer(none(3, "not-synced"), at(200));
    CHECK(work(1).wanted.size() == 3);
    // Of no group in scope, nobody asks.
    changes.groups = {cloud_group(1, false)};
    changes.members.clear();
    commit(changes);
    CHECK(to_ask(at(300), at(300)).empty());
}

TEST_CASE_FIXTURE(IdentitiesFixture, "a failed question takes no identity away") {
    written(1, 1, 1);
    answer(unknown(1));
    CHECK_FALSE(dirty(1));
    CHECK(work(1).unknown_count == 0);
}

TEST_CASE_FIXTURE(IdentitiesFixture, "an identity that appears later makes its groups dirty") {
    written(1, 1, 2);
    show_unknown(1, 1, 3);
    answer(none(3));
    carry_out(1);
    REQUIRE_FALSE(dirty(1));
    answer(known(3));
    const GroupWork work = this->work(1);
    CHECK(work.cause == Cause::identity);
    CHECK(keys(work.wanted) == std::vector<std::string>{sid(3).text()});
    CHECK(work.present.empty());
}

TEST_CASE_FIXTURE(IdentitiesFixture,
                  "an answer is not stored when the stream told something since") {
    show_unknown(1, 1, 1);
    const std::int64_t since = value(store->change_number());
    users({deleted(1)});
    done(store->store_identities({known(1)}, since, at(3)));
    CHECK(work(1).wanted.empty());
    CHECK(value(store->counts()).unresolved[0].first == "deleted");
    answer(known(1));
    CHECK(work(1).wanted.size() == 1);
}

TEST_CASE_FIXTURE(IdentitiesFixture,
                  "a deleted user leaves explicitly, one no longer synced by inference") {
    written(1, 1, 3);
    users({deleted(1), synced(2, false)});
    const GroupWork work = this->work(1);
    REQUIRE(work.present.size() == 2);
    CHECK(work.present[0].evidence == Evidence::object_deleted);
    CHECK(work.present[1].evidence == Evidence::identity_lost);
    CHECK(work.wanted.empty());
    CHECK(work.cause == Cause::identity);
    CHECK(value(store->guard_facts(at(0))).inferred_removals_pending == 1);
}

TEST_CASE_FIXTURE(IdentitiesFixture, "a deletion makes the loss of an identity explicit") {
    written(1, 1, 3);
    users({synced(2, false)});
    users({deleted(2)});
    CHECK(work(1).present.at(0).evidence == Evidence::object_deleted);
}

TEST_CASE_FIXTURE(IdentitiesFixture,
                  "a removal from the group makes the loss of an identity explicit") {
    written(1, 1, 3);
    users({synced(2, false)});
    MirrorChanges page;
    page.members = {leaves(1, user(2))};
    commit(page);
    CHECK(work(1).present.at(0).evidence == Evidence::removed);
}

TEST_CASE_FIXTURE(IdentitiesFixture, "a restored user comes back by its stored SID") {
    done(store->bind("domain_sid", domain));
    written(1, 1, 2);
    users({deleted(1)});
    carry_out(1);
    CHECK(whole_work(1).present.size() == 1);
    carry_out(1);
    users({item(1)});
    CHECK(keys(work(1).wanted) == std::vector<std::string>{sid(1).text()});
}

TEST_CASE_FIXTURE(IdentitiesFixture, "a restored user is asked for while the domain is not known") {
    written(1, 1, 2);
    users({deleted(1)});
    carry_out(1);
    users({item(1)});
    CHECK(work(1).unknown_count == 1);
    CHECK(to_ask(at(0)) == std::vector<MemberId>{user(1)});
}

TEST_CASE_FIXTURE(IdentitiesFixture, "a SID of another domain is never taken from the stream") {
    done(store->bind("domain_sid", domain));
    show_unknown(1, 1, 2);
    users({synced(1, true, Sid("S-1-5-21-9-9-9-1000")), synced(2, true, sid(2))});
    CHECK(keys(work(1).wanted) == std::vector<std::string>{sid(2).text()});
    CHECK(to_ask(at(0)) == std::vector<MemberId>{user(1)});
}

TEST_CASE_FIXTURE(IdentitiesFixture, "an item that says nothing of identity changes nothing") {
    written(1, 1, 2);
    UserItem renamed = item(1);
    renamed.user_principal_name = {true, "other@example.com"};
    users({renamed, synced(2, true, sid(2))});
    CHECK_FALSE(dirty(1));
}

TEST_CASE_FIXTURE(IdentitiesFixture,
                  "an unreadable item changes nothing and has its user asked for") {
    written(1, 1, 2);
    UserItem unreadable = synced(1, false);
    unreadable.unreadable = "onPremisesSyncEnabled is text";
    users({unreadable});
    CHECK_FALSE(dirty(1));
    CHECK(to_ask(at(0)) == std::vector<MemberId>{user(1)});
}

TEST_CASE_FIXTURE(IdentitiesFixture, "a user that the mirror does not know is ignored") {
    users({deleted(1)});
    show_unknown(1, 1, 1);
    CHECK(work(1).unknown_count == 1);
}

TEST_CASE_FIXTURE(IdentitiesFixture, "an identity without SID waits for the directory") {
    done(store->bind("domain_sid", domain));
    written(1, 1, 1);
    UserItem moved = synced(1, true, Sid());
    moved.on_premises_immutable_id = {true, "q83vASNFZ4mrze8BI0VniQ=="};
    users({moved});
    CHECK(work(1).unknown_count == 1);
    CHECK(to_ask(at(0)) == std::vector<MemberId>{user(1)});
    CHECK(value(store->counts()).unresolved[0].first == "needs-directory");
}

TEST_CASE_FIXTURE(IdentitiesFixture,
                  "a recreated AD user is one removal and one addition (hard case 3)") {
    written(1, 1, 2);
    MemberIdentity recreated = known(1);
    recreated.identity = person(9);
    answer(recreated);
    const GroupWork work = this->work(1);
    CHECK(keys(work.wanted) == std::vector<std::string>{sid(9).text()});
    REQUIRE(work.present.size() == 1);
    CHECK(work.present[0].identity == person(1));
    CHECK(work.present[0].evidence == Evidence::identity_lost);
    CHECK(work.present[0].cloud_ids == std::vector<MemberId>{user(1)});
}

TEST_CASE_FIXTURE(IdentitiesFixture,
                  "another form of the same AD object is no change (hard case 3)") {
    show_unknown(1, 1, 1);
    MemberIdentity by_guid = known(1);
    by_guid.identity = {{}, guid(101)};
    answer(by_guid);
    carry_out(1);
    REQUIRE_FALSE(dirty(1));
    MemberIdentity both = known(1);
    both.identity = {sid(1), guid(101)};
    answer(both);
    CHECK_FALSE(dirty(1));
    answer(known(1));
    CHECK_FALSE(dirty(1));
    const GroupWork work = whole_work(1);
    CHECK(keys(work.wanted) == std::vector<std::string>{sid(1).text()});
    CHECK(keys(work.present) == std::vector<std::string>{sid(1).text()});
}

TEST_CASE_FIXTURE(IdentitiesFixture, "two rows that turn out to be one AD object become one") {
    show_unknown(1, 1, 2);
    MemberIdentity by_guid = known(1);
    by_guid.identity = {{}, guid(101)};
    answer(by_guid);
    answer(known(2));
    carry_out(1);
    CHECK(whole_work(1).written_count == 2);
    MemberIdentity both = known(2);
    both.identity = {sid(2), guid(101)};
    answer(both);
    const GroupWork work = whole_work(1);
    REQUIRE(work.wanted.size() == 1);
    CHECK(work.wanted[0].cloud_ids == std::vector<MemberId>{user(1), user(2)});
    CHECK(keys(work.present) == std::vector<std::string>{sid(2).text()});
    CHECK(work.written_count == 1);
}

TEST_CASE_FIXTURE(IdentitiesFixture, "an identity stays while one of its cloud objects wants it") {
    show_unknown(1, 1, 2);
    MemberIdentity twin = known(2);
    twin.identity = person(1);
    answer(known(1));
    answer(twin);
    carry_out(1);
    MirrorChanges page;
    page.members = {leaves(1, user(1))};
    commit(page);
    const GroupWork one_left = this->work(1);
    REQUIRE(one_left.wanted.size() == 1);
    CHECK(one_left.wanted[0].cloud_ids == std::vector<MemberId>{user(2)});
    carry_out(1);
    page.members = {leaves(1, user(2))};
    commit(page);
    const GroupWork none_left = this->work(1);
    CHECK(none_left.wanted.empty());
    CHECK(none_left.present.at(0).evidence == Evidence::removed);
}

TEST_CASE_FIXTURE(IdentitiesFixture,
                  "one inferred loss behind an identity makes its removal inferred") {
    show_unknown(1, 1, 2);
    MemberIdentity twin = known(2);
    twin.identity = person(1);
    answer(known(1));
    answer(twin);
    carry_out(1);
    MirrorChanges page;
    page.members = {leaves(1, user(1)), leaves(1, user(2), Evidence::absent)};
    commit(page);
    CHECK(work(1).present.at(0).evidence == Evidence::absent);
}

TEST_CASE_FIXTURE(IdentitiesFixture,
                  "a member is a contact while nothing but contacts is behind its identity") {
    const AdIdentity contact{{}, guid(70)};
    MirrorChanges changes;
    changes.groups = {cloud_group(30)};
    changes.members = {joins(30, user(70), MemberType::contact), joins(30, user(71)),
                       joins(30, user(72))};
    changes.marks = {mark_of_group(30)};
    commit(changes);
    MemberIdentity told = known(70);
    told.type = MemberType::contact;
    told.identity = contact;
    done(
        store->store_identities({told, known(71), none(72)}, value(store->change_number()), at(1)));
    GroupWork work = this->work(30);
    REQUIRE(work.wanted.size() == 2);
    CHECK_FALSE(work.wanted[0].contact);
    CHECK(work.wanted[1].identity == contact);
    CHECK(work.wanted[1].contact);
    carry_out(30);
    changes.members = {joins(30, user(73))};
    commit(changes);
    MemberIdentity same = known(73);
    same.identity = contact;
    done(store->store_identities({same}, value(store->change_number()), at(2)));
    work = this->work(30);
    REQUIRE(work.wanted.size() == 1);
    CHECK(work.wanted[0].identity == contact);
    CHECK_FALSE(work.wanted[0].contact);
}

TEST_CASE_FIXTURE(IdentitiesFixture, "a service principal is never asked for") {
    MirrorChanges changes;
    changes.groups = {cloud_group(1)};
    changes.members = {joins(1, user(1), MemberType::service_principal)};
    commit(changes);
    CHECK(to_ask(at(0)).empty());
    CHECK(work(1).unknown_count == 0);
    CHECK(value(store->counts()).unresolved[0].first == "service-principal");
}

TEST_CASE_FIXTURE(IdentitiesFixture,
                  "the last unknown member's answer lets waiting removals go on") {
    written(1, 1, 3);
    show_unknown(1, 1, 4);
    users({synced(2, false)});
    // Planned while user 4 is unknown: nothing inferred is removed, and the run settles.
    Outcome outcome;
    outcome.group = group(1);
    outcome.number = work(1).number;
    outcome.settled = true;
    outcome.owed = {user(2)};
    done(store->finish({outcome}, at(3)));
    REQUIRE_FALSE(dirty(1));
    answer(none(4));
    CHECK(dirty(1));
    CHECK(work(1).present.at(0).evidence == Evidence::identity_lost);
}
