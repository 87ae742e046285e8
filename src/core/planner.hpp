// What the cloud's state asks for in Active Directory, as operations in their order. The planner
// decides what is due; core/guard decides what of it may be done.
//
// Failures: none. Limits: members of one operation, PlanRules::values_per_modify. Ownership:
// PlanRules borrows the configuration. Threads: pure, any thread. Cancellation: none.
//
// Order: create-group, remove-members, modify-group, convert-group, add-members, rename-group,
// move-group, delete-group; members in key order. Removals come before additions because
// revocation is the urgent half; rename and move come last, so that a name that is taken holds
// nothing else up and all other operations go to one distinguished name.
#pragma once

#include <writeback/config.hpp>
#include <writeback/plan.hpp>
#include <writeback/store.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace writeback {

// Named by a modify of sAMAccountName, which WrittenGroup::sam_account_name follows.
inline constexpr std::string_view account_name_attribute = "sAMAccountName";

struct PlanRules {
    const GroupsConfig& groups;
    int values_per_modify = 1000;
    std::vector<std::string> attributes;  // those that the mapping writes: written_attributes()
};

// Whether AD does something to a group in this state that counts as a group deletion: it does not
// where the configuration keeps the group, nor where it empties one that left the scope (state
// active), which is counted by its members.
[[nodiscard]] bool counts_as_deletion(CloudState state, const GroupsConfig& groups);

// True when the plan is not whole because the guard has yet to judge the group's deletion.
[[nodiscard]] bool awaits_verdict(const GroupWork& work, const GroupsConfig& groups);

// What a hold of a group's deletion names as its subject: "soft-deleted" (absent groups too),
// "deleted", or "out-of-scope" for an active group. Another subject is another deletion.
[[nodiscard]] std::string deletion_subject(CloudState state);

// True while only explicit removals may be planned, because the group's members or its last item
// have not been read.
[[nodiscard]] bool suspended(const GroupWork& work);

// True when the group's source of authority went back to AD: it is left exactly as it stands and
// forgotten (Outcome::forgotten), and reported. Its plan is empty.
[[nodiscard]] bool released(const GroupWork& work);

// desired: what project() gave; nothing when the group is not active and in scope, or could not be
// projected (then its properties stay as they are, and it is not created).
//
//   active, in scope   created when it is not written, else brought to `desired`, members too. One
//                      that AD has lost is created anew only with groups.recreate.
//   soft-deleted       groups.on_soft_delete. empty: all members leave (explicit). convert: a
//                      security group becomes a distribution group, its members stay; remove:
//                      deleted.
//   absent             as soft-deleted, but inferred, and never deleted: with remove it is emptied
//                      until the direct read says more.
//   deleted            groups.on_delete, in the same way.
//   out of scope       groups.on_out_of_scope, inferred; members that were removed explicitly leave
//                      explicitly.
//   released, unknown to the mirror   nothing.
// Under the policy `full`, deletion work needs a verdict of none_pending or allowed, and what
// deletes or converts a group that left the scope needs allowed; otherwise the group stays as it
// is. Under another policy nothing is judged, and what is due is planned, to be shown or owed.
// Explicit removals pass in every case: they are all that is planned while members are unread or
// the group is unreadable.
// What the policy kept back when the group was deleted (GroupWork::deletion_was_owed) counts as
// inferred (Evidence::policy) once it is due.
// While members of an active group have unknown identities, nothing inferred is removed. Members
// that were refused before (holds) come in operations of their own, after the others. A group is
// never its own member; contacts are members only while desired->mail_enabled, and leave with
// evidence configuration.
//
// A written group that bears a name or its alternative is not renamed. sAMAccountName is compared
// only with desired->compares_sam_account_name. One that was adopted with its names
// (WrittenGroup::keeps_name) is neither renamed nor moved, and keeps its sAMAccountName.
//
// Of a group that is not written, `wanted` must be whole. Operation::dn is for people and for the
// guard; whoever executes the plan goes to the name that the last rename or move gave.
[[nodiscard]] Plan plan_group(const GroupWork& work, const std::optional<DesiredGroup>& desired,
                              const PlanRules& rules, DeletionVerdict verdict);

}  // namespace writeback
