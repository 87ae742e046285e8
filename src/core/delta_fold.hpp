// What a page of the groups stream, a sweep, a direct read or a changed configuration means for the
// mirror: pure functions from what is known and what was shown to rows and marks.
//
// Failures: none. An item that could not be read holds its own group and nothing else. Limits: the
// sizes are those of the page. Ownership: everything by value. Threads: pure, any thread.
// Cancellation: none.
//
// Rules that the store may rely on:
//   - Only what is listed in the result changes, and only the marks listed are made.
//   - In a crawl every shown membership is listed as present, so that its generation is touched;
//     only those that did not exist before make a mark.
//   - A row is listed when anything of it changed, its generation included.
//   - A scope that cannot be told leaves MirrorGroup::in_scope as it was; where the group itself is
//     the reason, `unreadable` says so until another item or other rules do.
//   - A group that was gone has its members read when it is shown again. One that the mirror never
//     knew is believed to come with all its members, as a new one does.
//   - Owners are to be read while the stream has never shown a list of them: then it may keep them
//     back. Once it has, an item without such a list is one without owners, or without a change.
//   - A group that the stream is not asked for becomes unwatched, not absent.
//   - Within one page the last word about a property or a member wins; pages may be replayed.
#pragma once

#include "core/scope.hpp"

#include <writeback/change_source.hpp>
#include <writeback/mirror.hpp>
#include <writeback/store.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

namespace writeback {

// Ownership: `hinted` is borrowed and must outlive the call.
struct FoldContext {
    std::int64_t generation = 0;                    // of the newest crawl
    bool crawl = false;                             // the page belongs to a crawl or resync
    Cause cause = Cause::poll;                      // of the marks of groups that are not hinted
    const std::map<GroupId, Instant>& hinted;       // receipt of the earliest hint of each
    std::function<Scope(const CloudGroup&)> scope;  // asked of active groups only
    GroupSelection selection{};                     // what the stream is asked for
};

// One page. The excerpt must speak of every group and membership that the page names.
[[nodiscard]] MirrorChanges fold_groups(const GroupPage& page, const MirrorExcerpt& known,
                                        const FoldContext& context);

// One batch of a sweep: groups that a finished resync did not show, active or soft-deleted ones,
// become absent (a direct read then says what they are), memberships go with Evidence::absent.
[[nodiscard]] MirrorChanges fold_unseen(const Store::Unseen& unseen, const FoldContext& context);

// The direct read of an absent group. Gives nothing when `known` is no longer absent: what a page
// showed meanwhile is newer.
[[nodiscard]] MirrorChanges fold_read(const MirrorGroup& known, const GroupRead& read,
                                      const FoldContext& context);

// The scope of these groups under a changed configuration; each is marked whole, with cause
// configuration.
[[nodiscard]] MirrorChanges rescope(const std::vector<MirrorGroup>& groups,
                                    const FoldContext& context);

}  // namespace writeback
