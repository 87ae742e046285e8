// Searches of the whole domain: contacts, groups of other writebacks, what is left of deleted ones.
#include "directory/directory_reads.hpp"
#include "directory/group_entry.hpp"
#include "directory/group_reader.hpp"
#include "directory/ldap_text.hpp"

#include <algorithm>
#include <utility>

namespace writeback {

namespace {

// "SMTP:a@x" and "a@x" are the same address.
std::string bare_address(std::string_view address) {
    constexpr std::string_view prefix = "smtp:";
    if (lower_case(address.substr(0, prefix.size())) == prefix)
        address.remove_prefix(prefix.size());
    return std::string(address);
}

std::string contact_filter(const std::vector<std::string>& addresses, std::size_t first) {
    std::string filter = "(&(objectClass=contact)(|";
    for (auto i = first; i < std::min(first + objects_per_search, addresses.size()); ++i) {
        const auto address = escape_filter_value(bare_address(addresses[i]));
        filter += "(mail=" + address + ")(proxyAddresses=SMTP:" + address +
                  ")(proxyAddresses=smtp:" + address + ")";
    }
    return filter + "))";
}

}  // namespace

Async<Result<std::vector<Principal>>> GroupReader::look_up(std::vector<Sid> sids) {
    return principals_->look_up(std::move(sids));
}

Async<Result<std::vector<AdIdentity>>> GroupReader::find_contact(
    std::vector<std::string> addresses) {
    static const std::vector<std::string> wanted = {"objectGUID", "objectSid"};
    auto facts = co_await session_->facts();
    if (!facts) co_return facts.error();
    std::erase_if(addresses, [](const auto& one) { return bare_address(one).empty(); });
    std::vector<AdIdentity> found;
    for (std::size_t first = 0; first < addresses.size(); first += objects_per_search) {
        auto entries = co_await session_->search_all(
            DirectoryAction::read,
            search_below((*facts)->naming_context, contact_filter(addresses, first), wanted));
        if (!entries) co_return entries.error();
        for (const auto& entry : *entries) {
            auto identity = identity_of(entry);
            if (!identity) co_return identity.error();
            if (std::find(found.begin(), found.end(), *identity) == found.end())
                found.push_back(std::move(*identity));
        }
    }
    co_return found;
}

Async<Result<std::vector<AdoptableGroup>>> GroupReader::find_adoptable(AdoptionSource source) {
    auto facts = co_await session_->facts();
    if (!facts) co_return facts.error();
    std::vector<std::string> wanted = {"objectGUID", "objectSid", "groupType", "adminDescription"};
    std::string marks = "(adminDescription=Group_*)(adminDescription=TakenOver_Group_*)";
    if ((*facts)->allowed_attributes.contains("msds-externaldirectoryobjectid")) {
        wanted.emplace_back("msDS-ExternalDirectoryObjectId");
        marks += "(msDS-ExternalDirectoryObjectId=Group_*)";
    }
    auto entries = co_await session_->search_all(
        DirectoryAction::read,
        search_below((*facts)->naming_context, "(&(objectClass=group)(|" + marks + "))", wanted));
    if (!entries) co_return entries.error();
    std::vector<AdoptableGroup> found;
    for (const auto& entry : *entries) {
        auto group = adoptable_group_of(entry);
        if (!group) co_return group.error();
        if (*group && (source == AdoptionSource::any || (*group)->made_by == source)) {
            found.push_back(std::move(**group));
        }
    }
    co_return found;
}

Async<Result<std::optional<DeletedGroup>>> GroupReader::find_deleted(ObjectGuid guid) {
    static const std::vector<std::string> wanted = {
        "objectGUID", "objectSid",       "cn",        "msDS-LastKnownRDN",
        "isDeleted",  "lastKnownParent", "isRecycled"};
    auto search = search_of(by_guid(guid), "(objectClass=*)", wanted);
    search.show_deleted = true;
    auto entry = co_await read_one_entry(*session_, std::move(search));
    if (!entry) co_return entry.error();
    if (!*entry) co_return std::optional<DeletedGroup>();
    co_return deleted_group_of(**entry);
}

}  // namespace writeback
