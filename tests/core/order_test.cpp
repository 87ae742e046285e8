#include "core/order.hpp"

#include "core/examples.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace writeback;
using namespace writeback::examples;

namespace {

DueGroup due(int number) {
    DueGroup group;
    group.group = group_id(number);
    return group;
}
DueGroup hinted(int number, bool removals = false) {
    DueGroup group = due(number);
    group.hinted_at = Instant(Duration(1));
    group.removals = removals;
    return group;
}
DueGroup standing(DueGroup group) {
    group.written = true;
    return group;
}

using Nesting = std::vector<std::pair<int, int>>;  // (parent, child)

Numbers ordered(std::vector<DueGroup> groups, const Nesting& nesting = {}) {
    std::vector<std::pair<GroupId, GroupId>> pairs;
    for (const auto& [parent, child] : nesting) {
        pairs.emplace_back(group_id(parent), group_id(child));
    }
    Numbers result;
    for (const GroupId& group : in_order(std::move(groups), pairs)) {
        result.push_back(std::stoi(group.text().substr(24)));
    }
    return result;
}

}  // namespace

TEST_CASE(
    "hinted groups with removals come first, then hinted ones, then the rest, ties in id order") {
    CHECK(ordered({due(2), hinted(4), due(1), hinted(5, true), hinted(3), hinted(6, true)}) ==
          Numbers{5, 6, 3, 4, 1, 2});
    CHECK(ordered({}).empty());
}

TEST_CASE("children come before their parents, through all levels") {
    CHECK(ordered({due(1), due(2), due(3)}, {{1, 2}, {2, 3}}) == Numbers{3, 2, 1});
    CHECK(ordered({due(1), due(2)}, {{1, 2}, {1, 2}, {1, 9}, {1, 1}, {8, 2}}) == Numbers{2, 1});
}

TEST_CASE("a child that AD does not have yet is served as early as its parent needs it") {
    CHECK(ordered({hinted(1), due(2), due(3), hinted(4)}, {{1, 2}, {2, 3}}) == Numbers{3, 2, 1, 4});
}

TEST_CASE("a parent does not wait for a less urgent child that stands in AD") {
    CHECK(ordered({hinted(1), standing(due(2))}, {{1, 2}}) == Numbers{1, 2});
    CHECK(ordered({due(1), standing(due(2))}, {{1, 2}}) == Numbers{2, 1});
}

TEST_CASE("a revocation waits for no less urgent child") {
    CHECK(ordered({hinted(1, true), due(2)}, {{1, 2}}) == Numbers{1, 2});
    CHECK(ordered({hinted(1, true), hinted(2, true)}, {{1, 2}}) == Numbers{2, 1});
}

TEST_CASE("circles are cut and nothing is lost or served twice") {
    CHECK(ordered({due(1), due(2), due(3)}, {{1, 2}, {2, 1}, {3, 1}}) == Numbers{1, 2, 3});
    CHECK(ordered({due(1), due(1), due(2)}) == Numbers{1, 2});
}

TEST_CASE(
    "in any graph each group is served once, and without circles every child before its parents") {
    std::mt19937 random(42);
    for (int round = 0; round < 200; ++round) {
        const int count = 1 + static_cast<int>(random() % 20);
        std::vector<DueGroup> groups;
        for (int i = 0; i < count; ++i)
            groups.push_back(due(i));
        Nesting nesting;
        for (int i = 0; i < count; ++i) {
            const int a = static_cast<int>(random() % static_cast<unsigned>(count));
            const int b = static_cast<int>(random() % static_cast<unsigned>(count));
            if (a != b) nesting.emplace_back(std::min(a, b), std::max(a, b));
        }
        std::shuffle(groups.begin(), groups.end(), random);
        const Numbers order = ordered(groups, nesting);
        REQUIRE(order.size() == groups.size());
        const auto place = [&](int number) {
            return std::find(order.begin(), order.end(), number) - order.begin();
        };
        for (int i = 0; i < count; ++i)
            CHECK(place(i) < count);
        for (const auto& [parent, child] : nesting)
            CHECK(place(child) < place(parent));
    }
}
