// Who manages a group in Active Directory: one of its owners in the cloud.
//
// Failures: none. Threads: pure, any thread.
#pragma once

#include <writeback/store.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace writeback {

inline constexpr std::string_view managed_by_attribute = "managedBy";

// The value of managedBy, a key of AdIdentity, or none: the owner whom AD names already while they
// are one, so that nothing changes with the order of owners; else the first of the owners that AD
// has. While some owners are unknown or unread, whom AD names stays.
[[nodiscard]] std::vector<std::string> managed_by(const GroupWork& work);

}  // namespace writeback
