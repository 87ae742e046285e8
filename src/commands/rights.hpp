// The containers that `enable` makes, and the commands that give our account its rights.
//
// Failures: findings. Threads: the main thread.
#pragma once

#include "commands/findings.hpp"
#include "commands/peers.hpp"

#include <writeback/config.hpp>

#include <optional>

namespace writeback {

// Asks before it makes what is missing; gives an exit status where a person must decide or said no.
[[nodiscard]] std::optional<int> create_missing_containers(const Config& config, bool yes,
                                                           Findings& findings);

// Says how those that are missing can be made.
Async<void> check_containers(ActiveDirectory& directory, Findings& findings);

// Prints the commands for Windows and Samba.
Async<void> print_delegation(const Config& config, ActiveDirectory& directory, Findings& findings);

}  // namespace writeback
