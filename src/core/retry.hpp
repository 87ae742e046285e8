// What a failure of the directory means for the group that was worked on: try again, look again,
// hold, or wait for the directory itself.
//
// Failures: none. Units: milliseconds. Threads: pure, any thread.
#pragma once

#include <writeback/plan.hpp>
#include <writeback/result.hpp>

#include <cstdint>
#include <string>

namespace writeback {

struct NextStep {
    enum class Kind {
        try_again,   // the same again after `wait`
        read_again,  // AD is not as we believed: read the group whole after `wait`, plan anew
        bisect,      // some member value is refused: core/bisection finds which
        hold,        // held for `reason`, visible; tried again after `wait`
        wait_for_directory,  // nothing about this group: the connection's backoff decides
    };
    Kind kind = Kind::try_again;
    Duration wait{};
    HoldReason reason = HoldReason::refused;  // meaningful for hold
    std::string detail;                       // a sentence for status and hold
};

// attempts: failed tries of this mark so far, 0 for the first failure. random: any number, the
// jitter. The peer's retry_after is never undercut.
[[nodiscard]] NextStep next_step(const Failure& failure, OperationKind operation, int attempts,
                                 std::uint64_t random);

// least * 2^attempts, at most `most`, then a random share of its second half taken off, so that
// many who failed together do not come back together. Never below half of `least`.
[[nodiscard]] Duration backoff(int attempts, Duration least, Duration most, std::uint64_t random);

}  // namespace writeback
