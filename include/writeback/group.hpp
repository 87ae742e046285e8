// What the cloud says of a group and its members, and what a group should be in Active Directory:
// plain values.
#pragma once

#include <writeback/ids.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace writeback {

enum class MemberType { user, group, device, contact, service_principal, unknown };

// A cloud object's life as the mirror knows it. absent: a finished resync did not show it, and no
// direct read has yet said whether it is deleted for good; it counts as soft-deleted.
enum class CloudState { active, soft_deleted, absent, deleted };

// The properties of an Entra group that decide anything. An optional that is empty was null or
// never set.
struct CloudGroup {
    GroupId id;
    std::string display_name;
    std::optional<std::string> description;
    std::optional<std::string> mail;
    std::optional<std::string> mail_nickname;
    bool mail_enabled = false;
    bool security_enabled = false;
    std::vector<std::string> group_types;  // "Unified", "DynamicMembership"
    std::vector<std::string> proxy_addresses;
    std::optional<std::string> visibility;
    bool on_premises_sync_enabled = false;
    Sid on_premises_security_identifier;  // empty when the group has none
    // Further properties that the configuration reads (GroupSelection::properties), by Graph's name
    // ("isAssignableToRole", "writebackConfiguration.isEnabled", "extension_…"): their values as
    // text, Booleans as "true" and "false". A null one is absent.
    std::map<std::string, std::vector<std::string>> further;
    CloudState state = CloudState::active;

    [[nodiscard]] bool is_microsoft365() const {
        for (const auto& type : group_types) {
            if (type == "Unified") return true;
        }
        return false;
    }
    friend bool operator==(const CloudGroup&, const CloudGroup&) = default;
};

// The identity of an object in Active Directory. sid is the key wherever the object has one (users,
// devices, groups); guid is the key of an object without SID. At least one is set.
struct AdIdentity {
    Sid sid;
    ObjectGuid guid;

    [[nodiscard]] const std::string& key() const { return sid.empty() ? guid.text() : sid.text(); }
    friend bool operator==(const AdIdentity& a, const AdIdentity& b) { return a.key() == b.key(); }
    friend auto operator<=>(const AdIdentity& a, const AdIdentity& b) {
        return a.key() <=> b.key();
    }
};

// known: the member stands in Active Directory as `identity`.
// none: a definite answer that it does not (reason says why: "cloud-only", "not-synced", "deleted",
// "service-principal",
//   "other-domain", "domain-local", "contact", "group-not-written", "group-out-of-scope", …).
// unknown: never asked, asking failed, not returned, or unreadable for want of permission (reason
// says which:
//   "not-asked", "failed", "not-returned", "no-permission"). While a group has unknown members
//   nothing may be inferred.
enum class IdentityState { known, none, unknown };

struct MemberIdentity {
    MemberId id;
    MemberType type = MemberType::unknown;
    IdentityState state = IdentityState::unknown;
    AdIdentity identity;  // set when known
    std::string reason;   // set when none or unknown
    std::string name;     // user principal name or display name, for people; may be empty
};

// AD's groupType values that this program writes.
inline constexpr std::int32_t universal_security_group = -2147483640;
inline constexpr std::int32_t universal_distribution_group = 8;

// Attribute name -> values. Names as the schema spells them; values as UTF-8; an attribute without
// values is absent from the map, never present and empty. The values of an attribute that names
// objects (managedBy) are keys of AdIdentity; the adapter translates them.
using Attributes = std::map<std::string, std::vector<std::string>>;

// What a cloud group should be in Active Directory, without its members.
struct DesiredGroup {
    GroupId id;
    Dn container;
    std::string cn;  // the RDN's value, unescaped, at most 64 UTF-16 units
    std::string sam_account_name;
    // What stands in their place while another group of ours holds the CN, or anyone the
    // sAMAccountName: with "_" and the end of the id, cut to fit. A group that bears them is as it
    // should be.
    std::string alternative_cn;
    std::string alternative_sam_account_name;
    // The mapping names sAMAccountName: it follows the cloud. Otherwise it is written at creation
    // and never compared.
    bool compares_sam_account_name = false;
    bool mail_enabled = false;  // contacts may be members
    std::int32_t group_type = universal_security_group;
    Attributes attributes;  // displayName, description, adminDescription, mail, …; not cn,
                            // sAMAccountName, groupType, member
    friend bool operator==(const DesiredGroup&, const DesiredGroup&) = default;
};

// The mark that says an AD group is ours: the value of adminDescription (and, where the schema has
// it, of msDS-ExternalDirectoryObjectId). Microsoft's own writeback uses the same.
[[nodiscard]] inline std::string mark_of(const GroupId& id) {
    return "Group_" + id.text();
}

}  // namespace writeback
