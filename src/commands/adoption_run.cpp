#include "commands/adoption_run.hpp"

#include "commands/group_subject.hpp"
#include "core/identity_set.hpp"
#include "core/projection.hpp"
#include "daemon/engine.hpp"

#include <algorithm>

namespace writeback {
namespace {

constexpr std::size_t read_at_once = 500;

template <class T, class Work>
Result<T> in_engine(const Config& config, Work work) {
    auto engine = Engine::build(config, EngineRole::adopt);
    if (!engine) return engine.error();
    std::stop_source stop;
    std::optional<Result<T>> result;
    run_to_end(**engine, keep_result(work(**engine, stop.get_token()), result), stop);
    return std::move(*result);
}

std::vector<Dn> containers_of(const DirectoryConfig& directory) {
    std::vector<Dn> containers{Dn(directory.container)};
    for (const auto& container : directory.containers)
        containers.emplace_back(container);
    return containers;
}

// Which members are on one side only; nothing is told where the members are not all known.
Async<Result<Done>> add_members(Engine& engine, PlannedAdoption& planned) {
    auto work = engine.store().work(planned.step.found.group);
    if (!work) co_return work.error();
    if (!work->whole) co_return Done{};
    auto read = co_await engine.directory().reader().read_group(planned.step.found.guid, {});
    if (!read) co_return read.error();
    if (!*read) co_return Done{};
    IdentitySet in_ad;
    for (const auto& member : (*read)->members)
        in_ad.insert(member);
    IdentitySet wanted;
    for (const auto& member : work->wanted) {
        wanted.insert(member.identity);
        if (!in_ad.contains(member.identity)) ++planned.only_in_cloud;
    }
    for (const auto& member : (*read)->members) {
        if (!wanted.contains(member)) ++planned.only_in_ad;
    }
    co_return Done{};
}

Async<Result<std::vector<PlannedAdoption>>> look(const Config& config, AdoptionSource source,
                                                 bool rename, Engine& engine,
                                                 std::stop_token stop) {
    auto scope = scope_rules(config.groups);
    if (!scope) co_return scope.error();
    auto pulled = co_await engine.story().pull(std::move(stop));
    if (!pulled) co_return pulled.error();
    auto found = co_await engine.directory().reader().find_adoptable(source);
    if (!found) co_return found.error();
    std::vector<AdoptionCandidate> candidates;
    for (auto& object : *found) {
        auto cloud = engine.store().mirror_group(object.group);
        if (!cloud) co_return cloud.error();
        auto written = engine.store().written_group(object.group);
        if (!written) co_return written.error();
        AdoptionCandidate candidate;
        candidate.found = std::move(object);
        candidate.cloud = std::move(*cloud);
        candidate.written = std::move(*written);
        candidates.push_back(std::move(candidate));
    }
    const AdoptionRules rules{containers_of(config.directory), *scope, rename};
    std::vector<PlannedAdoption> plan;
    for (auto& step : plan_adoption(candidates, rules)) {
        auto& planned = plan.emplace_back();
        planned.step = std::move(step);
        if (planned.step.verdict != AdoptionVerdict::adopt) continue;
        auto added = co_await add_members(engine, planned);
        if (!added) co_return added.error();
    }
    co_return plan;
}

void audit_mark(Engine& engine, const GroupId& group, const Dn& dn, const std::string& before,
                const std::string& after, const Result<Done>& done) {
    AuditLine line;
    line.at = engine.clock().now();
    line.group = group;
    line.operation = "replace-mark";
    line.dn = dn.text();
    line.cause = name_of(Cause::request);
    line.result = done ? "done" : std::string(name_of(done.error().kind));
    if (!done) line.code = done.error().code;
    line.detail = "adminDescription: \"" + before + "\" -> \"" + after + "\"";
    engine.audit().record(line);
}

Async<Result<Done>> take_over(const AdoptionStep& step, std::vector<std::string> attributes,
                              const std::string& usn_source, Engine& engine) {
    ActiveDirectory& directory = engine.directory();
    const AdoptableGroup& found = step.found;
    if (step.mark_changes) {
        auto marked = co_await directory.writer().replace_mark(found.guid, found.dn,
                                                               found.mark_text, step.mark);
        audit_mark(engine, found.group, found.dn, found.mark_text, step.mark, marked);
        if (!marked) co_return marked.error();
    }
    auto read = co_await directory.reader().read_group(found.guid, attributes);
    if (!read) co_return read.error();
    if (!*read || (*read)->mark != found.group) {
        co_return failure(FailureKind::contradiction,
                          found.dn.text() + " has changed since the plan was made");
    }
    DirectoryGroup& object = **read;
    DirectoryReadback readback;
    WrittenGroup& row = readback.written;
    row.group = found.group;
    row.guid = object.guid;
    row.sid = object.sid;
    row.dn = object.dn;
    row.cn = object.cn;
    row.sam_account_name = object.sam_account_name;
    row.group_type = object.group_type;
    row.attributes = std::move(object.attributes);
    row.origin = Origin::taken_over;
    row.keeps_name = step.keeps_name;
    if (step.mark_changes) row.previous_mark = found.mark_text;
    row.usn = object.usn;
    row.seen_on = usn_source;
    readback.members = std::move(object.members);
    readback.evidence = Evidence::taken_over;
    co_return engine.store().replace_written(readback, engine.clock().now());
}

// Nothing but its name and place would be left to decide: the members are all known and wanted, and
// the type is right.
bool only_its_name_differs(const GroupWork& work, const ProjectionRules& rules) {
    if (!work.whole || work.unknown_count > 0 || !work.cloud) return false;
    const auto desired = project(work.cloud->group, rules);
    if (!desired || desired->group_type != work.written->group_type) return false;
    IdentitySet wanted;
    for (const auto& member : work.wanted)
        wanted.insert(member.identity);
    return std::all_of(work.present.begin(), work.present.end(),
                       [&](const auto& member) { return wanted.contains(member.identity); });
}

// The row forgets that it keeps its name; what is held stays held. Where nothing else is to be
// decided, the person who asked for the name has decided.
Result<Done> let_the_mapping_name(const GroupId& group, const ProjectionRules& rules,
                                  Engine& engine) {
    auto work = engine.store().work(group);
    if (!work) return work.error();
    if (!work->written) return Done{};
    const Instant now = engine.clock().now();
    Outcome outcome;
    outcome.group = group;
    outcome.written = work->written;
    outcome.written->keeps_name = false;
    if (only_its_name_differs(*work, rules)) outcome.written->origin = Origin::created;
    outcome.holds = work->holds;
    if (auto kept = engine.store().finish({outcome}, now); !kept) return kept;
    Mark mark;
    mark.group = group;
    mark.cause = Cause::request;
    mark.whole = true;
    return engine.store().mark({mark}, now);
}

Async<Result<Done>> carry_out(const AdoptionStep& step, const ProjectionRules& rules,
                              const std::string& usn_source, Engine& engine) {
    if (step.verdict == AdoptionVerdict::adopt) {
        auto taken = co_await take_over(step, written_attributes(rules), usn_source, engine);
        if (!taken || step.keeps_name) co_return taken;
    }
    co_return let_the_mapping_name(step.found.group, rules, engine);
}

Async<Result<AdoptionReport>> take_over_all(const Config& config,
                                            const std::vector<AdoptionStep>& steps,
                                            Engine& engine) {
    auto facts = co_await engine.directory().reader().facts();
    if (!facts) co_return facts.error();
    auto rules =
        projection_rules(config.groups, config.directory, config.mapping, facts->group_attributes);
    if (!rules) co_return rules.error();
    AdoptionReport report;
    for (const auto& step : steps) {
        const auto done = co_await carry_out(step, *rules, facts->usn_source, engine);
        if (done) {
            ++report.done;
        } else {
            report.failures.push_back(step.name + " was not adopted: " + done.error().detail);
        }
    }
    co_return report;
}

Async<Result<Done>> give_back(const WrittenGroup& group, Engine& engine) {
    if (!group.previous_mark.empty()) {
        auto marked = co_await engine.directory().writer().replace_mark(
            group.guid, group.dn, mark_of(group.group), group.previous_mark);
        audit_mark(engine, group.group, group.dn, mark_of(group.group), group.previous_mark,
                   marked);
        if (!marked) co_return marked.error();
    }
    co_return engine.store().release(group.group, engine.clock().now());
}

Async<Result<AdoptionReport>> give_all_back(const std::vector<WrittenGroup>& groups,
                                            Engine& engine) {
    AdoptionReport report;
    for (const auto& group : groups) {
        const auto done = co_await give_back(group, engine);
        if (done) {
            ++report.done;
        } else {
            report.failures.push_back(group.dn.text() +
                                      " was not given back: " + done.error().detail);
        }
    }
    co_return report;
}

bool was_adopted(const WrittenGroup& group) {
    return group.keeps_name || !group.previous_mark.empty();
}

}  // namespace

Result<std::vector<PlannedAdoption>> look_for_adoptable(const Config& config, AdoptionSource source,
                                                        bool rename) {
    return in_engine<std::vector<PlannedAdoption>>(
        config, [&](Engine& engine, std::stop_token stop) {
            return look(config, source, rename, engine, std::move(stop));
        });
}

Result<AdoptionReport> adopt(const Config& config, const std::vector<AdoptionStep>& steps) {
    return in_engine<AdoptionReport>(config, [&](Engine& engine, const std::stop_token&) {
        return take_over_all(config, steps, engine);
    });
}

Result<std::vector<WrittenGroup>> adopted_groups(const Config& config, const std::string& subject) {
    auto opened = SqliteStore::open({.path = config.store.path, .access = StoreAccess::read_only});
    if (!opened) return opened.error();
    Store& store = **opened;
    std::vector<WrittenGroup> adopted;
    if (!subject.empty()) {
        const auto id = group_meant(store, subject);
        if (!id) return id.error();
        auto row = store.written_group(*id);
        if (!row) return row.error();
        if (*row && was_adopted(**row)) adopted.push_back(std::move(**row));
        return adopted;
    }
    GroupId after;
    while (true) {
        auto some = store.written_after(after, read_at_once);
        if (!some) return some.error();
        if (some->empty()) return adopted;
        after = some->back().group;
        std::copy_if(some->begin(), some->end(), std::back_inserter(adopted), was_adopted);
    }
}

Result<AdoptionReport> undo_adoption(const Config& config,
                                     const std::vector<WrittenGroup>& groups) {
    return in_engine<AdoptionReport>(config, [&](Engine& engine, const std::stop_token&) {
        return give_all_back(groups, engine);
    });
}

}  // namespace writeback
