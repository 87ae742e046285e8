// The connection against a peer that does what real servers do on bad days.
#include "directory/ldap_text.hpp"
#include "directory/loop.hpp"
#include "directory/scripted_bench.hpp"
#include "directory/scripted_peer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <map>

using namespace writeback;
using namespace writeback::testing;
using Kind = PeerRequest::Kind;

namespace {

std::vector<std::string> found(const PeerRequest& request) {
    return {peer_entry(request.id, "CN=a,DC=lab,DC=test", {{"objectGUID", {*bytes_of(some_guid)}}}),
            peer_result(request, 0)};
}

template <class T>
bool all_done(const std::vector<std::shared_ptr<std::optional<T>>>& results) {
    return std::all_of(results.begin(), results.end(),
                       [](const auto& result) { return result->has_value(); });
}

}  // namespace

TEST_CASE("answers that arrive byte by byte are put together") {
    ScriptedPeer peer([](const PeerRequest& request) {
        if (!asks_for_object(request)) return by_itself;
        return PeerReaction{found(request), true};
    });
    ScriptedBench bench({peer.url()});
    auto identity = bench.identify();
    REQUIRE(identity.has_value());
    REQUIRE(identity->has_value());
    CHECK((*identity)->guid == some_guid);
}

TEST_CASE("answers that arrive all at once, and in another order, reach their operations") {
    std::vector<std::string> held;
    ScriptedPeer peer([&](const PeerRequest& request) {
        if (!asks_for_object(request)) return by_itself;
        const auto guid = canonical_guid(request.name.substr(6, 36)).value();
        auto answer =
            peer_entry(request.id, "CN=a", {{"objectGUID", {*bytes_of(ObjectGuid(guid))}}}) +
            peer_result(request, 0);
        held.insert(held.begin(), answer);
        if (held.size() < 20) return PeerReaction{};
        return PeerReaction{held};
    });
    ScriptedBench bench({peer.url()});
    std::vector<std::shared_ptr<std::optional<Result<std::optional<AdIdentity>>>>> results;
    for (int i = 0; i < 20; ++i) {
        char guid[40];
        std::snprintf(guid, sizeof guid, "33221100-5544-7766-8899-%012d", i);
        results.push_back(bench.loop.start(bench.reader().identify(ObjectGuid(guid))));
    }
    bench.loop.run_until([&] { return all_done(results); });
    for (int i = 0; i < 20; ++i) {
        char guid[40];
        std::snprintf(guid, sizeof guid, "33221100-5544-7766-8899-%012d", i);
        const auto& result = **results[static_cast<std::size_t>(i)];
        REQUIRE(result.has_value());
        REQUIRE(result->has_value());
        CHECK((*result)->guid.text() == guid);
    }
}

TEST_CASE("when the connection drops, what was sent is unknown and what waited is known") {
    std::atomic<int> seen = 0;
    ScriptedPeer peer([&](const PeerRequest& request) {
        if (request.kind != Kind::modify) return by_itself;
        return PeerReaction{{}, false, ++seen == 2};
    });
    ScriptedBench bench({peer.url()});
    bench.config.window = 2;
    std::vector<std::shared_ptr<std::optional<Result<Done>>>> results;
    for (int i = 0; i < 5; ++i) {
        results.push_back(bench.loop.start(bench.writer().modify(target(), {{"mail", {}, {"a"}}})));
    }
    bench.loop.run_until([&] { return all_done(results); });
    std::map<FailureKind, int> kinds;
    for (const auto& result : results)
        ++kinds[(*result)->error().kind];
    CHECK(kinds[FailureKind::disconnected] == 2);
    CHECK(kinds[FailureKind::unreachable] == 3);
    CHECK_FALSE(bench.use().bound());
    CHECK(bench.log.count("directory-lost") == 1);
    CHECK(bench.metrics.counters["modify disconnected"] == 2);
}

TEST_CASE("a peer that falls silent is given up; one that answers others keeps its connection") {
    std::atomic<bool> silent = false;
    ScriptedPeer peer([&](const PeerRequest& request) {
        if (request.kind == Kind::modify || silent) return PeerReaction{};
        return asks_for_object(request) ? PeerReaction{found(request)} : by_itself;
    });
    ScriptedBench bench({peer.url()});
    bench.config.operation_timeout = std::chrono::milliseconds(300);
    REQUIRE(bench.identify().has_value());
    auto late = bench.loop.start(bench.writer().modify(target(), {{"mail", {}, {"a"}}}));
    while (!late->has_value())
        CHECK(bench.identify().has_value());
    CHECK((*late)->error().kind == FailureKind::timed_out);
    CHECK(bench.use().bound());
    CHECK(bench.identify().has_value());
    CHECK(peer.count(Kind::abandon) == 1);
    silent = true;
    auto unanswered = bench.identify();
    REQUIRE(unanswered.has_error());
    CHECK(unanswered.error().kind == FailureKind::timed_out);
    CHECK_FALSE(bench.use().bound());
}

TEST_CASE("a peer that does not read gets everything once it reads again") {
    ScriptedPeer peer([](const PeerRequest& request) {
        if (request.kind != Kind::modify) return by_itself;
        return PeerReaction{{peer_result(request, 0)}};
    });
    ScriptedBench bench({peer.url()});
    REQUIRE(bench.loop.run(bench.reader().facts()).has_value());
    peer.be_deaf(true);
    const std::string large(4 << 20, 'x');
    std::vector<std::shared_ptr<std::optional<Result<Done>>>> results;
    for (int i = 0; i < 5; ++i) {
        results.push_back(
            bench.loop.start(bench.writer().modify(target(), {{"info", {}, {large}}})));
    }
    bench.loop.context.restart();
    bench.loop.context.run_for(std::chrono::milliseconds(100));
    CHECK_FALSE(results.front()->has_value());
    peer.be_deaf(false);
    bench.loop.run_until([&] { return all_done(results); });
    for (const auto& result : results)
        CHECK((*result)->has_value());
    CHECK(bench.log.count("directory-connected") == 1);
}

TEST_CASE("a peer that never reads again is given up") {
    ScriptedPeer peer([](const PeerRequest&) { return by_itself; });
    ScriptedBench bench({peer.url()});
    bench.config.operation_timeout = std::chrono::milliseconds(300);
    REQUIRE(bench.loop.run(bench.reader().facts()).has_value());
    peer.be_deaf(true);
    const std::string large(16 << 20, 'x');
    auto first = bench.loop.start(bench.writer().modify(target(), {{"info", {}, {large}}}));
    auto second = bench.loop.start(bench.writer().modify(target(), {{"info", {}, {"y"}}}));
    bench.loop.run_until([&] { return first->has_value() && second->has_value(); });
    CHECK((*first)->error().kind == FailureKind::timed_out);
    CHECK((*second)->error().kind == FailureKind::unreachable);  // never sent
    CHECK_FALSE(bench.use().bound());
}

TEST_CASE("bytes that are no LDAP end the connection, and only that") {
    for (const std::string& garbage :
         {std::string("HTTP/1.1 400 Bad Request\r\n\r\n"),
          std::string("\x30\x84\xff\xff\xff\xff", 6),
          std::string("\x30\x05\x02\x01\x05\x99\x00", 7), std::string(100, '\0')}) {
        std::atomic<bool> bad = true;
        ScriptedPeer peer([&](const PeerRequest& request) {
            if (!asks_for_object(request)) return by_itself;
            return bad ? PeerReaction{{garbage}, false, true} : PeerReaction{found(request)};
        });
        ScriptedBench bench({peer.url()});
        auto identity = bench.identify();
        REQUIRE(identity.has_error());
        CHECK(identity.error().kind == FailureKind::disconnected);
        bad = false;
        bench.loop.run_until([&] { return bench.identify().has_value(); });
    }
}

// libldap forgets the text of a notice of disconnection: some bytes, once a connection.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/lsan_interface.h>
using ForgottenByLibldap = __lsan::ScopedDisabler;
#define WRITEBACK_FORGOTTEN_BY_LIBLDAP const ForgottenByLibldap forgotten
#endif
#endif
#ifndef WRITEBACK_FORGOTTEN_BY_LIBLDAP
#define WRITEBACK_FORGOTTEN_BY_LIBLDAP static_assert(true)
#endif

TEST_CASE("a server that says goodbye is quoted") {
    WRITEBACK_FORGOTTEN_BY_LIBLDAP;
    ScriptedPeer peer([](const PeerRequest& request) {
        if (!asks_for_object(request)) return by_itself;
        return PeerReaction{{peer_notice_of_disconnection(52, "shutting down now")}, false, true};
    });
    ScriptedBench bench({peer.url()});
    auto identity = bench.identify();
    REQUIRE(identity.has_error());
    CHECK_MESSAGE(identity.error().detail.find("shutting down now") != std::string::npos,
                  identity.error().detail);
}

TEST_CASE("a server that is silent at the bind is left for the next one") {
    ScriptedPeer silent([](const PeerRequest&) { return PeerReaction{}; });
    ScriptedPeer good([](const PeerRequest& request) {
        return asks_for_object(request) ? PeerReaction{found(request)} : by_itself;
    });
    ScriptedBench bench({silent.url(), good.url()});
    bench.config.connect_timeout = std::chrono::milliseconds(300);
    CHECK(bench.identify().has_value());
    CHECK(bench.use().server() == good.url());
}

TEST_CASE("a server that is silent at the TLS handshake is given up in time") {
    ScriptedPeer silent([](const PeerRequest&) { return PeerReaction{}; });
    ScriptedBench bench({"ldaps" + silent.url().substr(4)});
    bench.config.connect_timeout = std::chrono::milliseconds(300);
    auto identity = bench.identify();
    REQUIRE(identity.has_error());
    CHECK(identity.error().kind == FailureKind::unreachable);
    CHECK(identity.error().detail.find("300 ms") != std::string::npos);
}

TEST_CASE("stop ends what waits, also a connection attempt") {
    ScriptedPeer silent([](const PeerRequest&) { return PeerReaction{}; });
    ScriptedBench bench({silent.url()});
    auto attempt = bench.loop.start(bench.reader().identify(some_guid));
    bench.loop.run_until([&] { return silent.count(Kind::bind) == 1; });
    bench.loop.run(bench.use().stop());
    bench.loop.run_until([&] { return attempt->has_value(); });
    CHECK((*attempt)->error().kind == FailureKind::cancelled);

    ScriptedPeer slow([](const PeerRequest& request) {
        return asks_for_object(request) ? PeerReaction{} : by_itself;
    });
    ScriptedBench other({slow.url()});
    auto waiting = other.loop.start(other.reader().identify(some_guid));
    other.loop.run_until([&] {
        const auto requests = slow.requests();
        return !requests.empty() && asks_for_object(requests.back());
    });
    other.loop.run(other.use().stop());
    other.loop.run_until([&] { return waiting->has_value(); });
    CHECK((*waiting)->error().kind == FailureKind::cancelled);
}

TEST_CASE("a refused bind is tried once, on one server, and the secret is nowhere to be seen") {
    const auto refuse = [](const PeerRequest& request) {
        if (request.kind != Kind::bind) return by_itself;
        return PeerReaction{
            {peer_result(request, 49, "80090308: AcceptSecurityContext error, data 775, v1db1")}};
    };
    ScriptedPeer first(refuse);
    ScriptedPeer second(refuse);
    ScriptedBench bench({first.url(), second.url()});
    std::ofstream(bench.config.password_file) << "hunter2-secret\n";
    for (int i = 0; i < 3; ++i) {
        auto identity = bench.identify();
        REQUIRE(identity.has_error());
        CHECK(identity.error().kind == FailureKind::credentials);
        CHECK(identity.error().detail.find("locked out") != std::string::npos);
    }
    CHECK(first.count(Kind::bind) == 1);
    CHECK(second.count(Kind::bind) == 0);
    CHECK(bench.log.count("directory-not-connected") == 1);
    for (const auto& line : bench.log.lines) {
        for (const auto& [name, value] : line.fields) {
            CHECK(value.find("hunter2") == std::string::npos);
        }
    }
}

TEST_CASE("a server that is no domain controller is named as such") {
    ScriptedPeer peer([](const PeerRequest& request) {
        if (request.kind != Kind::search) return by_itself;
        return PeerReaction{{peer_entry(request.id, "", {{"namingContexts", {"dc=example"}}}),
                             peer_result(request, 0)}};
    });
    ScriptedBench bench({peer.url()});
    auto identity = bench.identify();
    REQUIRE(identity.has_error());
    CHECK(identity.error().kind == FailureKind::refused);
    CHECK(identity.error().detail.find("no domain controller") != std::string::npos);
}

TEST_CASE("a password file that is missing is named, and no bind is tried") {
    ScriptedPeer peer([](const PeerRequest&) { return by_itself; });
    ScriptedBench bench({peer.url()});
    bench.config.password_file = "/nowhere/password";
    auto identity = bench.identify();
    REQUIRE(identity.has_error());
    CHECK(identity.error().kind == FailureKind::invalid_configuration);
    CHECK(identity.error().detail.find("/nowhere/password") != std::string::npos);
    CHECK(peer.count(Kind::bind) == 0);
}

TEST_CASE("a server URL that is none is named") {
    for (const char* url : {"", "dc1", "http://dc1", "ldap://", "ldaps://[::1", "ldapi:///x"}) {
        ScriptedBench bench({url});
        auto identity = bench.identify();
        REQUIRE(identity.has_error());
        CHECK(identity.error().kind == FailureKind::invalid_configuration);
    }
}
