#include "sync/empty_resync.hpp"

#include <utility>

namespace writeback {

namespace {

// A person's decision marks the group that the hold names; here the mark is cleared with it.
Result<Done> replace_holds(Store& store, std::vector<Hold> holds, Instant now) {
    auto work = store.work(whole_tenant());
    if (!work) return work.error();
    Outcome outcome;
    outcome.group = whole_tenant();
    outcome.number = work->number;
    outcome.settled = true;
    outcome.holds = std::move(holds);
    return store.finish({outcome}, now);
}

Result<std::optional<Hold>> standing(Store& store) {
    auto holds = store.holds();
    if (!holds) return holds.error();
    for (auto& hold : *holds) {
        if (hold.group == whole_tenant()) return std::optional<Hold>(std::move(hold));
    }
    return std::optional<Hold>{};
}

}  // namespace

const GroupId& whole_tenant() {
    static const GroupId id("00000000-0000-0000-0000-000000000000");
    return id;
}

Result<Done> hold_empty_resync(Store& store, Instant now) {
    auto known = standing(store);
    if (!known) return known.error();
    if (*known) return replace_holds(store, {**known}, now);
    Hold hold;
    hold.group = whole_tenant();
    hold.reason = HoldReason::guard;
    hold.name = "all groups";
    hold.detail =
        "A full read of the tenant showed no group at all, so nothing was concluded from it. Look "
        "at the app registration's permissions; approve this only if the tenant has no groups any "
        "more, or run `resync` once they can be read again.";
    hold.since = now;
    hold.targets = {{OperationKind::delete_group, "every group", Evidence::absent}};
    return replace_holds(store, {std::move(hold)}, now);
}

Result<Done> drop_empty_resync(Store& store, Instant now) {
    auto known = standing(store);
    if (!known) return known.error();
    if (!*known) return Done{};
    return replace_holds(store, {}, now);
}

Result<bool> empty_resync_approved(Store& store) {
    auto known = standing(store);
    if (!known) return known.error();
    return *known && (*known)->decision == Decision::approved;
}

}  // namespace writeback
