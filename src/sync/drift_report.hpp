// Drift that is reported and not repaired (groups.drift = "report"): what a read of AD shows
// beside what we believe we wrote and what the cloud wants.
//
// The believed state stays as it is, so that changes of the cloud go on and nothing else is undone;
// the distinguished name follows the object, since writes go to it. A rename or a move by someone
// else is therefore kept in the hold's targets: it is not undone while the cloud asks for the same
// name as before. What someone else did and the cloud wants as well is no drift.
//
// Failures: none. Ownership: values. Threads: one; no waiting.
#pragma once

#include "core/drift.hpp"

#include <writeback/plan.hpp>
#include <writeback/store.hpp>

#include <optional>
#include <string>
#include <vector>

namespace writeback {

// A read of a group, and what was believed of it before.
struct GroupReading {
    WrittenGroup believed;
    std::vector<AdIdentity> members;
    DirectoryGroup found;
};

// What a hold tells of the drift.
struct DriftReport {
    std::string detail;               // empty: there is none
    std::vector<HoldTarget> targets;  // renames and moves that are not undone
};

// work: as it is known after the read.
[[nodiscard]] DriftReport report_drift(GroupReading reading, const GroupWork& work,
                                       const std::optional<DesiredGroup>& desired,
                                       const DriftRules& rules);

// What was taken over from a read into the believed state.
struct Agreement {
    bool properties = false;
    std::vector<PlannedMember> added;
    std::vector<AdIdentity> removed;
};
// Takes over what needs no report: the mark, which the guard judges, and what is as the cloud
// wants it.
[[nodiscard]] Agreement adopt_agreeing(GroupWork& work, const DirectoryGroup& found,
                                       const std::optional<DesiredGroup>& desired);

// Leaves out the renames and moves that reported drift keeps from being undone.
void leave_names_alone(Plan& plan, const std::vector<HoldTarget>& targets);

// The targets of the drift holds among these.
[[nodiscard]] std::vector<HoldTarget> reported_targets(const std::vector<Hold>& holds);

}  // namespace writeback
