// Which hints still wait for the round that shows what they announced, and when that round is to
// be.
//
// Graph is eventually consistent: a notification may arrive before delta shows the change. A hint
// is satisfied by a round that began after the hint was taken in and that shows its object; until
// then it asks for further rounds, ever more seldom, and is given up at the end of that schedule
// (the poll remains). The schedule is one for all: any round serves every hint, and there is at
// most one extra round a second. A newer hint for the same object asks for the same and more, and
// takes the older one's place.
//
// Pure: time comes in as an argument (Clock::monotonic). Limits: of each object two hints are kept
// at most (one taken in before the round under way and one during it), some hundred bytes each.
// Beyond `most_objects` a hint is content with any round that begins after it: with so many waiting
// there is one each second. Threads: one.
#pragma once

#include <writeback/mirror.hpp>
#include <writeback/notification.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace writeback {

class HintLedger {
 public:
    static constexpr std::array<Duration, 9> schedule = {
        Duration(250),   Duration(500),    Duration(1'000),  Duration(2'000), Duration(4'000),
        Duration(8'000), Duration(16'000), Duration(30'000), Duration(60'000)};
    static constexpr Duration between_extra_rounds = Duration(1'000);

    explicit HintLedger(std::size_t most_objects) : most_objects_(most_objects) {}

    void add(const Hint& hint, Duration now);

    // When a round of the stream is asked for; now or earlier means at once.
    [[nodiscard]] std::optional<Duration> wants_round(Stream stream) const;
    // Whether a round that began now would be an extra one: asked for by hints that had theirs.
    [[nodiscard]] bool only_extra(Stream stream, Duration now) const;
    // Receipt of the earliest hint that waits for this object.
    [[nodiscard]] std::optional<Instant> hinted_at(Stream stream, const std::string& object) const;
    // Objects whose hints wait.
    [[nodiscard]] std::size_t waiting() const { return entries_.size(); }

    void round_begins(Stream stream, Duration now);
    // The round showed the object, and what it showed is durable.
    void shown(Stream stream, const std::string& object);
    struct Settled {
        std::vector<std::int64_t> satisfied;
        std::vector<std::int64_t> given_up;
    };
    // complete: the round reached its deltaLink.
    [[nodiscard]] Settled round_ends(Stream stream, bool complete, Duration now);

    // Hints whose place a newer one has taken since the last call.
    [[nodiscard]] std::vector<std::int64_t> take_superseded();
    [[nodiscard]] std::size_t superseded() const { return superseded_.size(); }

 private:
    struct Received {
        std::int64_t id = 0;
        Instant at{};
    };
    struct Entry {
        std::optional<Received> waits;  // taken in before the round under way
        std::optional<Received> late;   // taken in during it
        std::size_t tries = 0;          // rounds in vain
        Duration next_try{};
        bool in_round = false;
        bool shown = false;
    };
    using Key = std::pair<Stream, std::string>;
    struct Rounds {
        bool under_way = false;
        Duration began{};
        std::optional<Duration> last_extra;
        // The earliest next_try of those that no round has served yet, and of the others.
        std::optional<Duration> first, extra;
    };

    void put(std::optional<Received>& place, const Hint& hint);
    void note_next_try(Stream stream, const Entry& entry);
    [[nodiscard]] Rounds& rounds(Stream stream) { return rounds_[stream == Stream::users]; }
    [[nodiscard]] const Rounds& rounds(Stream stream) const {
        return rounds_[stream == Stream::users];
    }

    std::size_t most_objects_;
    std::map<Key, Entry> entries_;
    std::array<Rounds, 2> rounds_;
    std::vector<std::int64_t> superseded_;
};

}  // namespace writeback
