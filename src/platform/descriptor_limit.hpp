// How many file descriptors this process may have.
//
// Purpose: a crowd of clients must not take the descriptors that the store and the directory need.
// Failures: none; what can't be raised stays as it was. Units: descriptors. Threads: any, at start.
#pragma once

#include <cstddef>

namespace writeback {

// Raises the soft limit to `wanted`, or as near as the hard limit lets it; never lowers it. Gives
// the limit that holds now.
[[nodiscard]] std::size_t raise_descriptor_limit(std::size_t wanted);

// What remains of `available` descriptors for a listener's clients, when `others` are kept for
// everything else: at most `wanted`, and at least 1.
[[nodiscard]] int clients_within(std::size_t available, std::size_t others, int wanted);

}  // namespace writeback
