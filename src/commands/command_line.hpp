// From the program's arguments to one command and its exit status.
#pragma once

namespace writeback {

[[nodiscard]] int run_command_line(int argc, const char* const* argv);

}  // namespace writeback
