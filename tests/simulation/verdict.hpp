// What became of one history.
#pragma once

#include <cstdint>
#include <string>

namespace writeback::simulation {

struct Verdict {
    std::uint64_t seed = 0;
    std::string broken;        // the invariant's name; empty: none was broken
    std::string sentence;      // what happened, for people
    std::uint64_t hash = 0;    // of the trace
    std::uint64_t events = 0;  // of the trace
    std::int64_t seconds = 0;  // of the model's time
    std::int64_t lives = 0;    // processes of the daemon
    std::int64_t writes = 0;   // that reached a directory

    [[nodiscard]] bool violated() const { return !broken.empty(); }
};

}  // namespace writeback::simulation
