#include "sync/rescope.hpp"

#include "core/delta_fold.hpp"

#include <utility>

namespace writeback {

namespace {
constexpr std::size_t batch = 500;
}

Rescope::Rescope(SyncPorts& ports, GroupsStream& groups)
    : ports_(ports), groups_(groups), turn_(ports.clock.alarm()) {}

Async<Result<Done>> Rescope::if_scope_changed(const ScopeRules& rules, std::stop_token stop) {
    co_return co_await if_changed("scope_fingerprint", fingerprint(rules), std::move(stop));
}

Async<Result<Done>> Rescope::if_projection_changed(const ProjectionRules& rules,
                                                   std::stop_token stop) {
    co_return co_await if_changed("projection_fingerprint", fingerprint(rules), std::move(stop));
}

Async<Result<Done>> Rescope::if_changed(std::string fact, std::string fingerprint,
                                        std::stop_token stop) {
    auto known = ports_.store.fact(fact);
    if (!known) co_return known.error();
    if (*known && **known == fingerprint) co_return Done{};
    // The first start has nothing to look at again: the crawl marks what it shows.
    if (*known) {
        if (auto done = co_await all_groups(stop); !done) co_return done;
        ports_.log.write(LogLevel::info, "configuration-changed", {{"fact", fact}});
    }
    co_return ports_.store.set_fact(std::move(fact), std::move(fingerprint));
}

Async<Result<Done>> Rescope::all_groups(std::stop_token stop) {
    auto context = groups_.context(Cause::configuration);
    if (!context) co_return context.error();
    GroupId after;
    while (true) {
        if (stop.stop_requested()) {
            co_return failure(FailureKind::cancelled,
                              "The groups are looked at at the next start.");
        }
        auto groups = ports_.store.groups_after(after, batch);
        if (!groups) co_return groups.error();
        if (groups->empty()) co_return Done{};
        after = groups->back().group.id;
        if (auto kept = groups_.commit(rescope(*groups, *context)); !kept) co_return kept;
        co_await turn_->wait_for(Duration::zero());
    }
}

}  // namespace writeback
