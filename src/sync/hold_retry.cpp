#include "sync/hold_retry.hpp"

#include <algorithm>
#include <set>
#include <vector>

namespace writeback {

namespace {

// Whether AD is to be read before the next try: what stands there may have been put right.
bool reads_first(const Hold& hold) {
    const bool of_copies = hold.reason == HoldReason::collision && hold.targets.empty();
    return hold.reason == HoldReason::drift || hold.reason == HoldReason::missing || of_copies;
}

bool is_tried_again(const Hold& hold) {
    return hold.reason == HoldReason::collision || hold.reason == HoldReason::refused ||
           hold.reason == HoldReason::enforcement || reads_first(hold);
}

}  // namespace

HoldRetry::HoldRetry(SyncPorts& ports) : ports_(ports) {}

Result<bool> HoldRetry::look() {
    return look(false);
}

Result<bool> HoldRetry::look_at_all() {
    return look(true);
}

Result<bool> HoldRetry::look(bool all) {
    auto holds = ports_.store.holds();
    if (!holds) return holds.error();
    const auto now = ports_.clock.now();
    std::map<GroupId, Mark> marks;
    std::set<std::string> standing;
    for (const auto& hold : *holds) {
        if (!is_tried_again(hold)) continue;
        standing.insert(hold.id);
        const auto age = std::chrono::duration_cast<Duration>(now - hold.since);
        const auto wait = std::clamp(age, least, most);
        const auto [planned, is_new] = next_.try_emplace(hold.id, now + wait);
        if (!all && (is_new || planned->second > now)) continue;
        planned->second = now + wait;
        auto& mark = marks[hold.group];
        mark.group = hold.group;
        mark.cause = Cause::poll;
        mark.whole = true;
        mark.read_first |= reads_first(hold);
    }
    std::erase_if(next_, [&](const auto& entry) { return !standing.contains(entry.first); });
    if (marks.empty()) return false;
    std::vector<Mark> list;
    for (const auto& [group, mark] : marks)
        list.push_back(mark);
    if (auto marked = ports_.store.mark(list, now); !marked) return marked.error();
    return true;
}

}  // namespace writeback
