// One history: a tenant, a directory and the daemon between them, from the first start to the end
// where everything must agree; one seed decides all of it.
//
// Failures: a broken invariant, and whatever the daemon throws, is the verdict. Limits: the
// scenario's. Threads: one; a program runs one history at a time.
#pragma once

#include "simulation/trace.hpp"
#include "simulation/verdict.hpp"

#include <cstdint>

namespace writeback::simulation {

[[nodiscard]] Verdict run_history(std::uint64_t seed, Trace& trace);

}  // namespace writeback::simulation
