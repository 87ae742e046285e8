// The whole client against a scripted peer: streams, and what goes wrong on the way.
#include "pages.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace writeback;
using namespace std::chrono_literals;
using namespace pages;
using cloud::ScriptedCloud;

TEST_CASE("a round begins with the selection and follows each link as it came") {
    ScriptedCloud cloud([](const Question& question) {
        if (question.target().find("$skiptoken") == std::string::npos) {
            return scripted::answer(200,
                                    page(R"({"id":"10000000-0000-0000-0000-00000000000a"})", "next",
                                         at(question, "/v1.0/groups/delta?$skiptoken=a%2Bb|c")));
        }
        return delta_end(question);
    });
    cloud.run([&]() -> Async<void> {
        const auto first = co_await cloud.graph->changes().groups_page("");
        REQUIRE(first.has_value());
        CHECK(first->items[0].id == GroupId(g1));
        CHECK(first->link.kind == LinkKind::next);
        const auto second = co_await cloud.graph->changes().groups_page(first->link.url);
        REQUIRE(second.has_value());
        CHECK(second->link.kind == LinkKind::delta);
    }());
    const auto calls = cloud.calls();
    REQUIRE(calls.size() == 2);
    CHECK(calls[0].target().starts_with("/v1.0/groups/delta?$select=displayName,"));
    CHECK(calls[1].target() == "/v1.0/groups/delta?$skiptoken=a%2Bb|c");
    CHECK(calls[0].header("Authorization") == "Bearer token-1");
    CHECK(calls[0].header("Accept-Encoding") == "identity");
    CHECK_FALSE(calls[0].header("client-request-id").empty());
    CHECK(calls[0].header("client-request-id") != calls[1].header("client-request-id"));
    CHECK(cloud.metrics.counters["graph_requests_total operation=groups-delta code=200"] == 2);
    CHECK(cloud.peer.connections() == 1);
}

TEST_CASE("the users stream begins at the latest token") {
    ScriptedCloud cloud([](const Question& question) {
        return scripted::answer(200,
                                page("", "delta", at(question, "/v1.0/users/delta?$deltatoken=u")));
    });
    cloud.run([&]() -> Async<void> {
        const auto begun = co_await cloud.graph->changes().users_page("");
        REQUIRE(begun.has_value());
        CHECK(begun->link.kind == LinkKind::delta);
    }());
    CHECK(cloud.calls()[0].target() ==
          "/v1.0/users/delta?$deltatoken=latest&$select=onPremisesSecurityIdentifier,"
          "onPremisesSyncEnabled,onPremisesImmutableId,userPrincipalName");
}

TEST_CASE("a link off the origin is refused before a token is even asked for") {
    ScriptedCloud cloud(delta_end);
    cloud.run([&]() -> Async<void> {
        const auto refused =
            co_await cloud.graph->changes().groups_page("https://evil.example/v1.0/groups/delta");
        REQUIRE(refused.has_error());
        CHECK(refused.error().kind == FailureKind::link_refused);
    }());
    CHECK(cloud.peer.questions.empty());
}

TEST_CASE("a nextLink that points away is refused, and its peer never sees the token") {
    ScriptedCloud cloud([](const Question&) {
        return scripted::answer(
            200, page("", "next", "http://127.0.0.2:9/v1.0/groups/delta?$skiptoken=x"));
    });
    cloud.run([&]() -> Async<void> {
        const auto refused = co_await cloud.graph->changes().groups_page("");
        REQUIRE(refused.has_error());
        CHECK(refused.error().kind == FailureKind::link_refused);
    }());
}

TEST_CASE("a redirect is not followed") {
    ScriptedCloud cloud([](const Question&) {
        return scripted::answer(302, "", "Location: http://127.0.0.2:9/v1.0/groups/delta\r\n");
    });
    cloud.run([&]() -> Async<void> {
        const auto refused = co_await cloud.graph->changes().groups_page("");
        REQUIRE(refused.has_error());
        CHECK(refused.error().kind == FailureKind::link_refused);
    }());
    CHECK(cloud.calls().size() == 1);
}

TEST_CASE("links that lead in circles are refused, but asking for a page again is not a circle") {
    ScriptedCloud cloud([](const Question& question) {
        const std::string target = question.target();
        const std::string next = target.ends_with("=a") ? "b" : "a";  // first -> a -> b -> a
        return scripted::answer(
            200, page("", "next", at(question, "/v1.0/groups/delta?$skiptoken=" + next)));
    });
    cloud.run([&]() -> Async<void> {
        auto& changes = cloud.graph->changes();
        const auto first = co_await changes.groups_page("");
        const auto again = co_await changes.groups_page("");
        REQUIRE(again.has_value());
        const auto a = co_await changes.groups_page(first->link.url);
        REQUIRE(a.has_value());
        const auto a_again = co_await changes.groups_page(first->link.url);
        REQUIRE(a_again.has_value());
        const auto b = co_await changes.groups_page(a->link.url);
        REQUIRE(b.has_error());
        CHECK(b.error().kind == FailureKind::link_refused);
    }());
}

TEST_CASE("a nextLink to the page itself is refused at once") {
    ScriptedCloud cloud([](const Question& question) {
        return scripted::answer(200,
                                page("", "next", at(question, "/v1.0/groups/delta?$skiptoken=a")));
    });
    cloud.run([&]() -> Async<void> {
        const auto refused = co_await cloud.graph->changes().groups_page(
            cloud.link("/v1.0/groups/delta?$skiptoken=a"));
        REQUIRE(refused.has_error());
        CHECK(refused.error().kind == FailureKind::link_refused);
    }());
}

TEST_CASE("a deltaLink equal to the one that was followed is an ordinary empty round") {
    ScriptedCloud cloud(delta_end);
    cloud.run([&]() -> Async<void> {
        const std::string link = cloud.link("/v1.0/groups/delta?$deltatoken=d");
        for (int round = 0; round < 3; ++round) {
            const auto told = co_await cloud.graph->changes().groups_page(link);
            REQUIRE(told.has_value());
            CHECK(told->link.url == link);
        }
    }());
}

TEST_CASE("Retry-After is waited for, with its fraction, and the same request is sent again") {
    int refusals = 1;
    ScriptedCloud cloud([&](const Question& question) {
        if (refusals-- > 0)
            return scripted::error(429, "TooManyRequests", "Retry-After: 2.128\r\n");
        return delta_end(question);
    });
    cloud.run([&]() -> Async<void> {
        const auto told = co_await cloud.graph->changes().groups_page("");
        REQUIRE(told.has_value());
        CHECK(cloud.clock.waits == std::vector<Duration>{2128ms});
    }());
    CHECK(cloud.metrics.counters["graph_throttled_seconds_total"] == doctest::Approx(2.128));
    CHECK(cloud.metrics.counters["graph_requests_total operation=groups-delta code=429"] == 1);
    CHECK(cloud.calls()[0].header("client-request-id") ==
          cloud.calls()[1].header("client-request-id"));
}

TEST_CASE("a hold that a groups call met also holds the users stream, but no read") {
    int refusals = 1;
    ScriptedCloud cloud(
        [&](const Question& question) {
            if (question.target().find("/members") != std::string::npos) {
                return scripted::answer(200, R"({"value":[]})");
            }
            if (refusals-- > 0) return scripted::error(429, "x", "Retry-After: 20\r\n");
            return delta_end(question);
        },
        [](GraphConfig& config) { config.max_attempts = 1; });
    cloud.run([&]() -> Async<void> {
        const auto refused = co_await cloud.graph->changes().groups_page("");
        REQUIRE(refused.has_error());
        CHECK(refused.error().kind == FailureKind::throttled);
        CHECK(refused.error().retry_after == 20s);
        CHECK(cloud.clock.waits.empty());
        CHECK((co_await cloud.graph->changes().read_members(GroupId(g1))).has_value());
        CHECK(cloud.clock.waits.empty());
        CHECK((co_await cloud.graph->changes().users_page("")).has_value());
        CHECK(cloud.clock.waits == std::vector<Duration>{20s});
    }());
}

TEST_CASE("a Retry-After beyond the limit is told instead of waited for") {
    ScriptedCloud cloud(
        [](const Question&) { return scripted::error(429, "x", "Retry-After: 4000\r\n"); });
    cloud.run([&]() -> Async<void> {
        const auto refused = co_await cloud.graph->changes().groups_page("");
        REQUIRE(refused.has_error());
        CHECK(refused.error().kind == FailureKind::throttled);
        CHECK(refused.error().retry_after > 0ms);
        CHECK((co_await cloud.graph->changes().groups_page("")).has_error());
    }());
    CHECK(cloud.calls().size() == 1);
    CHECK(cloud.clock.waits.empty());
}

TEST_CASE("server errors are tried again with growing pauses, up to max_attempts") {
    ScriptedCloud cloud(
        [](const Question&) { return Reply{"HTTP/1.1 502 -\r\nContent-Length: 0\r\n\r\n"}; });
    cloud.run([&]() -> Async<void> {
        const auto failed = co_await cloud.graph->changes().groups_page("");
        REQUIRE(failed.has_error());
        CHECK(failed.error().kind == FailureKind::unavailable);
    }());
    CHECK(cloud.calls().size() == 5);
    CHECK(cloud.clock.waits == std::vector<Duration>{500ms, 1s, 2s, 4s});
}

TEST_CASE(
    "an answer that is cut, mislabelled or no HTTP is tried again or refused, never believed") {
    SUBCASE("a body shorter than its length, then whole") {
        int cuts = 2;
        ScriptedCloud cloud([&](const Question& question) {
            Reply reply = delta_end(question);
            if (cuts-- > 0) {
                reply.bytes.resize(reply.bytes.size() - 5);
                reply.close = true;
            }
            return reply;
        });
        cloud.run([&]() -> Async<void> {
            CHECK((co_await cloud.graph->changes().groups_page("")).has_value());
        }());
        CHECK(cloud.calls().size() == 3);
        CHECK(cloud.metrics
                  .counters["graph_requests_total operation=groups-delta code=disconnected"] == 2);
    }
    SUBCASE("a chunked body that ends without its last chunk") {
        ScriptedCloud cloud([](const Question&) {
            return Reply{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"val\r\n",
                         true};
        });
        cloud.run([&]() -> Async<void> {
            const auto failed = co_await cloud.graph->changes().groups_page("");
            REQUIRE(failed.has_error());
            CHECK(failed.error().kind == FailureKind::disconnected);
        }());
    }
    SUBCASE("no HTTP at all") {
        ScriptedCloud cloud([](const Question&) { return Reply{"SSH-2.0-x\r\n\r\n", true}; });
        cloud.run([&]() -> Async<void> {
            const auto failed = co_await cloud.graph->changes().groups_page("");
            REQUIRE(failed.has_error());
            CHECK(failed.error().kind == FailureKind::unreadable);
        }());
    }
    SUBCASE("larger than max_response") {
        ScriptedCloud cloud(
            [](const Question&) { return scripted::answer(200, std::string(5000, ' ')); },
            [](GraphConfig& config) { config.max_response = 4096; });
        cloud.run([&]() -> Async<void> {
            const auto failed = co_await cloud.graph->changes().groups_page("");
            REQUIRE(failed.has_error());
            CHECK(failed.error().kind == FailureKind::too_large);
        }());
    }
    SUBCASE("compressed although that was not asked for") {
        ScriptedCloud cloud([](const Question&) {
            return scripted::answer(200, "x", "Content-Encoding: gzip\r\n");
        });
        cloud.run([&]() -> Async<void> {
            const auto failed = co_await cloud.graph->changes().groups_page("");
            REQUIRE(failed.has_error());
            CHECK(failed.error().kind == FailureKind::unreadable);
        }());
    }
}

TEST_CASE(
    "a body without length that ends with the connection, chunks, and interim answers are read") {
    ScriptedCloud cloud([&](const Question& question) {
        const std::string body =
            page("", "delta", at(question, "/v1.0/groups/delta?$deltatoken=d"));
        if (question.connection == 1) {
            return Reply{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n" + body, true};
        }
        std::string chunked;
        for (const char c : body)
            chunked += std::string("1\r\n") + c + "\r\n";
        return Reply{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked +
                     "0\r\n\r\n"};
    });
    cloud.run([&]() -> Async<void> {
        for (int i = 0; i < 3; ++i) {
            const auto told = co_await cloud.graph->changes().groups_page("");
            CHECK_MESSAGE(told.has_value(), (told.has_error() ? told.error().detail : ""));
        }
    }());
}

TEST_CASE("a silent peer is given up at request_timeout and tried again") {
    int silences = 1;
    ScriptedCloud cloud(
        [&](const Question& question) {
            if (silences-- > 0) return Reply{"", false, true};
            return delta_end(question);
        },
        [](GraphConfig& config) { config.request_timeout = 300ms; });
    cloud.run([&]() -> Async<void> {
        CHECK((co_await cloud.graph->changes().groups_page("")).has_value());
    }());
    CHECK(cloud.metrics.counters["graph_requests_total operation=groups-delta code=timed-out"] ==
          1);
}

TEST_CASE("a kept connection that the peer has closed is replaced without anyone noticing") {
    ScriptedCloud cloud([](const Question& question) {
        Reply reply = delta_end(question);
        reply.close = true;  // although the answer doesn't say so
        return reply;
    });
    cloud.run([&]() -> Async<void> {
        for (int i = 0; i < 3; ++i) {
            CHECK((co_await cloud.graph->changes().groups_page("")).has_value());
        }
    }());
    CHECK(cloud.clock.waits.empty());
    CHECK(cloud.calls().size() == 3);
}

TEST_CASE("a subscription is never asked for twice when the connection broke") {
    ScriptedCloud cloud([](const Question&) { return Reply{"HTTP/1.1 20", true}; });
    cloud.run([&]() -> Async<void> {
        const NewSubscription wanted{Stream::groups, "https://h.example/n", "https://h.example/l",
                                     "state", cloud.clock.wall + 24h};
        const auto failed = co_await cloud.graph->subscriptions().create(wanted);
        REQUIRE(failed.has_error());
        CHECK(failed.error().kind == FailureKind::disconnected);
    }());
    CHECK(cloud.calls().size() == 1);
}

TEST_CASE("a subscription is asked for on a connection of its own, never on one that may be dead") {
    ScriptedCloud cloud([](const Question& question) {
        if (question.target().find("/delta") != std::string::npos) return delta_end(question);
        return scripted::answer(201, R"({"id":"s-1","resource":"groups"})");
    });
    cloud.run([&]() -> Async<void> {
        CHECK((co_await cloud.graph->changes().groups_page("")).has_value());
        const NewSubscription wanted{Stream::groups, "https://h.example/n", "https://h.example/l",
                                     "state", cloud.clock.wall + 24h};
        CHECK((co_await cloud.graph->subscriptions().create(wanted)).has_value());
    }());
    CHECK(cloud.calls()[1].connection == 2);
}

TEST_CASE("more calls than connections wait their turn") {
    ScriptedCloud cloud(delta_end);
    cloud.run([&]() -> Async<void> {
        int done = 0;
        const auto one = [&]() -> Async<void> {
            const auto told = co_await cloud.graph->changes().users_page("");
            CHECK(told.has_value());
            ++done;
        };
        for (int i = 0; i < 20; ++i) {
            boost::asio::co_spawn(cloud.context, one(), boost::asio::detached);
        }
        while (done < 20) {
            boost::asio::steady_timer turn(cloud.context, 1ms);
            co_await turn.async_wait(boost::asio::use_awaitable);
        }
    }());
    CHECK(cloud.calls().size() == 20);
    CHECK(cloud.peer.connections() <= 4);
}

TEST_CASE("stop() ends calls under way with cancelled, and later ones at once") {
    ScriptedCloud cloud([](const Question&) { return Reply{"", false, true}; });
    cloud.run([&]() -> Async<void> {
        boost::asio::steady_timer soon(cloud.context, 50ms);
        soon.async_wait([&](auto) { cloud.graph->stop(); });
        const auto ended = co_await cloud.graph->changes().groups_page("");
        REQUIRE(ended.has_error());
        CHECK(ended.error().kind == FailureKind::cancelled);
        const auto later = co_await cloud.graph->changes().groups_page("");
        REQUIRE(later.has_error());
        CHECK(later.error().kind == FailureKind::cancelled);
    }());
}
