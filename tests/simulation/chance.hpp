// Chance of one seed, in the forms that a history needs. The same seed draws the same, on every
// machine.
#pragma once

#include "fakes/recording.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>
#include <vector>

namespace writeback::simulation {

class Chance {
 public:
    explicit Chance(std::uint64_t seed) : random_(seed) { random_.below(2); }

    [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }
    // From least to most, both included.
    [[nodiscard]] std::int64_t between(std::int64_t least, std::int64_t most) {
        return least +
               static_cast<std::int64_t>(below(static_cast<std::uint64_t>(most - least) + 1));
    }
    [[nodiscard]] Duration between(Duration least, Duration most) {
        return Duration(between(least.count(), most.count()));
    }
    [[nodiscard]] bool one_in(std::uint64_t times) { return below(times) == 0; }
    [[nodiscard]] bool percent(std::uint64_t share) { return below(100) < share; }
    // Small numbers far more often than large ones, every size about as often as its half.
    [[nodiscard]] std::int64_t skewed(std::int64_t least, std::int64_t most) {
        std::int64_t top = most;
        while (top / 2 > least && one_in(2) == false)
            top /= 2;
        return between(least, std::max(least, top));
    }
    template <class T>
    [[nodiscard]] const T& any(const std::vector<T>& of) {
        return of[below(of.size())];
    }
    // A source of its own, so that one part of a history can draw more without moving the others.
    [[nodiscard]] Chance branch() { return Chance((below(1U << 31U) << 31U) ^ below(1U << 31U)); }
    [[nodiscard]] fakes::ModelRandom& port() { return random_; }

 private:
    fakes::ModelRandom random_;
};

}  // namespace writeback::simulation
