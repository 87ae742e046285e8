#include "platform/system_random.hpp"

#include <writeback/ids.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace writeback;

TEST_CASE("a random number stays below its bound and reaches every value") {
    SystemRandom random;
    CHECK(random.below(1) == 0);
    std::set<std::uint64_t> seen;
    for (int i = 0; i < 1000; ++i) {
        const auto number = random.below(5);
        CHECK(number < 5);
        seen.insert(number);
    }
    CHECK(seen.size() == 5);
}

TEST_CASE("a secret has its length, letters and digits only, and is never the same") {
    SystemRandom random;
    const auto secret = random.secret(64);
    CHECK(secret.size() == 64);
    CHECK(std::all_of(secret.begin(), secret.end(),
                      [](unsigned char c) { return std::isalnum(c) != 0; }));
    CHECK(secret != random.secret(64));
    CHECK(random.secret(0).empty());
}

TEST_CASE("a random GUID is canonical and of version 4") {
    SystemRandom random;
    const auto guid = random.guid();
    CHECK(canonical_guid(guid) == guid);
    CHECK(guid[14] == '4');
    CHECK(std::string("89ab").find(guid[19]) != std::string::npos);
    CHECK(guid != random.guid());
}
