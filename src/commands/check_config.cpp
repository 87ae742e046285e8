// `check-config`: every error of the file; with --online also what only the peers can tell.
#include "commands/commands.hpp"
#include "commands/online_check.hpp"
#include "commands/rules_check.hpp"
#include "platform/config_file.hpp"

#include <iostream>

namespace writeback {

int run_check_config(const std::string& file, bool online) {
    const ConfigRead read = read_config_file(file);
    auto errors = read.errors;
    if (read.config) {
        const auto missing = check_config_files(read);
        errors.insert(errors.end(), missing.begin(), missing.end());
        if (errors.empty()) {
            const auto refused = check_rules(read);
            errors.insert(errors.end(), refused.begin(), refused.end());
        }
    }
    for (const auto& error : errors)
        std::cerr << to_text(error) << "\n";
    if (!errors.empty()) return exit_usage;
    std::cout << file << ": ok\n";
    return online ? run_online_check(*read.config) : static_cast<int>(exit_done);
}

}  // namespace writeback
