// Who the members are on premises: asks the cloud for those whose identity nobody has told yet, and
// again for those whose answer may have changed.
//
// What an answer means is IdentityJudge's.
//
// Failures: of the cloud, the directory or the store; nothing is lost, the members stay unknown and
// are asked for again. Limits: IdentitySource::most_ids at once. Threads: one. Cancellation:
// between two batches.
#pragma once

#include "sync/bound_directory.hpp"
#include "sync/identity_judge.hpp"
#include "sync/ports.hpp"

#include <writeback/identity_source.hpp>

#include <cstdint>
#include <optional>
#include <stop_token>
#include <vector>

namespace writeback {

class Resolver {
 public:
    // How long unknown members wait to be asked for again: ever longer, from the first to the
    // second, and from the first again when there are new ones.
    static constexpr Duration unknown_soon = std::chrono::minutes(1);
    static constexpr Duration unknown_late = std::chrono::hours(1);
    // The same for those without an identity, and for those known of whom no stream tells.
    static constexpr Duration none_again = std::chrono::hours(24);

    Resolver(SyncPorts& ports, const BoundDirectory& bound);

    // Members that were never asked for. Part of a round: a page's new members are known before
    // its groups are written.
    Async<Result<Done>> resolve_new(std::stop_token stop);
    // Those as well whose last answer is old. Does nothing before the time has come.
    Async<Result<Done>> resolve_again(std::stop_token stop);
    // When resolve_again has something to do; monotonic.
    [[nodiscard]] Duration next_at() const { return next_at_; }
    // The last time, everyone who was to be asked for has been answered for.
    [[nodiscard]] bool complete() const { return complete_; }
    // Members whom no answer named, since this was last forgotten.
    [[nodiscard]] std::int64_t not_returned() const { return not_returned_; }
    void forget_not_returned() { not_returned_ = 0; }
    // Asks at the next occasion, whatever the time.
    void hurry();

 private:
    Async<Result<Done>> resolve(Instant not_since, Instant none_before, std::stop_token stop);
    Async<Result<Done>> ask(std::vector<MemberId> ids, std::int64_t since_number);
    [[nodiscard]] Result<Done> answered_nothing(const std::vector<MemberId>& ids,
                                                const char* reason, std::int64_t since_number);
    void note(const Result<Done>& done);
    void put_off();

    SyncPorts& ports_;
    const BoundDirectory& bound_;
    IdentityJudge judge_;
    Duration unknown_again_ = unknown_soon;
    Duration next_at_{};
    bool complete_ = false;
    std::int64_t not_returned_ = 0;
    int failures_ = 0;
};

}  // namespace writeback
