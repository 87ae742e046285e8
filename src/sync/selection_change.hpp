// While the cloud's answers to a changed question come in: the configuration reads properties of
// the groups that the mirror does not have yet, because the stream was asked for others before.
//
// Until a crawl that asks for them has reached its deltaLink, a property that is not there is no
// evidence of anything, and no group is worked on. Failures: the store's. Threads: one.
#pragma once

#include <writeback/change_source.hpp>
#include <writeback/store.hpp>

#include <string>

namespace writeback {

// Whether the mirror was last read to its end in other words than the present ones. A mirror that
// was never read to its end has nothing older to be mistaken for an answer.
[[nodiscard]] Result<bool> selection_is_changing(Store& store, const ChangeSource& changes);

// A round has reached its deltaLink: the mirror now answers this fingerprint.
[[nodiscard]] Result<Done> note_selection(Store& store, const std::string& fingerprint);

}  // namespace writeback
