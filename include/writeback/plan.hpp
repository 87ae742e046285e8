// A plan: what is to be done to one group in Active Directory, in order, as values that print
// themselves. The same text serves `plan`, the log and the tests.
#pragma once

#include <writeback/clock.hpp>
#include <writeback/directory.hpp>
#include <writeback/group.hpp>
#include <writeback/ids.hpp>
#include <writeback/mirror.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace writeback {

enum class OperationKind {
    create_group,
    modify_group,
    rename_group,
    move_group,
    convert_group,
    add_members,
    remove_members,
    delete_group,
};
[[nodiscard]] constexpr std::string_view name_of(OperationKind kind) {
    constexpr std::string_view names[] = {"create-group",   "modify-group",  "rename-group",
                                          "move-group",     "convert-group", "add-members",
                                          "remove-members", "delete-group"};
    return names[static_cast<int>(kind)];
}

// One member of an operation: its identity in AD and the cloud objects behind it.
struct PlannedMember {
    AdIdentity identity;
    std::vector<MemberId> cloud_ids;
    Evidence evidence = Evidence::none;  // why it leaves; none when it is added
    friend bool operator==(const PlannedMember&, const PlannedMember&) = default;
};

// Only the fields of its kind are meaningful.
struct Operation {
    OperationKind kind = OperationKind::modify_group;
    Dn dn;  // the group before the operation (for create-group: to be made)
    std::optional<DesiredGroup> create;    // create-group
    std::vector<AttributeChange> changes;  // modify-group
    std::string new_cn;                    // rename-group
    Dn new_container;                      // move-group
    std::int32_t from_type = 0;            // convert-group
    std::int32_t to_type = 0;              // convert-group
    std::vector<PlannedMember>
        members;  // create-group (the first ones), add-members, remove-members
    Evidence evidence =
        Evidence::none;  // delete-group, and a convert-group that stands for a deletion
};

struct Plan {
    GroupId group;
    std::string name;  // the group's display name, for people
    // Why its properties could not be computed: they stay as they are, the group is not created,
    // and it is held `refused`. Empty when they could.
    std::string refused;
    std::vector<Operation> operations;
};

// "remove-members CN=…: 2 (removed)", one line.
[[nodiscard]] std::string to_text(const Operation& operation);
// The operations, a line each.
[[nodiscard]] std::string to_text(const Plan& plan);

enum class HoldReason {
    collision,
    guard,
    take_over,
    refused,
    enforcement,
    drift,
    missing,
    unreadable
};
[[nodiscard]] constexpr std::string_view name_of(HoldReason reason) {
    constexpr std::string_view names[] = {"collision",   "guard", "take-over", "refused",
                                          "enforcement", "drift", "missing",   "unreadable"};
    return names[static_cast<int>(reason)];
}

enum class Decision { pending, approved, rejected };

// One exact thing that a hold covers: an operation, and for member operations one member.
struct HoldTarget {
    OperationKind kind = OperationKind::remove_members;
    std::string subject;  // a member's AdIdentity key; for other kinds the new value (CN,
                          // container, type), or empty
    Evidence evidence = Evidence::none;
    friend bool operator==(const HoldTarget&, const HoldTarget&) = default;
    friend auto operator<=>(const HoldTarget&, const HoldTarget&) = default;
};

// A durable record of what is not done until something changes or, for guard and take-over, a
// person approves.
struct Hold {
    std::string id;  // "h1"; given by the store, empty in a draft
    GroupId group;
    HoldReason reason = HoldReason::guard;
    std::string name;    // the group's display name
    std::string detail;  // a sentence: what, why, and what to do
    Instant since{};
    Decision decision = Decision::pending;
    std::vector<HoldTarget> targets;  // empty: the whole group
    MemberId member;                  // a refused member
    Sid sid;                          // of that member
    friend bool operator==(const Hold&, const Hold&) = default;
};

// True for the reasons that `approve` and `reject` decide.
[[nodiscard]] constexpr bool needs_a_person(HoldReason reason) {
    return reason == HoldReason::guard || reason == HoldReason::take_over;
}

}  // namespace writeback
