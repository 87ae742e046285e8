// Files that hold the daemon's secrets, which it reads by itself: in memory, so that nothing is
// left behind however the program ends.
//
// Failures: std::system_error. Limits: a file a name, kept for the program's life. Threads: one.
#pragma once

#include <string>

namespace writeback::simulation {

// The path of a file with this content; the same name gives the same file.
[[nodiscard]] std::string secret_file(const std::string& name, const std::string& content);

}  // namespace writeback::simulation
