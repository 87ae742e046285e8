// All chance in the emulator: with the same seed and the same requests, the same decisions and the
// same ids.
//
// Threads: one. Access tokens have a sequence of their own, from another seed.
#pragma once

#include <cstdint>
#include <random>
#include <string>

namespace emulator {

class Random {
 public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}

    /// A number from 0 to limit - 1; 0 where the limit is 0.
    std::uint64_t below(std::uint64_t limit) { return limit == 0 ? 0 : engine_() % limit; }
    bool chance(double probability) {
        return static_cast<double>(engine_() >> 11) * 0x1.0p-53 < probability;
    }
    /// A version 4 GUID in lower case.
    std::string guid();

 private:
    std::mt19937_64 engine_;
};

}  // namespace emulator
