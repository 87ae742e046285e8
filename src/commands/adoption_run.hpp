// What `adopt` does between its questions: looking, taking over, giving back.
//
// Each builds an engine of its own, so it needs the store for itself. Looking pulls, and writes
// nothing to the directory. Taking over writes the mark alone, and only where it is another.
// Failures: of looking, the first; of the others one sentence for each group that could not be
// done, while the rest go on. Threads: the main thread. Cancellation: SIGINT and SIGTERM.
#pragma once

#include "core/adoption.hpp"

#include <writeback/config.hpp>
#include <writeback/result.hpp>

#include <string>
#include <vector>

namespace writeback {

struct PlannedAdoption {
    AdoptionStep step;
    // Of a group that is to be adopted: members that are added right away, and those that stay
    // until a person approves.
    std::int64_t only_in_cloud = 0;
    std::int64_t only_in_ad = 0;
};

struct AdoptionReport {
    std::int64_t done = 0;
    std::vector<std::string> failures;
};

[[nodiscard]] Result<std::vector<PlannedAdoption>> look_for_adoptable(const Config& config,
                                                                      AdoptionSource source,
                                                                      bool rename);
[[nodiscard]] Result<AdoptionReport> adopt(const Config& config,
                                           const std::vector<AdoptionStep>& steps);
// Those that `adopt` took over; `subject` as `explain` takes it, empty: all.
[[nodiscard]] Result<std::vector<WrittenGroup>> adopted_groups(const Config& config,
                                                               const std::string& subject);
[[nodiscard]] Result<AdoptionReport> undo_adoption(const Config& config,
                                                   const std::vector<WrittenGroup>& groups);

}  // namespace writeback
