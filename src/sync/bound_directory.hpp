// The directory as it is at present: which server answers, whose domain it is, and the rules of
// planning that follow from its schema.
//
// A session begins when facts() was answered and the domain is the one that the store remembers; it
// ends when a call fails for the directory's sake or the adapter says that the connection is gone.
// What was cached of the directory belongs to one session.
//
// Failures: those of the port; `store` when the directory is of another domain. Threads: one.
// Cancellation: as the port.
#pragma once

#include "core/planner.hpp"
#include "core/projection.hpp"
#include "sync/ports.hpp"

#include <writeback/directory.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace writeback {

class BoundDirectory {
 public:
    explicit BoundDirectory(SyncPorts& ports);

    // A domain's SID was learned for the first time in this process.
    std::function<void()> on_domain_known;

    Async<Result<Done>> ensure();
    // A call failed so that what we know of the session counts no longer.
    void lost(const Failure& failure);
    // What the adapter says of its connection.
    void changed(bool bound);

    [[nodiscard]] bool bound() const { return bound_; }
    // Grows with each session.
    [[nodiscard]] std::int64_t session() const { return session_; }
    // Known from the first session on, and from the store before that.
    [[nodiscard]] const Sid& domain_sid() const { return domain_sid_; }
    // Whose update sequence numbers the server shows, and the highest when the session began.
    [[nodiscard]] const std::string& usn_source() const { return usn_source_; }
    [[nodiscard]] std::int64_t highest_usn() const { return highest_usn_; }
    // From the first session on; those of the last one while none is.
    [[nodiscard]] const ProjectionRules& projection() const { return *rules_; }
    [[nodiscard]] const PlanRules& planning() const { return plan_rules_; }

    // Before anything else: what the store remembers of the domain.
    [[nodiscard]] Result<Done> prepare();

 private:
    [[nodiscard]] Result<Done> begin(const DirectoryFacts& facts);

    SyncPorts& ports_;
    GroupsConfig groups_;
    bool bound_ = false;
    std::int64_t session_ = 0;
    Sid domain_sid_;
    std::string usn_source_;
    std::int64_t highest_usn_ = 0;
    std::optional<ProjectionRules> rules_;
    PlanRules plan_rules_;
};

}  // namespace writeback
