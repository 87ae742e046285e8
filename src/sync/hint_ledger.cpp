#include "sync/hint_ledger.hpp"

#include <algorithm>
#include <iterator>

namespace writeback {

void HintLedger::add(const Hint& hint, Duration now) {
    auto [found, is_new] = entries_.try_emplace(Key(hint.stream, hint.object_id));
    auto& entry = found->second;
    if (is_new || hint.received_at < entry.received_at) entry.received_at = hint.received_at;
    if (entry.in_round) {
        entry.late.push_back(hint.id);
        return;
    }
    entry.ids.push_back(hint.id);
    entry.tries = 0;
    entry.next_try = now;
}

std::optional<Duration> HintLedger::wants_round(Stream stream) const {
    std::optional<Duration> earliest;
    const auto last_extra = last_extra_.find(stream);
    for (const auto& [key, entry] : entries_) {
        if (key.first != stream) continue;
        auto at = entry.next_try;
        if (entry.tries > 0 && last_extra != last_extra_.end()) {
            at = std::max(at, last_extra->second + between_extra_rounds);
        }
        if (!earliest || at < *earliest) earliest = at;
    }
    return earliest;
}

std::optional<Instant> HintLedger::hinted_at(Stream stream, const std::string& object) const {
    const auto found = entries_.find(Key(stream, object));
    if (found == entries_.end()) return std::nullopt;
    return found->second.received_at;
}

void HintLedger::round_begins(Stream stream, Duration now) {
    under_way_[stream] = true;
    round_began_[stream] = now;
    bool extra = false;
    for (auto& [key, entry] : entries_) {
        if (key.first != stream) continue;
        entry.in_round = true;
        entry.shown = key.second.empty();
        if (entry.tries > 0 && entry.next_try <= now) extra = true;
    }
    if (extra) last_extra_[stream] = now;
}

void HintLedger::shown(Stream stream, const std::string& object) {
    const auto found = entries_.find(Key(stream, object));
    if (found != entries_.end() && found->second.in_round) found->second.shown = true;
}

HintLedger::Settled HintLedger::round_ends(Stream stream, bool complete, Duration now) {
    Settled settled;
    if (!std::exchange(under_way_[stream], false)) return settled;
    const auto began = round_began_[stream];
    for (auto entry = entries_.begin(); entry != entries_.end();) {
        auto& [key, value] = *entry;
        if (key.first != stream || !value.in_round) {
            ++entry;
            continue;
        }
        value.in_round = false;
        // Without an object any round that reached its end is the one that was asked for.
        const bool satisfied = value.shown && (complete || !key.second.empty());
        const bool waited = complete && !satisfied && value.next_try <= began;
        if (waited) {
            value.next_try = now + schedule[std::min(value.tries, schedule.size() - 1)];
            ++value.tries;
        }
        const bool given_up = value.tries > schedule.size();
        if (satisfied || given_up) {
            auto& into = satisfied ? settled.satisfied : settled.given_up;
            into.insert(into.end(), value.ids.begin(), value.ids.end());
            value.ids.clear();
        }
        if (!value.late.empty()) {
            value.ids.insert(value.ids.end(), value.late.begin(), value.late.end());
            value.late.clear();
            value.tries = 0;
            value.next_try = now;
        }
        entry = value.ids.empty() ? entries_.erase(entry) : std::next(entry);
    }
    return settled;
}

}  // namespace writeback
