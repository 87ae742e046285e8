// The members, or the owners, of a group with their whole history.
//
// Events only grow and stand in the order of their moments, so that any earlier moment can be shown
// again. Pure data and pure questions: no I/O, no clock.
//
// Limits: 2^32 events. Threads: one.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace emulator {

using Sequence = std::uint64_t;
using ObjectIndex = std::uint32_t;

struct LinkEvent {
    static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

    Sequence sequence;
    ObjectIndex target;
    std::uint32_t next = none;  ///< position of the same target's following event
    bool added;
};

class LinkHistory {
 public:
    bool holds(ObjectIndex target) const;
    /// What is linked now, in the order in which it was added.
    std::vector<ObjectIndex> current() const;

    const LinkEvent& event(std::size_t position) const { return events_[position]; }
    /// Positions of the events in (from, to].
    std::pair<std::size_t, std::size_t> events_in(Sequence from, Sequence to) const;
    /// Whether nothing newer about that target had happened by then.
    bool is_current(const LinkEvent& event, Sequence moment) const;

    void append(ObjectIndex target, bool added, Sequence at);

 private:
    std::vector<LinkEvent> events_;
    boost::unordered_flat_map<ObjectIndex, std::uint32_t> latest_;
};

}  // namespace emulator
