// What each section of the configuration file holds: names, types, ranges, and what goes together.
// Private to config_file; pure.
#pragma once

#include "platform/config_section.hpp"

namespace writeback {

// Reads all known sections of `file` into `config`, and adds what is wrong to `read`.
void read_config_sections(const toml::table& file, ConfigRead& read, Config& config);

// [mapping], with the names that must not be mapped refused.
void read_mapping(ConfigSection section, std::map<std::string, std::string>& mapping);

}  // namespace writeback
