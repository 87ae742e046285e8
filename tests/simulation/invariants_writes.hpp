// What every single write of the daemon must keep to, checked as it reaches a domain controller:
//
//   I4  it goes to a group inside the container that bears the mark of a group of the tenant
//   I5  a member is removed only if it really was not to be there at some moment that a read could
//       have shown: explicitly, or by a complete read
//   I6  limits are not exceeded without an approval
//   I9  under report-only nothing is written, under no-removals nobody is removed
//   law 5  no group is made while an object with its mark exists, and none a second time
//
// Failures: a write that does not keep to them is a violation. Ownership: references outlive it.
// Threads: the loop's.
#pragma once

#include "simulation/directory_side.hpp"
#include "simulation/network.hpp"
#include "simulation/oracle.hpp"
#include "simulation/scenario.hpp"
#include "simulation/violations.hpp"

#include <writeback/mirror.hpp>

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace writeback::simulation {

class WriteInvariants {
 public:
    WriteInvariants(Violations& violations, Oracle& oracle, DirectorySide& directory,
                    const EventLoop& loop, const Scenario& scenario);

    void written(const TreeWrite& write);
    // A request of the daemon was answered by Graph: what it may know since then.
    void exchanged(const CloudExchange& exchange);
    // Another configuration holds from now on.
    void configured(const Config& config) { config_ = config; }
    // A person has approved what is held of this group.
    void approved(const GroupId& group) { approved_.insert(group); }
    // The daemon begins with an empty store.
    void store_lost();

    // From now on everything is as it should be, but for these groups.
    void nothing_to_write_but(std::set<GroupId> held);
    // The first write since then; empty: none.
    [[nodiscard]] const std::string& needless() const { return needless_; }
    // Whether a round of the groups stream that was read to its end began between these changes of
    // the cloud.
    [[nodiscard]] bool saw_groups_between(emulator::Sequence from, emulator::Sequence to) const;
    // Writes of the daemon that a domain controller obeyed.
    [[nodiscard]] std::int64_t count() const { return count_; }

 private:
    struct Round {
        Duration began{};
        Duration ended{};
    };
    struct Life {  // of an object with a mark
        Sid sid;
        bool stands = false;
        bool removed_by_daemon = false;
    };
    struct Burst {  // removals of one group from one knowledge of the cloud
        std::uint64_t exchanges = 0;
        std::int64_t inferred = 0;
        std::size_t members_before = 0;
    };

    void check_policy(const TreeWrite& write);
    void check_place(const TreeWrite& write);
    void check_creation(const TreeWrite& write);
    void check_removals(const TreeWrite& write);
    void check_limits(const TreeWrite& write, ObjectIndex group, std::int64_t inferred);
    void check_need(const TreeWrite& write);
    void note_life(const TreeWrite& write);
    void fail(std::string_view invariant, const TreeWrite& write, const std::string& why);
    [[nodiscard]] std::optional<Duration> known_up_to() const;
    [[nodiscard]] bool limits_can_be_told(const TreeWrite& write) const;

    Violations& violations_;
    Oracle& oracle_;
    DirectorySide& directory_;
    const EventLoop& loop_;
    const Scenario& scenario_;
    Config config_;
    std::map<Stream, Duration> round_began_;
    std::map<Stream, std::deque<Round>> rounds_;
    emulator::Sequence round_from_ = 0;            // of the groups stream's round under way
    std::vector<emulator::Sequence> groups_seen_;  // from which its ended rounds were read
    std::map<std::string, Life> lives_;            // by mark
    std::map<ObjectIndex, Burst> bursts_;
    std::map<ObjectIndex, Duration> deletions_;  // followed without approval
    std::deque<std::pair<Duration, std::int64_t>> inferred_;
    std::set<GroupId> approved_;
    std::optional<std::set<GroupId>> held_;
    std::string needless_;
    std::uint64_t exchanges_ = 0;
    std::int64_t count_ = 0;
};

}  // namespace writeback::simulation
