#include "sync/bound_directory.hpp"

#include <utility>

namespace writeback {

namespace {
constexpr const char* domain_fact = "domain_sid";
constexpr const char* problem_topic = "directory";
}  // namespace

BoundDirectory::BoundDirectory(SyncPorts& ports)
    : ports_(ports), groups_(judged_groups(ports)), plan_rules_{groups_, 1000, {}} {
    plan_rules_.values_per_modify = ports.config.directory.values_per_modify;
}

Result<Done> BoundDirectory::prepare() {
    auto known = ports_.store.fact(domain_fact);
    if (!known) return known.error();
    if (*known) domain_sid_ = Sid(**known);
    return Done{};
}

Async<Result<Done>> BoundDirectory::ensure() {
    if (bound()) co_return Done{};
    auto facts = co_await ports_.directory.facts();
    if (!facts) {
        lost(facts.error());
        co_return facts.error();
    }
    auto begun = begin(*facts);
    if (!begun) lost(begun.error());
    co_return begun;
}

Result<Done> BoundDirectory::begin(const DirectoryFacts& facts) {
    if (auto same = ports_.store.bind(domain_fact, facts.domain_sid.text()); !same) {
        return same.error();
    }
    auto rules = projection_rules(groups_, ports_.config.directory, ports_.config.mapping,
                                  facts.group_attributes);
    if (!rules) return rules.error();
    plan_rules_.attributes = written_attributes(*rules);
    rules_ = std::move(*rules);
    usn_source_ = facts.usn_source;
    highest_usn_ = facts.highest_usn;
    bound_ = true;
    ++session_;
    ports_.live.set_directory(true, facts.server);
    ports_.live.clear_problem(problem_topic);
    ports_.log.write(LogLevel::info, "directory-bound",
                     {{"server", facts.server}, {"host", facts.dns_host_name}});
    const bool is_new = domain_sid_.empty();
    domain_sid_ = facts.domain_sid;
    if (is_new && on_domain_known) on_domain_known();
    return Done{};
}

void BoundDirectory::lost(const Failure& failure) {
    bound_ = false;
    if (failure.kind == FailureKind::cancelled) return;
    ports_.live.set_directory(false, {});
    if (!ports_.live.set_problem(problem_topic, failure.detail)) return;
    ports_.log.write(
        LogLevel::warning, "directory-failed",
        {{"failure", name_of(failure.kind)}, {"code", failure.code}, {"detail", failure.detail}});
}

void BoundDirectory::changed(bool bound) {
    // A new connection is met by asking for its facts; only a lost one ends a session.
    if (bound) return;
    bound_ = false;
    ports_.live.set_directory(false, {});
}

}  // namespace writeback
