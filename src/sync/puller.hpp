// Brings the mirror up to what the cloud says: decides when a round is due and of which stream, and
// does what follows a round: direct reads, and the judgement of pending deletions.
//
// A round has a cause: start-up, the poll interval, a hint, a lifecycle event, a request. New
// members are resolved after each page, so that one hint costs one delta request, at most one
// getByIds, and the write.
//
// Failures: none come out of serve(). A stream that fails is tried again with backoff, or at the
// poll interval when what it gave could not be read; meanwhile it is a problem in the live state.
// Threads: one, but wake() may be called from any. Cancellation: by `stop`, between pages.
#pragma once

#include "sync/bound_directory.hpp"
#include "sync/direct_reads.hpp"
#include "sync/groups_stream.hpp"
#include "sync/hint_ledger.hpp"
#include "sync/ports.hpp"
#include "sync/resolver.hpp"
#include "sync/users_stream.hpp"

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>
#include <vector>

namespace writeback {

class Puller {
 public:
    // marked: groups may have become dirty.
    Puller(SyncPorts& ports, BoundDirectory& bound, ScopeRules scope, std::function<void()> marked);

    // Is asked before each round of the groups stream; the round fails with what it answers.
    std::function<Async<Result<Done>>(std::stop_token)> before_groups_round;
    // Carries out a request of the kind "restore".
    std::function<Async<Result<Done>>(GroupId)> restore;

    Async<void> serve(std::stop_token stop);
    // One round of each stream and all that follows. Tries both before it fails.
    Async<Result<Done>> pull_once(std::stop_token stop);

    void wake();
    void request_round(Stream stream, Cause cause);
    // A request of a command; it is dropped from the store when it was carried out.
    void take_in(const Request& request);
    void take_in(const Hint& hint);
    // Objects whose hints wait for the round that shows them.
    [[nodiscard]] std::size_t hints_waiting() const { return ledger_.waiting(); }
    // Identities can be judged from now on.
    void domain_known();
    // What a finished round ends with; also asked for where no round is made.
    Result<Done> judge_pending_deletions();
    // The whole mirror was looked at anew; who is asked for may have changed.
    [[nodiscard]] GroupsStream& groups() { return groups_; }

 private:
    struct StreamState {
        std::optional<Cause> wanted;
        std::optional<Duration> began, retry_at;  // monotonic
        int failures = 0;
    };

    Async<Result<Done>> round(Stream stream, Cause cause);
    Async<Result<Done>> after_groups_round();
    Async<void> after_page();
    Async<void> other_work();
    // Members that vanished while the users token was dead: only a full read of the groups tells.
    Result<Done> look_for_vanished();
    Async<void> carry_out_requests();
    Async<Result<Done>> carry_out(const Request& request);
    void settle_hints(Stream stream, bool complete);
    void forget_hints(std::string_view outcome, const std::vector<std::int64_t>& ids);
    void note(Stream stream, const Result<Done>& done);
    [[nodiscard]] std::optional<Cause> due(Stream stream, Duration now) const;
    [[nodiscard]] Duration next_wake(Duration now) const;
    [[nodiscard]] StreamState& state(Stream stream) { return streams_[stream == Stream::users]; }
    [[nodiscard]] const StreamState& state(Stream stream) const {
        return streams_[stream == Stream::users];
    }

    SyncPorts& ports_;
    std::function<void()> marked_;
    std::unique_ptr<Alarm> alarm_;
    std::stop_token stop_;
    GroupsConfig judged_;
    HintLedger ledger_;
    Resolver resolver_;
    GroupsStream groups_;
    UsersStream users_;
    DirectReads direct_reads_;
    std::array<StreamState, 2> streams_;
    std::deque<Request> requests_;
    std::optional<Duration> requests_wait_until_;
};

}  // namespace writeback
