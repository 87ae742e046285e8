// `disable`: takes write-back down. What becomes of the groups is done as if all of them had left
// the scope, so the guard judges it; then our subscriptions in Graph are removed.
#include "commands/commands.hpp"
#include "commands/question.hpp"
#include "daemon/engine.hpp"

#include <algorithm>
#include <filesystem>
#include <iostream>

namespace writeback {
namespace {

constexpr std::size_t most_named = 20;

std::optional<OnGone> action_of(const std::string& word) {
    if (word == "keep") return OnGone::keep;
    if (word == "empty") return OnGone::empty;
    if (word == "delete") return OnGone::remove;
    return std::nullopt;
}

// The configuration under which nothing is in scope, and what is gone is treated alike whatever the
// reason. What the cloud is asked for stays the same, so that the mirror counts as it is.
Config with_nothing_in_scope(Config config, OnGone action) {
    config.groups.kind_microsoft365 = false;
    config.groups.kind_security = false;
    config.groups.on_out_of_scope = action;
    config.groups.on_soft_delete = action;
    config.groups.on_delete = action;
    return config;
}

Result<std::vector<WrittenGroup>> all_written(Store& store) {
    std::vector<WrittenGroup> all;
    GroupId after;
    while (true) {
        auto some = store.written_after(after, 1000);
        if (!some) return some.error();
        if (some->empty()) return all;
        after = some->back().group;
        std::move(some->begin(), some->end(), std::back_inserter(all));
    }
}

void say_what_becomes_of(const std::vector<WrittenGroup>& groups, std::int64_t members,
                         OnGone action) {
    const std::string those =
        std::to_string(groups.size()) + " groups with " + std::to_string(members) + " members";
    if (action == OnGone::keep) {
        std::cout << "In Active Directory " << those
                  << " stay exactly as they are. They no longer follow the cloud: whoever loses a "
                     "membership there keeps it here.\n";
        return;
    }
    if (action == OnGone::empty) {
        std::cout << "In Active Directory " << those
                  << " lose their members. The groups and their SIDs stay, so that `enable` fills "
                     "them again.\n";
        return;
    }
    std::cout << "In Active Directory " << those
              << " are deleted. Permissions that name them are lost with their SIDs: groups that "
                 "are made later have others.\n";
    for (std::size_t i = 0; i < std::min(groups.size(), most_named); ++i)
        std::cout << "  " << groups[i].dn.text() << "\n";
    if (groups.size() > most_named)
        std::cout << "  and " << groups.size() - most_named << " more\n";
}

bool is_ours(const Subscription& subscription, const std::vector<StoredSubscription>& stored,
             const Config& config) {
    const bool known = std::any_of(stored.begin(), stored.end(), [&](const auto& entry) {
        return entry.subscription.id == subscription.id;
    });
    return known || (config.webhook &&
                     subscription.notification_url.starts_with(config.webhook->public_url + "/"));
}

Async<Result<std::int64_t>> remove_subscriptions(const Config& config, Engine& engine) {
    auto stored = engine.store().subscriptions();
    if (!stored) co_return stored.error();
    if (stored->empty() && !config.webhook) co_return 0;
    auto listed = co_await engine.graph().subscriptions().list();
    if (!listed) co_return listed.error();
    std::int64_t removed = 0;
    for (const auto& subscription : *listed) {
        if (!is_ours(subscription, *stored, config)) continue;
        auto gone = co_await engine.graph().subscriptions().remove(subscription.id);
        if (!gone && gone.error().kind != FailureKind::not_found) co_return gone.error();
        ++removed;
    }
    for (const auto& entry : *stored) {
        auto forgotten = engine.store().remove_subscription(entry.subscription.id);
        if (!forgotten) co_return forgotten.error();
    }
    co_return removed;
}

struct Ending {
    std::optional<Result<OnceReport>> groups;  // none when they are kept
    std::optional<Result<std::int64_t>> subscriptions;
};

Async<void> take_down(const Config& config, Engine& engine, OnGone action, std::stop_token stop,
                      Ending& ending) {
    if (action != OnGone::keep) ending.groups = co_await engine.story().reconcile(std::move(stop));
    ending.subscriptions = co_await remove_subscriptions(config, engine);
}

int say_ending(const Ending& ending, const std::string& action) {
    int status = exit_done;
    if (!*ending.subscriptions) {
        status = complain(
            "our subscriptions in Graph could not be removed, and end by themselves "
            "within 29 days; `disable` again tries again: " +
            ending.subscriptions->error().detail);
    } else {
        std::cout << **ending.subscriptions << " subscriptions removed in Graph\n";
    }
    if (ending.groups && !*ending.groups) return complain(ending.groups->error());
    if (ending.groups) {
        const OnceReport& done = **ending.groups;
        std::cout << done.writes << " operations in Active Directory, " << done.held << " held\n";
        if (done.waiting > 0) {
            std::cout << "A person must decide about " << done.waiting
                      << ", which is more than the guard allows at once: see `group-writeback "
                         "status`, then `approve` and `disable` again.\n";
            return exit_held;
        }
        if (done.dirty > 0) {
            return complain(std::to_string(done.dirty) +
                            " groups could not be dealt with now; `group-writeback status` says "
                            "why, and `disable` again goes on");
        }
    }
    if (status != exit_done) return status;
    std::cout << "disabled (--groups " << action
              << "): `serve` and `once` refuse to run until `group-writeback enable`\n"
                 "What stays: the account and its rights in Active Directory, the application in "
                 "Entra ID, the configuration, the store.\n";
    return exit_done;
}

}  // namespace

int run_disable(const Config& config, const DisableOptions& options) {
    // What was decided before goes on, unless another word is given now.
    std::string word = options.groups;
    std::error_code ignored;
    if (!std::filesystem::exists(config.store.path, ignored)) {
        return complain("there is no store at " + config.store.path +
                        ", so nothing was ever written and nothing is to be taken down");
    }
    {
        auto store = SqliteStore::open({.path = config.store.path, .access = StoreAccess::shared});
        if (!store) return complain(store.error());
        const auto before = (*store)->fact(disabled_fact);
        if (!before) return complain(before.error());
        if (word.empty()) word = before->value_or("keep");
    }
    const auto action = action_of(word);
    if (!action) return complain("--groups must be keep, empty or delete", exit_usage);
    if (*action != OnGone::keep && config.groups.policy != Policy::full) {
        return complain("groups.policy lets nothing be removed, so --groups " + word +
                            " cannot be done: set policy = \"full\", or use --groups keep",
                        exit_usage);
    }
    const Config changed = with_nothing_in_scope(config, *action);
    auto engine = Engine::build(changed, EngineRole::disable);
    if (!engine) return complain(engine.error());
    Store& store = (*engine)->store();
    const auto groups = all_written(store);
    if (!groups) return complain(groups.error());
    const auto counts = store.counts();
    if (!counts) return complain(counts.error());
    say_what_becomes_of(*groups, counts->members_written, *action);
    std::cout << "Our subscriptions in Graph are removed, and nothing is written any more.\n";
    if (const auto status = refused("Disable write-back?", options.yes)) return *status;
    if (auto kept = store.set_fact(disabled_fact, word); !kept) return complain(kept.error());
    Ending ending;
    std::stop_source stop;
    run_to_end(**engine, take_down(config, **engine, *action, stop.get_token(), ending), stop);
    return say_ending(ending, word);
}

}  // namespace writeback
