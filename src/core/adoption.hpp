// Which groups that Microsoft's writeback made are taken over, and how: decided before anything is
// done, as values that print themselves.
//
// Adopting is never destructive. A group keeps its SID, its name, its place and its members; what
// may change at once is the mark alone, where it is not ours letter by letter ("TakenOver_Group_…",
// or none beside msDS-ExternalDirectoryObjectId). What the cloud does not have stays until a person
// approves (law 12). A group that would be emptied or deleted right after is not adopted at all.
// Failures: none. Ownership: values. Threads: pure, any thread.
#pragma once

#include "core/scope.hpp"

#include <writeback/directory.hpp>
#include <writeback/mirror.hpp>
#include <writeback/store.hpp>

#include <optional>
#include <string>
#include <vector>

namespace writeback {

// One object that bears a mark, with what the store knows of its group.
struct AdoptionCandidate {
    AdoptableGroup found;
    std::optional<MirrorGroup> cloud;
    std::optional<WrittenGroup> written;  // of that group, be it this object or another
};

enum class AdoptionVerdict {
    adopt,
    already_ours,  // this object is the written one, under the name it keeps or should have
    rename,        // adopted before, and to follow the mapping's name from now on
    left_alone,
};

struct AdoptionStep {
    AdoptableGroup found;
    std::string name;  // the group's display name in the cloud, else its CN's place in AD
    AdoptionVerdict verdict = AdoptionVerdict::left_alone;
    std::string mark;  // what adminDescription is to be
    bool mark_changes = false;
    bool keeps_name = true;
    std::string reason;  // of left_alone: why, and the remedy
};

struct AdoptionRules {
    std::vector<Dn> containers;
    const ScopeRules& scope;
    bool rename = false;  // the mapping's name and container apply afterwards
};

// In the order of the candidates' distinguished names.
[[nodiscard]] std::vector<AdoptionStep> plan_adoption(
    const std::vector<AdoptionCandidate>& candidates, const AdoptionRules& rules);

// "adopt "Finance": CN=…, SID S-1-…; mark "TakenOver_Group_…" becomes "Group_…"", one line.
[[nodiscard]] std::string to_text(const AdoptionStep& step);

}  // namespace writeback
