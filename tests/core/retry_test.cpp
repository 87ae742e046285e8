#include "core/retry.hpp"

#include <doctest/doctest.h>

using namespace writeback;
using namespace std::chrono_literals;

namespace {

using Kind = NextStep::Kind;

NextStep step(FailureKind kind, OperationKind operation = OperationKind::add_members,
              int attempts = 0, std::uint64_t random = 0) {
    return next_step(failure(kind, "It failed."), operation, attempts, random);
}

}  // namespace

TEST_CASE("what is wrong with the directory as a whole is no group's fault") {
    for (const FailureKind kind :
         {FailureKind::unreachable, FailureKind::timed_out, FailureKind::disconnected,
          FailureKind::throttled, FailureKind::unavailable, FailureKind::credentials,
          FailureKind::tls}) {
        CHECK(step(kind).kind == Kind::wait_for_directory);
    }
}

TEST_CASE("when AD is not as we believed it is read at once, and later ever more slowly") {
    for (const FailureKind kind : {FailureKind::contradiction, FailureKind::member_exists,
                                   FailureKind::member_absent, FailureKind::not_found}) {
        CHECK(step(kind).kind == Kind::read_again);
        CHECK(step(kind).wait == 0s);
        CHECK(step(kind, OperationKind::add_members, 3).wait == 8s);
    }
}

TEST_CASE("a refused member is searched for at once") {
    CHECK(step(FailureKind::member_refused, OperationKind::add_members, 5).kind == Kind::bisect);
    CHECK(step(FailureKind::member_refused, OperationKind::add_members, 5).wait == 0s);
}

TEST_CASE("a name that is taken is a collision where a name is taken, else a contradiction") {
    for (const FailureKind kind : {FailureKind::already_exists, FailureKind::name_in_use}) {
        for (const OperationKind operation :
             {OperationKind::create_group, OperationKind::rename_group,
              OperationKind::move_group}) {
            CHECK(step(kind, operation).kind == Kind::hold);
            CHECK(step(kind, operation).reason == HoldReason::collision);
            CHECK(step(kind, operation).wait == 1s);
        }
        CHECK(step(kind, OperationKind::modify_group).kind == Kind::read_again);
    }
    CHECK(step(FailureKind::already_exists, OperationKind::create_group).detail ==
          "It failed. Another object has this name; rename or remove it.");
}

TEST_CASE("law 8: a definite no holds the group, says what to do, and is tried again") {
    for (const FailureKind kind :
         {FailureKind::forbidden, FailureKind::parent_missing, FailureKind::value_refused,
          FailureKind::attribute_unknown, FailureKind::refused, FailureKind::too_large,
          FailureKind::invalid_configuration, FailureKind::unreadable}) {
        CHECK(step(kind).kind == Kind::hold);
        CHECK(step(kind).reason == HoldReason::refused);
        CHECK(step(kind, OperationKind::add_members, 2).wait == 4s);
    }
    CHECK(step(FailureKind::enforcement).kind == Kind::hold);
    CHECK(step(FailureKind::enforcement).reason == HoldReason::enforcement);
    CHECK(step(FailureKind::forbidden).detail.find("service account") != std::string::npos);
    CHECK(next_step(failure(FailureKind::parent_missing, ""), OperationKind::create_group, 0, 0)
              .detail == "Create the container, or correct directory.container.");
    CHECK(step(FailureKind::refused).detail == "It failed.");
}

TEST_CASE("anything else is tried again") {
    for (const FailureKind kind :
         {FailureKind::store, FailureKind::cancelled, FailureKind::internal,
          FailureKind::resync_required, FailureKind::page_expired, FailureKind::link_refused}) {
        CHECK(step(kind).kind == Kind::try_again);
        CHECK(step(kind).wait == 1s);
    }
}

TEST_CASE("a wait that the peer asks for is never undercut") {
    Failure busy = failure(FailureKind::throttled, "Busy.");
    busy.retry_after = 90s;
    CHECK(next_step(busy, OperationKind::add_members, 0, 0).wait == 90s);
    busy.retry_after = 1ms;
    CHECK(next_step(busy, OperationKind::add_members, 0, 0).wait == 1s);
}

TEST_CASE("backoff doubles up to its limit, and chance takes off at most half") {
    CHECK(backoff(0, 1s, 1h, 0) == 1s);
    CHECK(backoff(5, 1s, 1h, 0) == 32s);
    CHECK(backoff(12, 1s, 1h, 0) == 1h);
    CHECK(backoff(1'000'000, 1s, 1h, 0) == 1h);
    CHECK(backoff(3, 10s, 5s, 0) == 5s);
    CHECK(backoff(3, 0s, 5s, 7) == 0s);
    for (std::uint64_t random = 0; random < 5000; random += 7) {
        const Duration wait = backoff(2, 1s, 1h, random);
        CHECK(wait >= 2s);
        CHECK(wait <= 4s);
    }
    CHECK(backoff(0, 1s, 1h, 500) == 500ms);
}
