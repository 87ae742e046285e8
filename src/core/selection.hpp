// What the groups stream must be asked for, so that what the configuration reads of a group is
// there: the properties of the mapping and of the selection, the owners, and a filter by id.
//
// Failures: invalid_configuration, as of core/scope and core/mapping. Ownership: values. Threads:
// pure, any thread.
#pragma once

#include <writeback/change_source.hpp>
#include <writeback/config.hpp>
#include <writeback/result.hpp>

namespace writeback {

// Properties that every groups stream selects are not among GroupSelection::properties. `only` is
// set for select = "listed" with at most GroupSelection::most_only ids: the stream then never shows
// another group, and one that is taken from the list is seen to be out of scope by `rescope` alone.
[[nodiscard]] Result<GroupSelection> group_selection(const Config& config);

}  // namespace writeback
