// Which group a person means: by object id, name, distinguished name, CN, sAMAccountName or SID.
//
// Failures: not_found with what may be named, or `refused` with a list when several groups bear the
// text; those of the store. Threads: the main thread.
#pragma once

#include <writeback/store.hpp>

#include <string>

namespace writeback {

[[nodiscard]] Result<GroupId> group_meant(Store& store, const std::string& subject);
// "Finance (aaaaaaaa-…)", as far as the store knows it.
[[nodiscard]] std::string told_as(Store& store, const GroupId& group);

}  // namespace writeback
