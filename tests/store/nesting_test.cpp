#include "store_fixture.hpp"

using namespace writeback;
using namespace writeback::test;

namespace {

struct NestingFixture : StoreFixture {
    // Group 1 has group 2 as a member; group 2 is shown as given, or not at all.
    void nest(std::optional<MirrorGroup> child) {
        MirrorChanges changes;
        changes.groups = {cloud_group(1)};
        if (child) changes.groups.push_back(*child);
        changes.members = {joins(1, as_member(group(2)), MemberType::group)};
        commit(changes);
    }
    [[nodiscard]] std::string reason() const { return value(store->counts()).unresolved[0].first; }
};

MirrorGroup synced_group(int number) {
    MirrorGroup shown = cloud_group(number, false);
    shown.group.on_premises_sync_enabled = true;
    shown.group.on_premises_security_identifier = sid(number);
    return shown;
}

}  // namespace

TEST_CASE_FIXTURE(NestingFixture, "a synced group counts as a member by its SID") {
    nest(synced_group(2));
    CHECK(keys(work(1).wanted) == std::vector<std::string>{sid(2).text()});
    CHECK(work(1).wanted[0].cloud_ids == std::vector<MemberId>{as_member(group(2))});
}

TEST_CASE_FIXTURE(NestingFixture, "a synced group of another domain does not") {
    MirrorGroup foreign = synced_group(2);
    foreign.group.on_premises_security_identifier = Sid("S-1-5-21-9-9-9-512");
    nest(foreign);
    CHECK(work(1).wanted.size() == 1);
    done(store->bind("domain_sid", domain));
    CHECK(work(1).wanted.empty());
    CHECK(reason() == "other-domain");
}

TEST_CASE_FIXTURE(NestingFixture,
                  "our own group counts once it is written, and marks its parents (hard case 5)") {
    nest(cloud_group(2));
    CHECK(work(1).wanted.empty());
    CHECK(work(1).unknown_count == 0);
    CHECK(reason() == "group-not-written");
    carry_out(1);
    REQUIRE_FALSE(dirty(1));
    carry_out(2);
    const GroupWork parent = work(1);
    CHECK(parent.cause == Cause::nesting);
    CHECK_FALSE(parent.whole);
    REQUIRE(parent.wanted.size() == 1);
    CHECK(parent.wanted[0].identity == group_identity(2));
    CHECK(parent.wanted[0].identity.guid == guid(2));
}

TEST_CASE_FIXTURE(NestingFixture, "a group found with another objectGUID marks its parents") {
    nest(cloud_group(2));
    carry_out(2);
    carry_out(1);
    REQUIRE_FALSE(dirty(1));
    WrittenGroup moved = ad_group(2);
    moved.guid = guid(99);
    moved.sid = sid(99);
    done(store->replace_written({moved, {}, Evidence::drift_undone}, at(1)));
    const GroupWork parent = work(1);
    CHECK(keys(parent.wanted) == std::vector<std::string>{sid(99).text()});
    REQUIRE(parent.present.size() == 1);
    CHECK(parent.present[0].identity == group_identity(2));
}

TEST_CASE_FIXTURE(NestingFixture,
                  "a group out of scope is none, and leaves its parents by inference") {
    nest(cloud_group(2, false));
    CHECK(reason() == "group-out-of-scope");
    MirrorChanges enters;
    enters.groups = {cloud_group(2, true)};
    commit(enters);
    carry_out(2);
    carry_out(1);
    MirrorChanges left;
    left.groups = {cloud_group(2, false)};
    commit(left);
    CHECK(work(1).present.at(0).evidence == Evidence::out_of_scope);
    CHECK(work(1).wanted.empty());
}

TEST_CASE_FIXTURE(NestingFixture,
                  "a group that the mirror did not know yet marks its parents when it is shown") {
    nest(std::nullopt);
    CHECK(work(1).unknown_count == 1);
    carry_out(1);
    REQUIRE_FALSE(dirty(1));
    MirrorChanges later;
    later.groups = {synced_group(2)};
    later.parents_of = {group(2)};
    commit(later);
    CHECK(work(1).cause == Cause::nesting);
    CHECK(keys(work(1).wanted) == std::vector<std::string>{sid(2).text()});
}

TEST_CASE_FIXTURE(NestingFixture, "a deleted child stays nested until AD has followed") {
    nest(cloud_group(2));
    carry_out(2);
    carry_out(1);
    MirrorGroup gone = cloud_group(2, false);
    gone.group.state = CloudState::deleted;
    MirrorChanges changes;
    changes.groups = {gone};
    commit(changes);
    CHECK_FALSE(dirty(1));
    done(store->mark({mark_of_group(2)}, at(3)));
    Outcome outcome;
    outcome.group = group(2);
    outcome.number = work(2).number;
    outcome.forgotten = true;
    outcome.settled = true;
    done(store->finish({outcome}, at(3)));
    const GroupWork parent = work(1);
    CHECK_MESSAGE(parent.read_first, "AD has ended the membership by itself");
    CHECK(parent.wanted.empty());
    CHECK(parent.present.at(0).evidence == Evidence::object_deleted);
    CHECK_FALSE(value(store->written_group(group(2))));
}

TEST_CASE_FIXTURE(NestingFixture,
                  "a group whose source of authority went back to AD stays nested by its SID") {
    nest(cloud_group(2));
    carry_out(2);
    carry_out(1);
    MirrorGroup released = synced_group(2);
    released.group.on_premises_security_identifier = ad_group(2).sid;
    MirrorChanges changes;
    changes.groups = {released};
    changes.marks = {mark_of_group(2)};
    commit(changes);
    Outcome outcome;
    outcome.group = group(2);
    outcome.number = work(2).number;
    outcome.forgotten = true;
    outcome.settled = true;
    done(store->finish({outcome}, at(3)));
    CHECK_FALSE(dirty(1));
    CHECK(whole_work(1).wanted.size() == 1);
}

TEST_CASE_FIXTURE(NestingFixture, "a missing child does not delay its parent") {
    nest(cloud_group(2));
    carry_out(2);
    carry_out(1);
    done(store->forget_written(group(2), at(1)));
    CHECK(work(2).missing);
    CHECK_FALSE(work(2).written);
    CHECK(value(store->written_group(group(2)))->sid == ad_group(2).sid);
    CHECK(work(1).read_first);
    CHECK(work(1).wanted.empty());
    done(store->replace_written({ad_group(2), {}, Evidence::drift_undone}, at(1)));
    CHECK_FALSE(work(2).missing);
    CHECK(work(1).wanted.size() == 1);
}

TEST_CASE_FIXTURE(NestingFixture, "who nests whom is told among the groups that are asked for") {
    nest(cloud_group(2));
    MirrorChanges changes;
    changes.groups = {cloud_group(3)};
    changes.members = {joins(2, as_member(group(3)), MemberType::group),
                       joins(1, as_member(group(3)), MemberType::group)};
    commit(changes);
    using Pairs = std::vector<std::pair<GroupId, GroupId>>;
    CHECK(value(store->nesting({group(3), group(2)})) == Pairs{{group(2), group(3)}});
    CHECK(value(store->nesting({group(1), group(2), group(3)})).size() == 3);
}
