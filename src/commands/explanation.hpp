// What an administrator is told about a group, or about one member of it: sentences made of what
// the store knows. Nothing is guessed; what is not known is said to be unknown.
//
// Failures: none. Ownership: values; the configuration is borrowed. Threads: pure, any thread.
#pragma once

#include <writeback/config.hpp>
#include <writeback/plan.hpp>
#include <writeback/store.hpp>

#include <optional>
#include <string>
#include <vector>

namespace writeback {

struct GroupKnowledge {
    GroupWork work;  // as the store has it now
    GroupStanding standing;
    std::optional<WrittenGroup> lost;  // of a missing group: what it was
    std::string scope_reason;          // why it is in scope or not, by the configuration as it is
    bool scope_told = true;            // false: whether it is in scope cannot be told now
    bool in_scope_now = false;         // the same as a verdict; work.cloud has the stored one
    std::optional<DesiredGroup> desired;  // nothing: it should not be in AD, or cannot be projected
    std::string projection_error;         // why it cannot
    std::string disabled;                 // the word of `disable --groups`; empty: not disabled
    bool daemon_running = false;          // something answers on admin.listen
};

struct MemberKnowledge {
    MemberId member;
    std::optional<MemberStanding> standing;  // nothing: the store knows no such object
};

[[nodiscard]] std::vector<std::string> explain_group(const GroupKnowledge& group,
                                                     const Config& config);
[[nodiscard]] std::vector<std::string> explain_member(const GroupKnowledge& group,
                                                      const MemberKnowledge& member,
                                                      const Config& config);

// Why a member is not in AD, by its reason ("cloud-only"): a phrase that follows "it", and what an
// administrator can do about it, a sentence; either may be empty for a reason that is not known.
struct ReasonText {
    std::string because;
    std::string remedy;
};
[[nodiscard]] ReasonText reason_text(const std::string& reason);

}  // namespace writeback
