// Settings that are well-formed but that this version refuses: what of a configuration only the
// pure core can tell, its scope and its mapping.
//
// Failures: as values, each at its line with the remedy. Threads: any.
#pragma once

#include "platform/config_file.hpp"

#include <vector>

namespace writeback {

// `read` must hold a configuration.
[[nodiscard]] std::vector<ConfigError> check_supported(const ConfigRead& read);

}  // namespace writeback
