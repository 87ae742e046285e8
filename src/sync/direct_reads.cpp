#include "sync/direct_reads.hpp"

#include "core/delta_fold.hpp"
#include "core/retry.hpp"

#include <algorithm>
#include <utility>

namespace writeback {

namespace {
constexpr Duration first_retry = std::chrono::seconds(5);
constexpr Duration longest_retry = std::chrono::minutes(30);
}  // namespace

DirectReads::DirectReads(SyncPorts& ports, GroupsStream& groups, std::function<bool()> in_a_hurry)
    : ports_(ports), groups_(groups), in_a_hurry_(std::move(in_a_hurry)) {}

Async<Result<Done>> DirectReads::pass(std::stop_token stop) {
    auto absent = ports_.store.absent_groups(groups_per_pass);
    if (!absent) co_return absent.error();
    goes_on_at_.reset();
    auto passed = co_await pass_over(Part::properties, std::move(*absent), stop);
    if (!passed) co_return passed;
    auto members = ports_.store.members_unread(groups_per_pass);
    if (!members) co_return members.error();
    passed = co_await pass_over(Part::members, std::move(*members), stop);
    if (!passed) co_return passed;
    auto owners = ports_.store.owners_unread(groups_per_pass);
    if (!owners) co_return owners.error();
    co_return co_await pass_over(Part::owners, std::move(*owners), stop);
}

Async<Result<Done>> DirectReads::pass_over(Part part, std::vector<GroupId> groups,
                                           std::stop_token stop) {
    for (const auto& group : groups) {
        const Unread unread(part, group);
        if (stop.stop_requested() || waits(unread)) continue;
        if (part == Part::owners && in_a_hurry_()) {
            goes_on_at_ = ports_.clock.monotonic();
            break;
        }
        const auto done = co_await read(part, group);
        if (auto noted = note(unread, done); !noted) co_return noted;
    }
    co_return Done{};
}

Async<Result<Done>> DirectReads::read(Part part, GroupId group) {
    switch (part) {
        case Part::properties:
            co_return co_await read_absent(std::move(group));
        case Part::members:
            co_return co_await read_members(std::move(group));
        case Part::owners:
            break;
    }
    co_return co_await read_owners(std::move(group));
}

std::optional<Duration> DirectReads::next_at() const {
    std::optional<Duration> earliest = goes_on_at_;
    for (const auto& [unread, retry] : retries_) {
        if (!earliest || retry.at < *earliest) earliest = retry.at;
    }
    return earliest;
}

bool DirectReads::waits(const Unread& unread) const {
    const auto retry = retries_.find(unread);
    return retry != retries_.end() && retry->second.at > ports_.clock.monotonic();
}

Result<Done> DirectReads::note(const Unread& unread, const Result<Done>& done) {
    if (done) {
        retries_.erase(unread);
        return Done{};
    }
    const auto& failed = done.error();
    if (failed.kind == FailureKind::store || failed.kind == FailureKind::cancelled) return failed;
    auto& retry = retries_[unread];
    const auto wait =
        backoff(retry.failures++, first_retry, longest_retry, ports_.random.below(1U << 30));
    retry.at =
        ports_.clock.monotonic() + std::max(wait, failed.retry_after.value_or(Duration::zero()));
    ports_.log.write(LogLevel::warning, "direct-read-failed",
                     {{"group", unread.second.text()},
                      {"failure", name_of(failed.kind)},
                      {"code", failed.code},
                      {"detail", failed.detail}});
    return Done{};
}

Async<Result<Done>> DirectReads::read_absent(GroupId group) {
    auto read = co_await ports_.changes.read_group(group);
    if (!read) co_return read.error();
    auto known = ports_.store.mirror_group(group);
    if (!known) co_return known.error();
    if (!*known) co_return Done{};
    auto context = groups_.context(Cause::resync);
    if (!context) co_return context.error();
    co_return groups_.commit(fold_read(**known, *read, *context));
}

Async<Result<Done>> DirectReads::read_members(GroupId group) {
    auto number = ports_.store.change_number();
    if (!number) co_return number.error();
    auto read = co_await ports_.changes.read_members(group);
    if (!read) co_return read.error();
    std::vector<MemberId> ids;
    std::vector<MemberType> types;
    for (const auto& member : *read) {
        ids.push_back(member.id);
        types.push_back(member.type);
    }
    co_return ports_.store.replace_members(group, ids, types, *number, ports_.clock.now());
}

Async<Result<Done>> DirectReads::read_owners(GroupId group) {
    auto number = ports_.store.change_number();
    if (!number) co_return number.error();
    auto read = co_await ports_.changes.read_owners(group);
    if (!read) co_return read.error();
    std::vector<MemberId> ids;
    std::vector<MemberType> types;
    for (const auto& owner : *read) {
        ids.push_back(owner.id);
        types.push_back(owner.type);
    }
    co_return ports_.store.replace_owners(group, ids, types, *number, ports_.clock.now());
}

Async<Result<Done>> DirectReads::read_again(GroupId group) {
    auto known = ports_.store.mirror_group(group);
    if (!known) co_return known.error();
    if (!*known) co_return Done{};
    auto read = co_await ports_.changes.read_group(group);
    if (!read) co_return read.error();
    auto context = groups_.context(Cause::request);
    if (!context) co_return context.error();
    // The fold takes a direct read of an absent group only, since a page is newer than a read that
    // was made beside it; here the read was asked for.
    MirrorGroup asked = **known;
    asked.group.state = CloudState::absent;
    if (auto kept = groups_.commit(fold_read(asked, *read, *context)); !kept) co_return kept;
    if (read->state == CloudState::active) {
        auto done = co_await read_members(group);
        if (!done) co_return done;
        if (context->selection.owners) done = co_await read_owners(group);
        if (!done) co_return done;
    }
    // What was rejected is asked again.
    const auto now = ports_.clock.now();
    auto holds = ports_.store.holds();
    if (!holds) co_return holds.error();
    for (const auto& hold : *holds) {
        if (hold.group != group || hold.decision != Decision::rejected) continue;
        auto asked_again = ports_.store.decide(hold.id, Decision::pending, now);
        if (!asked_again) co_return asked_again.error();
    }
    Mark mark;
    mark.group = group;
    mark.cause = Cause::request;
    mark.whole = true;
    mark.read_first = true;
    co_return ports_.store.mark({mark}, now);
}

}  // namespace writeback
