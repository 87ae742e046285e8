// The small texts and bytes of LDAP and Active Directory: filters, SIDs, GUIDs, extended names,
// ranges, marks.
//
// Purpose: every value that goes into a filter or comes as bytes from the directory passes here.
// Pure. Failures: nothing is returned where the input is not what it should be; the caller knows
// the place to name. Limits: a SID has 1 to 15 subauthorities. Ownership: values.
#pragma once

#include <writeback/group.hpp>
#include <writeback/ids.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace writeback {

// A value as it stands inside a filter, by RFC 4515.
[[nodiscard]] std::string escape_filter_value(std::string_view value);

// objectSid's bytes <-> "S-1-5-21-…".
[[nodiscard]] std::optional<Sid> sid_from_bytes(std::string_view bytes);
[[nodiscard]] std::optional<std::string> bytes_of(const Sid& sid);

// Whether the SID is that of an account of this domain: the domain's SID and one number more.
[[nodiscard]] bool is_account_of(const Sid& sid, const Sid& domain);

// objectGUID's bytes (the first three fields little-endian) <-> the dashed text.
[[nodiscard]] std::optional<ObjectGuid> guid_from_bytes(std::string_view bytes);
[[nodiscard]] std::optional<std::string> bytes_of(const ObjectGuid& guid);

// A name as the extended DN control (flag 1) writes it:
// "<GUID=dashed>;<SID=S-1-5-…>;CN=…,DC=…". The SID is absent where the object has none.
struct ExtendedName {
    ObjectGuid guid;
    Sid sid;
    Dn dn;
};
[[nodiscard]] std::optional<ExtendedName> parse_extended_name(std::string_view text);

// An attribute description with a range: "member;range=0-1499", "member;range=1500-*".
struct AttributeRange {
    std::string attribute;
    std::uint64_t first = 0;
    std::optional<std::uint64_t> last;  // nothing: "*", the end
};
[[nodiscard]] std::optional<AttributeRange> parse_attribute_range(std::string_view description);
[[nodiscard]] std::string attribute_range(std::string_view attribute, std::uint64_t first,
                                          std::uint64_t last);

// "Group_<objectId>" -> the id; nothing when the text has another form.
[[nodiscard]] std::optional<GroupId> group_of_mark(std::string_view mark);

// groupType in words: "universal security", or "12345 (no group type)".
[[nodiscard]] std::string group_type_text(std::int32_t group_type);

// A 32-bit integer attribute; also the unsigned spelling of a negative groupType.
[[nodiscard]] std::optional<std::int32_t> parse_integer(std::string_view text);
// A 64-bit one, such as uSNChanged.
[[nodiscard]] std::optional<std::int64_t> parse_large_integer(std::string_view text);

// Attribute names compare without case.
[[nodiscard]] std::string lower_case(std::string_view text);

}  // namespace writeback
