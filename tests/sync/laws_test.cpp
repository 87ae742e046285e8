// The laws that hold whatever happens: nothing is lost, nothing is done twice, one bad object
// blocks nobody, a lost store is rebuilt.
#include "world.hpp"

#include <filesystem>

using namespace writeback;
using namespace writeback::fakes;
using namespace std::chrono_literals;

namespace {

// A tenant with nesting, shared members and cloud-only ones.
void populate(World& world) {
    world.cloud.items_per_page = 3;
    world.cloud.members_per_item = 2;
    std::vector<MemberId> people;
    for (int i = 0; i < 6; ++i)
        people.push_back(person(world, "user " + std::to_string(i)));
    people.push_back(world.cloud.add_cloud_user("guest"));
    std::vector<GroupId> groups;
    for (int i = 0; i < 8; ++i) {
        groups.push_back(world.cloud.add_group("group " + std::to_string(i), i == 3));
        for (std::size_t j = 0; j < people.size(); ++j) {
            if ((j + static_cast<std::size_t>(i)) % 3 != 0) {
                world.cloud.add_member(groups.back(), people[j]);
            }
        }
    }
    world.cloud.add_member(groups[0], as_member(groups[5]));
    world.cloud.add_member(groups[1], as_member(groups[0]));
}

// Runs until the n-th call of the cloud or write to the directory, and ends the process there;
// false when there is no such call.
bool crash_at(World& world, int n) {
    int calls = 0;
    bool crashed = false;
    const auto count = [&](const std::string&) { return crashed |= ++calls == n; };
    world.cloud.on_call = count;
    world.directory.on_write = count;
    const auto report = world.once_until(crashed);
    world.cloud.on_call = nullptr;
    world.directory.on_write = nullptr;
    return !report.has_value();
}

}  // namespace

TEST_CASE("law 3: a crash at any call is made good by the next run, and nothing is made twice") {
    for (int n = 1;; ++n) {
        World world;
        populate(world);
        const bool crashed = crash_at(world, n);
        const auto report = world.once();
        CAPTURE(n);
        REQUIRE(report.has_value());
        CHECK(world.difference() == "");
        CHECK(world.directory.group_count() == 8);
        CHECK(report->dirty == 0);
        CHECK(world.holds().empty());
        if (!crashed) break;
        REQUIRE(n < 200);
    }
}

TEST_CASE("law 3: a crash in a round of changes loses none of them") {
    for (int n = 1;; ++n) {
        World world;
        populate(world);
        REQUIRE(world.once().has_value());
        int i = 0;
        for (const auto& [id, group] : world.cloud.groups()) {
            if (++i % 2 == 0) {
                world.cloud.change_group(id, [](CloudGroup& one) { one.display_name += " new"; });
            }
            const auto member = group.members.begin()->first;
            world.cloud.remove_member(id, member);
        }
        const bool crashed = crash_at(world, n);
        const auto report = world.once();
        CAPTURE(n);
        REQUIRE(report.has_value());
        CHECK(world.difference() == "");
        CHECK(world.holds().empty());
        if (!crashed) break;
        REQUIRE(n < 200);
    }
}

TEST_CASE("law 3: an answer lost after any write does no harm") {
    for (int n = 1; n <= 16; ++n) {
        World world;
        populate(world);
        world.directory.lose_answer_of_write(n);
        static_cast<void>(world.once());
        const auto report = world.once();
        CAPTURE(n);
        REQUIRE(report.has_value());
        CHECK(world.difference() == "");
        CHECK(world.directory.group_count() == 8);
        CHECK(world.holds().empty());
    }
}

TEST_CASE("law 3: a crawl that was interrupted goes on at the stored link") {
    World world;
    populate(world);
    // Pages of three items; the crash comes with the fourth page.
    int pages = 0;
    bool crashed = false;
    world.cloud.on_call = [&](const std::string& call) {
        return crashed |= call == "groups_page" && ++pages == 4;
    };
    CHECK_FALSE(world.once_until(crashed).has_value());
    world.cloud.on_call = nullptr;
    REQUIRE(world.once().has_value());
    CHECK(world.log.count("crawl-begins") == 1);
    CHECK(world.difference() == "");
}

TEST_CASE("law 8: a refused member is found by halves and held alone") {
    World world;
    const auto group = world.cloud.add_group("Finance");
    std::vector<MemberId> people;
    for (int i = 0; i < 40; ++i) {
        people.push_back(person(world, "user " + std::to_string(i)));
        world.cloud.add_member(group, people.back());
    }
    const auto bad = world.cloud.principals().at(people[17]).sid;
    world.directory.refused.insert(bad.text());
    const auto report = world.once();
    REQUIRE(report.has_value());
    CHECK(world.directory.members_of(group).size() == 39);
    REQUIRE(world.holds().size() == 1);
    const auto hold = world.holds().front();
    CHECK(hold.reason == HoldReason::refused);
    CHECK(hold.member == people[17]);
    CHECK(hold.sid == bad);
    CHECK(report->dirty == 0);

    // It is tried again later, and then goes through.
    world.directory.refused.clear();
    world.serve();
    REQUIRE(world.thread->run_until([&] { return world.difference().empty(); }, 2h));
    REQUIRE(world.thread->run_until([&] { return world.holds().empty(); }, 1min));
    world.stop();
}

TEST_CASE("law 8: a held member stays held while other members of its group change") {
    World world;
    const auto group = world.cloud.add_group("Finance");
    const auto alice = person(world, "alice");
    const auto bob = person(world, "bob");
    world.cloud.add_member(group, alice);
    world.directory.refused.insert(world.cloud.principals().at(alice).sid.text());
    REQUIRE(world.once().has_value());
    REQUIRE(world.holds().size() == 1);
    const auto since = world.holds().front().since;
    world.cloud.add_member(group, bob);
    REQUIRE(world.once().has_value());
    CHECK(world.directory.members_of(group).size() == 1);
    REQUIRE(world.holds().size() == 1);
    CHECK(world.holds().front().since == since);
}

TEST_CASE("law 8: a value that the directory refuses is held, the others are written") {
    World world;
    const auto group = world.cloud.add_group("Finance");
    const auto other = world.cloud.add_group("Sales");
    REQUIRE(world.once().has_value());
    world.directory.refused_attributes.insert("description");
    world.cloud.change_group(group, [](CloudGroup& one) {
        one.description = "money";
        one.display_name = "Finances";
    });
    world.cloud.change_group(other, [](CloudGroup& one) { one.display_name = "Sale"; });
    REQUIRE(world.once().has_value());
    CHECK(world.difference() == "");
    CHECK(world.directory.group_of(group)->cn.starts_with("Finances_"));
    REQUIRE(world.holds().size() == 1);
    CHECK(world.holds().front().reason == HoldReason::refused);
    CHECK(world.holds().front().targets.front().subject == "description");
}

TEST_CASE("law 9: replays, split groups and empty pages lead to the same end, and write once") {
    World world;
    populate(world);
    world.cloud.empty_pages = true;
    world.cloud.replays = true;
    REQUIRE(world.once().has_value());
    CHECK(world.difference() == "");
    static_cast<void>(world.written());
    world.cloud.kill_tokens();
    REQUIRE(world.once().has_value());
    CHECK(world.written().empty());
}

TEST_CASE("law 12: with a lost store the groups are found by their mark, and nothing is written") {
    World world;
    populate(world);
    REQUIRE(world.once().has_value());
    static_cast<void>(world.written());
    for (const auto* suffix : {"", "-wal", "-shm"}) {
        std::filesystem::remove(world.folder.file("state.db") + suffix);
    }
    const auto report = world.once();
    REQUIRE(report.has_value());
    CHECK(world.written().empty());
    CHECK(report->waiting == 0);
    CHECK(world.counts().managed == 8);
}

TEST_CASE("law 12: a store that was lost infers no removal in a group it takes over") {
    World world;
    const auto alice = person(world, "alice");
    const auto bob = person(world, "bob");
    const auto group = world.cloud.add_group("Finance");
    world.cloud.add_member(group, alice);
    world.cloud.add_member(group, bob);
    REQUIRE(world.once().has_value());
    for (const auto* suffix : {"", "-wal", "-shm"}) {
        std::filesystem::remove(world.folder.file("state.db") + suffix);
    }
    world.cloud.remove_member(group, bob);
    world.cloud.change_group(group, [](CloudGroup& one) { one.description = "money"; });
    const auto report = world.once();
    REQUIRE(report.has_value());
    CHECK(report->waiting == 1);
    CHECK(world.directory.members_of(group).size() == 2);
    CHECK(world.directory.group_of(group)->attributes.contains("description"));
    REQUIRE(world.holds().size() == 1);
    CHECK(world.holds().front().reason == HoldReason::take_over);
    world.decide(Decision::approved);
    REQUIRE(world.once().has_value());
    CHECK(world.difference() == "");
    CHECK(world.holds().empty());
}

TEST_CASE("a contradiction is answered by reading the group whole and planning anew") {
    World world;
    const auto alice = person(world, "alice");
    const auto bob = person(world, "bob");
    const auto group = world.cloud.add_group("Finance");
    world.cloud.add_member(group, alice);
    REQUIRE(world.once().has_value());
    // Someone else was quicker, and took another one out.
    const auto guid = world.directory.group_of(group)->guid;
    world.directory.set_member(guid, world.cloud.principals().at(bob).sid, true);
    world.directory.set_member(guid, world.cloud.principals().at(alice).sid, false);
    world.cloud.add_member(group, bob);
    REQUIRE(world.once().has_value());
    CHECK(world.difference() == "");
    CHECK(world.counts().dirty == 0);
}

TEST_CASE("one seed is one history") {
    std::vector<std::string> first;
    for (int run = 0; run < 2; ++run) {
        World world;
        populate(world);
        REQUIRE(world.once().has_value());
        if (run == 0) {
            first = world.directory.writes;
        } else {
            CHECK(world.directory.writes == first);
        }
    }
}
