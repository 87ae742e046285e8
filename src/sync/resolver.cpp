#include "sync/resolver.hpp"

#include "core/retry.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace writeback {

namespace {

constexpr Instant never{};
constexpr Duration first_retry = std::chrono::seconds(2);

// Failures that say something of the request itself: asking again at once would bring the same.
bool is_definite(const Failure& failure) {
    return failure.kind == FailureKind::forbidden || failure.kind == FailureKind::refused ||
           failure.kind == FailureKind::unreadable || failure.kind == FailureKind::too_large ||
           failure.kind == FailureKind::not_found;
}

}  // namespace

Resolver::Resolver(SyncPorts& ports, const BoundDirectory& bound)
    : ports_(ports), bound_(bound), judge_(ports, bound), next_at_(ports.clock.monotonic()) {}

void Resolver::hurry() {
    next_at_ = ports_.clock.monotonic();
}

Async<Result<Done>> Resolver::resolve_new(std::stop_token stop) {
    // After a failure the retry's own time is kept, so that no page waits for a cloud that is down.
    if (failures_ > 0 && ports_.clock.monotonic() < next_at_) co_return Done{};
    auto done = co_await resolve(never, never, std::move(stop));
    if (done && next_at_ > ports_.clock.monotonic() + unknown_again_) put_off();
    co_return done;
}

Async<Result<Done>> Resolver::resolve_again(std::stop_token stop) {
    if (ports_.clock.monotonic() < next_at_) co_return Done{};
    const auto now = ports_.clock.now();
    auto done = co_await resolve(now - unknown_again_, now - none_again, std::move(stop));
    if (done) unknown_again_ = std::min(2 * unknown_again_, unknown_late);
    put_off();
    co_return done;
}

Async<Result<Done>> Resolver::resolve(Instant not_since, Instant none_before,
                                      std::stop_token stop) {
    complete_ = false;
    // Which SIDs are of our domain is known once the directory has been met. The first request
    // waits for the users stream's first link as well, so that no change is missed.
    const auto users = ports_.store.position(Stream::users);
    if (bound_.domain_sid().empty() || !users || users->phase == StreamPhase::empty) {
        put_off();
        co_return Done{};
    }
    MemberId after;
    while (!stop.stop_requested()) {
        auto ids =
            ports_.store.to_identify(not_since, none_before, after, IdentitySource::most_ids);
        Result<Done> done = Done{};
        if (ids && ids->empty()) {
            complete_ = true;
            break;
        }
        if (!ids) {
            done = ids.error();
        } else {
            after = ids->back();
            if (not_since == never) unknown_again_ = unknown_soon;
            auto number = ports_.store.change_number();
            if (number) {
                done = co_await ask(std::move(*ids), *number);
            } else {
                done = number.error();
            }
        }
        if (!done) {
            note(done);
            co_return done;
        }
    }
    note(Done{});
    co_return Done{};
}

Async<Result<Done>> Resolver::ask(std::vector<MemberId> ids, std::int64_t since_number) {
    auto answers = co_await ports_.identities.identities(ids);
    if (!answers) {
        if (!is_definite(answers.error())) co_return answers.error();
        if (auto kept = answered_nothing(ids, "failed", since_number); !kept) co_return kept;
        co_return answers.error();
    }
    std::set<MemberId> missing(ids.begin(), ids.end());
    std::erase_if(*answers, [&](const IdentityAnswer& answer) {
        return missing.erase(answer.id) == 0;  // never asked for, or told twice
    });
    auto identities = co_await judge_.judge(std::move(*answers));
    not_returned_ += static_cast<std::int64_t>(missing.size());
    for (const auto& id : missing) {
        IdentityAnswer nothing;
        nothing.id = id;
        identities.push_back(without_identity(nothing, IdentityState::unknown, "not-returned"));
    }
    co_return ports_.store.store_identities(identities, since_number, ports_.clock.now());
}

Result<Done> Resolver::answered_nothing(const std::vector<MemberId>& ids, const char* reason,
                                        std::int64_t since_number) {
    std::vector<MemberIdentity> identities;
    for (const auto& id : ids) {
        IdentityAnswer nothing;
        nothing.id = id;
        identities.push_back(without_identity(nothing, IdentityState::unknown, reason));
    }
    return ports_.store.store_identities(identities, since_number, ports_.clock.now());
}

void Resolver::put_off() {
    const auto at = ports_.clock.monotonic() + unknown_again_;
    next_at_ = failures_ == 0 ? at : std::min(next_at_, at);
}

void Resolver::note(const Result<Done>& done) {
    const auto now = ports_.clock.monotonic();
    if (done) {
        failures_ = 0;
        if (ports_.live.clear_problem("identities")) {
            ports_.log.write(LogLevel::info, "identities-read-again", {});
        }
        return;
    }
    const auto& failed = done.error();
    auto wait = backoff(failures_++, first_retry, unknown_late, ports_.random.below(1U << 30));
    next_at_ = now + std::max(wait, failed.retry_after.value_or(Duration::zero()));
    if (failed.kind == FailureKind::cancelled) return;
    if (!ports_.live.set_problem("identities", failed.detail)) return;
    ports_.log.write(
        LogLevel::warning, "identities-failed",
        {{"failure", name_of(failed.kind)}, {"code", failed.code}, {"detail", failed.detail}});
}

}  // namespace writeback
