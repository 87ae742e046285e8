// Which hints still wait for the round that shows what they announced, and when that round is to
// be.
//
// Graph is eventually consistent: a notification may arrive before delta shows the change. A hint
// is satisfied by a round that began after the hint was taken in and that shows its object; until
// then it asks for further rounds, ever more seldom, and is given up at the end of that schedule
// (the poll remains). The schedule is one for all: any round serves every hint, and there is at
// most one extra round a second.
//
// Pure: time comes in as an argument (Clock::monotonic). Limits: a hint takes some hundred bytes.
// Threads: one.
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

    void add(const Hint& hint, Duration now);

    // When a round of the stream is asked for; now or earlier means at once.
    [[nodiscard]] std::optional<Duration> wants_round(Stream stream) const;
    // Receipt of the earliest hint that waits for this object.
    [[nodiscard]] std::optional<Instant> hinted_at(Stream stream, const std::string& object) const;
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

 private:
    struct Entry {
        Instant received_at{};           // of the earliest one
        std::vector<std::int64_t> ids;   // taken in before the round under way
        std::vector<std::int64_t> late;  // taken in during it
        std::size_t tries = 0;           // rounds in vain
        Duration next_try{};
        bool in_round = false;
        bool shown = false;
    };
    using Key = std::pair<Stream, std::string>;

    std::map<Key, Entry> entries_;
    std::map<Stream, bool> under_way_;
    std::map<Stream, Duration> round_began_;
    std::map<Stream, Duration> last_extra_;
};

}  // namespace writeback
