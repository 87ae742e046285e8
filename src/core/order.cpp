#include "core/order.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>

namespace writeback {

namespace {

int urgency(const DueGroup& group) {
    if (!group.hinted_at) return 2;
    return group.removals ? 0 : 1;
}

struct Node {
    GroupId group;
    int urgency = 2;  // 0 is served first; lifted where a parent needs the group earlier
    std::vector<std::size_t> children;
    std::vector<std::size_t> parents;
    std::size_t unserved_children = 0;
};

// Whether the parent waits for the child; see the header.
bool waits_for(const DueGroup& parent, const DueGroup& child) {
    if (urgency(child) <= urgency(parent)) return true;
    return !child.written && urgency(parent) != 0;
}

// The groups in id order, each once, with the edges that count.
std::vector<Node> nodes_of(const std::vector<DueGroup>& due,
                           const std::vector<std::pair<GroupId, GroupId>>& nesting) {
    std::vector<Node> nodes;
    std::map<GroupId, std::size_t> places;
    for (const DueGroup& group : due) {
        places.emplace(group.group, nodes.size());
        nodes.push_back({group.group, urgency(group), {}, {}, 0});
    }
    const std::set<std::pair<GroupId, GroupId>> pairs(nesting.begin(), nesting.end());
    for (const auto& [parent_id, child_id] : pairs) {
        const auto parent = places.find(parent_id);
        const auto child = places.find(child_id);
        if (parent == places.end() || child == places.end() || parent == child) continue;
        if (!waits_for(due[parent->second], due[child->second])) continue;
        nodes[parent->second].children.push_back(child->second);
        nodes[child->second].parents.push_back(parent->second);
        ++nodes[parent->second].unserved_children;
    }
    return nodes;
}

// Makes every child as urgent as the most urgent group that waits for it.
void lift_children(std::vector<Node>& nodes) {
    for (int urgency = 0; urgency < 2; ++urgency) {
        std::vector<std::size_t> open;
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            if (nodes[i].urgency == urgency) open.push_back(i);
        }
        while (!open.empty()) {
            const std::size_t at = open.back();
            open.pop_back();
            for (const std::size_t child : nodes[at].children) {
                if (nodes[child].urgency <= urgency) continue;
                nodes[child].urgency = urgency;
                open.push_back(child);
            }
        }
    }
}

}  // namespace

std::vector<GroupId> in_order(std::vector<DueGroup> due,
                              const std::vector<std::pair<GroupId, GroupId>>& nesting) {
    const auto by_id = [](const DueGroup& a, const DueGroup& b) { return a.group < b.group; };
    const auto same_id = [](const DueGroup& a, const DueGroup& b) { return a.group == b.group; };
    std::stable_sort(due.begin(), due.end(), by_id);
    due.erase(std::unique(due.begin(), due.end(), same_id), due.end());
    std::vector<Node> nodes = nodes_of(due, nesting);
    lift_children(nodes);

    using Place = std::pair<int, std::size_t>;  // urgency, place in id order
    std::set<Place> ready;
    std::set<Place> waiting;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        (nodes[i].unserved_children == 0 ? ready : waiting).insert({nodes[i].urgency, i});
    }
    std::vector<GroupId> order;
    while (!ready.empty() || !waiting.empty()) {
        // Where all that is left goes in circles, the most urgent group begins.
        std::set<Place>& source = ready.empty() ? waiting : ready;
        const std::size_t at = source.begin()->second;
        source.erase(source.begin());
        order.push_back(nodes[at].group);
        for (const std::size_t parent : nodes[at].parents) {
            const Place place{nodes[parent].urgency, parent};
            if (--nodes[parent].unserved_children == 0 && waiting.erase(place) == 1) {
                ready.insert(place);
            }
        }
    }
    return order;
}

}  // namespace writeback
