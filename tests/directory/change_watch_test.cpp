// Being told of changes, by servers that do it and by servers that do not.
#include "directory/ldap_text.hpp"
#include "directory/loop.hpp"
#include "directory/scripted_bench.hpp"
#include "directory/scripted_peer.hpp"

#include <doctest/doctest.h>

#include <atomic>

using namespace writeback;
using namespace writeback::testing;
using Kind = PeerRequest::Kind;
using namespace std::chrono_literals;

namespace {

bool is_watch(const PeerRequest& request) {
    return request.kind == Kind::search &&
           request.bytes.find("1.2.840.113556.1.4.528") != std::string::npos;
}

std::vector<std::string> watched(const ScriptedPeer& peer) {
    std::vector<std::string> bases;
    for (const auto& request : peer.requests()) {
        if (is_watch(request)) bases.push_back(request.name);
    }
    return bases;
}

Result<bool> wait(ScriptedBench& bench, Duration at_most) {
    return bench.loop.run(bench.reader().await_change(at_most));
}

constexpr const char* container = "OU=Groups,DC=lab,DC=test";

}  // namespace

TEST_CASE("each container is watched once a connection, and a change wakes who waits") {
    std::atomic<int> watch_id = 0;
    ScriptedPeer peer([&](const PeerRequest& request) {
        if (is_watch(request)) {
            if (request.name == container) watch_id = request.id;
            return PeerReaction{};  // nothing until something changes
        }
        if (!asks_for_object(request)) return by_itself;
        return PeerReaction{
            {peer_entry(request.id, "CN=a", {{"objectGUID", {*bytes_of(some_guid)}}}),
             peer_result(request, 0), peer_entry(watch_id, "CN=b,OU=Groups,DC=lab,DC=test", {})}};
    });
    ScriptedBench bench({peer.url()});
    bench.config.containers = {"OU=More,DC=lab,DC=test", "OU=Inner,OU=Groups,DC=lab,DC=test"};
    // What was changed before nobody could tell.
    CHECK(*wait(bench, 50s));
    CHECK_FALSE(*wait(bench, 20ms));
    auto told = bench.loop.start(bench.reader().await_change(50s));
    CHECK(bench.identify().has_value());
    bench.loop.run_until([&] { return told->has_value(); });
    CHECK(***told);
    // What comes while nobody waits is kept, once.
    CHECK(bench.identify().has_value());
    bench.identify();
    CHECK(*wait(bench, 50s));
    CHECK_FALSE(*wait(bench, 20ms));
    CHECK(watched(peer) == std::vector<std::string>{container, "OU=More,DC=lab,DC=test"});
}

TEST_CASE("watches leave the window of operations alone") {
    ScriptedPeer peer([&](const PeerRequest& request) {
        if (is_watch(request)) return PeerReaction{};
        if (!asks_for_object(request)) return by_itself;
        return PeerReaction{
            {peer_entry(request.id, "CN=a", {{"objectGUID", {*bytes_of(some_guid)}}}),
             peer_result(request, 0)}};
    });
    ScriptedBench bench({peer.url()});
    bench.config.window = 1;
    bench.config.containers = {"OU=B,DC=lab,DC=test", "OU=C,DC=lab,DC=test"};
    CHECK(*wait(bench, 50s));
    CHECK(bench.identify().has_value());
    CHECK(watched(peer).size() == 3);
}

TEST_CASE("where a container cannot be watched the domain is, and changes elsewhere are nothing") {
    std::atomic<int> watch_id = 0;
    std::string changed = "CN=b,OU=Elsewhere,DC=lab,DC=test";
    ScriptedPeer peer([&](const PeerRequest& request) {
        if (is_watch(request)) {
            watch_id = request.id;
            if (request.name == peer_base) return PeerReaction{};
            return PeerReaction{{peer_result(request, 53, "only roots can be watched")}};
        }
        if (!asks_for_object(request)) return by_itself;
        return PeerReaction{
            {peer_entry(request.id, "CN=a", {{"objectGUID", {*bytes_of(some_guid)}}}),
             peer_result(request, 0), peer_entry(watch_id, changed, {})}};
    });
    ScriptedBench bench({peer.url()});
    CHECK(*wait(bench, 50s));
    CHECK(bench.identify().has_value());
    CHECK(bench.identify().has_value());
    CHECK_FALSE(*wait(bench, 20ms));
    changed = "CN=b,OU=groups,DC=lab,DC=test";
    CHECK(bench.identify().has_value());
    CHECK(*wait(bench, 50s));
    CHECK(watched(peer) == std::vector<std::string>{container, peer_base});
}

TEST_CASE("more containers than a connection may watch are watched by one watch of the domain") {
    ScriptedPeer peer(
        [&](const PeerRequest& request) { return is_watch(request) ? PeerReaction{} : by_itself; });
    ScriptedBench bench({peer.url()});
    for (const char* name : {"A", "B", "C", "D"})
        bench.config.containers.push_back("OU=" + std::string(name) + ",DC=lab,DC=test");
    CHECK(*wait(bench, 50s));
    bench.loop.run_until([&] { return !watched(peer).empty(); });
    CHECK_FALSE(*wait(bench, 20ms));
    CHECK(watched(peer) == std::vector<std::string>{peer_base});
}

TEST_CASE(
    "a server without change notification says so, and is asked again on the next connection") {
    std::atomic<bool> hang_up = false;
    ScriptedPeer peer([&](const PeerRequest& request) {
        if (is_watch(request)) return PeerReaction{{peer_result(request, 12, "no such control")}};
        if (asks_for_object(request) && hang_up.exchange(false)) {
            return PeerReaction{{}, false, true};
        }
        return by_itself;
    });
    ScriptedBench bench({peer.url()});
    CHECK(*wait(bench, 50s));
    for (int i = 0; i < 2; ++i) {
        auto refused = wait(bench, 50s);
        REQUIRE(refused.has_error());
        CHECK(refused.error().kind == FailureKind::refused);
        CHECK(refused.error().code == "LDAP 12");
    }
    CHECK(watched(peer) == std::vector<std::string>{container, peer_base});
    hang_up = true;
    CHECK(bench.identify().has_error());
    bench.loop.run_until([&] {
        auto again = wait(bench, 50s);
        return again && *again;
    });
    bench.loop.run_until([&] { return watched(peer).size() >= 3; });
}

TEST_CASE("numbers of two domain controllers never stand in one answer") {
    std::atomic<int> searches = 0;
    ScriptedPeer second([](const PeerRequest&) { return by_itself; });
    ScriptedPeer first([&](const PeerRequest& request) {
        if (!request.paged) return by_itself;
        return PeerReaction{{}, false, ++searches == 1};
    });
    ScriptedBench bench({first.url(), second.url()});
    auto changed = bench.loop.run(bench.reader().changed_since(7));
    REQUIRE(changed.has_error());
    CHECK(changed.error().kind == FailureKind::disconnected);
}
