// What the auditor asks: what changed, what is still there.
#include "directory/directory_reads.hpp"
#include "directory/group_entry.hpp"
#include "directory/group_reader.hpp"
#include "directory/ldap_text.hpp"

#include <algorithm>
#include <utility>

namespace writeback {

Async<Result<std::int64_t>> GroupReader::highest_usn() {
    std::vector<std::string> wanted(1, "highestCommittedUSN");
    auto root =
        co_await read_one_entry(*session_, search_of("", "(objectClass=*)", std::move(wanted)));
    if (!root) co_return root.error();
    if (!*root) {
        co_return failure(FailureKind::unreadable, "The directory server shows no root DSE.");
    }
    co_return number_of(**root, "highestCommittedUSN");
}

Async<Result<ChangedGroups>> GroupReader::changed_since(std::int64_t usn) {
    static const std::vector<std::string> wanted = {"objectGUID", "adminDescription", "uSNChanged"};
    auto facts = co_await session_->facts();
    if (!facts) co_return facts.error();
    ChangedGroups changed;
    changed.usn_source = (*facts)->usn_source;
    const auto connection = session_->connection_number();
    // Before the search: what is written meanwhile is found again, never passed over.
    auto highest = co_await highest_usn();
    if (!highest) co_return highest.error();
    changed.highest_usn = *highest;
    const std::string filter =
        "(&(objectClass=group)(uSNChanged>=" + std::to_string(usn + 1) + "))";
    for (const auto& container : outermost_containers(session_->config())) {
        auto search = search_of(container.text(), filter, wanted);
        search.scope = LdapScope::subtree;
        auto entries = co_await session_->search_all(DirectoryAction::read, std::move(search));
        if (!entries) co_return container_failure(container, entries.error());
        for (const auto& entry : *entries) {
            auto group = changed_group_of(entry);
            if (!group) co_return group.error();
            changed.groups.push_back(std::move(*group));
        }
    }
    // The numbers are one domain controller's; another one's mean nothing beside them.
    if (session_->connection_number() != connection) {
        co_return failure(FailureKind::disconnected,
                          "The connection changed while the changes were being read.");
    }
    std::sort(changed.groups.begin(), changed.groups.end(),
              [](const ChangedGroup& a, const ChangedGroup& b) { return a.usn < b.usn; });
    co_return changed;
}

Async<Result<bool>> GroupReader::await_change(Duration at_most) {
    return watch_.wait(at_most);
}

Async<Result<std::optional<std::int64_t>>> GroupReader::usn_of(ObjectGuid guid) {
    std::vector<std::string> wanted(1, "uSNChanged");
    auto entry = co_await read_one_entry(
        *session_, search_of(by_guid(guid), "(objectClass=*)", std::move(wanted)));
    if (!entry) co_return entry.error();
    if (!*entry) co_return std::optional<std::int64_t>();
    auto usn = number_of(**entry, "uSNChanged");
    if (!usn) co_return usn.error();
    co_return std::optional(*usn);
}

Async<Result<std::vector<ObjectGuid>>> GroupReader::existing(std::vector<ObjectGuid> guids) {
    static const std::vector<std::string> wanted = {"objectGUID"};
    std::vector<ObjectGuid> found;
    for (std::size_t first = 0; first < guids.size(); first += objects_per_search) {
        std::vector<std::string> values;
        for (auto i = first; i < std::min(first + objects_per_search, guids.size()); ++i) {
            if (const auto bytes = bytes_of(guids[i])) values.push_back(escape_bytes(*bytes));
        }
        if (values.empty()) continue;
        for (const auto& container : outermost_containers(session_->config())) {
            auto search = search_of(container.text(), any_of("objectGUID", values), wanted);
            search.scope = LdapScope::subtree;
            auto entries = co_await session_->search_all(DirectoryAction::read, std::move(search));
            if (!entries) co_return container_failure(container, entries.error());
            for (const auto& entry : *entries) {
                auto identity = identity_of(entry);
                if (!identity) co_return identity.error();
                found.push_back(std::move(identity->guid));
            }
        }
    }
    co_return found;
}

}  // namespace writeback
