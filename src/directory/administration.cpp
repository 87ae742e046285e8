#include "directory/administration.hpp"

#include "directory/delegation.hpp"
#include "directory/directory_reads.hpp"
#include "directory/distinguished_name.hpp"
#include "directory/ldap_text.hpp"
#include "directory/own_account.hpp"

#include <iterator>
#include <utility>

namespace writeback {

namespace {

constexpr const char* group_class = "group";

// schemaIDGUIDs by lower-case name, of attributes and of the class group.
Async<Result<SchemaGuids>> read_schema_guids(DirectorySession& session,
                                             std::vector<std::string> names) {
    auto facts = co_await session.facts();
    if (!facts) co_return facts.error();
    std::vector<std::string> escaped;
    for (const auto& name : names)
        escaped.push_back(escape_filter_value(name));
    std::vector<std::string> wanted = {"lDAPDisplayName", "schemaIDGUID"};
    auto search = search_below((*facts)->schema_context, any_of("lDAPDisplayName", escaped),
                               std::move(wanted));
    auto entries = co_await session.search_all(DirectoryAction::read, std::move(search));
    if (!entries) co_return entries.error();
    SchemaGuids guids;
    for (const auto& entry : *entries) {
        const auto guid = guid_from_bytes(entry.first("schemaIDGUID").value_or(""));
        if (guid) guids[lower_case(entry.first("lDAPDisplayName").value_or(""))] = guid->text();
    }
    co_return guids;
}

}  // namespace

Async<Result<std::vector<Dn>>> find_missing_containers(DirectorySession& session) {
    static const std::vector<std::string> wanted = {"objectClass"};
    std::vector<Dn> missing;
    for (const auto& container : all_containers(session.config())) {
        auto entry = co_await read_one_entry(
            session, search_of(container.text(), "(objectClass=*)", wanted));
        if (!entry) co_return entry.error();
        if (!*entry) missing.push_back(container);
    }
    co_return missing;
}

Async<Result<Done>> create_container(DirectorySession& session, Dn container) {
    const auto name = parse_name(container.text());
    if (!name) co_return name.error();
    if (name->size() < 2 || name->front().size() != 1 ||
        lower_case(name->front().front().type) != "ou") {
        co_return failure(FailureKind::refused,
                          "Only an organizational unit can be made, and " + container.text() +
                              " does not begin with \"OU=\"; make it by hand, or name another.");
    }
    std::vector<LdapAttribute> attributes;
    attributes.push_back({"objectClass", {"organizationalUnit"}});
    attributes.push_back({"ou", {name->front().front().value}});
    attributes.push_back({"description", {"Groups that group-writeback writes from Entra ID"}});
    auto added = co_await session.add(DirectoryAction::create_container, container.text(),
                                      std::move(attributes));
    if (!added) co_return added.error();
    co_return Done{};
}

Async<Result<DelegationCommands>> delegation_commands(DirectorySession& session,
                                                      std::set<std::string> attributes) {
    const auto wanted = attributes_to_delegate(attributes);
    auto account = co_await read_own_account(session);
    if (!account) co_return account.error();
    auto names = wanted;
    names.emplace_back(group_class);
    auto guids = co_await read_schema_guids(session, std::move(names));
    if (!guids) co_return guids.error();
    if (!guids->contains(group_class)) {
        co_return failure(FailureKind::unreadable,
                          "The schema of this forest cannot be read by the account.");
    }
    DelegationCommands commands;
    commands.account = account->name;
    for (const auto& container : all_containers(session.config())) {
        auto rights = delegate_rights(container, account->name, account->sid, wanted, *guids);
        std::move(rights.windows.begin(), rights.windows.end(),
                  std::back_inserter(commands.windows));
        commands.samba.push_back(std::move(rights.samba));
    }
    co_return commands;
}

}  // namespace writeback
