#include "core/guard.hpp"
#include "core/limits.hpp"
#include "core/planner.hpp"

#include <string>
#include <utility>

namespace writeback {

namespace {

Evidence evidence_of(CloudState state) {
    if (state == CloudState::active) return Evidence::out_of_scope;
    return state == CloudState::absent ? Evidence::absent : Evidence::group_deleted;
}

Hold hold_of(const PendingDeletion& deletion, const std::string& sentence) {
    Hold hold;
    hold.group = deletion.group;
    hold.reason = HoldReason::guard;
    hold.name = deletion.name;
    hold.detail = sentence;
    hold.targets = {{OperationKind::delete_group, deletion_subject(deletion.state),
                     evidence_of(deletion.state)}};
    return hold;
}

}  // namespace

DeletionJudgement judge_deletions(const std::vector<PendingDeletion>& pending,
                                  const GuardFacts& facts, const GuardConfig& guard,
                                  const GroupsConfig& groups) {
    DeletionJudgement judgement;
    if (groups.policy != Policy::full) return judgement;
    std::int64_t waiting = 0;
    for (const PendingDeletion& deletion : pending) {
        if (counts_as_deletion(deletion.state, groups) && (deletion.held || !deletion.judged))
            ++waiting;
    }
    const std::string sentence = exceeded_deletion_limit(waiting, facts, guard);
    for (const PendingDeletion& deletion : pending) {
        if (deletion.judged || !counts_as_deletion(deletion.state, groups)) continue;
        if (sentence.empty()) {
            judgement.allowed.push_back(deletion.group);
        } else {
            judgement.held.push_back(hold_of(deletion, sentence));
        }
    }
    return judgement;
}

}  // namespace writeback
