// `enable`: checks each step that write-back needs and says it, makes the container where that is
// asked for, and ends a `disable`. Nothing is enabled while a step has a problem.
#include "commands/commands.hpp"
#include "commands/connection_checks.hpp"
#include "commands/rights.hpp"
#include "daemon/engine.hpp"
#include "platform/config_file.hpp"

#include <algorithm>
#include <filesystem>
#include <iostream>

namespace writeback {
namespace {

void check_configuration(const Config& config, Findings& findings) {
    const ConfigRead read = read_config_file(config.file);
    const auto errors = check_config_files(read);
    for (const auto& error : errors)
        findings.problem(to_text(error));
    if (errors.empty()) findings.good(config.file + " and the files it names can be read");
}

// The store where there is one; before the first run there is none, and nothing is disabled.
Result<std::unique_ptr<SqliteStore>> existing_store(const Config& config) {
    std::error_code ignored;
    if (!std::filesystem::exists(config.store.path, ignored)) return std::unique_ptr<SqliteStore>();
    return SqliteStore::open({.path = config.store.path, .access = StoreAccess::shared});
}

Async<void> check_subscriptions(const Config& config, Graph& graph, Findings& findings) {
    if (!config.webhook) co_return;
    const auto listed = co_await graph.subscriptions().list();
    if (!listed) {
        findings.problem("our subscriptions cannot be listed: " + listed.error().detail);
        co_return;
    }
    for (const Stream stream : {Stream::groups, Stream::users}) {
        const auto found =
            std::find_if(listed->begin(), listed->end(), [&](const Subscription& subscription) {
                return subscription.resource == name_of(stream) &&
                       subscription.notification_url.starts_with(config.webhook->public_url + "/");
            });
        const std::string name(name_of(stream));
        if (found == listed->end()) {
            findings.note("Graph has no subscription of ours for " + name +
                          " yet; `serve` makes it when it starts");
        } else {
            findings.good("Graph has our subscription for " + name + ", until " +
                          to_text(found->expires));
        }
    }
}

Async<void> check_steps(const Config& config, bool show_rights, Peers& peers, Findings& findings) {
    co_await check_graph(config, peers.graph(), findings);
    co_await check_webhook(config, peers, findings);
    co_await check_subscriptions(config, peers.graph(), findings);
    co_await check_directory(config, peers.directory(), findings);
    co_await check_containers(peers.directory(), findings);
    if (show_rights || findings.rights_missing())
        co_await print_delegation(config, peers.directory(), findings);
}

// Ends a `disable`; gives whether there was one.
Result<bool> end_disabling(const Config& config) {
    auto store = existing_store(config);
    if (!store) return store.error();
    if (!*store) return false;
    const auto disabled = (*store)->fact(disabled_fact);
    if (!disabled) return disabled.error();
    if (!*disabled) return false;
    if (auto done = (*store)->set_fact(disabled_fact, ""); !done) return done.error();
    return true;
}

}  // namespace

int run_enable(const Config& config, const EnableOptions& options) {
    Findings findings;
    check_configuration(config, findings);
    if (options.create_container) {
        if (const auto status = create_missing_containers(config, options.yes, findings))
            return *status;
    }
    {
        Peers peers(config);
        peers.run(check_steps(config, options.show_rights, peers, findings));
    }
    if (findings.problems() > 0) {
        return complain("not enabled: " + std::to_string(findings.problems()) +
                        " problems; put them right, then run `enable` again");
    }
    const auto ended = end_disabling(config);
    if (!ended) return complain(ended.error());
    std::cout << (*ended ? "enabled: `serve` and `once` run again, and bring the groups in line "
                           "with the cloud\n"
                         : "ready: everything that write-back needs is there\n");
    return exit_done;
}

}  // namespace writeback
