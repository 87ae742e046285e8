// The bugs that can be turned on in the simulation, to prove that it sees them.
//
// The product's sources hold none of them: the build makes copies with the bugs of
// tests/plants/*.plant and links those into the simulation alone. Failures: none. Threads: one.
// Exactly one bug can be on at a time, for the whole life of a process's work on a seed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace writeback {

struct Plant {
    std::string name;
    std::string sentence;  // what the bug is, and who had it or which law it breaks
};

// All of them, by name.
[[nodiscard]] const std::vector<Plant>& plants();

// Whether this bug is on; asked by the planted lines.
[[nodiscard]] bool planted(std::string_view name);

// Turns one on, by a name of plants(); an empty name turns all off.
void plant_bug(std::string_view name);
// How often planted lines have found their bug on since then.
[[nodiscard]] std::uint64_t times_planted();

}  // namespace writeback
