#include "commands/verification.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>

namespace writeback {
namespace {

constexpr std::size_t read_at_once = 500;
constexpr std::int64_t groups_between_progress = 500;
constexpr int most_looks = 3;
constexpr Duration between_looks = std::chrono::seconds(1);
constexpr Duration longest_wait = std::chrono::hours(24);

void sort(std::vector<GroupFinding>& findings) {
    std::sort(findings.begin(), findings.end(),
              [](const auto& a, const auto& b) { return a.group < b.group; });
}

}  // namespace

Verification::Verification(Store& store, DirectoryReader& reader, Clock& clock, DriftRules rules,
                           std::function<void(std::int64_t)> progress)
    : store_(store),
      reader_(reader),
      clock_(clock),
      rules_(std::move(rules)),
      progress_(std::move(progress)) {}

Async<Result<VerificationReport>> Verification::run(int groups_at_once) {
    const auto executor = co_await boost::asio::this_coro::executor;
    const auto ended = clock_.alarm();
    auto working = static_cast<std::size_t>(std::max(1, groups_at_once));
    for (auto i = working; i > 0; --i)
        boost::asio::co_spawn(executor, work(working, *ended), boost::asio::detached);
    while (working > 0)
        co_await ended->wait_for(longest_wait);
    if (failed_) co_return *failed_;
    if (auto added = add_missing(); !added) co_return added.error();
    sort(report_.different);
    sort(report_.pending);
    co_return std::move(report_);
}

Async<void> Verification::work(std::size_t& working, Alarm& ended) {
    while (!failed_) {
        auto group = next();
        if (!group) {
            failed_ = group.error();
            break;
        }
        if (!*group) break;
        const auto compared = co_await compare(std::move(**group));
        if (!compared) failed_ = compared.error();
    }
    --working;
    ended.ring();
}

Result<std::optional<WrittenGroup>> Verification::next() {
    if (waiting_.empty() && !all_read_) {
        auto some = store_.written_after(after_, read_at_once);
        if (!some) return some.error();
        all_read_ = some->empty();
        if (!all_read_) after_ = some->back().group;
        std::move(some->begin(), some->end(), std::back_inserter(waiting_));
    }
    if (waiting_.empty()) return std::optional<WrittenGroup>();
    std::optional<WrittenGroup> group = std::move(waiting_.front());
    waiting_.pop_front();
    return group;
}

Async<Result<Done>> Verification::compare(WrittenGroup group) {
    GroupFinding finding{group.group, name_of_group(group), group.dn, {}};
    auto verdict = Verdict::ask_again;
    for (int looks = 0; looks < most_looks && verdict == Verdict::ask_again; ++looks) {
        // The daemon may be about to write what differs.
        if (looks > 0) co_await clock_.sleep(between_looks);
        auto seen = co_await look(group.group, finding);
        if (!seen) co_return seen.error();
        verdict = *seen;
        if (verdict == Verdict::different && looks + 1 < most_looks) verdict = Verdict::ask_again;
    }
    ++report_.groups;
    if (report_.groups % groups_between_progress == 0) progress_(report_.groups);
    if (verdict == Verdict::pending) report_.pending.push_back(std::move(finding));
    if (verdict == Verdict::different) report_.different.push_back(std::move(finding));
    co_return Done{};
}

Async<Result<Verification::Verdict>> Verification::look(GroupId group, GroupFinding& finding) {
    finding.differences.clear();
    auto pending = is_pending(group);
    if (!pending) co_return pending.error();
    if (*pending) co_return Verdict::pending;
    auto written = store_.written_group(group);
    if (!written) co_return written.error();
    if (!*written) co_return Verdict::equal;  // deleted since the list was read
    auto members = store_.written_members(group);
    if (!members) co_return members.error();
    auto found = co_await reader_.read_group((*written)->guid, rules_.attributes);
    if (!found) co_return found.error();
    finding.dn = (*written)->dn;
    if (*found) {
        const Drift drift = drift_of(**written, *members, **found, rules_);
        if (drift.empty()) co_return Verdict::equal;
        finding.differences = sentences_of(drift);
    } else {
        finding.differences = {missing_sentence(**written)};
    }
    pending = is_pending(group);
    if (!pending) co_return pending.error();
    co_return *pending ? Verdict::pending : Verdict::different;
}

Result<bool> Verification::is_pending(const GroupId& group) {
    const auto dirty = store_.dirty_among({group});
    if (!dirty) return dirty.error();
    return !dirty->empty();
}

// What is already known to be gone is no longer among the written groups.
Result<Done> Verification::add_missing() {
    const auto holds = store_.holds();
    if (!holds) return holds.error();
    for (const Hold& hold : *holds) {
        if (hold.reason != HoldReason::missing) continue;
        ++report_.groups;
        report_.different.push_back({hold.group, hold.name, Dn(), {hold.detail}});
    }
    return Done{};
}

std::string Verification::name_of_group(const WrittenGroup& group) {
    const auto row = store_.mirror_group(group.group);
    const bool named = row && *row && !(*row)->group.display_name.empty();
    return named ? (*row)->group.display_name : group.cn;
}

}  // namespace writeback
