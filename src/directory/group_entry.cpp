#include "directory/group_entry.hpp"

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

Result<DirectoryGroup> group_of(const LdapEntry& entry,
                                const std::vector<std::string>& attributes) {
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
    if (const auto mark = entry.first("adminDescription")) group.mark = group_of_mark(*mark);
    for (const auto& name : attributes) {
        if (const auto* values = entry.find(name); values != nullptr && !values->empty()) {
            group.attributes.emplace(name, *values);
        }
    }
    return group;
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
