// The identifiers that travel through the pipeline, each a type of its own so that two of them
// cannot be exchanged by mistake.
//
// Limits: an identifier is text; GUIDs are kept in lower case with dashes, so that equal ids
// compare equal. Ownership: values. Threads: immutable after construction, safe to copy between
// threads.
#pragma once

#include <compare>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace writeback {

template <class Tag>
class Id {
 public:
    Id() = default;
    explicit Id(std::string text) : text_(std::move(text)) {}

    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] bool empty() const { return text_.empty(); }

    friend bool operator==(const Id&, const Id&) = default;
    friend auto operator<=>(const Id&, const Id&) = default;

 private:
    std::string text_;
};

// The object id of a group in Entra ID.
using GroupId = Id<struct GroupIdTag>;
// The object id of anything that can be a member in Entra ID: user, group, device, contact, service
// principal.
using MemberId = Id<struct MemberIdTag>;
// Active Directory's objectGUID, as text in its usual (mixed-endian decoded) dashed form.
using ObjectGuid = Id<struct ObjectGuidTag>;
// A security identifier in its text form, "S-1-5-21-…".
using Sid = Id<struct SidTag>;
// A distinguished name as Active Directory returned it, or as directory/ldap_text composed it.
using Dn = Id<struct DnTag>;
// A Graph subscription.
using SubscriptionId = Id<struct SubscriptionIdTag>;
// An Entra tenant.
using TenantId = Id<struct TenantIdTag>;

// Reads a GUID in dashed form, in any case and with or without braces; gives its canonical
// lower-case form, or nothing when the text is no GUID.
[[nodiscard]] inline std::optional<std::string> canonical_guid(std::string_view text) {
    if (text.size() == 38 && text.front() == '{' && text.back() == '}') text = text.substr(1, 36);
    if (text.size() != 36) return std::nullopt;
    std::string canonical(text);
    for (std::size_t i = 0; i < canonical.size(); ++i) {
        char& c = canonical[i];
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
        const bool hexadecimal = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (dash ? c != '-' : !hexadecimal) return std::nullopt;
    }
    return canonical;
}

// A group seen as a member of another group.
[[nodiscard]] inline MemberId as_member(const GroupId& group) {
    return MemberId(group.text());
}
[[nodiscard]] inline GroupId as_group(const MemberId& member) {
    return GroupId(member.text());
}

}  // namespace writeback

template <class Tag>
struct std::hash<writeback::Id<Tag>> {
    std::size_t operator()(const writeback::Id<Tag>& id) const noexcept {
        return std::hash<std::string>{}(id.text());
    }
};
