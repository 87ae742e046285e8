// In which order dirty groups are served.
//
// Failures: none; circles of nesting are cut at their most urgent group. Limits: linear in groups
// and pairs, but for the sorting. Threads: pure, any thread.
#pragma once

#include <writeback/ids.hpp>
#include <writeback/store.hpp>

#include <utility>
#include <vector>

namespace writeback {

// Hinted groups with removals first, then hinted ones, then the rest; ties in id order. A child
// comes before its parents (nesting: parent, child), and a child that AD does not have yet is
// served as early as its parent needs it. A parent never waits for a child that stands in AD and
// is less urgent, and one with hinted removals for no less urgent child at all: the child's own run
// marks it again.
[[nodiscard]] std::vector<GroupId> in_order(
    std::vector<DueGroup> due, const std::vector<std::pair<GroupId, GroupId>>& nesting);

}  // namespace writeback
