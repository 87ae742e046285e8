// How values stand in columns: keys, and lists as JSON.
#pragma once

#include "store/database.hpp"

#include <writeback/plan.hpp>
#include <writeback/store.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace writeback {

// Rows of `object` and `identity`. 0 is none.
enum class ObjectKey : std::int64_t {};
enum class IdentityKey : std::int64_t {};
inline constexpr ObjectKey no_object{0};
inline constexpr IdentityKey no_identity{0};

// Lists and maps as JSON. Bytes that are no UTF-8 come back as they were. A text that none of these
// has written is damage, never an empty list: a hold without targets, for one, covers everything.
[[nodiscard]] std::string to_json(const std::vector<std::string>& list);
[[nodiscard]] std::vector<std::string> list_at(const Statement& row, int column);
[[nodiscard]] std::string to_json(const Attributes& attributes);
[[nodiscard]] Attributes attributes_at(const Statement& row, int column);
// Sorted, so that equal sets of targets are equal texts.
[[nodiscard]] std::string to_json(std::vector<HoldTarget> targets);
[[nodiscard]] std::vector<HoldTarget> targets_at(const Statement& row, int column);

// The SID stands in this column, the GUID in the next; one of them there must be.
[[nodiscard]] AdIdentity identity_at(const Statement& row, int column);

// "h7" as 7; 0 when it is none of ours.
[[nodiscard]] std::int64_t hold_number(std::string_view id);

// The columns of mirror_group in the order that mirror_group_from reads them.
#define WRITEBACK_MIRROR_GROUP_COLUMNS                                                     \
    "g.object, g.id, g.display_name, g.description, g.mail, g.mail_nickname, "             \
    "g.mail_enabled, g.security_enabled, g.group_types, g.proxy_addresses, g.visibility, " \
    "g.synced, g.sid, g.state, g.in_scope, g.generation, g.members_unread, g.unreadable, " \
    "g.further, g.owners_unread, g.scope_unknown, g.unwatched"
[[nodiscard]] MirrorGroup mirror_group_from(const Statement& row);

// The columns of written_group and hold, likewise.
#define WRITEBACK_WRITTEN_GROUP_COLUMNS                                                     \
    "w.guid, w.sid, w.dn, w.cn, w.sam_account_name, w.group_type, w.attributes, w.origin, " \
    "w.keeps_name, w.previous_mark, w.usn, w.id, w.missing, w.seen_on"
[[nodiscard]] WrittenGroup written_group_from(const Statement& row);
inline constexpr int column_of_missing = 12;

#define WRITEBACK_HOLD_COLUMNS                                                               \
    "h.number, o.id, h.reason, h.name, h.detail, h.since, h.decision, h.targets, h.member, " \
    "h.sid"
[[nodiscard]] Hold hold_from(const Statement& row);

}  // namespace writeback
