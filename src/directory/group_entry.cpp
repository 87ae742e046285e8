#include "directory/group_entry.hpp"

#include "directory/group_changes.hpp"
#include "directory/ldap_text.hpp"

#include <utility>

namespace writeback {

namespace {

Failure unreadable(const LdapEntry& entry, const std::string& what) {
    return failure(FailureKind::unreadable, "The directory's entry " + entry.dn + " " + what + ".");
}

Dn plain_name(const LdapEntry& entry) {
    auto extended = parse_extended_name(entry.dn);
    return extended ? std::move(extended->dn) : Dn(entry.dn);
}

// The key of the object that a name leads to. A name that is no extended one stays as it is, so
// that it equals no key.
std::string key_of_name(const std::string& value) {
    const auto name = parse_extended_name(value);
    return name ? AdIdentity{name->sid, name->guid}.key() : value;
}

constexpr std::string_view taken_over = "TakenOver_";
constexpr const char* external_id = "msDS-ExternalDirectoryObjectId";

// Behind a newline stands what the deletion added to a name.
std::string name_before_deletion(const LdapEntry& entry) {
    if (auto name = entry.first("msDS-LastKnownRDN")) return *name;
    auto name = entry.first("cn").value_or("");
    if (const auto added = name.find("\nDEL:"); added != std::string::npos) name.resize(added);
    return name;
}

}  // namespace

Result<AdIdentity> identity_of(const LdapEntry& entry) {
    AdIdentity identity;
    const auto guid = guid_from_bytes(entry.first("objectGUID").value_or(""));
    if (!guid) return unreadable(entry, "has no readable objectGUID");
    identity.guid = *guid;
    if (const auto bytes = entry.first("objectSid")) {
        const auto sid = sid_from_bytes(*bytes);
        if (!sid) return unreadable(entry, "has an objectSid that is no SID");
        identity.sid = *sid;
    }
    return identity;
}

Result<DirectoryGroup> group_of(const LdapEntry& entry, const std::vector<std::string>& attributes,
                                const SchemaFacts& schema) {
    auto identity = identity_of(entry);
    if (!identity) return identity.error();
    DirectoryGroup group;
    group.guid = std::move(identity->guid);
    group.sid = std::move(identity->sid);
    group.dn = plain_name(entry);
    group.cn = entry.first("cn").value_or("");
    group.sam_account_name = entry.first("sAMAccountName").value_or("");
    if (const auto text = entry.first("groupType")) {
        const auto type = parse_integer(*text);
        if (!type) return unreadable(entry, "has a groupType that is no number");
        group.group_type = *type;
    }
    group.mark_text = entry.first("adminDescription").value_or("");
    group.mark = group_of_mark(group.mark_text);
    if (const auto usn = entry.first("uSNChanged")) {
        const auto number = parse_large_integer(*usn);
        if (!number) return unreadable(entry, "has an uSNChanged that is no number");
        group.usn = *number;
    }
    for (const auto& name : attributes) {
        const auto* values = entry.find(name);
        if (values == nullptr || values->empty()) continue;
        auto& taken = group.attributes[name];
        taken = *values;
        if (!names_objects(schema, name)) continue;
        for (auto& value : taken)
            value = key_of_name(value);
    }
    return group;
}

Result<std::int64_t> number_of(const LdapEntry& entry, std::string_view attribute) {
    const auto number = parse_large_integer(entry.first(attribute).value_or(""));
    if (!number) return unreadable(entry, "has no readable " + std::string(attribute));
    return *number;
}

Result<ChangedGroup> changed_group_of(const LdapEntry& entry) {
    auto identity = identity_of(entry);
    if (!identity) return identity.error();
    auto usn = number_of(entry, "uSNChanged");
    if (!usn) return usn.error();
    return ChangedGroup{std::move(identity->guid),
                        group_of_mark(entry.first("adminDescription").value_or("")),
                        plain_name(entry), *usn};
}

Result<std::optional<Principal>> principal_of(const LdapEntry& entry) {
    auto identity = identity_of(entry);
    if (!identity) return identity.error();
    if (identity->sid.empty()) return unreadable(entry, "has no objectSid");
    Principal principal;
    principal.sid = std::move(identity->sid);
    principal.guid = std::move(identity->guid);
    principal.dn = plain_name(entry);
    if (const auto* classes = entry.find("objectClass"); classes != nullptr) {
        for (const auto& one : *classes) {
            const auto name = lower_case(one);
            if (name == "foreignsecurityprincipal") return std::optional<Principal>();
            principal.is_group |= name == "group";
        }
    }
    if (const auto text = entry.first("groupType")) {
        const auto type = parse_integer(*text);
        if (!type) return unreadable(entry, "has a groupType that is no number");
        principal.group_type = *type;
    }
    return std::optional(std::move(principal));
}

Result<std::optional<AdoptableGroup>> adoptable_group_of(const LdapEntry& entry) {
    AdoptableGroup group;
    group.mark_text = entry.first("adminDescription").value_or("");
    group.external_id = entry.first(external_id).value_or("");
    std::string_view mark = group.mark_text;
    const bool was_taken_over = mark.starts_with(taken_over);
    if (was_taken_over) mark.remove_prefix(taken_over.size());
    auto id = group_of_mark(mark);
    if (!id) id = group_of_mark(group.external_id);
    if (!id) return std::optional<AdoptableGroup>();
    group.group = *id;
    group.made_by = was_taken_over || !group.external_id.empty() ? AdoptionSource::cloud_sync
                                                                 : AdoptionSource::connect;
    auto identity = identity_of(entry);
    if (!identity) return identity.error();
    if (identity->sid.empty()) return unreadable(entry, "has no objectSid");
    group.guid = std::move(identity->guid);
    group.sid = std::move(identity->sid);
    group.dn = plain_name(entry);
    const auto type = parse_integer(entry.first("groupType").value_or(""));
    if (!type) return unreadable(entry, "has a groupType that is no number");
    group.group_type = *type;
    return std::optional(std::move(group));
}

Result<std::optional<DeletedGroup>> deleted_group_of(const LdapEntry& entry) {
    if (entry.first("isDeleted") != "TRUE") return std::optional<DeletedGroup>();
    auto identity = identity_of(entry);
    if (!identity) return identity.error();
    DeletedGroup group;
    group.guid = std::move(identity->guid);
    group.sid = std::move(identity->sid);
    group.dn = plain_name(entry);
    group.last_parent = Dn(entry.first("lastKnownParent").value_or(""));
    group.last_cn = name_before_deletion(entry);
    group.recycled = entry.first("isRecycled") == "TRUE";
    return std::optional(std::move(group));
}

Result<std::optional<MarkedObject>> marked_object_of(const LdapEntry& entry) {
    const auto mark = group_of_mark(entry.first("adminDescription").value_or(""));
    if (!mark) return std::optional<MarkedObject>();
    auto identity = identity_of(entry);
    if (!identity) return identity.error();
    if (identity->sid.empty()) return unreadable(entry, "has no objectSid");
    return std::optional(MarkedObject{*mark, std::move(identity->guid), std::move(identity->sid),
                                      plain_name(entry)});
}

std::string MemberList::next_range() const {
    const std::uint64_t first = members_.size();
    return attribute_range("member", first, first + range_size_ - 1);
}

Result<MemberList::Progress> MemberList::take(const LdapEntry& entry) {
    const auto usn = entry.first("uSNChanged");
    if (!usn) return unreadable(entry, "has no readable uSNChanged");
    if (!usn_changed_) usn_changed_ = usn;
    if (*usn_changed_ != *usn) return Progress::changed;
    for (const auto& attribute : entry.attributes) {
        const auto range = parse_attribute_range(attribute.name);
        if (!range || lower_case(range->attribute) != "member") continue;
        if (range->first != members_.size()) return Progress::changed;
        if (range->last && *range->last - range->first + 1 != attribute.values.size()) {
            return unreadable(entry, "gives another number of members than its range says");
        }
        auto appended = append(entry, attribute.values);
        if (!appended) return appended.error();
        if (!*appended) return Progress::changed;
        return range->last ? Progress::more : Progress::whole;
    }
    // A server that knows no ranges gives the whole list; an empty group has none at all.
    const auto* all = entry.find("member");
    const bool at_start = members_.empty();
    if (all != nullptr && !all->empty()) {
        if (!at_start) return unreadable(entry, "gives its members without a range");
        auto appended = append(entry, *all);
        if (!appended) return appended.error();
        return *appended ? Progress::whole : Progress::changed;
    }
    return at_start ? Progress::whole : Progress::changed;
}

// False when a member comes a second time.
Result<bool> MemberList::append(const LdapEntry& entry, const std::vector<std::string>& values) {
    for (const auto& value : values) {
        auto name = parse_extended_name(value);
        if (!name) return unreadable(entry, "has a member whose extended name cannot be read");
        if (!guids_.insert(name->guid.text()).second) return false;
        members_.push_back({std::move(name->sid), std::move(name->guid)});
    }
    return true;
}

}  // namespace writeback
