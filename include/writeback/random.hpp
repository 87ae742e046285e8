// The port for chance. `sync` takes jitter and ids from here, so that one seed is one history in a
// simulation.
#pragma once

#include <cstdint>
#include <string>

namespace writeback {

class Random {
 public:
    virtual ~Random() = default;
    // A number in [0, below); below is at least 1.
    [[nodiscard]] virtual std::uint64_t below(std::uint64_t below) = 0;
    // Unguessable text of letters and digits, for a clientState.
    [[nodiscard]] virtual std::string secret(std::size_t length) = 0;
    // A random (version 4) GUID in canonical form.
    [[nodiscard]] virtual std::string guid() = 0;
};

}  // namespace writeback
