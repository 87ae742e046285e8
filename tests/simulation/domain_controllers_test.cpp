// The production's directory room before domain controllers of the model: what works, and what the
// daemon is told when something does not.
#include "simulation/domain_controllers.hpp"

#include "simulation/domain_controllers_bench.hpp"

#include <doctest/doctest.h>

using namespace writeback;
using namespace writeback::simulation;
using namespace std::chrono_literals;

namespace {

std::vector<AdIdentity> users(DomainControllersBench& bench, int first, int last) {
    std::vector<AdIdentity> all;
    for (int i = first; i <= last; ++i)
        all.push_back(bench.user(i));
    return all;
}

}  // namespace

TEST_CASE("A group is made, filled, read in ranges and removed through the production's adapter") {
    for (const auto dialect : dialects) {
        DomainControllerOptions options;
        options.tree.values_a_read = 7;
        DomainControllersBench bench(dialect, options);
        bench.config.range_size = 7;
        const auto target = bench.make_group(1, users(bench, 1, 20));
        REQUIRE(bench.run(bench.writer().add_members(target, users(bench, 21, 50))).has_value());
        REQUIRE(bench.run(bench.writer().remove_members(target, users(bench, 5, 6))).has_value());
        auto group = bench.run(bench.reader().read_group(target.guid, {}));
        REQUIRE(group.has_value());
        REQUIRE(group->has_value());
        CHECK((*group)->members.size() == 48);
        CHECK((*group)->mark == target.group);
        const auto marked = bench.run(bench.reader().find_marked());
        REQUIRE(marked.has_value());
        CHECK(marked->size() == 1);

        auto renamed = bench.run(bench.writer().rename(target, "Renamed"));
        REQUIRE(renamed.has_value());
        REQUIRE(
            bench.run(bench.writer().remove({target.group, target.guid, *renamed})).has_value());
        auto gone = bench.run(bench.reader().read_group(target.guid, {}));
        REQUIRE(gone.has_value());
        CHECK_FALSE(gone->has_value());
    }
}

TEST_CASE("Each write is told with the object as it stood before, and with what it changed") {
    for (const auto dialect : dialects) {
        DomainControllersBench bench(dialect);
        const auto target = bench.make_group(1, users(bench, 1, 3));
        REQUIRE(bench.writes.size() == 1);
        CHECK_FALSE(bench.writes[0].before.has_value());
        CHECK(bench.writes[0].object == target.guid);
        CHECK(bench.writes[0].members_added.size() == 3);
        CHECK(bench.writes[0].by == WrittenBy::daemon);

        REQUIRE(bench.run(bench.writer().remove_members(target, users(bench, 2, 2))).has_value());
        REQUIRE(bench.writes.size() == 2);
        REQUIRE(bench.writes[1].before.has_value());
        CHECK(bench.writes[1].before->mark == mark_of(target.group));
        CHECK(bench.writes[1].before->members == 3);
        CHECK(bench.writes[1].before->dn == target.dn);
        CHECK(bench.writes[1].members_removed == users(bench, 2, 2));

        // Who stands outside of the container is refused, and that is told as well.
        DirectoryRequest foreign;
        foreign.kind = DirectoryRequest::Kind::remove;
        foreign.dn = "CN=Outside,OU=Other,DC=lab,DC=test";
        CHECK(bench.controllers->edit(0, foreign).code == 0);
        REQUIRE(bench.writes.size() == 3);
        CHECK(bench.writes[2].by == WrittenBy::administrator);
        CHECK(bench.writes[2].before->mark.empty());

        REQUIRE_FALSE(
            bench.run(bench.writer().remove_members(target, users(bench, 9, 9))).has_value());
        REQUIRE(bench.writes.size() == 4);
        CHECK_FALSE(bench.writes[3].obeyed());
        CHECK(bench.writes[3].members_removed.empty());

        REQUIRE(bench.run(bench.writer().remove(target)).has_value());
        REQUIRE(bench.writes.size() == 5);
        CHECK(bench.writes[4].members_removed.size() == 2);
    }
}

TEST_CASE("Writes reach the other domain controllers in time, in both directions") {
    for (const auto dialect : dialects) {
        DomainControllerOptions options;
        options.servers = 3;
        DomainControllersBench bench(dialect, options);
        const auto target = bench.make_group(1, users(bench, 1, 2));
        CHECK(bench.members_at(1, target.guid) == 0);
        CHECK_FALSE(bench.controllers->replicated());
        bench.wait(3s);
        CHECK(bench.members_at(1, target.guid) == 2);

        // At the same time, on two of them, members of one group: both stay.
        CHECK(bench.change_member(1, target, bench.user(7), LdapChangeKind::add).code == 0);
        CHECK(bench.change_member(2, target, bench.user(8), LdapChangeKind::add).code == 0);
        REQUIRE(bench.run(bench.writer().remove_members(target, users(bench, 1, 1))).has_value());
        bench.wait(5s);
        CHECK(bench.controllers->replicated());
        for (std::size_t i = 0; i < 3; ++i)
            CHECK(bench.members_at(i, target.guid) == 3);
        CHECK(difference(bench.controllers->tree(0), bench.controllers->tree(1)) == "");
        CHECK(difference(bench.controllers->tree(0), bench.controllers->tree(2)) == "");
    }
}

TEST_CASE("After a fail-over the other domain controller may be behind") {
    for (const auto dialect : dialects) {
        DomainControllerOptions options;
        options.least_lag = 30s;
        options.most_lag = 40s;
        DomainControllersBench bench(dialect, options);
        const auto target = bench.make_group(1, users(bench, 1, 2));
        CHECK(bench.use().server() == bench.config.servers[0]);
        bench.controllers->set_up(0, false);
        bench.wait(1s);
        auto missing = bench.run(bench.reader().read_group(target.guid, {}));
        REQUIRE(missing.has_value());
        CHECK_FALSE(missing->has_value());
        CHECK(bench.use().server() == bench.config.servers[1]);
        // What a server that is down had to tell, it tells when it is back.
        bench.wait(2min);
        CHECK(bench.members_at(1, target.guid) == 0);
        bench.controllers->set_up(0, true);
        CHECK(bench.members_at(1, target.guid) == 2);
    }
}

TEST_CASE("A connection that ends leaves an unknown outcome: obeyed or not") {
    for (const auto dialect : dialects) {
        for (const auto fault : {DirectoryFault::lost_before, DirectoryFault::lost_after}) {
            DomainControllersBench bench(dialect);
            const auto target = bench.make_group(1);
            bench.controllers->fail_nth(1, fault);
            const auto done = bench.run(bench.writer().add_members(target, users(bench, 1, 1)));
            REQUIRE_FALSE(done.has_value());
            CHECK(done.error().kind == FailureKind::disconnected);
            const std::size_t there = fault == DirectoryFault::lost_after ? 1 : 0;
            CHECK(bench.members_at(0, target.guid) == there);
            // The next call connects again.
            auto group = bench.run(bench.reader().read_group(target.guid, {}));
            REQUIRE_FALSE(group.has_value());
            CHECK(group.error().kind == FailureKind::unreachable);
            bench.wait(1s);
            group = bench.run(bench.reader().read_group(target.guid, {}));
            REQUIRE(group.has_value());
            CHECK((*group)->members.size() == there);
        }
    }
}

TEST_CASE("A busy, an unavailable and an unwilling domain controller are told apart") {
    for (const auto dialect : dialects) {
        DomainControllersBench bench(dialect);
        const auto target = bench.make_group(1);
        const auto outcome = [&](DirectoryFault fault) {
            bench.controllers->fail_nth(1, fault);
            return bench.run(bench.writer().add_members(target, users(bench, 1, 1)));
        };
        CHECK(outcome(DirectoryFault::busy).error().kind == FailureKind::unavailable);
        CHECK(outcome(DirectoryFault::unavailable).error().kind == FailureKind::unavailable);
        const auto refused = outcome(DirectoryFault::refused);
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().code.starts_with("LDAP 53"));
        CHECK(bench.members_at(0, target.guid) == 0);
        CHECK(outcome(DirectoryFault::none).has_value());
        CHECK(bench.members_at(0, target.guid) == 1);
    }
}

TEST_CASE("An answer that never comes is waited for as long as is configured, by model time") {
    for (const auto fault : {DirectoryFault::silent, DirectoryFault::silent_after}) {
        DomainControllersBench bench(DirectoryDialect::samba);
        const auto target = bench.make_group(1);
        const auto began = bench.clock.monotonic();
        bench.controllers->fail_nth(1, fault);
        const auto done = bench.run(bench.writer().add_members(target, users(bench, 1, 1)));
        REQUIRE_FALSE(done.has_value());
        CHECK(done.error().kind == FailureKind::timed_out);
        CHECK(bench.clock.monotonic() - began == 60s);
        CHECK(bench.members_at(0, target.guid) == (fault == DirectoryFault::silent ? 0 : 1));
        // A server from which nothing came for so long is given up.
        CHECK_FALSE(bench.use().bound());
    }
}

TEST_CASE("A stopped domain controller obeys late what it was sent") {
    DomainControllersBench bench(DirectoryDialect::windows);
    const auto target = bench.make_group(1);
    bench.controllers->set_answering(0, false);
    const auto done = bench.run(bench.writer().add_members(target, users(bench, 1, 1)));
    REQUIRE_FALSE(done.has_value());
    CHECK(done.error().kind == FailureKind::timed_out);
    CHECK(bench.members_at(0, target.guid) == 0);
    bench.controllers->set_answering(0, true);
    bench.wait(1s);
    CHECK(bench.members_at(0, target.guid) == 1);
}

TEST_CASE("A refused bind is not repeated, a server out of reach is, after growing pauses") {
    DomainControllersBench bench(DirectoryDialect::samba);
    bench.controllers->accept_binds(false);
    int attempts = 0;
    bench.controllers->faults = [&](std::size_t, const DirectoryRequest& request) {
        attempts += request.kind == DirectoryRequest::Kind::connect ? 1 : 0;
        return DirectoryFault::none;
    };
    bench.thread.start(bench.use().keep_connected());
    bench.wait(4min);
    CHECK(attempts == 1);
    bench.controllers->accept_binds(true);
    bench.wait(2min);
    CHECK(attempts == 2);
    CHECK(bench.use().bound());

    attempts = 0;
    bench.controllers->set_up(0, false);
    bench.controllers->set_up(1, false);
    bench.wait(1min);
    CHECK_FALSE(bench.use().bound());
    CHECK(attempts == 0);
    bench.controllers->heal();
    bench.wait(9s);
    CHECK(bench.use().bound());
}

TEST_CASE("A member list that changes between two ranges is read again") {
    for (const auto dialect : dialects) {
        DomainControllerOptions options;
        options.tree.values_a_read = 5;
        DomainControllersBench bench(dialect, options);
        bench.config.range_size = 5;
        const auto target = bench.make_group(1, users(bench, 1, 40));
        int searches = 0;
        bench.controllers->faults = [&](std::size_t, const DirectoryRequest& request) {
            // In the middle of the first reading.
            if (request.kind == DirectoryRequest::Kind::search && ++searches == 4) {
                bench.change_member(0, target, bench.user(1), LdapChangeKind::remove);
                bench.change_member(0, target, bench.user(60), LdapChangeKind::add);
            }
            return DirectoryFault::none;
        };
        auto group = bench.run(bench.reader().read_group(target.guid, {}));
        REQUIRE(group.has_value());
        REQUIRE(group->has_value());
        CHECK((*group)->members.size() == 40);
        CHECK(searches > 8);
    }
}

TEST_CASE("A change by someone else is told to who waits for it, also one made elsewhere") {
    for (const auto dialect : dialects) {
        DomainControllersBench bench(dialect);
        const auto target = bench.make_group(1);
        bench.wait(10s);
        auto told = bench.run(bench.reader().await_change(1min));
        REQUIRE(told.has_value());
        CHECK(*told);  // what happened before is not known
        bench.wait(10s);
        told = bench.run(bench.reader().await_change(1min));
        REQUIRE(told.has_value());
        const bool late = *told;
        CHECK_FALSE(late);
        const auto began = bench.clock.monotonic();
        bench.change_member(1, target, bench.user(3), LdapChangeKind::add);
        told = bench.run(bench.reader().await_change(1min));
        REQUIRE(told.has_value());
        CHECK(*told);
        CHECK(bench.clock.monotonic() - began < 10s);
        auto changed = bench.run(bench.reader().changed_since(0));
        REQUIRE(changed.has_value());
        CHECK(changed->groups.size() == 1);
    }
}

TEST_CASE("What was sent is obeyed although the process that sent it has died") {
    DomainControllersBench bench(DirectoryDialect::windows);
    const auto target = bench.make_group(1);
    fakes::ModelClock process(bench.clock.now());
    {
        ActiveDirectory dying(bench.thread.context().get_executor(), bench.config, process,
                              bench.log, bench.metrics,
                              bench.controllers->connector_factory(process));
        bench.thread.start([](ActiveDirectory& directory, WriteTarget group,
                              std::vector<AdIdentity> members) -> Async<void> {
            static_cast<void>(co_await directory.writer().add_members(group, members));
        }(dying, target, users(bench, 1, 1)));
        std::uint64_t before = bench.controllers->requests();
        // The process's clock moves until its write is on its way.
        for (int i = 0; i < 1000 && !bench.writes.empty() && bench.writes.size() == 1; ++i) {
            bench.wait(1ms);
            while (process.next() && *process.next() <= bench.clock.monotonic())
                process.step();
        }
        CHECK(bench.controllers->requests() > before);
        bench.controllers->forget_clients();
        process.drop_waiters();
    }
    bench.wait(1s);
    CHECK(bench.members_at(0, target.guid) == 1);
}
