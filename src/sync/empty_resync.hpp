// A resync that shows no group at all is held whole: what it does not show is not swept until a
// person approves, or a later resync shows some. It is a hold like any other, of reason guard; as
// it concerns the whole tenant, it stands under the nil id, which no group has and which the
// reconciler passes over.
//
// Failures: the store's. Threads: one.
#pragma once

#include <writeback/clock.hpp>
#include <writeback/ids.hpp>
#include <writeback/store.hpp>

namespace writeback {

[[nodiscard]] const GroupId& whole_tenant();

[[nodiscard]] Result<Done> hold_empty_resync(Store& store, Instant now);
[[nodiscard]] Result<Done> drop_empty_resync(Store& store, Instant now);
[[nodiscard]] Result<bool> empty_resync_approved(Store& store);

}  // namespace writeback
