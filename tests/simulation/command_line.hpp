// The simulation's command line: a contract.
//
//   simulation --seeds A..B          runs these histories; exit 0 when none violates, else 1
//   simulation --replay SEED         one history; with --trace, every event of it
//   simulation --list-plants         the planted bugs, one a line: name, tab, sentence
//   simulation --plant NAME          with --seeds (1..1000): exit 1 at the first seed that finds
//                                    it, 0 when none does
//   simulation --all-plants          each in turn; exit 1 when one is missed
//   --jobs N                         worker processes; what is printed is the same whatever N
//
// Exit 2: the command line is wrong, or the plant is unknown. Nothing that is printed holds a wall
// clock's time, a path or an address.
#pragma once

namespace writeback::simulation {

[[nodiscard]] int run_command_line(int argc, const char* const* argv);

}  // namespace writeback::simulation
