#include "link_history.hpp"

#include <algorithm>

namespace emulator {

bool LinkHistory::holds(ObjectIndex target) const {
    const auto found = latest_.find(target);
    return found != latest_.end() && events_[found->second].added;
}

std::vector<ObjectIndex> LinkHistory::current() const {
    std::vector<ObjectIndex> targets;
    for (const auto& event : events_) {
        if (event.next == LinkEvent::none && event.added) targets.push_back(event.target);
    }
    return targets;
}

std::pair<std::size_t, std::size_t> LinkHistory::events_in(Sequence from, Sequence to) const {
    const auto after = [&](Sequence moment) {
        const auto position = std::upper_bound(
            events_.begin(), events_.end(), moment,
            [](Sequence value, const LinkEvent& event) { return value < event.sequence; });
        return static_cast<std::size_t>(position - events_.begin());
    };
    return {after(from), after(to)};
}

bool LinkHistory::is_current(const LinkEvent& event, Sequence moment) const {
    return event.next == LinkEvent::none || events_[event.next].sequence > moment;
}

void LinkHistory::append(ObjectIndex target, bool added, Sequence at) {
    const auto position = static_cast<std::uint32_t>(events_.size());
    events_.push_back({.sequence = at, .target = target, .added = added});
    const auto [known, first] = latest_.emplace(target, position);
    if (!first) {
        events_[known->second].next = position;
        known->second = position;
    }
}

}  // namespace emulator
