// The part of a run of operations that adds and removes members: in one modify where the directory
// accepts all of them, by halves where it refuses one.
#include "core/bisection.hpp"
#include "sync/operations_run.hpp"

#include <map>
#include <utility>

namespace writeback {

bool outcome_is_unknown(const Failure& failure) {
    return failure.kind == FailureKind::timed_out || failure.kind == FailureKind::disconnected ||
           failure.kind == FailureKind::cancelled;
}

std::vector<AdIdentity> identities_of(const std::vector<PlannedMember>& members) {
    std::vector<AdIdentity> identities;
    identities.reserve(members.size());
    for (const auto& member : members)
        identities.push_back(member.identity);
    return identities;
}

Async<Result<Done>> OperationsRun::send_members(OperationKind kind,
                                                std::vector<PlannedMember> members) {
    auto identities = identities_of(members);
    if (kind == OperationKind::add_members) {
        co_return co_await ports_.writer->add_members(target(), std::move(identities));
    }
    co_return co_await ports_.writer->remove_members(target(), std::move(identities));
}

Async<void> OperationsRun::change_members(const Operation& operation) {
    const auto before = members_;
    auto answer = co_await send_members(operation.kind, operation.members);
    if (answer) {
        note_members(operation.kind, operation.members);
        co_return done(operation, before);
    }
    const auto step = step_for(answer.error(), operation.kind);
    if (step.kind == NextStep::Kind::bisect ||
        (step.kind == NextStep::Kind::hold && operation.members.size() > 1)) {
        tell(operation, answer.error(), before);
        co_return co_await bisect(operation.kind, operation.members, answer.error());
    }
    refused(operation, answer.error());
}

// refusal: what the directory said of all of them together.
Async<void> OperationsRun::bisect(OperationKind kind, std::vector<PlannedMember> members,
                                  Failure refusal) {
    Bisection bisection(std::move(members));
    std::map<std::string, Failure> said;  // of a member alone
    while (!stop_.stop_requested() && !ended()) {
        const auto next = bisection.next();
        if (!next) break;
        Operation part;
        part.kind = kind;
        part.dn = target().dn;
        part.members = *next;
        const auto before = members_;
        auto answer = co_await send_members(kind, *next);
        if (answer) {
            bisection.accepted();
            note_members(kind, *next);
            done(part, before);
            continue;
        }
        const auto step = step_for(answer.error(), kind);
        tell(part, answer.error(), before);
        if (step.kind != NextStep::Kind::bisect && step.kind != NextStep::Kind::hold) {
            account_.in_flight = outcome_is_unknown(answer.error());
            end_with(step, answer.error());
            break;
        }
        if (next->size() == 1) said[next->front().identity.key()] = answer.error();
        bisection.refused();
    }
    for (const auto& member : bisection.refused_members()) {
        const auto own = said.find(member.identity.key());
        const auto& why = own == said.end() ? refusal : own->second;
        const auto step = step_for(why, kind);
        hold_member(kind, member, step.reason, step.detail.empty() ? why.detail : step.detail);
    }
    if (!ended() && stop_.stop_requested()) account_.end = Account::End::stopped;
}

void OperationsRun::note_members(OperationKind kind, const std::vector<PlannedMember>& members) {
    const auto count = static_cast<std::int64_t>(members.size());
    if (kind == OperationKind::remove_members) {
        for (const auto& member : members)
            account_.removed.push_back(member.identity);
        members_ -= count;
        return;
    }
    account_.added.insert(account_.added.end(), members.begin(), members.end());
    members_ += count;
}

}  // namespace writeback
