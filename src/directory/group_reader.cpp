#include "directory/group_reader.hpp"

#include "directory/distinguished_name.hpp"
#include "directory/group_entry.hpp"
#include "directory/ldap_text.hpp"

#include <algorithm>
#include <map>
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

std::string by_guid(const ObjectGuid& guid) {
    return "<GUID=" + guid.text() + ">";
}

LdapSearch search_of(std::string base, std::string filter, std::vector<std::string> attributes) {
    LdapSearch search;
    search.base = std::move(base);
    search.filter = std::move(filter);
    search.attributes = std::move(attributes);
    return search;
}

// The one entry of a base search, or nothing when there is none.
Result<std::optional<LdapEntry>> single(Result<LdapReply> reply, const std::string& base) {
    if (!reply) {
        if (reply.error().kind == FailureKind::not_found) return std::optional<LdapEntry>();
        return reply.error();
    }
    if (reply->entries.empty()) return std::optional<LdapEntry>();
    if (reply->entries.size() > 1) {
        return failure(FailureKind::unreadable, "The directory gave several entries for " + base);
    }
    return std::optional(std::move(reply->entries.front()));
}

// The containers that are not inside another one, so that nothing is found twice.
std::vector<std::string> outermost_containers(const DirectoryConfig& config) {
    std::vector<Dn> all = {Dn(config.container)};
    for (const auto& further : config.containers)
        all.emplace_back(further);
    std::vector<Dn> outermost;
    for (const auto& one : all) {
        const bool inside = std::any_of(all.begin(), all.end(),
                                        [&](const Dn& other) { return stands_below(one, other); });
        const bool there = std::any_of(outermost.begin(), outermost.end(),
                                       [&](const Dn& other) { return same_name(one, other); });
        if (!inside && !there) outermost.push_back(one);
    }
    std::vector<std::string> names;
    for (const auto& one : outermost)
        names.push_back(one.text());
    return names;
}

}  // namespace

Async<Result<DirectoryFacts>> GroupReader::facts() {
    auto facts = co_await session_->facts();
    if (!facts) co_return facts.error();
    // The rest is the connection's; this number moves.
    std::vector<std::string> wanted(1, "highestCommittedUSN");
    auto reply = co_await session_->search(DirectoryAction::read,
                                           search_of("", "(objectClass=*)", std::move(wanted)));
    auto root = single(std::move(reply), "the root DSE");
    if (!root) co_return root.error();
    const auto text = *root ? (*root)->first("highestCommittedUSN") : std::nullopt;
    const auto usn = parse_large_integer(text.value_or(""));
    if (!usn) {
        co_return failure(FailureKind::unreadable,
                          facts->server + " gives no readable highestCommittedUSN.");
    }
    facts->highest_usn = *usn;
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
    for (const auto& container : outermost_containers(session_->config())) {
        std::vector<std::string> wanted(1, "objectGUID");
        wanted.push_back("objectSid");
        wanted.push_back("adminDescription");
        auto search = search_of(container, filter, std::move(wanted));
        search.scope = LdapScope::subtree;
        auto entries = co_await session_->search_all(DirectoryAction::read, std::move(search));
        if (!entries) {
            if (entries.error().kind != FailureKind::not_found) co_return entries.error();
            co_return failure(FailureKind::parent_missing,
                              "The container " + container +
                                  " does not exist, or the account may not see it; create it or "
                                  "change directory.container.",
                              entries.error().code);
        }
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
                auto read = group_of(**entry, attributes);
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
    auto reply = co_await session_->search(
        DirectoryAction::read, search_of(dn.text(), "(objectClass=*)", known_attributes()));
    auto entry = single(std::move(reply), dn.text());
    if (!entry) co_return entry.error();
    if (!*entry) co_return std::optional<DirectoryGroup>();
    auto group = group_of(**entry, {});
    if (!group) co_return group.error();
    co_return std::optional(std::move(*group));
}

Async<Result<std::optional<AdIdentity>>> GroupReader::identify(ObjectGuid guid) {
    std::vector<std::string> wanted(1, "objectGUID");
    wanted.push_back("objectSid");
    const auto base = by_guid(guid);
    auto reply = co_await session_->search(DirectoryAction::read,
                                           search_of(base, "(objectClass=*)", std::move(wanted)));
    auto entry = single(std::move(reply), base);
    if (!entry) co_return entry.error();
    if (!*entry) co_return std::optional<AdIdentity>();
    auto identity = identity_of(**entry);
    if (!identity) co_return identity.error();
    co_return std::optional(std::move(*identity));
}

Async<Result<ChangedGroups>> GroupReader::changed_since(std::int64_t) {
    co_return failure(FailureKind::refused, "changed_since is not answered yet.");
}

Async<Result<bool>> GroupReader::await_change(Duration) {
    co_return failure(FailureKind::refused, "await_change is not answered yet.");
}

Async<Result<std::optional<std::int64_t>>> GroupReader::usn_of(ObjectGuid) {
    co_return failure(FailureKind::refused, "usn_of is not answered yet.");
}

Async<Result<std::vector<ObjectGuid>>> GroupReader::existing(std::vector<ObjectGuid>) {
    co_return failure(FailureKind::refused, "existing is not answered yet.");
}

Async<Result<std::vector<Principal>>> GroupReader::look_up(std::vector<Sid>) {
    co_return failure(FailureKind::refused, "look_up is not answered yet.");
}

Async<Result<std::vector<AdIdentity>>> GroupReader::find_contact(std::vector<std::string>) {
    co_return failure(FailureKind::refused, "find_contact is not answered yet.");
}

Async<Result<std::vector<AdoptableGroup>>> GroupReader::find_adoptable(AdoptionSource) {
    co_return failure(FailureKind::refused, "find_adoptable is not answered yet.");
}

Async<Result<std::optional<DeletedGroup>>> GroupReader::find_deleted(ObjectGuid) {
    co_return failure(FailureKind::refused, "find_deleted is not answered yet.");
}

}  // namespace writeback
