// When a hint asks for rounds, and when it is satisfied.
#include "sync/hint_ledger.hpp"

#include <doctest/doctest.h>

using namespace writeback;
using namespace std::chrono_literals;

namespace {

Hint hint(std::int64_t id, const std::string& object, Stream stream = Stream::groups) {
    Hint made;
    made.id = id;
    made.object_id = object;
    made.stream = stream;
    return made;
}

HintLedger::Settled round(HintLedger& ledger, Duration now, const std::string& shows) {
    ledger.round_begins(Stream::groups, now);
    if (!shows.empty()) ledger.shown(Stream::groups, shows);
    return ledger.round_ends(Stream::groups, true, now);
}

}  // namespace

TEST_CASE("a new hint asks for a round at once, and the round that shows its group satisfies it") {
    HintLedger ledger(100);
    ledger.add(hint(1, "a"), 5s);
    CHECK(ledger.wants_round(Stream::groups) == 5s);
    CHECK_FALSE(ledger.wants_round(Stream::users).has_value());
    const auto settled = round(ledger, 5s, "a");
    CHECK(settled.satisfied == std::vector<std::int64_t>{1});
    CHECK_FALSE(ledger.wants_round(Stream::groups).has_value());
}

TEST_CASE("a round that began before the hint does not satisfy it, even if it shows the group") {
    HintLedger ledger(100);
    ledger.round_begins(Stream::groups, 1s);
    ledger.add(hint(1, "a"), 2s);
    ledger.shown(Stream::groups, "a");
    CHECK(ledger.round_ends(Stream::groups, true, 3s).satisfied.empty());
    CHECK(ledger.wants_round(Stream::groups) == 2s);
    CHECK(round(ledger, 3s, "a").satisfied == std::vector<std::int64_t>{1});
}

TEST_CASE(
    "a hint that came during a round waits for the next one, and the older one is satisfied") {
    HintLedger ledger(100);
    ledger.add(hint(1, "a"), 1s);
    ledger.round_begins(Stream::groups, 1s);
    ledger.add(hint(2, "a"), 2s);
    ledger.shown(Stream::groups, "a");
    CHECK(ledger.round_ends(Stream::groups, true, 3s).satisfied == std::vector<std::int64_t>{1});
    CHECK(ledger.wants_round(Stream::groups) == 3s);
}

TEST_CASE("a group that delta does not show yet is asked for ever more seldom, then given up") {
    HintLedger ledger(100);
    ledger.add(hint(1, "a"), 0s);
    Duration now = 0s;
    std::vector<Duration> waits;
    while (ledger.waiting() > 0) {
        const auto settled = round(ledger, now, "");
        if (!settled.given_up.empty()) break;
        const auto next = ledger.wants_round(Stream::groups);
        REQUIRE(next.has_value());
        waits.push_back(*next - now);
        now = *next;
    }
    // The second extra round comes a second after the first: there is one a second at most.
    CHECK(waits == std::vector<Duration>{250ms, 1s, 1s, 2s, 4s, 8s, 16s, 30s, 60s});
    CHECK(ledger.waiting() == 0);
}

TEST_CASE("many hints share the extra rounds: one a second, whoever they wait for") {
    HintLedger ledger(100);
    ledger.add(hint(1, "a"), 0ms);
    ledger.add(hint(2, "b"), 100ms);
    static_cast<void>(round(ledger, 100ms, ""));
    CHECK(ledger.wants_round(Stream::groups) == 350ms);
    static_cast<void>(round(ledger, 350ms, ""));
    CHECK(ledger.wants_round(Stream::groups) == 1350ms);
}

TEST_CASE("a failed round leaves the hints as they were") {
    HintLedger ledger(100);
    ledger.add(hint(1, "a"), 0s);
    ledger.round_begins(Stream::groups, 0s);
    const auto settled = ledger.round_ends(Stream::groups, false, 1s);
    CHECK(settled.satisfied.empty());
    CHECK(settled.given_up.empty());
    CHECK(ledger.wants_round(Stream::groups) == 0s);
}

TEST_CASE("a hint without an object is satisfied by any complete round") {
    HintLedger ledger(100);
    ledger.add(hint(1, ""), 0s);
    CHECK(round(ledger, 1s, "").satisfied == std::vector<std::int64_t>{1});
}

TEST_CASE("a newer hint takes the older one's place, and begins the schedule anew") {
    HintLedger ledger(100);
    ledger.add(hint(1, "a"), 0s);
    static_cast<void>(round(ledger, 0s, ""));
    static_cast<void>(round(ledger, 1s, ""));
    ledger.add(hint(2, "a"), 2s);
    CHECK(ledger.take_superseded() == std::vector<std::int64_t>{1});
    CHECK(ledger.wants_round(Stream::groups) == 2s);
    CHECK(round(ledger, 2s, "a").satisfied == std::vector<std::int64_t>{2});
    CHECK(ledger.take_superseded().empty());
    CHECK(ledger.waiting() == 0);
}

TEST_CASE("however many hints come for one object, two are kept at most") {
    HintLedger ledger(100);
    for (int i = 0; i < 1000; ++i)
        ledger.add(hint(i, "a"), 0s);
    ledger.round_begins(Stream::groups, 0s);
    for (int i = 1000; i < 2000; ++i)
        ledger.add(hint(i, "a"), 1s);
    CHECK(ledger.waiting() == 1);
    CHECK(ledger.superseded() == 1998);
    // The round shows nothing: what came during it takes the older one's place as well.
    CHECK(ledger.round_ends(Stream::groups, true, 1s).satisfied.empty());
    CHECK(ledger.take_superseded().size() == 1999);
    CHECK(round(ledger, 2s, "a").satisfied == std::vector<std::int64_t>{1999});
}

TEST_CASE("when too many objects wait, a further one is content with the next round") {
    HintLedger ledger(2);
    ledger.add(hint(1, "a"), 0s);
    ledger.add(hint(2, "b"), 0s);
    ledger.add(hint(3, "c"), 0s);
    ledger.add(hint(4, "d"), 0s);
    ledger.add(hint(5, "a"), 0s);
    CHECK(ledger.waiting() == 3);
    CHECK(ledger.take_superseded() == std::vector<std::int64_t>{3, 1});
    CHECK(round(ledger, 0s, "b").satisfied == std::vector<std::int64_t>{4, 2});
    CHECK(ledger.waiting() == 1);
    CHECK(ledger.hinted_at(Stream::groups, "a").has_value());
}

TEST_CASE("a round that old hints alone ask for is an extra one, and one with a new hint is not") {
    HintLedger ledger(100);
    ledger.add(hint(1, "a"), 0s);
    CHECK_FALSE(ledger.only_extra(Stream::groups, 0s));
    static_cast<void>(round(ledger, 0s, ""));
    CHECK(ledger.only_extra(Stream::groups, 1s));
    ledger.add(hint(2, "b"), 1s);
    CHECK_FALSE(ledger.only_extra(Stream::groups, 1s));
    CHECK(ledger.wants_round(Stream::groups) == 250ms);
}

TEST_CASE("what came during a round counts from its own receipt once the older hint is satisfied") {
    HintLedger ledger(100);
    auto early = hint(1, "a");
    early.received_at = Instant(10s);
    auto late = hint(2, "a");
    late.received_at = Instant(20s);
    ledger.add(early, 0s);
    ledger.round_begins(Stream::groups, 0s);
    ledger.add(late, 1s);
    CHECK(ledger.hinted_at(Stream::groups, "a") == Instant(10s));
    ledger.shown(Stream::groups, "a");
    static_cast<void>(ledger.round_ends(Stream::groups, true, 2s));
    CHECK(ledger.hinted_at(Stream::groups, "a") == Instant(20s));
}

TEST_CASE("the earliest receipt of an object's hints is what latency counts from") {
    HintLedger ledger(100);
    auto late = hint(2, "a");
    late.received_at = Instant(20s);
    auto early = hint(1, "a");
    early.received_at = Instant(10s);
    ledger.add(late, 1s);
    ledger.add(early, 2s);
    CHECK(ledger.hinted_at(Stream::groups, "a") == Instant(10s));
}
