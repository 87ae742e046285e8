#include "directory/group_reader.hpp"

#include "directory/directory_reads.hpp"
#include "directory/group_entry.hpp"
#include "directory/ldap_text.hpp"

#include <utility>

namespace writeback {

namespace {

constexpr int attempts_at_a_changing_list = 3;

const std::vector<std::string>& known_attributes() {
    static const std::vector<std::string> names = {
        "objectGUID", "objectSid",        "cn",        "sAMAccountName",
        "groupType",  "adminDescription", "uSNChanged"};
    return names;
}

}  // namespace

Async<Result<DirectoryFacts>> GroupReader::facts() {
    auto known = co_await session_->facts();
    if (!known) co_return known.error();
    // The rest is the connection's; this number moves.
    auto usn = co_await highest_usn();
    if (!usn) co_return usn.error();
    DirectoryFacts facts = **known;
    facts.highest_usn = *usn;
    co_return facts;
}

Async<Result<std::vector<MarkedObject>>> GroupReader::find_marked() {
    return find("(&(objectClass=group)(adminDescription=Group_*))");
}

Async<Result<std::vector<MarkedObject>>> GroupReader::find_mark(GroupId group) {
    return find("(&(objectClass=group)(adminDescription=" + escape_filter_value(mark_of(group)) +
                "))");
}

Async<Result<std::vector<MarkedObject>>> GroupReader::find(std::string filter) {
    std::vector<MarkedObject> found;
    static const std::vector<std::string> wanted = {"objectGUID", "objectSid", "adminDescription"};
    for (const auto& container : outermost_containers(session_->config())) {
        auto search = search_of(container.text(), filter, wanted);
        search.scope = LdapScope::subtree;
        auto entries = co_await session_->search_all(DirectoryAction::read, std::move(search));
        if (!entries) co_return container_failure(container, entries.error());
        for (const auto& entry : *entries) {
            auto object = marked_object_of(entry);
            if (!object) co_return object.error();
            if (*object) found.push_back(std::move(**object));
        }
    }
    co_return found;
}

Async<Result<std::optional<DirectoryGroup>>> GroupReader::read_group(
    ObjectGuid guid, std::vector<std::string> attributes) {
    const std::string base = by_guid(guid);
    auto facts = co_await session_->facts();
    if (!facts) co_return facts.error();
    for (int attempt = 0; attempt < attempts_at_a_changing_list; ++attempt) {
        std::optional<DirectoryGroup> group;
        MemberList members(static_cast<std::uint64_t>(session_->config().range_size));
        auto progress = MemberList::Progress::more;
        while (progress == MemberList::Progress::more) {
            auto wanted = group ? std::vector<std::string>(1, "uSNChanged") : known_attributes();
            if (!group) wanted.insert(wanted.end(), attributes.begin(), attributes.end());
            wanted.push_back(members.next_range());
            auto search = search_of(base, "(objectClass=group)", std::move(wanted));
            search.extended_names = true;
            auto reply = co_await session_->search(DirectoryAction::read, std::move(search));
            auto entry = single(std::move(reply), base);
            if (!entry) co_return entry.error();
            if (!*entry) co_return std::optional<DirectoryGroup>();
            if (!group) {
                auto read = group_of(**entry, attributes, (*facts)->group_attributes);
                if (!read) co_return read.error();
                group = std::move(*read);
            }
            auto taken = members.take(**entry);
            if (!taken) co_return taken.error();
            progress = *taken;
        }
        if (progress == MemberList::Progress::whole) {
            group->members = members.release();
            co_return group;
        }
    }
    co_return failure(
        FailureKind::unavailable,
        "The members of " + base + " changed each time they were read; they are read again later.");
}

Async<Result<std::optional<DirectoryGroup>>> GroupReader::read_named(Dn dn) {
    auto entry = co_await read_one_entry(
        *session_, search_of(dn.text(), "(objectClass=*)", known_attributes()));
    if (!entry) co_return entry.error();
    if (!*entry) co_return std::optional<DirectoryGroup>();
    auto group = group_of(**entry, {}, {});
    if (!group) co_return group.error();
    co_return std::optional(std::move(*group));
}

Async<Result<std::optional<AdIdentity>>> GroupReader::identify(ObjectGuid guid) {
    std::vector<std::string> wanted(1, "objectGUID");
    wanted.push_back("objectSid");
    auto entry = co_await read_one_entry(
        *session_, search_of(by_guid(guid), "(objectClass=*)", std::move(wanted)));
    if (!entry) co_return entry.error();
    if (!*entry) co_return std::optional<AdIdentity>();
    auto identity = identity_of(**entry);
    if (!identity) co_return identity.error();
    co_return std::optional(std::move(*identity));
}

}  // namespace writeback
