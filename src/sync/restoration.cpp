#include "sync/restoration.hpp"

#include "core/distinguished_name.hpp"
#include "core/drift.hpp"
#include "core/projection.hpp"
#include "core/retry.hpp"
#include "sync/operations_run.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace writeback {

namespace {

// What the directory says of this object alone; anything else concerns it as a whole.
bool concerns_the_object(const Failure& failed) {
    const auto step = next_step(failed, OperationKind::create_group, 0, 0);
    return step.kind == NextStep::Kind::hold || step.kind == NextStep::Kind::read_again;
}

bool lies_in_a_container(const Dn& dn, const DirectoryConfig& directory) {
    const auto below = [&](const std::string& container) { return is_below(dn, Dn(container)); };
    return below(directory.container) ||
           std::any_of(directory.containers.begin(), directory.containers.end(), below);
}

}  // namespace

Restoration::Restoration(SyncPorts& ports, BoundDirectory& bound) : ports_(ports), bound_(bound) {}

Async<Result<Done>> Restoration::restore(GroupId group) {
    auto ready = co_await bound_.ensure();
    if (!ready) co_return ready;
    auto known = ports_.store.written_group(group);
    if (!known) co_return known.error();
    auto work = ports_.store.work(group);
    if (!work) co_return work.error();
    if (!*known) {
        ports_.log.write(LogLevel::warning, "group-not-restored",
                         {{"group", group.text()}, {"detail", "It was never written."}});
        co_return Done{};
    }
    auto missing = co_await is_missing(**known, *work);
    if (!missing) co_return missing.error();
    if (!*missing) co_return read_first(group);
    co_return co_await bring_back(std::move(**known), std::move(*work));
}

Async<Result<bool>> Restoration::is_missing(const WrittenGroup& known, const GroupWork& work) {
    auto usn = co_await ports_.directory.usn_of(known.guid);
    if (!usn) co_return usn.error();
    if (*usn) co_return false;
    if (work.missing) co_return true;
    auto forgotten = ports_.store.forget_written(known.group, ports_.clock.now());
    if (!forgotten) co_return forgotten.error();
    co_return true;
}

Async<Result<Done>> Restoration::bring_back(WrittenGroup known, GroupWork work) {
    auto desired = desired_group(known, work);
    if (!desired) co_return refuse(known, work, desired.error().detail);
    auto deleted = co_await ports_.directory.find_deleted(known.guid);
    if (!deleted && !concerns_the_object(deleted.error())) co_return deleted.error();
    if (!deleted) co_return refuse(known, work, deleted.error().detail);
    if (!*deleted) {
        co_return refuse(known, work,
                         "No deleted object with its objectGUID can be seen: it is gone for good, "
                         "or the service account may not read CN=Deleted Objects.");
    }
    auto back = co_await ports_.writer->reanimate(std::move(**deleted), *desired);
    AuditLine line;
    line.at = ports_.clock.now();
    line.group = known.group;
    line.name = work.cloud->group.display_name;
    line.operation = "restore-group";
    line.dn = dn_in(desired->container, desired->cn).text();
    line.cause = name_of(Cause::request);
    line.result = back ? "done" : std::string(name_of(back.error().kind));
    if (!back) line.code = back.error().code;
    ports_.audit.record(line);
    if (!back && !concerns_the_object(back.error())) co_return back.error();
    if (!back) co_return refuse(known, work, back.error().detail);
    ports_.log.write(LogLevel::info, "group-restored",
                     {{"group", known.group.text()}, {"dn", back->dn.text()}});
    co_return read_first(known.group);
}

Result<DesiredGroup> Restoration::desired_group(const WrittenGroup& known,
                                                const GroupWork& work) const {
    const auto no = [](std::string why) {
        return Result<DesiredGroup>(failure(FailureKind::refused, std::move(why)));
    };
    if (ports_.writer == nullptr)
        return no("Under groups.policy = \"report-only\" nothing is written.");
    if (!work.cloud || work.cloud->group.state != CloudState::active) {
        return no("The group is not active in the cloud.");
    }
    if (!work.cloud->in_scope) return no("The group is not in scope.");
    auto desired = project(work.cloud->group, bound_.projection());
    if (!desired) return desired;
    if (known.keeps_name) {
        desired->cn = known.cn;
        desired->container = parent_of(known.dn);
    }
    const Dn dn = dn_in(desired->container, desired->cn);
    if (!lies_in_a_container(dn, ports_.config.directory)) {
        return no("It would stand at " + dn.text() + ", outside the configured containers.");
    }
    return desired;
}

Result<Done> Restoration::read_first(const GroupId& group) {
    Mark mark;
    mark.group = group;
    mark.cause = Cause::request;
    mark.whole = true;
    mark.read_first = true;
    return ports_.store.mark({mark}, ports_.clock.now());
}

Result<Done> Restoration::refuse(const WrittenGroup& known, const GroupWork& work,
                                 const std::string& why) {
    const std::string sentence = "It could not be restored: " + why;
    ports_.log.write(LogLevel::warning, "group-not-restored",
                     {{"group", work.group.text()}, {"detail", why}});
    Outcome outcome;
    outcome.group = work.group;
    outcome.number = work.number;
    outcome.last_error = sentence;
    outcome.holds = work.holds;
    const bool held = std::any_of(work.holds.begin(), work.holds.end(), [](const Hold& hold) {
        return hold.reason == HoldReason::missing;
    });
    if (!held) {
        outcome.holds.push_back(
            draft_hold(known.group, work.cloud ? work.cloud->group.display_name : known.cn,
                       HoldReason::missing, missing_sentence(known), ports_.clock.now()));
    }
    for (auto& hold : outcome.holds) {
        if (hold.reason != HoldReason::missing) continue;
        // One refusal is told, the last.
        const auto earlier = hold.detail.find(" It could not be restored: ");
        hold.detail = hold.detail.substr(0, earlier) + ' ' + sentence;
    }
    return ports_.store.finish({outcome}, ports_.clock.now());
}

}  // namespace writeback
