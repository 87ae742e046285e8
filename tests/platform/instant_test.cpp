#include <writeback/clock.hpp>

#include <doctest/doctest.h>

using namespace writeback;

TEST_CASE("an instant is told in UTC, with milliseconds only where there are some") {
    CHECK(to_text(Instant(Duration(1767225600000))) == "2026-01-01T00:00:00Z");
    CHECK(to_text(Instant(Duration(1767225600007))) == "2026-01-01T00:00:00.007Z");
}
