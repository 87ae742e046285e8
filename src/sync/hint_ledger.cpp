#include "sync/hint_ledger.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace writeback {

namespace {

void take_earlier(std::optional<Duration>& earliest, Duration time) {
    earliest = earliest ? std::min(*earliest, time) : time;
}

}  // namespace

// The receipt is that of the earliest: it is what latency counts from.
void HintLedger::put(std::optional<Received>& place, const Hint& hint) {
    Received received{hint.id, hint.received_at};
    if (place) {
        superseded_.push_back(place->id);
        received.at = std::min(place->at, received.at);
    }
    place = received;
}

void HintLedger::note_next_try(Stream stream, const Entry& entry) {
    auto& rounds = this->rounds(stream);
    take_earlier(entry.tries == 0 ? rounds.first : rounds.extra, entry.next_try);
}

void HintLedger::add(const Hint& hint, Duration now) {
    Key key(hint.stream, hint.object_id);
    if (entries_.size() >= most_objects_ && !entries_.contains(key)) key.second.clear();
    auto& entry = entries_[std::move(key)];
    if (entry.in_round) return put(entry.late, hint);
    put(entry.waits, hint);
    entry.tries = 0;
    entry.next_try = now;
    note_next_try(hint.stream, entry);
}

std::optional<Duration> HintLedger::wants_round(Stream stream) const {
    const auto& rounds = this->rounds(stream);
    auto at = rounds.first;
    if (!rounds.extra) return at;
    const auto allowed =
        rounds.last_extra ? *rounds.last_extra + between_extra_rounds : *rounds.extra;
    take_earlier(at, std::max(*rounds.extra, allowed));
    return at;
}

bool HintLedger::only_extra(Stream stream, Duration now) const {
    const auto& rounds = this->rounds(stream);
    return rounds.extra && (!rounds.first || *rounds.first > now);
}

std::optional<Instant> HintLedger::hinted_at(Stream stream, const std::string& object) const {
    const auto found = entries_.find(Key(stream, object));
    if (found == entries_.end()) return std::nullopt;
    const auto& entry = found->second;
    return entry.waits ? entry.waits->at : entry.late->at;
}

void HintLedger::round_begins(Stream stream, Duration now) {
    auto& rounds = this->rounds(stream);
    rounds.under_way = true;
    rounds.began = now;
    bool extra = false;
    for (auto& [key, entry] : entries_) {
        if (key.first != stream) continue;
        entry.in_round = true;
        // Without an object any round that reaches its end is the one that was asked for.
        entry.shown = key.second.empty();
        extra = extra || (entry.tries > 0 && entry.next_try <= now);
    }
    if (extra) rounds.last_extra = now;
}

void HintLedger::shown(Stream stream, const std::string& object) {
    const auto found = entries_.find(Key(stream, object));
    if (found != entries_.end() && found->second.in_round) found->second.shown = true;
}

HintLedger::Settled HintLedger::round_ends(Stream stream, bool complete, Duration now) {
    Settled settled;
    auto& rounds = this->rounds(stream);
    if (!std::exchange(rounds.under_way, false)) return settled;
    rounds.first.reset();
    rounds.extra.reset();
    for (auto place = entries_.begin(); place != entries_.end();) {
        auto& [key, entry] = *place;
        if (key.first != stream) {
            ++place;
            continue;
        }
        const bool served = std::exchange(entry.in_round, false);
        const bool satisfied = served && entry.shown && (complete || !key.second.empty());
        if (served && complete && !satisfied && entry.next_try <= rounds.began) {
            entry.next_try = now + schedule[std::min(entry.tries, schedule.size() - 1)];
            ++entry.tries;
        }
        if (satisfied || entry.tries > schedule.size()) {
            (satisfied ? settled.satisfied : settled.given_up).push_back(entry.waits->id);
            entry.waits.reset();
        }
        if (entry.late) {
            if (entry.waits) {
                superseded_.push_back(entry.waits->id);
                entry.late->at = std::min(entry.late->at, entry.waits->at);
            }
            entry.waits = std::exchange(entry.late, std::nullopt);
            entry.tries = 0;
            entry.next_try = now;
        }
        if (!entry.waits) {
            place = entries_.erase(place);
            continue;
        }
        note_next_try(stream, entry);
        ++place;
    }
    return settled;
}

std::vector<std::int64_t> HintLedger::take_superseded() {
    return std::exchange(superseded_, {});
}

}  // namespace writeback
