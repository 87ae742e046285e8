#include "directory/server_facts.hpp"

#include "directory/ldap_errors.hpp"
#include "directory/ldap_text.hpp"

#include <utility>

namespace writeback {

namespace {

Async<Result<LdapEntry>> read_one(LdapConnection& connection, std::string base,
                                  std::vector<std::string> attributes) {
    LdapSearch search;
    search.base = base;
    search.attributes = std::move(attributes);
    auto reply = co_await connection.search(std::move(search));
    if (!reply) co_return reply.error();
    if (reply->code != 0) {
        co_return directory_failure(DirectoryAction::read, base.empty() ? "the root DSE" : base,
                                    {reply->code, reply->diagnostic});
    }
    if (reply->entries.size() != 1) {
        co_return failure(FailureKind::not_found, "The directory shows no " + base + ".");
    }
    co_return std::move(reply->entries.front());
}

Failure no_active_directory(const std::string& url, const std::string& what) {
    return failure(FailureKind::refused, url + " is no domain controller of Active Directory: " +
                                             what + ". Check directory.servers.");
}

}  // namespace

Async<Result<DirectoryFacts>> read_server_facts(LdapConnection& connection, std::string url) {
    // Values of their own: g++ 12 cannot compile lists of texts within co_await.
    static const std::vector<std::string> of_root = {"defaultNamingContext", "dnsHostName",
                                                     "highestCommittedUSN"};
    static const std::vector<std::string> of_domain = {"objectSid"};
    static const std::vector<std::string> of_group = {"allowedAttributes"};
    auto root = co_await read_one(connection, std::string(), of_root);
    if (!root) co_return root.error();
    DirectoryFacts facts;
    facts.server = url;
    const auto context = root->first("defaultNamingContext");
    const auto usn = parse_large_integer(root->first("highestCommittedUSN").value_or(""));
    if (!context || !usn) co_return no_active_directory(url, "its root DSE names no domain");
    facts.naming_context = Dn(*context);
    facts.dns_host_name = root->first("dnsHostName").value_or("");
    facts.highest_usn = *usn;

    auto domain = co_await read_one(connection, *context, of_domain);
    if (!domain) co_return domain.error();
    const auto sid = sid_from_bytes(domain->first("objectSid").value_or(""));
    if (!sid) co_return no_active_directory(url, "its domain has no readable objectSid");
    facts.domain_sid = *sid;

    // Every domain has the group Domain Users; the directory computes for it what a group may have.
    const std::string domain_users = "<SID=" + sid->text() + "-513>";
    auto group = co_await read_one(connection, domain_users, of_group);
    if (!group) co_return group.error();
    const auto* allowed = group->find("allowedAttributes");
    if (allowed == nullptr) {
        co_return failure(FailureKind::forbidden,
                          "The account may not read allowedAttributes of the group Domain Users, "
                          "which tells what the schema has for groups. Grant it this right.");
    }
    for (const auto& name : *allowed)
        facts.group_attributes.emplace(lower_case(name), AttributeFacts{});
    co_return facts;
}

}  // namespace writeback
