#include "core/retry.hpp"

#include <algorithm>

namespace writeback {

namespace {

using Kind = NextStep::Kind;
using namespace std::chrono_literals;

constexpr Duration least_wait = 1s;
constexpr Duration most_wait = 1h;

bool takes_a_name(OperationKind operation) {
    return operation == OperationKind::create_group || operation == OperationKind::rename_group ||
           operation == OperationKind::move_group;
}

// What the failure says of the group, whatever the attempt.
Kind kind_of(FailureKind failure, OperationKind operation) {
    switch (failure) {
        case FailureKind::unreachable:
        case FailureKind::timed_out:
        case FailureKind::disconnected:
        case FailureKind::throttled:
        case FailureKind::unavailable:
        case FailureKind::credentials:
        case FailureKind::tls:
            return Kind::wait_for_directory;
        case FailureKind::contradiction:
        case FailureKind::member_exists:
        case FailureKind::member_absent:
        case FailureKind::not_found:
            return Kind::read_again;
        case FailureKind::already_exists:
        case FailureKind::name_in_use:
            return takes_a_name(operation) ? Kind::hold : Kind::read_again;
        case FailureKind::member_refused:
            return Kind::bisect;
        case FailureKind::forbidden:
        case FailureKind::parent_missing:
        case FailureKind::value_refused:
        case FailureKind::attribute_unknown:
        case FailureKind::enforcement:
        case FailureKind::refused:
        case FailureKind::too_large:
        case FailureKind::invalid_configuration:
        case FailureKind::unreadable:
            return Kind::hold;
        case FailureKind::resync_required:
        case FailureKind::page_expired:
        case FailureKind::link_refused:
        case FailureKind::store:
        case FailureKind::cancelled:
        case FailureKind::internal:
            break;
    }
    return Kind::try_again;
}

HoldReason reason_of(FailureKind failure) {
    switch (failure) {
        case FailureKind::already_exists:
        case FailureKind::name_in_use:
            return HoldReason::collision;
        case FailureKind::enforcement:
            return HoldReason::enforcement;
        default:
            return HoldReason::refused;
    }
}

std::string remedy_for(FailureKind failure) {
    switch (failure) {
        case FailureKind::already_exists:
            return "Another object has this name; rename or remove it.";
        case FailureKind::name_in_use:
            return "Another object has this sAMAccountName; rename it.";
        case FailureKind::forbidden:
            return "Grant the service account the right on the container.";
        case FailureKind::parent_missing:
            return "Create the container, or correct directory.container.";
        case FailureKind::enforcement:
            return "The directory enforces the group's source of authority (msDS-ObjectSoa); admit "
                   "the service account to its policy.";
        default:
            return {};
    }
}

// A contradiction is first answered at once: AD is read and the plan made anew. So is a refused
// member, since the search for it is the remedy.
bool answers_at_once(Kind kind, int attempts) {
    return kind == Kind::bisect || (kind == Kind::read_again && attempts == 0);
}

}  // namespace

Duration backoff(int attempts, Duration least, Duration most, std::uint64_t random) {
    Duration wait = std::min(least, most);
    for (int i = 0; i < attempts && wait < most; ++i)
        wait = std::min(wait * 2, most);
    const auto half = static_cast<std::uint64_t>(std::max<Duration::rep>(wait.count() / 2, 0));
    return wait - Duration(static_cast<Duration::rep>(random % (half + 1)));
}

NextStep next_step(const Failure& failure, OperationKind operation, int attempts,
                   std::uint64_t random) {
    NextStep step;
    step.kind = kind_of(failure.kind, operation);
    step.reason = reason_of(failure.kind);
    step.detail = failure.detail;
    const std::string remedy = remedy_for(failure.kind);
    if (!remedy.empty() && step.kind == Kind::hold) {
        step.detail += (step.detail.empty() ? "" : " ") + remedy;
    }
    if (!answers_at_once(step.kind, attempts)) {
        step.wait = backoff(attempts, least_wait, most_wait, random);
    }
    step.wait = std::max(step.wait, failure.retry_after.value_or(Duration{}));
    return step;
}

}  // namespace writeback
