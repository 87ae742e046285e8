// Asks the person at the terminal before something that cannot simply be taken back.
//
// Failures: none; where nobody can answer, nothing is done. Threads: the main thread, which waits.
#pragma once

#include <optional>
#include <string>

namespace writeback {

// Nothing: go on, because the person said yes or `yes` was given. Otherwise the exit status to end
// with, which was explained on stderr: 1 after a no, 3 without a terminal.
[[nodiscard]] std::optional<int> refused(const std::string& question, bool yes);

}  // namespace writeback
