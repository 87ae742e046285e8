// What reads of AD replace, and the questions that the auditor asks.
#include "store_fixture.hpp"

using namespace writeback;
using namespace writeback::test;

namespace {

struct DriftFixture : StoreFixture {
    DriftFixture() { written(1, 1, 4); }

    void read(std::vector<AdIdentity> members, ReplaceExtent extent,
              std::optional<std::int64_t> since = {}) {
        DirectoryReadback readback{found, std::move(members), Evidence::drift_undone, extent,
                                   since};
        done(store->replace_written(readback, at(5)));
    }
    [[nodiscard]] std::vector<std::string> members() const {
        std::vector<std::string> keys;
        for (const AdIdentity& member : value(store->written_members(group(1))))
            keys.push_back(member.key());
        return keys;
    }
    void leave(int number) {
        MirrorChanges page;
        page.members = {leaves(1, user(number))};
        commit(page, at(3));
    }
    static std::vector<std::string> people(std::vector<int> numbers) {
        std::vector<std::string> keys;
        for (const int number : numbers)
            keys.push_back(sid(number).text());
        return keys;
    }

    WrittenGroup found = ad_group(1);
};

Mark audit(int number) {
    Mark mark = mark_of_group(number, Cause::drift, true);
    mark.read_first = true;
    return mark;
}

}  // namespace

TEST_CASE_FIXTURE(DriftFixture, "written members are told in key order") {
    CHECK(members() == people({1, 2, 3, 4}));
    CHECK(value(store->written_members(group(9))).empty());
}

TEST_CASE_FIXTURE(DriftFixture, "a read replaces everything") {
    read({person(1), person(2), person(8)}, ReplaceExtent::everything);
    CHECK(members() == people({1, 2, 8}));
    REQUIRE(work(1).present.size() == 3);
    CHECK(work(1).present[2].evidence == Evidence::drift_undone);
}

TEST_CASE_FIXTURE(DriftFixture, "additive membership does not see whom someone else added") {
    read({person(1), person(2), person(8)}, ReplaceExtent::written_or_wanted);
    CHECK(members() == people({1, 2}));
    const GroupWork work = this->work(1);
    CHECK(keys(work.wanted) == people({1, 2, 3, 4}));
    CHECK(keys(work.present) == people({1, 2}));
}

TEST_CASE_FIXTURE(DriftFixture, "additive membership still removes whom we wrote") {
    leave(2);
    read({person(1), person(2), person(8)}, ReplaceExtent::written_or_wanted);
    CHECK(members() == people({1, 2}));
    REQUIRE(work(1).present.size() == 2);
    CHECK(work(1).present[1].evidence == Evidence::removed);
}

TEST_CASE_FIXTURE(
    DriftFixture,
    "additive membership removes whom an interrupted run added and the cloud removed") {
    MirrorChanges page;
    page.members = {joins(1, user(5))};
    commit(page, at(2));
    know_users(5, 5);
    done(store->begin_work({group(1)}, at(2)));
    leave(5);
    read({person(1), person(2), person(3), person(4), person(5)}, ReplaceExtent::written_or_wanted);
    REQUIRE(work(1).present.size() == 5);
    CHECK(work(1).present[4].identity == person(5));
    CHECK(work(1).present[4].evidence == Evidence::removed);
}

TEST_CASE_FIXTURE(DriftFixture, "a read that is only reported changes names and touched members") {
    leave(2);
    leave(3);
    found.cn = "Renamed";
    found.dn = Dn("CN=Renamed,OU=Groups,DC=example,DC=com");
    found.usn = 70;
    found.attributes = {{"displayName", {"Someone else's"}}};
    found.group_type = universal_distribution_group;
    read({person(1), person(3), person(8)}, ReplaceExtent::touched);
    const WrittenGroup known = value(store->written_group(group(1))).value();
    CHECK(known.dn == found.dn);
    CHECK(known.cn == "Renamed");
    CHECK(known.usn == 70);
    CHECK(known.attributes == ad_group(1).attributes);
    CHECK(known.group_type == ad_group(1).group_type);
    // 2 was touched and is gone, 3 was touched and is there; of 4 and 8 nothing is taken over.
    CHECK(members() == people({1, 3, 4}));
}

TEST_CASE_FIXTURE(DriftFixture, "another object replaces everything, whatever the extent") {
    found.guid = guid(77);
    found.group_type = universal_distribution_group;
    read({person(1), person(8)}, ReplaceExtent::touched);
    CHECK(value(store->written_group(group(1))) == found);
    CHECK(members() == people({1, 8}));
}

TEST_CASE_FIXTURE(DriftFixture, "what an adoption noted outlives a read") {
    found.guid = guid(77);
    found.keeps_name = true;
    found.previous_mark = "TakenOver_1";
    read({}, ReplaceExtent::everything);
    found.keeps_name = false;
    found.previous_mark.clear();
    read({}, ReplaceExtent::everything);
    WrittenGroup known = value(store->written_group(group(1))).value();
    CHECK(known.keeps_name);
    CHECK(known.previous_mark == "TakenOver_1");
    Outcome outcome;
    outcome.group = group(1);
    outcome.number = work(1).number;
    outcome.settled = true;
    outcome.written = found;
    done(store->finish({outcome}, at(6)));
    CHECK(value(store->written_group(group(1))) == found);
}

TEST_CASE_FIXTURE(DriftFixture, "what is asked for during a read is still owed after it") {
    done(store->mark({audit(1)}, at(2)));
    const std::int64_t since = value(store->change_number());
    done(store->mark({audit(1)}, at(3)));
    read({person(1)}, ReplaceExtent::everything, since);
    CHECK(work(1).read_first);
    read({person(1)}, ReplaceExtent::everything, value(store->change_number()));
    CHECK_FALSE(work(1).read_first);
}

TEST_CASE_FIXTURE(DriftFixture,
                  "a run that settles leaves a read owed that was asked for meanwhile") {
    done(store->mark({mark_of_group(1)}, at(2)));
    const GroupWork planned = work(1);
    done(store->mark({audit(1)}, at(3)));
    done(store->finish({outcome_of(planned, 1)}, at(4)));
    CHECK(work(1).read_first);
}

TEST_CASE_FIXTURE(DriftFixture, "the number that our writes left is remembered") {
    done(store->mark({mark_of_group(1)}, at(2)));
    Outcome outcome;
    outcome.group = group(1);
    outcome.number = work(1).number;
    outcome.settled = true;
    outcome.usn = 4711;
    done(store->finish({outcome}, at(3)));
    CHECK(value(store->written_group(group(1)))->usn == 4711);
    CHECK(value(store->written_by_guid({guid(1), guid(2)}))[0].usn == 4711);
}

TEST_CASE_FIXTURE(DriftFixture, "written groups are listed in id order, without missing ones") {
    written(3, 1, 1);
    written(2, 1, 1);
    written(4, 1, 1);
    done(store->forget_written(group(3), at(2)));
    const auto first = value(store->written_after({}, 2));
    REQUIRE(first.size() == 2);
    CHECK(first[0].group == group(1));
    CHECK(first[1].group == group(2));
    const auto rest = value(store->written_after(group(2), 2));
    REQUIRE(rest.size() == 1);
    CHECK(rest[0] == ad_group(4));
    CHECK(value(store->written_by_guid({guid(3)})).empty());
}

TEST_CASE_FIXTURE(DriftFixture, "the dirty ones among groups are told") {
    written(2, 1, 1);
    done(store->mark({mark_of_group(2)}, at(2)));
    CHECK(value(store->dirty_among({group(1), group(2), group(9)})) ==
          std::vector<GroupId>{group(2)});
}

TEST_CASE_FIXTURE(
    DriftFixture,
    "a full audit marks every written group, missing ones too, and disturbs no hint") {
    written(2, 1, 1);
    written(3, 1, 1);
    done(store->forget_written(group(3), at(2)));
    Mark hint = mark_of_group(2, Cause::hint);
    hint.hinted_at = at(3);
    done(store->mark({hint}, at(3)));
    CHECK(value(store->mark_all_written(Cause::drift, at(4))) == 3);
    const GroupWork audited = work(1);
    CHECK(audited.cause == Cause::drift);
    CHECK(audited.whole);
    CHECK(audited.read_first);
    const GroupWork hinted = work(2);
    CHECK(hinted.cause == Cause::hint);
    CHECK(hinted.hinted_at == at(3));
    CHECK(hinted.whole);
    CHECK(hinted.read_first);
    const auto due = value(store->due(at(4), 10));
    REQUIRE(due.size() == 3);
    CHECK(due[0].group == group(2));
    CHECK(work(3).missing);
    CHECK(work(3).read_first);
}

TEST_CASE_FIXTURE(DriftFixture, "a group that is released is forgotten and not missing") {
    Outcome outcome;
    done(store->mark({audit(1)}, at(2)));
    outcome.group = group(1);
    outcome.number = work(1).number;
    outcome.settled = true;
    Hold hold;
    hold.group = group(1);
    hold.reason = HoldReason::take_over;
    outcome.holds = {hold};
    done(store->finish({outcome}, at(3)));
    done(store->release(group(1), at(4)));
    CHECK_FALSE(value(store->written_group(group(1))));
    CHECK(members().empty());
    CHECK(value(store->holds()).empty());
    CHECK_FALSE(work(1).missing);
    CHECK(value(store->counts()).managed == 0);
    CHECK(value(store->counts()).members_written == 0);
}
