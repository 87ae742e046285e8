#include "core/limits.hpp"

#include <algorithm>
#include <cmath>

namespace writeback {

namespace {

// "30%" or "10".
std::string text_of(const Limit& limit) {
    std::string number = std::to_string(limit.value);
    while (number.ends_with('0'))
        number.pop_back();
    if (number.ends_with('.')) number.pop_back();
    return limit.percent ? "\"" + number + "%\"" : number;
}

// "24 hours", or in minutes or seconds where it is no whole number of them.
std::string text_of(Duration duration) {
    const std::int64_t seconds = duration.count() / 1000;
    if (seconds % 3600 == 0) return std::to_string(seconds / 3600) + " hours";
    if (seconds % 60 == 0) return std::to_string(seconds / 60) + " minutes";
    return std::to_string(seconds) + " seconds";
}

std::string allows(std::int64_t number) {
    return ", which allows " + std::to_string(number) + "; " + std::string(how_to_decide);
}

}  // namespace

std::int64_t allowed_by(const Limit& limit, std::int64_t total) {
    if (!limit.percent) return static_cast<std::int64_t>(std::floor(limit.value));
    if (limit.value <= 0) return 0;
    const double share = std::floor(limit.value * static_cast<double>(total) / 100);
    return std::max<std::int64_t>(1, static_cast<std::int64_t>(share));
}

std::string exceeded_limit(const RemovalCount& count, std::int64_t written_count,
                           const GuardFacts& facts, const GuardConfig& guard,
                           const GroupsConfig& groups) {
    const std::int64_t removals = count.inferred + count.explicit_ones;
    const std::int64_t of_group = allowed_by(guard.max_member_removals, written_count);
    if (written_count >= guard.min_members && removals > of_group) {
        return std::to_string(removals) + " of this group's " + std::to_string(written_count) +
               " members would leave, more than guard.max_member_removals = " +
               text_of(guard.max_member_removals) + allows(of_group);
    }
    if (count.inferred == 0) return {};
    const bool keeps = groups.on_out_of_scope == OnGone::keep;
    const std::int64_t told =
        facts.inferred_removals_pending - (keeps ? facts.out_of_scope_memberships : 0);
    const std::int64_t pending = std::max(told, count.inferred);
    const std::int64_t over_all =
        std::max(guard.inferred_removals_floor,
                 allowed_by(guard.max_inferred_removals, facts.written_memberships));
    if (pending + facts.inferred_removals_done <= over_all) return {};
    return std::to_string(pending) + " inferred removals are pending in all groups and " +
           std::to_string(facts.inferred_removals_done) + " were done in the last " +
           text_of(guard.window) +
           ", more than guard.max_inferred_removals = " + text_of(guard.max_inferred_removals) +
           " of " + std::to_string(facts.written_memberships) + " memberships" + allows(over_all);
}

std::string exceeded_deletion_limit(std::int64_t waiting, const GuardFacts& facts,
                                    const GuardConfig& guard) {
    const std::int64_t most = allowed_by(guard.max_group_deletions, facts.written_groups);
    if (waiting + facts.deletions_done <= most) return {};
    return std::to_string(waiting) + " group deletions, soft ones counted, are pending and " +
           std::to_string(facts.deletions_done) + " were done in the last " +
           text_of(guard.window) +
           ", more than guard.max_group_deletions = " + text_of(guard.max_group_deletions) +
           allows(most);
}

}  // namespace writeback
