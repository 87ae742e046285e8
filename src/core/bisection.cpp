#include "core/bisection.hpp"

#include <iterator>
#include <utility>

namespace writeback {

Bisection::Bisection(std::vector<PlannedMember> refused_together) {
    if (!refused_together.empty()) parts_.push_back({std::move(refused_together), true, false});
}

// Splits until the last part is one that is not known to hold a refused member, and takes out the
// parts of one member that are.
void Bisection::settle() {
    while (!parts_.empty() && parts_.back().refused) {
        Part part = std::move(parts_.back());
        parts_.pop_back();
        if (part.members.size() == 1) {
            refused_.push_back(std::move(part.members.front()));
            continue;
        }
        const auto middle =
            part.members.begin() + static_cast<std::ptrdiff_t>(part.members.size() / 2);
        std::vector<PlannedMember> right(std::make_move_iterator(middle),
                                         std::make_move_iterator(part.members.end()));
        part.members.erase(middle, part.members.end());
        parts_.push_back({std::move(right), false, false});
        parts_.push_back({std::move(part.members), false, true});
    }
}

std::optional<std::vector<PlannedMember>> Bisection::next() {
    settle();
    if (parts_.empty()) return std::nullopt;
    return parts_.back().members;
}

void Bisection::accepted() {
    const bool was_left = parts_.back().left;
    parts_.pop_back();
    // The whole was refused and its left half was not: the fault is in the right one. A single
    // member is tried all the same, so that nobody is held for what has passed meanwhile.
    if (was_left) parts_.back().refused = parts_.back().members.size() > 1;
}

void Bisection::refused() {
    parts_.back().refused = true;
}

}  // namespace writeback
