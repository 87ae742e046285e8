// What of a well-formed configuration only the core can judge: its selection, its expressions, and
// what goes together.
//
// Failures: as values, each at its line with the remedy. Threads: any.
#pragma once

#include "platform/config_file.hpp"

#include <vector>

namespace writeback {

// `read` must hold a configuration. In the order of the lines.
[[nodiscard]] std::vector<ConfigError> check_rules(const ConfigRead& read);

}  // namespace writeback
