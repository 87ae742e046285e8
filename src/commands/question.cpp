#include "commands/question.hpp"

#include "commands/commands.hpp"

#include <iostream>
#include <unistd.h>

namespace writeback {

std::optional<int> refused(const std::string& question, bool yes) {
    if (yes) return std::nullopt;
    if (isatty(STDIN_FILENO) == 0) {
        return complain(
            "nothing was done: a person must say yes, and there is no terminal to ask at; look at "
            "the above, then run the command again with --yes",
            exit_held);
    }
    std::cout << question << " [y/N] " << std::flush;
    std::string answer;
    std::getline(std::cin, answer);
    if (answer == "y" || answer == "Y" || answer == "yes") return std::nullopt;
    return complain("nothing was done");
}

}  // namespace writeback
