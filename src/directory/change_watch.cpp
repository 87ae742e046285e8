#include "directory/change_watch.hpp"

#include "directory/directory_reads.hpp"
#include "directory/distinguished_name.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace writeback {

namespace {

// Five, less one for whoever else uses the account's connection limits.
constexpr std::size_t most_watches = 4;

}  // namespace

struct ChangeWatch::State : std::enable_shared_from_this<ChangeWatch::State> {
    explicit State(Clock& clock) : wake(clock.alarm()) {}

    std::weak_ptr<LdapOperations> connection;
    std::vector<Dn> containers;
    Dn whole;  // the domain, to be watched when a container cannot be
    bool watches_whole = false;
    bool changed = true;
    std::optional<Failure> ended;
    std::unique_ptr<Alarm> wake;

    void watch(const Dn& base) {
        const auto there = connection.lock();
        if (!there) return;
        there->watch(
            base.text(), [self = shared_from_this()](const std::string& dn) { self->told(Dn(dn)); },
            [self = shared_from_this(), base](Result<LdapReply> outcome) {
                self->refused(base, std::move(outcome));
            });
    }

    void told(const Dn& dn) {
        const bool ours = std::any_of(containers.begin(), containers.end(), [&](const Dn& one) {
            return same_name(dn, one) || stands_below(dn, one);
        });
        if (!ours) return;
        changed = true;
        wake->ring();
    }

    void refused(const Dn& base, Result<LdapReply> outcome) {
        if (ended) return;
        if (outcome && outcome->code == 0) {
            // A server without the control answers like any other search.
            ended = failure(FailureKind::refused, "The directory has no change notification.");
        } else if (outcome && !watches_whole) {
            watches_whole = true;
            return watch(whole);
        } else if (outcome && !same_name(base, whole)) {
            return;  // the whole domain is watched meanwhile
        } else if (outcome) {
            ended = directory_failure(DirectoryAction::watch, base.text(),
                                      {outcome->code, outcome->diagnostic});
            ended->kind = FailureKind::refused;
        } else {
            ended = outcome.error();
        }
        wake->ring();
    }
};

ChangeWatch::ChangeWatch(std::shared_ptr<DirectorySession> session)
    : session_(std::move(session)) {}

ChangeWatch::~ChangeWatch() = default;

void ChangeWatch::register_on(const std::shared_ptr<LdapOperations>& connection, const Dn& whole) {
    registered_on_ = session_->connection_number();
    state_ = std::make_shared<State>(session_->clock());
    state_->connection = connection;
    state_->containers = outermost_containers(session_->config());
    state_->whole = whole;
    state_->watches_whole = state_->containers.size() > most_watches;
    if (state_->watches_whole) return state_->watch(whole);
    for (const auto& container : state_->containers)
        state_->watch(container);
}

Async<Result<bool>> ChangeWatch::wait(Duration at_most) {
    const DirectorySession::Activity activity(session_);
    auto facts = co_await session_->facts();
    if (!facts) co_return facts.error();
    auto connection = co_await session_->connection();
    if (!connection) co_return connection.error();
    if (!state_ || registered_on_ != session_->connection_number()) {
        register_on(*connection, (*facts)->naming_context);
    }
    // A new connection begins a new state; this call keeps to its own.
    const auto state = state_;
    Clock& clock = session_->clock();
    const auto until = clock.monotonic() + at_most;
    // An old ring may end a wait at once.
    while (!state->ended && !state->changed && clock.monotonic() < until)
        co_await state->wake->wait_for(until - clock.monotonic());
    if (state->ended) co_return *state->ended;
    co_return std::exchange(state->changed, false);
}

}  // namespace writeback
