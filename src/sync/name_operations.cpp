// The part of a run of operations that gives a group its names: creating, renaming, moving, and
// sAMAccountName. A name that another group of ours holds, or a sAMAccountName that anyone holds,
// gives way to the alternative; a CN that a foreign object holds is held for a person.
#include "core/distinguished_name.hpp"
#include "core/planner.hpp"
#include "sync/name_conflict.hpp"
#include "sync/operations_run.hpp"

#include <algorithm>
#include <utility>

namespace writeback {

namespace {

// After a temporary name, or while another group is about to free one.
constexpr Duration soon = std::chrono::milliseconds(250);
constexpr Duration while_another_leaves = std::chrono::seconds(1);

// False when there is no alternative, or it has been taken already.
bool take_alternative(std::string& name, const std::string& alternative) {
    if (alternative.empty() || name == alternative) return false;
    name = alternative;
    return true;
}

bool failed_as(const auto& result, FailureKind kind) {
    return !result && result.error().kind == kind;
}

}  // namespace

Async<void> OperationsRun::create(Operation operation) {
    auto& desired = *operation.create;
    auto members = operation.members;
    std::optional<Failure> members_refused;
    std::optional<CreatedGroup> created;
    while (!created) {
        // Where it may be made is noted, and it is not made elsewhere.
        if (!bound_.bound() || bound_.session() != session_) {
            co_return refused(operation, failure(FailureKind::unreachable,
                                                 "The connection to the directory is gone."));
        }
        auto answer = co_await ports_.writer->create(desired, identities_of(members));
        if (answer) {
            created = std::move(*answer);
            break;
        }
        const auto why = answer.error();
        if (why.kind == FailureKind::already_exists) {
            tell(operation, why, 0);
            const bool takes_another = co_await name_taken(operation, why);
            if (!takes_another) co_return;
            desired.cn = desired.alternative_cn;
            operation.dn = dn_in(desired.container, desired.cn);
        } else if (why.kind == FailureKind::name_in_use &&
                   take_alternative(desired.sam_account_name,
                                    desired.alternative_sam_account_name)) {
            tell(operation, why, 0);
        } else if (!members.empty() &&
                   step_for(why, operation.kind).kind == NextStep::Kind::bisect) {
            // The group first, then its members by halves.
            members_refused = why;
            tell(operation, why, 0);
            members.clear();
        } else {
            co_return refused(operation, why);
        }
    }
    note_created(operation, *created);
    note_members(OperationKind::add_members, members);
    auto done_so_far = operation;
    done_so_far.members = std::move(members);
    done(done_so_far, 0);
    if (members_refused) {
        co_await bisect(OperationKind::add_members, operation.members, *members_refused);
    }
}

void OperationsRun::note_created(const Operation& operation, const CreatedGroup& created) {
    const auto& desired = *operation.create;
    WrittenGroup made;
    made.group = work_.group;
    made.guid = created.guid;
    made.sid = created.sid;
    made.dn = created.dn;
    made.cn = desired.cn;
    made.sam_account_name = desired.sam_account_name;
    made.group_type = desired.group_type;
    made.attributes = desired.attributes;
    account_.written = std::move(made);
    account_.created = true;
    anchors_.created(work_.group, created);
    members_ = 0;
}

Async<void> OperationsRun::modify(Operation operation) {
    auto answer = co_await ports_.writer->modify(target(), operation.changes);
    if (failed_as(answer, FailureKind::name_in_use) && take_alternative_account_name(operation)) {
        tell(operation, answer.error(), members_);
        answer = co_await ports_.writer->modify(target(), operation.changes);
    }
    if (!answer) {
        const bool one_of_many =
            operation.changes.size() > 1 &&
            step_for(answer.error(), operation.kind).kind == NextStep::Kind::hold;
        if (one_of_many) co_return co_await change_attributes_singly(operation);
        if (answer.error().kind != FailureKind::name_in_use) {
            co_return refused(operation, answer.error());
        }
        tell(operation, answer.error(), members_);
        co_return hold_operation(operation, HoldReason::collision, answer.error().detail);
    }
    for (const auto& change : operation.changes) {
        if (change.name == account_name_attribute) {
            written().sam_account_name = change.values.empty() ? "" : change.values.front();
        } else if (change.values.empty()) {
            written().attributes.erase(change.name);
        } else {
            written().attributes[change.name] = change.values;
        }
    }
    done(operation, members_);
}

bool OperationsRun::take_alternative_account_name(Operation& operation) const {
    if (!desired_) return false;
    for (auto& change : operation.changes) {
        if (change.name != account_name_attribute || change.values.empty()) continue;
        return take_alternative(change.values.front(), desired_->alternative_sam_account_name);
    }
    return false;
}

Async<void> OperationsRun::rename_or_move(Operation operation) {
    const bool is_rename = operation.kind == OperationKind::rename_group;
    Result<Dn> renamed = Dn{};
    if (is_rename) {
        renamed = co_await ports_.writer->rename(target(), operation.new_cn);
    } else {
        renamed = co_await ports_.writer->move(target(), operation.new_container);
    }
    if (failed_as(renamed, FailureKind::already_exists)) {
        tell(operation, renamed.error(), members_);
        const bool takes_another = co_await name_taken(operation, renamed.error());
        if (!takes_another) co_return;
        Operation aside = operation;
        aside.kind = OperationKind::rename_group;
        aside.new_cn = desired_->alternative_cn;
        co_await rename_or_move(aside);
        const bool stands_aside = written().cn == desired_->alternative_cn;
        if (!is_rename && stands_aside && !ended()) co_await rename_or_move(operation);
        co_return;
    }
    if (!renamed) co_return refused(operation, renamed.error());
    written().dn = *renamed;
    if (is_rename) written().cn = operation.new_cn;
    done(operation, members_);
}

Dn OperationsRun::wanted_name(const Operation& operation) const {
    if (operation.kind == OperationKind::create_group) {
        return dn_in(operation.create->container, operation.create->cn);
    }
    if (operation.kind == OperationKind::rename_group) {
        return dn_in(parent_of(target().dn), operation.new_cn);
    }
    return dn_in(operation.new_container,
                 account_.written ? account_.written->cn : work_.written->cn);
}

// The alternative is another name than the one that is wanted and taken.
bool OperationsRun::has_alternative(const Operation& operation) const {
    if (operation.kind == OperationKind::create_group) {
        const auto& desired = *operation.create;
        return !desired.alternative_cn.empty() && desired.alternative_cn != desired.cn;
    }
    if (!desired_ || desired_->alternative_cn.empty()) return false;
    const auto& cn = account_.written ? account_.written->cn : work_.written->cn;
    const bool is_rename = operation.kind == OperationKind::rename_group;
    return desired_->alternative_cn != (is_rename ? operation.new_cn : cn);
}

// True when the alternative name is to be taken; otherwise it is decided what becomes of the run.
Async<bool> OperationsRun::name_taken(const Operation& operation, const Failure& why) {
    const bool is_create = operation.kind == OperationKind::create_group;
    ObjectGuid own;
    if (!is_create) own = target().guid;
    auto conflict = co_await look_at_name(ports_, bound_, work_.group, own, wanted_name(operation));
    if (!conflict) {
        account_.all_done = false;
        end_with(step_for(conflict.error(), operation.kind), conflict.error());
        co_return false;
    }
    if (conflict->kind == NameConflict::Kind::ours && has_alternative(operation)) co_return true;
    account_.all_done = false;
    const auto& holder = conflict->holder;
    if (is_create && holder.mark && *holder.mark == work_.group) {
        // Our own object, which an earlier run made and could not remember.
        anchors_.created(work_.group, {holder.guid, holder.sid, holder.dn});
        account_.end = Account::End::read_again;
        co_return false;
    }
    switch (conflict->kind) {
        case NameConflict::Kind::foreign:
        case NameConflict::Kind::ours:
            hold_operation(operation, HoldReason::collision, conflict->detail);
            co_return false;
        case NameConflict::Kind::free:
            account_.wait = soon;
            break;
        case NameConflict::Kind::leaving:
            account_.wait = while_another_leaves;
            break;
        case NameConflict::Kind::circle: {
            Operation aside = operation;
            aside.kind = OperationKind::rename_group;
            aside.new_cn = temporary_name(work_.group);
            auto renamed = co_await ports_.writer->rename(target(), aside.new_cn);
            if (!renamed) {
                refused(aside, renamed.error());
                co_return false;
            }
            written().dn = *renamed;
            written().cn = aside.new_cn;
            done(aside, members_);
            account_.wait = soon;
            break;
        }
    }
    account_.end = Account::End::try_again;
    account_.last_error = why.detail;
    co_return false;
}

}  // namespace writeback
