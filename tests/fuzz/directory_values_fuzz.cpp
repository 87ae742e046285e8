// What the directory answers: entries with whatever values, member lists in ranges, identifiers as
// bytes, diagnostics.
//
// The input is a list of entries, separated by empty lines; an entry's first line is its name, each
// further line is `attribute: value`, with \x00 for a byte. Properties: a list counts as whole only
// when its last range ended in "*" or the server gave no ranges; nobody is in it twice; identifiers
// survive the way to text and back; ranges, too; what a failure says is one printable line.
#include "directory/group_changes.hpp"
#include "directory/group_entry.hpp"
#include "directory/ldap_errors.hpp"
#include "directory/ldap_text.hpp"
#include "property.hpp"

#include <set>

using namespace writeback;
using namespace writeback::fuzz;

namespace {

std::vector<LdapEntry> entries_of(std::string_view text) {
    std::vector<LdapEntry> entries;
    bool begun = false;
    for (const auto line : lines_of(text)) {
        if (line.empty()) {
            begun = false;
            continue;
        }
        if (!begun) {
            entries.push_back({bytes_of_line(line), {}});
            begun = true;
            continue;
        }
        const auto colon = std::min(line.find(": "), line.size());
        const std::string name(line.substr(0, colon));
        const auto value = bytes_of_line(line.substr(std::min(line.size(), colon + 2)));
        auto& attributes = entries.back().attributes;
        if (attributes.empty() || attributes.back().name != name) attributes.push_back({name, {}});
        if (colon != line.size()) attributes.back().values.push_back(value);
    }
    return entries;
}

template <class T>
void check_failure(const Result<T>& result) {
    if (result) return;
    require(result.error().kind == FailureKind::unreadable, "an entry that is wrong is unreadable");
    require(!result.error().detail.empty(), "and it is told why");
}

void check_values(const LdapEntry& entry) {
    check_failure(identity_of(entry));
    const AttributeFacts name{AttributeSyntax::name, true, 0};
    const SchemaFacts schema{{"managedby", name}, {"member", name}, {"description", {}}};
    const auto group = group_of(entry, {"managedBy", "description", "member"}, schema);
    check_failure(group);
    if (group) require(!group->guid.empty(), "a group has its objectGUID");
    check_failure(changed_group_of(entry));
    const auto principal = principal_of(entry);
    check_failure(principal);
    if (principal && *principal) require(!(*principal)->sid.empty(), "a principal has a SID");
    check_failure(adoptable_group_of(entry));
    check_failure(deleted_group_of(entry));
    const auto marked = marked_object_of(entry);
    check_failure(marked);
    if (marked && *marked) {
        require(group_of_mark(mark_of((*marked)->mark)) == (*marked)->mark,
                "a mark survives being written");
    }
    check_failure(number_of(entry, "uSNChanged"));
}

bool ends_the_list(const LdapEntry& entry) {
    for (const auto& attribute : entry.attributes) {
        const auto range = parse_attribute_range(attribute.name);
        if (range && lower_case(range->attribute) == "member") return !range->last.has_value();
    }
    return true;  // a server without ranges
}

// The entries are taken for the answers to one question after the other.
void check_list(const std::vector<LdapEntry>& entries) {
    MemberList list(3);
    for (const auto& entry : entries) {
        const auto asked = parse_attribute_range(list.next_range());
        require(asked && asked->last && *asked->last == asked->first + 2, "three are asked for");
        const auto progress = list.take(entry);
        check_failure(progress);
        if (!progress || *progress == MemberList::Progress::changed) return;
        if (*progress == MemberList::Progress::more) continue;
        require(ends_the_list(entry), "a list is whole only at its end");
        const auto members = list.release();
        std::set<std::string> guids;
        for (const auto& member : members)
            guids.insert(member.guid.text());
        require(guids.size() == members.size(), "nobody is in a list twice");
        return;
    }
}

void check_identifiers(const std::string& value) {
    if (const auto sid = sid_from_bytes(value)) {
        require(bytes_of(*sid) == value, "a SID survives being text", sid->text());
    }
    if (const auto bytes = bytes_of(Sid(value))) {
        const auto sid = sid_from_bytes(*bytes);
        require(sid.has_value() && bytes_of(*sid) == *bytes, "a SID survives being bytes", value);
    }
    if (const auto guid = guid_from_bytes(value)) {
        require(bytes_of(*guid) == value, "a GUID survives being text", guid->text());
    }
    if (const auto range = parse_attribute_range(value); range && range->last) {
        const auto again =
            parse_attribute_range(attribute_range(range->attribute, range->first, *range->last));
        require(again && again->attribute == range->attribute && again->first == range->first &&
                    again->last == range->last && *range->last >= range->first,
                "a range survives being written", value);
    }
    if (const auto name = parse_extended_name(value)) {
        require(bytes_of(name->guid).has_value(), "an extended name has a GUID", value);
        require(name->sid.empty() || bytes_of(name->sid).has_value(), "and a SID or none", value);
        const AdIdentity identity{name->sid, name->guid};
        require(identity_of_key(identity.key()).key() == identity.key(),
                "an identity survives being a key", value);
    }
    if (const auto id = group_of_mark(value)) {
        require(canonical_guid(id->text()) == id->text(), "a mark names a canonical id", value);
    }
}

void check_diagnostic(const std::string& value) {
    const auto line = printable(value);
    require(is_one_line(line) && line.size() <= 320, "a diagnostic is one short line", line);
    for (const auto action :
         {DirectoryAction::bind, DirectoryAction::add_members, DirectoryAction::modify}) {
        for (const int code : {0, 16, 19, 20, 32, 49, 50, 51, 53, 68, 80}) {
            const auto why = directory_failure(action, "CN=x,DC=y", {code, value});
            require(!why.detail.empty() && is_one_line(why.detail), "a no is told in one line",
                    why.detail);
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto entries = entries_of(text_of(data, size));
    for (const auto& entry : entries) {
        check_values(entry);
        for (const auto& attribute : entry.attributes) {
            check_identifiers(attribute.name);
            for (const auto& value : attribute.values) {
                check_identifiers(value);
                check_diagnostic(value);
            }
        }
    }
    check_list(entries);
    return 0;
}
