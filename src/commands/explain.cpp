// `explain`: why a group, or a member of it, is or is not in AD. Reads the store, also beside a
// running daemon; asks neither Graph nor AD.
#include "admin/admin_client.hpp"
#include "commands/commands.hpp"
#include "commands/explanation.hpp"
#include "commands/group_subject.hpp"
#include "core/projection.hpp"
#include "core/scope.hpp"
#include "daemon/engine.hpp"

#include <iostream>

namespace writeback {
namespace {

// Which groups are assigned is known to the daemon, which has judged by it.
void judge_by_the_last_read(GroupKnowledge& group) {
    group.scope_told = true;
    group.scope_reason = group.in_scope_now ? "it is assigned to the application, as last read"
                                            : "it is not assigned to the application, as last read";
}

Result<Done> add_judgements(GroupKnowledge& group, Store& store, const Config& config) {
    if (!group.work.cloud) return Done{};
    const auto scope = scope_rules(config.groups);
    if (!scope) return scope.error();
    const Scope verdict = scope_of(group.work.cloud->group, *scope);
    group.scope_reason = verdict.reason;
    group.scope_told = verdict.told;
    // Where it cannot be told a group keeps the scope it has.
    group.in_scope_now = verdict.told ? verdict.in_scope : group.work.cloud->in_scope;
    if (!verdict.told && scope->select == Select::assigned) {
        const auto read = store.fact("assigned_groups");
        if (!read) return read.error();
        if (*read) judge_by_the_last_read(group);
    }
    if (group.work.cloud->group.state != CloudState::active || !group.in_scope_now) return Done{};
    // The name, the place and the type hang on no attribute that a schema may lack.
    const auto projection = projection_rules(config.groups, config.directory, config.mapping, {});
    if (!projection) return projection.error();
    const auto desired = project(group.work.cloud->group, *projection);
    if (desired) {
        group.desired = *desired;
    } else {
        group.projection_error = desired.error().detail;
    }
    return Done{};
}

Result<GroupKnowledge> what_is_known(Store& store, const Config& config, const GroupId& id) {
    GroupKnowledge group;
    auto work = store.work(id);
    if (!work) return work.error();
    group.work = std::move(*work);
    auto standing = store.group_standing(id);
    if (!standing) return standing.error();
    group.standing = std::move(*standing);
    if (group.work.missing) {
        auto lost = store.written_group(id);
        if (!lost) return lost.error();
        group.lost = std::move(*lost);
    }
    const auto disabled = store.fact(disabled_fact);
    if (!disabled) return disabled.error();
    group.disabled = disabled->value_or("");
    group.daemon_running = ask_admin(config.admin.listen, "/healthz", 2s).has_value();
    if (auto done = add_judgements(group, store, config); !done) return done.error();
    return group;
}

void print(const std::vector<std::string>& lines) {
    for (const auto& line : lines)
        std::cout << line << "\n";
}

int explain_members(Store& store, const Config& config, const GroupKnowledge& group,
                    const std::string& subject) {
    const auto meant = store.find_members(subject);
    if (!meant) return complain(meant.error());
    if (meant->empty()) {
        return complain("no member of any group is known by \"" + subject +
                        "\"; name an object id, a user principal name or a SID");
    }
    if (meant->size() > 1) {
        complain("\"" + subject + "\" names " + std::to_string(meant->size()) +
                 " objects; name one by its object id:");
        for (const auto& member : *meant)
            std::cerr << "  " << member.text() << "\n";
        return exit_failed;
    }
    MemberKnowledge member;
    member.member = meant->front();
    auto standing = store.member_standing(group.work.group, member.member);
    if (!standing) return complain(standing.error());
    member.standing = std::move(*standing);
    print(explain_member(group, member, config));
    return exit_done;
}

}  // namespace

int run_explain(const Config& config, const std::string& subject, const std::string& member) {
    auto store = SqliteStore::open({.path = config.store.path, .access = StoreAccess::read_only});
    if (!store) return complain(store.error());
    const auto id = group_meant(**store, subject);
    if (!id) return complain(id.error());
    const auto group = what_is_known(**store, config, *id);
    if (!group) return complain(group.error());
    if (!member.empty()) return explain_members(**store, config, *group, member);
    print(explain_group(*group, config));
    return exit_done;
}

}  // namespace writeback
