// drift = "report" and membership = "additive": what others did stays, and the cloud's changes go
// on.
#include "core/distinguished_name.hpp"
#include "world.hpp"

using namespace writeback;
using namespace writeback::fakes;
using namespace std::chrono_literals;

namespace {

constexpr auto dialects = {ModelDirectory::Dialect::samba, ModelDirectory::Dialect::windows};

struct Reported : World {
    MemberId alice, bob, carol;
    GroupId group;
    ObjectGuid guid;

    explicit Reported(ModelDirectory::Dialect dialect) {
        directory.dialect = dialect;
        config.groups.drift = DriftAction::report;
        alice = person(*this, "alice");
        bob = person(*this, "bob");
        carol = person(*this, "carol");
        group = cloud.add_group("Finance");
        cloud.add_member(group, alice);
        REQUIRE(once().has_value());
        guid = directory.group_of(group)->guid;
        static_cast<void>(written());
    }
    [[nodiscard]] Sid sid(const MemberId& member) const {
        return cloud.principals().at(member).sid;
    }
    [[nodiscard]] bool has(const MemberId& member) const {
        return directory.members_of(group).contains(sid(member).text());
    }
    // The sentence of the one hold of drift.
    [[nodiscard]] std::string report() {
        const auto held = holds();
        REQUIRE(held.size() == 1);
        CHECK(held.front().reason == HoldReason::drift);
        return held.front().detail;
    }
};

}  // namespace

TEST_CASE("reported drift: a member that someone adds stays, and is told") {
    for (const auto dialect : dialects) {
        Reported world(dialect);
        world.directory.set_member(world.guid, world.sid(world.carol), true);
        REQUIRE(world.once().has_value());
        CHECK(world.written().empty());
        CHECK(world.has(world.carol));
        CHECK(world.report().find(world.sid(world.carol).text()) != std::string::npos);

        // The cloud's own changes go on beside it, and it stays told.
        world.cloud.add_member(world.group, world.bob);
        world.cloud.remove_member(world.group, world.alice);
        REQUIRE(world.once().has_value());
        CHECK(world.has(world.bob));
        CHECK_FALSE(world.has(world.alice));
        CHECK(world.has(world.carol));
        CHECK(world.report().find(world.sid(world.carol).text()) != std::string::npos);

        // Put right in the directory, it is told no more.
        world.directory.set_member(world.guid, world.sid(world.carol), false);
        REQUIRE(world.once().has_value());
        CHECK(world.holds().empty());
        CHECK(world.difference() == "");
    }
}

TEST_CASE("reported drift: what someone did and the cloud wants as well is no drift") {
    for (const auto dialect : dialects) {
        Reported world(dialect);
        world.directory.set_member(world.guid, world.sid(world.bob), true);
        world.directory.set_member(world.guid, world.sid(world.alice), false);
        world.cloud.add_member(world.group, world.bob);
        world.cloud.remove_member(world.group, world.alice);
        REQUIRE(world.once().has_value());
        CHECK(world.holds().empty());
        CHECK(world.difference() == "");
        CHECK(world.counts().dirty == 0);
        REQUIRE(world.once().has_value());
        CHECK(world.written().empty());
    }
}

TEST_CASE("reported drift: a rename and a move are told, and undone when the cloud renames") {
    for (const auto dialect : dialects) {
        Reported world(dialect);
        const auto elsewhere = Dn("OU=Sub," + World::container.text());
        world.directory.meddle(world.guid, [&](ModelDirectory::Entry& entry) {
            entry.cn = "Verkauf";
            entry.dn = dn_in(elsewhere, "Verkauf");
        });
        for (int run = 0; run < 3; ++run) {
            REQUIRE(world.once().has_value());
            CHECK(world.written().empty());
            CHECK(world.report().find("Verkauf") != std::string::npos);
            CHECK(world.report().find(elsewhere.text()) != std::string::npos);
            // A change of the cloud is written to where it stands now.
            world.cloud.add_member(world.group, run % 2 == 0 ? world.bob : world.carol);
            REQUIRE(world.once().has_value());
            CHECK(world.written() == std::vector<std::string>{"add-members Verkauf 1"});
            world.cloud.remove_member(world.group, run % 2 == 0 ? world.bob : world.carol);
            REQUIRE(world.once().has_value());
            static_cast<void>(world.written());
            world.request_resync(world.group);
        }
        world.cloud.change_group(world.group, [](CloudGroup& one) { one.display_name = "Money"; });
        REQUIRE(world.once().has_value());
        CHECK(world.directory.group_of(world.group)->cn.starts_with("Money_"));
    }
}

TEST_CASE("reported drift: attributes that others changed stay until the cloud changes them") {
    for (const auto dialect : dialects) {
        Reported world(dialect);
        world.directory.meddle(world.guid, [](ModelDirectory::Entry& entry) {
            entry.attributes["displayName"] = {"Verkauf"};
            entry.attributes["description"] = {"nobody asked for this"};
        });
        REQUIRE(world.once().has_value());
        CHECK(world.written().empty());
        CHECK(world.report().find("displayName") != std::string::npos);
        CHECK(world.report().find("description") != std::string::npos);
        world.cloud.change_group(world.group, [](CloudGroup& one) { one.display_name = "Money"; });
        REQUIRE(world.once().has_value());
        CHECK(world.difference() == "");
        CHECK(world.directory.group_of(world.group)->attributes.at("description").front() ==
              "nobody asked for this");
    }
}

TEST_CASE("reported drift: a mark that is gone, or a group outside, is held and not written") {
    for (const auto dialect : dialects) {
        Reported world(dialect);
        world.directory.meddle(world.guid, [](ModelDirectory::Entry& entry) {
            entry.attributes.erase("adminDescription");
        });
        for (int run = 0; run < 2; ++run) {
            REQUIRE(world.once().has_value());
            CHECK(world.written().empty());
            CHECK(world.report().find("mark") != std::string::npos);
            world.cloud.add_member(world.group, world.bob);
        }
    }
}

TEST_CASE("reported drift: set to repair, everything is put right") {
    for (const auto dialect : dialects) {
        Reported world(dialect);
        world.directory.set_member(world.guid, world.sid(world.carol), true);
        world.directory.meddle(world.guid, [&](ModelDirectory::Entry& entry) {
            entry.cn = "Verkauf";
            entry.dn = dn_in(World::container, "Verkauf");
        });
        REQUIRE(world.once().has_value());
        CHECK(world.written().empty());
        world.config.groups.drift = DriftAction::repair;
        REQUIRE(world.once().has_value());
        CHECK(world.difference() == "");
        CHECK(world.holds().empty());
        CHECK(world.directory.group_of(world.group)->cn.starts_with("Finance_"));
    }
}

TEST_CASE("reported drift: a lost answer is no drift") {
    for (const auto dialect : dialects) {
        Reported world(dialect);
        world.directory.lose_answer_of_write(1);
        world.cloud.add_member(world.group, world.bob);
        world.cloud.change_group(world.group, [](CloudGroup& one) { one.description = "money"; });
        static_cast<void>(world.once());
        REQUIRE(world.once().has_value());
        CHECK(world.holds().empty());
        CHECK(world.difference() == "");
    }
}

TEST_CASE("additive membership keeps whom others added, and removes whom the cloud removes") {
    for (const auto dialect : dialects) {
        World world;
        world.directory.dialect = dialect;
        world.config.groups.membership = Membership::additive;
        const auto alice = person(world, "alice");
        const auto bob = person(world, "bob");
        const auto carol = person(world, "carol");
        const auto sid = [&](const MemberId& who) { return world.cloud.principals().at(who).sid; };
        const auto group = world.cloud.add_group("Finance");
        world.cloud.add_member(group, alice);
        REQUIRE(world.once().has_value());
        const auto guid = world.directory.group_of(group)->guid;
        world.directory.set_member(guid, sid(carol), true);
        world.directory.set_member(guid, sid(alice), false);
        REQUIRE(world.once().has_value());
        // Ours came back, theirs stayed.
        CHECK(world.directory.members_of(group) ==
              std::set<std::string>{sid(alice).text(), sid(carol).text()});
        world.cloud.add_member(group, bob);
        world.cloud.remove_member(group, alice);
        REQUIRE(world.once().has_value());
        CHECK(world.directory.members_of(group) ==
              std::set<std::string>{sid(bob).text(), sid(carol).text()});
        // Wanted by the cloud for a while, a member is ours as well.
        world.cloud.add_member(group, carol);
        REQUIRE(world.once().has_value());
        world.cloud.remove_member(group, carol);
        REQUIRE(world.once().has_value());
        CHECK(world.directory.members_of(group) == std::set<std::string>{sid(bob).text()});
        CHECK(world.holds().empty());
    }
}
