// The commands, each in a file of its own. A command gets a configuration that is already read,
// prints for a person on stdout, complains on stderr in sentences, and gives the exit status of the
// contract.
//
// Threads: each runs on the main thread and returns when it is done. Cancellation: SIGINT and
// SIGTERM, by the command.
#pragma once

#include <writeback/config.hpp>
#include <writeback/plan.hpp>
#include <writeback/result.hpp>

#include <optional>
#include <string>

namespace writeback {

enum ExitStatus : int {
    exit_done = 0,
    exit_failed = 1,
    exit_usage = 2,  // usage or configuration
    exit_held = 3,   // a person must decide
};

[[nodiscard]] int run_serve(const Config& config);
[[nodiscard]] int run_once(const Config& config);
[[nodiscard]] int run_plan(const Config& config, bool json);
[[nodiscard]] int run_status(const Config& config, bool json);
// `id` empty: everything that waits for a person.
[[nodiscard]] int run_decide(const Config& config, Decision decision, const std::string& id);
// `subject`: object id, name, DN, or SID of a group; empty: the whole tenant.
[[nodiscard]] int run_resync(const Config& config, const std::string& subject);
// The same for a group that AD has lost.
[[nodiscard]] int run_restore(const Config& config, const std::string& subject);
// `member` empty: the group itself.
[[nodiscard]] int run_explain(const Config& config, const std::string& subject,
                              const std::string& member);
[[nodiscard]] int run_verify(const Config& config, bool json);
[[nodiscard]] int run_functions();
struct AdoptOptions {
    std::string from;                 // connect or cloud-sync; empty: both
    bool rename = false;              // the mapping's name and container apply afterwards
    std::optional<std::string> undo;  // give back this group; empty: all that were adopted
    bool yes = false;
};
[[nodiscard]] int run_adopt(const Config& config, const AdoptOptions& options);
struct EnableOptions {
    bool create_container = false;  // those that are missing
    bool show_rights = false;       // the commands that give the rights, also when none is missing
    bool yes = false;
};
[[nodiscard]] int run_enable(const Config& config, const EnableOptions& options);
struct DisableOptions {
    std::string groups;  // keep, empty or delete; empty: what was said before, else keep
    bool yes = false;
};
[[nodiscard]] int run_disable(const Config& config, const DisableOptions& options);
// Reads the file itself, since it tells every error in it.
[[nodiscard]] int run_check_config(const std::string& file, bool online);
[[nodiscard]] int run_healthcheck(const Config& config);

// Reads the configuration; prints its errors on stderr and gives nothing when there are any.
[[nodiscard]] std::optional<Config> load_config(const std::string& file);

// Prints "group-writeback: sentence" on stderr and gives `status`.
int complain(const std::string& sentence, int status = exit_failed);
// The same with the failure's sentence; a wrong configuration has an exit status of its own.
int complain(const Failure& failure);

}  // namespace writeback
