// What the auditor asks of a real domain controller: what changed, what is there, and to be told.
#include "directory/distinguished_name.hpp"
#include "live/laboratory.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace writeback;
using namespace writeback::testing;

namespace {

ChangedGroups changed_since(Laboratory& lab, std::int64_t usn) {
    auto changed = lab.loop.run(lab.reader().changed_since(usn));
    REQUIRE(changed.has_value());
    return *changed;
}

bool shows(const ChangedGroups& changed, const ObjectGuid& guid) {
    return std::any_of(changed.groups.begin(), changed.groups.end(),
                       [&](const ChangedGroup& one) { return one.guid == guid; });
}

}  // namespace

TEST_CASE("the change feed shows what changed since, each once, in the order of the changes") {
    Laboratory lab;
    const auto users = lab.users(2);
    const auto first = lab.create(lab.new_group("feed first"));
    const auto second = lab.create(lab.new_group("feed second"));
    const auto untouched = lab.create(lab.new_group("feed untouched"));
    const auto before = changed_since(lab, 0);
    CHECK(shows(before, untouched.guid));

    lab.change(second.dn.text(), {{LdapChangeKind::add, "member", {users[0].dn}}});
    lab.change(first.dn.text(), {{LdapChangeKind::replace, "adminDescription", {"Group_x"}}});
    const auto after = changed_since(lab, before.highest_usn);
    REQUIRE(after.groups.size() == 2);
    CHECK(after.groups[0].guid == second.guid);
    CHECK(after.groups[0].mark == second.group);
    CHECK(same_name(after.groups[0].dn, second.dn));
    CHECK(after.groups[1].guid == first.guid);
    CHECK_FALSE(after.groups[1].mark.has_value());
    CHECK(after.groups[0].usn < after.groups[1].usn);
    CHECK(after.highest_usn >= after.groups[1].usn);
    CHECK(changed_since(lab, after.highest_usn).groups.empty());

    // Whose numbers they are: host and database.
    CHECK(after.usn_source.starts_with("dc1.lab.test "));
    CHECK(canonical_guid(after.usn_source.substr(13)).has_value());
    CHECK(after.usn_source == lab.loop.run(lab.reader().facts())->usn_source);
}

TEST_CASE("what we write ourselves is known by the number that it left") {
    Laboratory lab;
    const auto users = lab.users(1);
    const auto target = lab.create(lab.new_group("own number"));
    const auto before = changed_since(lab, 0).highest_usn;
    CHECK(lab.loop.run(lab.writer().add_members(target, {users[0].identity})).has_value());
    const auto usn = lab.loop.run(lab.reader().usn_of(target.guid));
    REQUIRE(usn.has_value());
    REQUIRE(usn->has_value());
    const auto after = changed_since(lab, before);
    REQUIRE(after.groups.size() == 1);
    CHECK(after.groups[0].usn == **usn);
    CHECK(lab.read(target.guid).usn == **usn);
    CHECK(lab.read(target.guid).mark_text == mark_of(target.group));
    const auto nobody =
        lab.loop.run(lab.reader().usn_of(ObjectGuid("12345678-1234-1234-1234-123456789abc")));
    REQUIRE(nobody.has_value());
    CHECK_FALSE(nobody->has_value());
}

TEST_CASE("of many objects those in the containers are told, others and deleted ones not") {
    Laboratory lab;
    std::vector<ObjectGuid> asked;
    std::vector<ObjectGuid> there;
    for (int i = 0; i < 12; ++i) {
        there.push_back(lab.create(lab.new_group("known " + std::to_string(i))).guid);
    }
    asked = there;
    // People stand elsewhere, as a group does that was moved away.
    for (const auto& user : lab.users(10))
        asked.push_back(user.identity.guid);
    const auto deleted = lab.create(lab.new_group("deleted meanwhile"));
    CHECK(lab.loop.run(lab.writer().remove(deleted)).has_value());
    asked.push_back(deleted.guid);
    for (int i = 0; i < 90; ++i) {
        std::string digits = std::to_string(100 + i);
        asked.emplace_back("12345678-1234-1234-1234-123456789" + digits);
    }
    auto found = lab.loop.run(lab.reader().existing(asked));
    REQUIRE(found.has_value());
    std::sort(found->begin(), found->end());
    std::sort(there.begin(), there.end());
    CHECK(*found == there);
    CHECK(lab.loop.run(lab.reader().existing({}))->empty());
}

TEST_CASE("the directory tells of a change below the containers, and of none elsewhere") {
    Laboratory lab;
    const auto target = lab.create(lab.new_group("watched"));
    // The first call on a connection cannot know what happened before it.
    CHECK(*lab.loop.run(lab.reader().await_change(std::chrono::seconds(1))));
    // Samba tells on a tick of five seconds; what was written just before may still come.
    while (*lab.loop.run(lab.reader().await_change(std::chrono::seconds(7)))) {
    }
    lab.change("CN=Outside,OU=Other," + setting("SAMBA_BASE"),
               {{LdapChangeKind::replace, "description", {"elsewhere"}}});
    CHECK_FALSE(*lab.loop.run(lab.reader().await_change(std::chrono::seconds(7))));

    auto told = lab.loop.start(lab.reader().await_change(std::chrono::seconds(50)));
    lab.change(target.dn.text(), {{LdapChangeKind::replace, "description", {"by hand"}}});
    lab.loop.run_until([&] { return told->has_value(); });
    REQUIRE((*told)->has_value());
    CHECK(***told);
}

TEST_CASE("who waits for a change is told when the connection ends, and waits on the next one") {
    Laboratory lab;
    CHECK(*lab.loop.run(lab.reader().await_change(std::chrono::seconds(1))));
    auto told = lab.loop.start(lab.reader().await_change(std::chrono::seconds(50)));
    lab.loop.run_until([&] { return lab.directory->bound(); });
    samba_dc("stop --now");
    lab.loop.run_until([&] { return told->has_value(); });
    REQUIRE((*told)->has_error());
    CHECK((*told)->error().kind == FailureKind::disconnected);
    samba_dc("start");
    lab.loop.run_until([&] {
        auto again = lab.loop.run(lab.reader().await_change(std::chrono::seconds(1)));
        return again && *again;
    });
    // The end of the test ends who still waits.
    auto last = lab.loop.start(lab.reader().await_change(std::chrono::seconds(50)));
    lab.loop.run(lab.directory->stop());
    lab.loop.run_until([&] { return last->has_value(); });
    CHECK((*last)->error().kind == FailureKind::cancelled);
}
