// The auditor: what someone else changes in the directory is found within seconds, at a cost that
// does not grow with the number of groups, and what we wrote ourselves is not read again.
#include "core/distinguished_name.hpp"
#include "world.hpp"

using namespace writeback;
using namespace writeback::fakes;
using namespace std::chrono_literals;

namespace {

constexpr auto dialects = {ModelDirectory::Dialect::samba, ModelDirectory::Dialect::windows};

// A served world with one written group, whose members are alice and bob.
struct Audited : World {
    MemberId alice, bob, carol;
    GroupId group;

    explicit Audited(ModelDirectory::Dialect dialect = ModelDirectory::Dialect::samba) {
        directory.dialect = dialect;
        directory.notifies = dialect == ModelDirectory::Dialect::windows;
        with_webhook = true;
        alice = person(*this, "alice");
        bob = person(*this, "bob");
        carol = person(*this, "carol");
        group = cloud.add_group("Finance");
        cloud.add_member(group, alice);
        cloud.add_member(group, bob);
    }
    ~Audited() {
        if (story && served) stop();
    }
    void begin() {
        serve();
        served = true;
        REQUIRE(settles());
        REQUIRE(thread->run_until([this] { return cloud.subscriptions.size() == 2; }, 1min));
        thread->run_for(10s);
        static_cast<void>(written());
    }
    void end() {
        stop();
        served = false;
    }
    [[nodiscard]] ObjectGuid guid() const { return directory.group_of(group)->guid; }
    [[nodiscard]] Sid sid(const MemberId& member) const {
        return cloud.principals().at(member).sid;
    }
    [[nodiscard]] int calls(const std::string& call) { return directory.calls[call]; }
    bool comes_to(const std::function<bool()>& state, Duration limit = 5s) {
        return thread->run_until(state, limit);
    }

    bool served = false;
};

}  // namespace

TEST_CASE("whom someone else adds leaves within seconds, and whom they take out comes back") {
    for (const auto dialect : dialects) {
        Audited world(dialect);
        world.begin();
        world.directory.set_member(world.guid(), world.sid(world.carol), true);
        world.directory.set_member(world.guid(), world.sid(world.alice), false);
        CHECK(world.comes_to([&] { return world.difference().empty(); }));
        REQUIRE(world.settles());
        CHECK(world.metrics.value("drift_repaired_total") == 1);
        CHECK(world.log.count("drift-found") == 1);
        CHECK(world.audit.lines.back().cause == "drift");
        // The repair itself is known to be ours.
        const auto reads = world.calls("read_group");
        world.thread->run_for(1min);
        CHECK(world.calls("read_group") == reads);
    }
}

TEST_CASE("our own writes are not read again") {
    for (const auto dialect : dialects) {
        Audited world(dialect);
        world.begin();
        const auto reads = world.calls("read_group");
        const auto asked = world.calls("usn_of");
        for (int i = 0; i < 5; ++i) {
            world.cloud.add_member(world.group, world.carol);
            world.thread->run_for(3s);
            world.cloud.remove_member(world.group, world.carol);
            world.thread->run_for(3s);
        }
        CHECK(world.difference() == "");
        CHECK(world.written().size() == 10);
        CHECK(world.calls("read_group") == reads);
        // Once before a run's writes and once after them.
        CHECK(world.calls("usn_of") == asked + 20);
        CHECK(world.log.count("drift-found") == 0);
    }
}

TEST_CASE("an edit that our own write follows at once is found all the same") {
    for (const auto dialect : dialects) {
        Audited world(dialect);
        world.config.directory.change_poll = 30s;
        world.begin();
        world.directory.notifies = false;
        world.directory.set_member(world.guid(), world.sid(world.carol), true);
        world.cloud.remove_member(world.group, world.bob);
        CHECK(world.comes_to([&] { return world.difference().empty(); }, 90s));
        CHECK(world.directory.members_of(world.group).size() == 1);
    }
}

TEST_CASE("a look costs the same for few groups and for many") {
    const auto calls_of_a_minute = [](int groups) {
        Audited world;
        world.config.directory.presence_check = 50;
        for (int i = 0; i < groups; ++i)
            world.cloud.add_group("group " + std::to_string(i));
        world.begin();
        const auto before = world.directory.calls;
        world.thread->run_for(1min);
        int calls = 0;
        for (const auto& [call, count] : world.directory.calls) {
            const auto known = before.find(call);
            calls += count - (known == before.end() ? 0 : known->second);
        }
        return calls;
    };
    const auto few = calls_of_a_minute(2);
    CHECK(few > 0);
    // A look more or less may fall into the minute.
    CHECK(calls_of_a_minute(200) <= few + 2);
}

TEST_CASE("an edit costs one read of that group, however many there are") {
    Audited world;
    for (int i = 0; i < 100; ++i)
        world.cloud.add_group("group " + std::to_string(i));
    world.begin();
    const auto reads = world.calls("read_group");
    world.directory.set_member(world.guid(), world.sid(world.carol), true);
    CHECK(world.comes_to([&] { return world.difference().empty(); }));
    world.thread->run_for(1min);
    CHECK(world.calls("read_group") == reads + 1);
    CHECK(world.calls("find_marked") <= 1);
}

TEST_CASE("what was edited while nothing ran is found by the next run, and a plan shows it") {
    for (const auto dialect : dialects) {
        Audited world(dialect);
        REQUIRE(world.once().has_value());
        static_cast<void>(world.written());
        const auto reads = world.calls("read_group");
        REQUIRE(world.once().has_value());
        CHECK(world.calls("read_group") == reads);

        world.directory.set_member(world.guid(), world.sid(world.carol), true);
        const auto planned = world.plan();
        REQUIRE(planned.size() == 1);
        CHECK(planned[0].operation.kind == OperationKind::remove_members);
        CHECK(planned[0].operation.members[0].evidence == Evidence::drift_undone);
        CHECK(world.written().empty());
        REQUIRE(world.once().has_value());
        CHECK(world.difference() == "");
        CHECK(world.written().size() == 1);
    }
}

TEST_CASE("after a restart the watermark goes on where it stood") {
    Audited world;
    world.begin();
    world.end();
    world.directory.set_member(world.guid(), world.sid(world.carol), true);
    world.begin();
    CHECK(world.difference() == "");
    CHECK(world.log.count("audit-begins-anew") == 1);
}

TEST_CASE("another domain controller's numbers say nothing: every written group is read") {
    Audited world;
    const auto other = world.cloud.add_group("Other");
    world.begin();
    world.end();
    const auto reads = world.calls("read_group");
    world.directory.fail_over("dc2");
    world.directory.set_member(world.directory.group_of(other)->guid, world.sid(world.carol), true);
    world.begin();
    CHECK(world.difference() == "");
    CHECK(world.calls("read_group") == reads + 2);
    CHECK(world.log.count("audit-begins-anew") == 2);
}

TEST_CASE("a group that someone deletes is missed within seconds, and held") {
    for (const auto dialect : dialects) {
        Audited world(dialect);
        world.begin();
        world.directory.delete_object(world.guid());
        CHECK(world.comes_to([&] { return !world.holds().empty(); }));
        CHECK(reasons_of(world.holds()) == std::vector<std::string>{"missing"});
        CHECK(world.written().empty());
    }
}

TEST_CASE("known groups are looked for in rotation, so many at a look") {
    Audited world;
    world.config.directory.presence_check = 10;
    std::vector<GroupId> groups;
    for (int i = 0; i < 30; ++i)
        groups.push_back(world.cloud.add_group("group " + std::to_string(i)));
    world.begin();
    for (const auto& group : groups)
        world.directory.delete_object(world.directory.group_of(group)->guid);
    CHECK(world.comes_to([&] { return world.holds().size() == 30; }, 20s));
}

TEST_CASE("a group that is being written is looked at afterwards") {
    for (const auto dialect : dialects) {
        Audited world(dialect);
        world.begin();
        // Slow enough for several looks to fall into one run.
        world.directory.latency = 3s;
        world.cloud.add_member(world.group, world.carol);
        REQUIRE(world.comes_to([&] { return world.calls("add_members") == 1; }, 20s));
        world.directory.set_member(world.guid(), world.sid(world.alice), false);
        world.thread->run_for(5s);
        world.directory.latency = 2ms;
        CHECK(world.comes_to([&] { return world.difference().empty(); }, 60s));
        CHECK(world.directory.members_of(world.group).size() == 3);
    }
}

TEST_CASE("a full audit reads every written group, and no more often than is asked for") {
    Audited world;
    world.config.directory.full_audit = 6h;
    world.cloud.add_group("Other");
    world.begin();
    const auto reads = world.calls("read_group");
    world.thread->run_for(5h);
    CHECK(world.calls("read_group") == reads);
    world.thread->run_for(2h);
    CHECK(world.calls("read_group") == reads + 2);
    CHECK(world.log.count("full-audit-begins") == 1);
    CHECK(world.written().empty());
}

TEST_CASE("a look that fails is a visible problem, and nothing else waits for it") {
    Audited world;
    world.begin();
    world.directory.fail("changed_since", failure(FailureKind::refused, "Too many entries."), 3);
    world.cloud.add_member(world.group, world.carol);
    CHECK(world.comes_to([&] { return world.difference().empty(); }));
    CHECK(world.comes_to([&] { return world.live->snapshot().problems.contains("audit"); }));
    CHECK(world.live->snapshot().problems.at("audit") == "Too many entries.");
    world.thread->run_for(20s);
    CHECK(world.live->snapshot().problems.empty());
}

TEST_CASE("a group with our mark that someone copied is held, and neither is written") {
    for (const auto dialect : dialects) {
        Audited world(dialect);
        world.begin();
        const auto copy = world.directory.add_foreign_group(World::container, "Copy of Finance");
        world.directory.meddle(copy, [&](ModelDirectory::Entry& entry) {
            entry.attributes["adminDescription"] = {mark_of(world.group)};
        });
        CHECK(world.comes_to([&] { return !world.holds().empty(); }));
        CHECK(reasons_of(world.holds()) == std::vector<std::string>{"collision"});
        world.cloud.add_member(world.group, world.carol);
        world.thread->run_for(30s);
        CHECK(world.written().empty());
        CHECK(reasons_of(world.holds()) == std::vector<std::string>{"collision"});

        world.directory.delete_object(copy);
        CHECK(world.comes_to([&] { return world.difference().empty(); }, 10min));
        REQUIRE(world.settles());
        CHECK(world.holds().empty());
    }
}

TEST_CASE("a group whose mark is changed is held as drift, until the mark is right again") {
    for (const auto dialect : dialects) {
        Audited world(dialect);
        world.begin();
        const auto guid = world.guid();
        world.directory.meddle(guid, [](ModelDirectory::Entry& entry) {
            entry.attributes["adminDescription"] = {"mine"};
        });
        CHECK(world.comes_to([&] { return !world.holds().empty(); }));
        CHECK(reasons_of(world.holds()) == std::vector<std::string>{"drift"});
        CHECK(world.written().empty());
        world.directory.meddle(guid, [&](ModelDirectory::Entry& entry) {
            entry.attributes["adminDescription"] = {mark_of(world.group)};
        });
        CHECK(world.comes_to([&] { return world.holds().empty(); }));
        CHECK(world.difference() == "");
    }
}

TEST_CASE("a group that is renamed or moved within the container comes back") {
    for (const auto dialect : dialects) {
        Audited world(dialect);
        world.begin();
        const auto cn = world.directory.group_of(world.group)->cn;
        world.directory.meddle(world.guid(), [](ModelDirectory::Entry& entry) {
            entry.cn = "Verkauf";
            entry.dn = dn_in(Dn("OU=Sub," + World::container.text()), "Verkauf");
        });
        const auto home = dn_in(World::container, cn);
        CHECK(world.comes_to([&] { return world.directory.group_of(world.group)->dn == home; }));
        CHECK(world.written() ==
              std::vector<std::string>{"rename-group " + cn, "move-group " + cn});
    }
}

TEST_CASE("a group that is moved out of the containers is missed within seconds, and held") {
    for (const auto dialect : dialects) {
        Audited world(dialect);
        world.begin();
        const auto guid = world.guid();
        const auto home = world.directory.group_of(world.group)->dn;
        world.directory.meddle(guid, [](ModelDirectory::Entry& entry) {
            entry.dn = dn_in(Dn("OU=Elsewhere,DC=test"), entry.cn);
        });
        CHECK(world.comes_to([&] { return !world.holds().empty(); }));
        CHECK(reasons_of(world.holds()) == std::vector<std::string>{"drift"});
        CHECK(world.written().empty());
        world.directory.meddle(guid, [&](ModelDirectory::Entry& entry) { entry.dn = home; });
        CHECK(world.comes_to([&] { return world.holds().empty(); }));
    }
}
