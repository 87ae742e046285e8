#include "sync/selection_change.hpp"

namespace writeback {

namespace {
constexpr const char* selection_fact = "selection";
}  // namespace

Result<bool> selection_is_changing(Store& store, const ChangeSource& changes) {
    const auto known = store.fact(selection_fact);
    if (!known) return known.error();
    return *known && **known != changes.fingerprint(Stream::groups);
}

Result<Done> note_selection(Store& store, const std::string& fingerprint) {
    const auto known = store.fact(selection_fact);
    if (!known) return known.error();
    if (*known == fingerprint) return Done{};
    return store.set_fact(selection_fact, fingerprint);
}

}  // namespace writeback
