#include "sync/assigned_groups.hpp"

#include <sstream>
#include <string>
#include <utility>

namespace writeback {

namespace {

constexpr const char* assigned_fact = "assigned_groups";  // "ids <id> <id> …"
constexpr const char* fact_begins = "ids";
constexpr const char* problem_topic = "assigned groups";

std::string to_fact(const std::set<GroupId>& groups) {
    std::string text = fact_begins;
    for (const auto& group : groups)
        text += ' ' + group.text();
    return text;
}

std::optional<std::set<GroupId>> from_fact(const std::string& text) {
    std::istringstream words(text);
    std::string word;
    if (!(words >> word) || word != fact_begins) return std::nullopt;
    std::set<GroupId> groups;
    while (words >> word)
        groups.insert(GroupId(word));
    return groups;
}

}  // namespace

AssignedGroups::AssignedGroups(SyncPorts& ports, GroupsStream& groups, Rescope& rescope)
    : ports_(ports), groups_(groups), rescope_(rescope) {}

Result<Done> AssignedGroups::prepare() {
    auto rules = groups_.scope();
    if (rules.select != Select::assigned) return Done{};
    auto known = ports_.store.fact(assigned_fact);
    if (!known) return known.error();
    if (*known) rules.assigned = from_fact(**known);
    groups_.set_scope(std::move(rules));
    return Done{};
}

Async<Result<Done>> AssignedGroups::refresh(std::stop_token stop) {
    if (groups_.scope().select != Select::assigned) co_return Done{};
    const auto now = ports_.clock.monotonic();
    if (asked_at_ && now - *asked_at_ < ports_.config.graph.poll_interval) co_return Done{};
    auto answer = co_await ports_.changes.assigned_groups();
    if (!answer) {
        const auto& failed = answer.error();
        const bool none_known = !groups_.scope().assigned;
        if (failed.kind == FailureKind::cancelled || none_known) co_return failed;
        asked_at_ = now;
        if (ports_.live.set_problem(problem_topic, failed.detail)) {
            ports_.log.write(LogLevel::warning, "assigned-groups-failed",
                             {{"failure", name_of(failed.kind)},
                              {"code", failed.code},
                              {"detail", failed.detail}});
        }
        co_return Done{};
    }
    asked_at_ = now;
    ports_.live.clear_problem(problem_topic);
    std::set<GroupId> assigned(answer->begin(), answer->end());
    co_return co_await take(std::move(assigned), std::move(stop));
}

// The list is remembered first: the pass over the groups that it asks for is made again at a start
// that finds it unfinished.
Async<Result<Done>> AssignedGroups::take(std::set<GroupId> assigned, std::stop_token stop) {
    auto rules = groups_.scope();
    if (rules.assigned == assigned) co_return Done{};
    auto kept = ports_.store.set_fact(assigned_fact, to_fact(assigned));
    if (!kept) co_return kept;
    ports_.log.write(LogLevel::info, "assigned-groups-changed",
                     {{"groups", static_cast<std::int64_t>(assigned.size())}});
    rules.assigned = std::move(assigned);
    groups_.set_scope(rules);
    co_return co_await rescope_.if_scope_changed(rules, std::move(stop));
}

}  // namespace writeback
