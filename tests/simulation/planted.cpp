#include "simulation/planted.hpp"

namespace writeback {

namespace {

std::string chosen;
std::uint64_t times = 0;

}  // namespace

bool planted(std::string_view name) {
    if (chosen.empty() || chosen != name) return false;
    ++times;
    return true;
}

void plant_bug(std::string_view name) {
    chosen = name;
    times = 0;
}

std::uint64_t times_planted() {
    return times;
}

}  // namespace writeback
