#include "core/bisection.hpp"

#include "core/examples.hpp"

#include <doctest/doctest.h>

#include <random>
#include <set>

using namespace writeback;
using namespace writeback::examples;

namespace {

std::vector<PlannedMember> planned(int count) {
    std::vector<PlannedMember> members;
    for (int i = 0; i < count; ++i)
        members.push_back({identity(i), {}, Evidence::none});
    return members;
}

// A directory that refuses these members; gives the number of modifies until all is known, and
// how many members were written.
int modifies(Bisection& bisection, const std::set<int>& bad, std::size_t* written = nullptr) {
    int count = 0;
    while (const auto members = bisection.next()) {
        ++count;
        REQUIRE(count < 10'000);
        bool refuse = false;
        for (const PlannedMember& member : *members) {
            for (const int number : bad)
                refuse = refuse || member.identity == identity(number);
        }
        refuse ? bisection.refused() : bisection.accepted();
        if (!refuse && written != nullptr) *written += members->size();
    }
    return count;
}

}  // namespace

TEST_CASE(
    "one refused among a thousand is found with at most twenty modifies, all others are written") {
    for (const int bad : {0, 1, 499, 500, 998, 999}) {
        Bisection bisection(planned(1000));
        std::size_t written = 0;
        CHECK(modifies(bisection, {bad}, &written) <= 20);
        REQUIRE(bisection.refused_members().size() == 1);
        CHECK(bisection.refused_members()[0].identity == identity(bad));
        CHECK(written == 999);
    }
}

TEST_CASE(
    "where the first half is accepted the second is known to be at fault, and not tried whole") {
    Bisection bisection(planned(1024));
    CHECK(modifies(bisection, {1023}) == 11);
}

TEST_CASE("nobody is blamed who was not refused alone") {
    Bisection bisection(planned(8));
    std::size_t written = 0;
    modifies(bisection, {}, &written);
    CHECK(bisection.refused_members().empty());
    CHECK(written == 8);
}

TEST_CASE("a member that was refused alone needs no further modify") {
    Bisection bisection(planned(1));
    CHECK_FALSE(bisection.next().has_value());
    CHECK(bisection.refused_members().size() == 1);
    Bisection nothing({});
    CHECK_FALSE(nothing.next().has_value());
}

TEST_CASE("asking twice before the answer gives the same members") {
    Bisection bisection(planned(4));
    const auto first = bisection.next();
    CHECK(bisection.next() == first);
    CHECK(first->size() == 2);
}

TEST_CASE("whatever is refused is found, and nothing else") {
    std::mt19937 random(7);
    for (int round = 0; round < 300; ++round) {
        const int count = 1 + static_cast<int>(random() % 40);
        std::set<int> bad;
        for (int i = 0; i < count; ++i) {
            if (random() % 4 == 0) bad.insert(i);
        }
        if (bad.empty()) bad.insert(count - 1);
        Bisection bisection(planned(count));
        std::size_t written = 0;
        CHECK(modifies(bisection, bad, &written) <= 2 * count);
        CHECK(bisection.refused_members().size() == bad.size());
        for (const PlannedMember& member : bisection.refused_members()) {
            const std::string& sid = member.identity.sid.text();
            CHECK(bad.contains(std::stoi(sid.substr(sid.rfind('-') + 1))));
        }
        CHECK(written == static_cast<std::size_t>(count) - bad.size());
    }
}
