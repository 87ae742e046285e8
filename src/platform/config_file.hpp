// Reads the configuration file: TOML text becomes a Config, or every error that is in it, each with
// file, line and remedy.
//
// Failures: as values, all of them at once; never an exception. Nothing of a secret is repeated in
// a message. Limits: the file may have 1 MiB. Threads: none of its own; call it from any.
#pragma once

#include <writeback/config.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace writeback {

struct ConfigError {
    std::string file;
    int line = 0;
    std::string message;  // one line: what is wrong, and the remedy
};

// "FILE:LINE: message"
[[nodiscard]] std::string to_text(const ConfigError& error);

struct ConfigRead {
    std::string file;
    std::optional<Config> config;     // empty when there are errors
    std::vector<ConfigError> errors;  // in the order of their lines
    // The line of each setting that the file gives ("groups.select") and of each section
    // ("groups"), so that later checks (an expression, a missing file) can name it as well.
    std::map<std::string, int> lines;
};

[[nodiscard]] ConfigRead read_config_file(const std::string& path);
// The same from text; `file` is what messages call it.
[[nodiscard]] ConfigRead read_config(std::string_view text, const std::string& file);

// An error of the setting "section.key" at the line where it stands (or its section's).
[[nodiscard]] ConfigError error_of(const ConfigRead& read, const std::string& setting,
                                   std::string message);

// What `check-config` asks besides: do the files that settings name exist, can they be read, and
// can the places that are written to be written. Looks at the file system, not at contents.
[[nodiscard]] std::vector<ConfigError> check_config_files(const ConfigRead& read);

}  // namespace writeback
