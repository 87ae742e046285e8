#include "sync/operations_run.hpp"

#include <algorithm>
#include <utility>

namespace writeback {

namespace {

// The longest list of changes that an audit line tells one by one.
constexpr std::size_t told_members = 20;

std::string told(const Operation& operation) {
    std::string text;
    const auto append = [&text](const std::string& word) {
        if (!text.empty()) text += ' ';
        text += word;
    };
    for (const auto& change : operation.changes)
        append(change.name);
    if (!operation.new_cn.empty()) append("cn=" + operation.new_cn);
    if (!operation.new_container.empty()) append("to " + operation.new_container.text());
    if (operation.kind == OperationKind::convert_group) {
        append(std::to_string(operation.from_type) + " to " + std::to_string(operation.to_type));
    }
    for (std::size_t i = 0; i < operation.members.size() && i < told_members; ++i) {
        append(operation.members[i].identity.key());
    }
    if (operation.members.size() > told_members) {
        append("and " + std::to_string(operation.members.size() - told_members) + " more");
    }
    return text;
}

}  // namespace

OperationsRun::OperationsRun(SyncPorts& ports, const BoundDirectory& bound, Anchors& anchors,
                             const GroupWork& work, std::optional<DesiredGroup> desired,
                             std::string name, std::stop_token stop)
    : ports_(ports),
      bound_(bound),
      anchors_(anchors),
      work_(work),
      desired_(std::move(desired)),
      name_(std::move(name)),
      stop_(std::move(stop)),
      members_(work.written_count),
      session_(bound.session()) {}

Async<Account> OperationsRun::run(std::vector<Operation> operations) {
    for (const auto& operation : operations) {
        if (stop_.stop_requested()) account_.end = Account::End::stopped;
        if (ended()) break;
        // Without its object nothing else of the plan can be done.
        if (account_.forgotten || (operation.kind != OperationKind::create_group &&
                                   !account_.written && (!work_.written || work_.missing))) {
            account_.all_done = false;
            break;
        }
        co_await carry_out(operation);
    }
    if (ended()) account_.all_done = false;
    co_return std::move(account_);
}

Async<void> OperationsRun::carry_out(const Operation& operation) {
    switch (operation.kind) {
        case OperationKind::create_group:
            co_return co_await create(operation);
        case OperationKind::modify_group:
            co_return co_await modify(operation);
        case OperationKind::rename_group:
        case OperationKind::move_group:
            co_return co_await rename_or_move(operation);
        case OperationKind::convert_group:
            co_return co_await convert(operation);
        case OperationKind::add_members:
        case OperationKind::remove_members:
            co_return co_await change_members(operation);
        case OperationKind::delete_group:
            co_return co_await remove(operation);
    }
}

WriteTarget OperationsRun::target() const {
    const auto& written = account_.written ? *account_.written : *work_.written;
    return {work_.group, written.guid, written.dn};
}

WrittenGroup& OperationsRun::written() {
    if (!account_.written) account_.written = *work_.written;
    return *account_.written;
}

// Some value of several is refused: each goes alone, so that the others are written.
Async<void> OperationsRun::change_attributes_singly(const Operation& operation) {
    for (const auto& change : operation.changes) {
        if (ended()) co_return;
        Operation single = operation;
        single.changes = {change};
        co_await modify(single);
    }
}

Async<void> OperationsRun::convert(const Operation& operation) {
    auto answer = co_await ports_.writer->convert(target(), operation.from_type, operation.to_type);
    if (!answer) co_return refused(operation, answer.error());
    written().group_type = operation.to_type;
    done(operation, members_);
}

Async<void> OperationsRun::remove(const Operation& operation) {
    auto answer = co_await ports_.writer->remove(target());
    if (!answer) co_return refused(operation, answer.error());
    account_.forgotten = true;
    anchors_.gone(work_.group);
    done(operation, members_);
}

NextStep OperationsRun::step_for(const Failure& failure, OperationKind kind) {
    return next_step(failure, kind, work_.attempts, ports_.random.below(1U << 30));
}

void OperationsRun::refused(const Operation& operation, const Failure& failure) {
    account_.all_done = false;
    account_.in_flight = outcome_is_unknown(failure);
    tell(operation, failure, members_);
    const auto step = step_for(failure, operation.kind);
    if (step.kind == NextStep::Kind::hold || step.kind == NextStep::Kind::bisect) {
        const auto detail = step.detail.empty() ? failure.detail : step.detail;
        account_.last_error = failure.detail;
        const bool of_members = operation.kind == OperationKind::add_members ||
                                operation.kind == OperationKind::remove_members;
        if (!of_members) return hold_operation(operation, step.reason, detail);
        for (const auto& member : operation.members) {
            hold_member(operation.kind, member, step.reason, detail);
        }
        return;
    }
    end_with(step, failure);
}

void OperationsRun::end_with(const NextStep& step, const Failure& failure) {
    account_.failed = failure;
    account_.last_error = failure.detail;
    account_.wait = std::max(step.wait, failure.retry_after.value_or(Duration::zero()));
    if (failure.kind == FailureKind::cancelled) {
        account_.end = Account::End::stopped;
    } else if (step.kind == NextStep::Kind::wait_for_directory) {
        account_.end = Account::End::directory_lost;
    } else if (step.kind == NextStep::Kind::read_again) {
        account_.end = Account::End::read_again;
    } else {
        account_.end = Account::End::try_again;
    }
}

Hold draft_hold(const GroupId& group, std::string name, HoldReason reason, std::string detail,
                Instant since) {
    Hold hold;
    hold.group = group;
    hold.reason = reason;
    hold.name = std::move(name);
    hold.detail = std::move(detail);
    hold.since = since;
    return hold;
}

Hold& OperationsRun::hold(HoldTarget target, HoldReason reason, std::string detail) {
    account_.all_done = false;
    auto& hold = account_.holds.emplace_back(
        draft_hold(work_.group, name_, reason, std::move(detail), ports_.clock.now()));
    hold.targets = {std::move(target)};
    return hold;
}

void OperationsRun::hold_operation(const Operation& operation, HoldReason reason,
                                   std::string detail) {
    HoldTarget target;
    target.kind = operation.kind;
    target.evidence = operation.evidence;
    if (operation.kind == OperationKind::rename_group) target.subject = operation.new_cn;
    if (operation.kind == OperationKind::create_group) target.subject = operation.create->cn;
    if (operation.kind == OperationKind::move_group)
        target.subject = operation.new_container.text();
    if (operation.kind == OperationKind::convert_group) {
        target.subject = std::to_string(operation.to_type);
    }
    if (operation.changes.size() == 1) target.subject = operation.changes.front().name;
    hold(std::move(target), reason, std::move(detail));
}

void OperationsRun::hold_member(OperationKind kind, const PlannedMember& member, HoldReason reason,
                                std::string detail) {
    auto& held = hold({kind, member.identity.key(), member.evidence}, reason, std::move(detail));
    if (!member.cloud_ids.empty()) held.member = member.cloud_ids.front();
    held.sid = member.identity.sid;
}

void OperationsRun::done(const Operation& operation, std::int64_t members_before) {
    ++account_.writes;
    tell(operation, std::nullopt, members_before);
    if (ports_.witness != nullptr) ports_.witness->carried_out(work_.group, name_, operation);
}

void OperationsRun::tell(const Operation& operation, const std::optional<Failure>& failure,
                         std::int64_t members_before) {
    AuditLine line;
    line.at = ports_.clock.now();
    line.group = work_.group;
    line.name = name_;
    line.operation = name_of(operation.kind);
    line.dn = operation.dn.text();
    line.cause = name_of(work_.cause);
    line.result = failure ? std::string(name_of(failure->kind)) : "done";
    if (failure) line.code = failure->code;
    line.members_before = members_before;
    line.members_after = failure ? members_before : members_;
    line.detail = told(operation);
    ports_.audit.record(line);
}

}  // namespace writeback
