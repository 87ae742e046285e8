// Small values for the stories of the core: a group, its members, and the work on it.
#pragma once

#include <writeback/config.hpp>
#include <writeback/mirror.hpp>
#include <writeback/plan.hpp>
#include <writeback/store.hpp>

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace writeback::examples {

inline const Dn container("OU=Cloud Groups,DC=contoso,DC=com");

// The object id whose last digits are `number`.
inline std::string guid(int number) {
    char text[40];
    std::snprintf(text, sizeof text, "3a5c3221-c465-48c0-95b8-%012d", number);
    return text;
}
inline GroupId group_id(int number = 1) {
    return GroupId(guid(number));
}
inline MemberId member_id(int number) {
    return MemberId(guid(1000 + number));
}
inline AdIdentity identity(int number) {
    char text[60];
    std::snprintf(text, sizeof text, "S-1-5-21-1-2-3-%06d", number);
    return {Sid(text), {}};
}

inline CloudGroup security_group(int number = 1, std::string name = "Sales") {
    CloudGroup group;
    group.id = group_id(number);
    group.display_name = std::move(name);
    group.security_enabled = true;
    return group;
}

inline MirrorGroup row(CloudGroup group, bool in_scope = true, std::int64_t generation = 1) {
    MirrorGroup result;
    result.group = std::move(group);
    result.in_scope = in_scope;
    result.generation = generation;
    return result;
}

inline WantedMember wanted(int number) {
    return {identity(number), {member_id(number)}};
}
inline WrittenMember present(int number, Evidence evidence = Evidence::none) {
    return {identity(number), {member_id(number)}, evidence};
}

inline DesiredGroup desired(int number = 1, std::string cn = "Sales_000000000001") {
    DesiredGroup group;
    group.id = group_id(number);
    group.container = container;
    group.cn = std::move(cn);
    group.sam_account_name = "Sales_000000000001";
    group.attributes = {{"displayName", {"Sales"}}, {"adminDescription", {mark_of(group.id)}}};
    return group;
}

// The desired group as AD has it.
inline WrittenGroup written(const DesiredGroup& group) {
    WrittenGroup result;
    result.group = group.id;
    result.guid = ObjectGuid("00000000-0000-0000-0000-00000000000a");
    result.sid = Sid("S-1-5-21-1-2-3-999");
    result.dn = Dn("CN=" + group.cn + "," + group.container.text());
    result.cn = group.cn;
    result.sam_account_name = group.sam_account_name;
    result.group_type = group.group_type;
    result.attributes = group.attributes;
    return result;
}

// Whole work on an active group in scope that AD has as desired(), with these members on each side.
inline GroupWork work(const std::vector<int>& cloud_members = {},
                      std::vector<WrittenMember> ad_members = {}) {
    GroupWork result;
    result.group = group_id();
    result.number = 7;
    result.whole = true;
    result.cloud = row(security_group());
    result.written = written(desired());
    for (const int number : cloud_members)
        result.wanted.push_back(wanted(number));
    result.written_count = static_cast<std::int64_t>(ad_members.size());
    result.present = std::move(ad_members);
    return result;
}

// `count` members of AD from `first` on, all with this evidence.
inline std::vector<WrittenMember> many(int first, int count, Evidence evidence = Evidence::none) {
    std::vector<WrittenMember> result;
    for (int i = 0; i < count; ++i)
        result.push_back(present(first + i, evidence));
    return result;
}

inline std::vector<std::string> kinds(const std::vector<Operation>& operations) {
    std::vector<std::string> result;
    for (const Operation& operation : operations)
        result.emplace_back(name_of(operation.kind));
    return result;
}

// The members of all operations of a kind, by number, in order.
inline std::vector<int> members(const std::vector<Operation>& operations, OperationKind kind) {
    std::vector<int> result;
    for (const Operation& operation : operations) {
        if (operation.kind != kind) continue;
        for (const PlannedMember& member : operation.members) {
            const std::string& sid = member.identity.sid.text();
            result.push_back(std::stoi(sid.substr(sid.rfind('-') + 1)));
        }
    }
    return result;
}

using Names = std::vector<std::string>;
using Numbers = std::vector<int>;

}  // namespace writeback::examples
