#include "commands/command_line.hpp"

#include "commands/commands.hpp"
#include "commands/rules_check.hpp"
#include "platform/config_file.hpp"

#include <writeback/crash_point.hpp>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <vector>

namespace writeback {
namespace {

const char* const about =
    "Writes the groups of Microsoft Entra ID back to on-premises Active Directory, within a second "
    "of a change.\n"
    "\n"
    "Begin with `check-config --online`, look at `plan`, then let `serve` run. What the guard "
    "holds is shown by\n"
    "`status` and decided by `approve` or `reject`.";

const char* const exit_statuses =
    "\nExit status: 0 done; 1 failed; 2 usage or configuration; 3 held, a person must decide.";

const char* const group_words = "a group's object id, name, DN, sAMAccountName or SID";

// What the arguments ask for; `run` is set by the one command that was named.
struct Invocation {
    std::string config_file = "/etc/group-writeback/config.toml";
    bool json = false;
    bool online = false;
    std::string subject;
    std::string member;
    AdoptOptions adopt;
    EnableOptions enable;
    DisableOptions disable;
    std::function<int()> run;
};

// A command that works on a configuration without errors.
void with_config(Invocation& invocation, CLI::App* command,
                 std::function<int(const Config&)> body) {
    command->callback([&invocation, body = std::move(body)] {
        invocation.run = [&invocation, body] {
            const auto config = load_config(invocation.config_file);
            return config ? body(*config) : static_cast<int>(exit_usage);
        };
    });
}

void add_yes(CLI::App* command, bool& yes) {
    command->add_flag("--yes", yes, "does not ask; for scripts that have seen what it says");
}

void add_running_commands(CLI::App& app, Invocation& invocation) {
    with_config(invocation, app.add_subcommand("serve", "runs the daemon until SIGTERM"),
                run_serve);
    with_config(invocation,
                app.add_subcommand("once",
                                   "pulls and writes until nothing is left to do now, then ends; "
                                   "needs no webhook"),
                run_once);
    auto* plan = app.add_subcommand(
        "plan", "prints what `once` would do, in its order; writes nothing anywhere");
    plan->add_flag("--json", invocation.json, "as JSON");
    with_config(invocation, plan,
                [&](const Config& config) { return run_plan(config, invocation.json); });
}

void add_deciding_commands(CLI::App& app, Invocation& invocation) {
    auto* status =
        app.add_subcommand("status", "lag, subscriptions, counts, held objects, last errors");
    status->add_flag("--json", invocation.json, "as JSON");
    with_config(invocation, status,
                [&](const Config& config) { return run_status(config, invocation.json); });

    auto* approve = app.add_subcommand("approve", "lets the daemon do what the guard holds");
    approve->add_option("id", invocation.subject,
                        "one held thing, as `status` names it; without it all");
    with_config(invocation, approve, [&](const Config& config) {
        return run_decide(config, Decision::approved, invocation.subject);
    });

    auto* reject = app.add_subcommand("reject", "lets what the guard holds stay undone, visibly");
    reject->add_option("id", invocation.subject,
                       "one held thing, as `status` names it; without it all");
    with_config(invocation, reject, [&](const Config& config) {
        return run_decide(config, Decision::rejected, invocation.subject);
    });

    auto* resync = app.add_subcommand(
        "resync", "reads the whole tenant (or one group) again; writes only differences");
    resync->add_option("group", invocation.subject,
                       std::string(group_words) + "; without it the tenant");
    with_config(invocation, resync,
                [&](const Config& config) { return run_resync(config, invocation.subject); });

    auto* restore = app.add_subcommand(
        "restore", "brings back a group that someone deleted in AD, with its SID");
    restore->add_option("group", invocation.subject, group_words)->required();
    with_config(invocation, restore,
                [&](const Config& config) { return run_restore(config, invocation.subject); });
}

void add_explaining_commands(CLI::App& app, Invocation& invocation) {
    auto* explain = app.add_subcommand(
        "explain", "why a group, or a member of it, is or is not in AD, and what to do");
    explain->add_option("group", invocation.subject, group_words)->required();
    explain->add_option("member", invocation.member,
                        "an object id, user principal name, name or SID; without it the group");
    with_config(invocation, explain, [&](const Config& config) {
        return run_explain(config, invocation.subject, invocation.member);
    });

    auto* verify = app.add_subcommand(
        "verify", "compares every written group with AD; exit 1 and a diff where they differ");
    verify->add_flag("--json", invocation.json, "as JSON");
    with_config(invocation, verify,
                [&](const Config& config) { return run_verify(config, invocation.json); });

    auto* functions = app.add_subcommand(
        "functions", "prints the mapping language: its functions, attributes and rules");
    functions->callback([&invocation] { invocation.run = run_functions; });
}

void add_adopt(CLI::App& app, Invocation& invocation) {
    auto* adopt = app.add_subcommand(
        "adopt", "takes over groups that Microsoft's writeback made, after showing the plan");
    adopt->add_option("--from", invocation.adopt.from,
                      "whose: connect or cloud-sync; without it both");
    adopt->add_flag("--rename", invocation.adopt.rename,
                    "the mapping's name and container apply afterwards; without it they stay");
    adopt
        ->add_option_function<std::vector<std::string>>(
            "--undo",
            [&invocation](const std::vector<std::string>& groups) {
                invocation.adopt.undo = groups.empty() ? "" : groups.front();
            },
            "gives them back, or one: its mark as it was before, and no longer written")
        ->expected(0, 1)
        ->type_name("[GROUP]");
    add_yes(adopt, invocation.adopt.yes);
    with_config(invocation, adopt,
                [&](const Config& config) { return run_adopt(config, invocation.adopt); });
}

void add_setting_up_commands(CLI::App& app, Invocation& invocation) {
    auto* enable = app.add_subcommand(
        "enable", "checks each step that write-back needs, and turns it on again after `disable`");
    enable->add_flag("--create-container", invocation.enable.create_container,
                     "makes the configured containers that are missing in AD");
    enable->add_flag("--show-rights", invocation.enable.show_rights,
                     "prints the commands that give the account its rights, on Windows and Samba");
    add_yes(enable, invocation.enable.yes);
    with_config(invocation, enable,
                [&](const Config& config) { return run_enable(config, invocation.enable); });
    add_adopt(app, invocation);
    auto* disable = app.add_subcommand(
        "disable", "takes write-back down, after saying what stays and what goes");
    disable->add_option("--groups", invocation.disable.groups,
                        "what becomes of the groups in AD: keep (default), empty, or delete");
    add_yes(disable, invocation.disable.yes);
    with_config(invocation, disable,
                [&](const Config& config) { return run_disable(config, invocation.disable); });
}

void add_checking_commands(CLI::App& app, Invocation& invocation) {
    auto* check = app.add_subcommand("check-config",
                                     "says every error of the configuration, with file and line");
    check->add_flag("--online", invocation.online,
                    "also tries the token, the permissions, the webhook's address, the LDAP bind, "
                    "rights and schema");
    check->callback([&invocation] {
        invocation.run = [&invocation] {
            return run_check_config(invocation.config_file, invocation.online);
        };
    });
    with_config(invocation,
                app.add_subcommand("healthcheck",
                                   "for containers: exit 0 when the running daemon is ready"),
                run_healthcheck);
}

// A peer that hangs up and a file that may not grow any more are error codes of the write, not the
// end of the process.
void take_failed_writes_as_errors() {
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
}

}  // namespace

std::optional<Config> load_config(const std::string& file) {
    auto read = read_config_file(file);
    auto errors = std::move(read.errors);
    if (read.config) errors = check_rules(read);
    for (const auto& error : errors)
        std::cerr << to_text(error) << "\n";
    if (!errors.empty()) return std::nullopt;
    return std::move(read.config);
}

int complain(const std::string& sentence, int status) {
    std::cerr << "group-writeback: " << sentence << "\n";
    return status;
}

int complain(const Failure& failure) {
    const bool wrong = failure.kind == FailureKind::invalid_configuration;
    return complain(failure.detail, wrong ? exit_usage : exit_failed);
}

int run_command_line(int argc, const char* const* argv) {
    take_failed_writes_as_errors();
    Invocation invocation;
    CLI::App app(about, "group-writeback");
    app.footer(exit_statuses);
    app.set_version_flag("--version", "group-writeback " WRITEBACK_VERSION);
    app.add_option("--config", invocation.config_file, "the configuration file")
        ->capture_default_str();
    app.require_subcommand(1);
    app.fallthrough();
    app.get_formatter()->column_width(28);
    add_running_commands(app, invocation);
    add_deciding_commands(app, invocation);
    add_explaining_commands(app, invocation);
    add_setting_up_commands(app, invocation);
    add_checking_commands(app, invocation);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        // CLI11 has exit statuses of its own; ours are 0 for help and version, 2 for anything
        // wrong.
        const auto unknown =
            app.get_subcommands().empty() ? app.remaining() : std::vector<std::string>();
        if (!unknown.empty() && error.get_exit_code() != 0) {
            return complain("there is no \"" + unknown.front() + "\"; --help names the commands",
                            exit_usage);
        }
        return app.exit(error) == 0 ? exit_done : exit_usage;
    }
    if (const auto point = std::getenv("GROUP_WRITEBACK_CRASH_AT")) {
        if (const auto armed = arm_crash_point(point); !armed) return complain(armed.error());
    }
    try {
        return invocation.run();
    } catch (const std::exception& error) {
        return complain(std::string("stopped by an unexpected error: ") + error.what());
    }
}

}  // namespace writeback
