#include "directory/server_facts.hpp"

#include "directory/ldap_errors.hpp"
#include "directory/ldap_text.hpp"
#include "directory/schema_facts.hpp"

#include <utility>

namespace writeback {

namespace {

Async<Result<LdapEntry>> read_one(LdapOperations& connection, std::string base,
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

// Who numbers the changes: the host, and the identity of its database, which is another one after
// the database was restored.
Async<Result<std::string>> read_usn_source(LdapOperations& connection, std::string host,
                                           std::string service_name) {
    if (service_name.empty()) co_return host;
    LdapSearch search;
    search.base = std::move(service_name);
    search.attributes.emplace_back("invocationId");
    auto reply = co_await connection.search(std::move(search));
    if (!reply) co_return reply.error();
    if (reply->code != 0 || reply->entries.size() != 1) co_return host;
    const auto id = guid_from_bytes(reply->entries.front().first("invocationId").value_or(""));
    co_return id ? host + " " + id->text() : host;
}

Result<ServerFacts> facts_of_root(const LdapEntry& root, const std::string& url) {
    ServerFacts facts;
    facts.server = url;
    const auto context = root.first("defaultNamingContext");
    const auto usn = parse_large_integer(root.first("highestCommittedUSN").value_or(""));
    if (!context || !usn) return no_active_directory(url, "its root DSE names no domain");
    facts.naming_context = Dn(*context);
    facts.schema_context = Dn(root.first("schemaNamingContext").value_or(""));
    facts.configuration_context = Dn(root.first("configurationNamingContext").value_or(""));
    facts.dns_host_name = root.first("dnsHostName").value_or("");
    facts.highest_usn = *usn;
    if (const auto* token = root.find("tokenGroups"); token != nullptr) {
        for (const auto& bytes : *token) {
            if (auto sid = sid_from_bytes(bytes)) facts.token.push_back(std::move(*sid));
        }
    }
    return facts;
}

}  // namespace

Async<Result<std::shared_ptr<const ServerFacts>>> read_server_facts(
    LdapOperations& connection, std::string url, int page_size,
    std::shared_ptr<const ServerFacts> before) {
    // Values of their own: g++ 12 cannot compile lists of texts within co_await.
    static const std::vector<std::string> of_root = {
        "defaultNamingContext", "schemaNamingContext", "configurationNamingContext",
        "dnsHostName",          "dsServiceName",       "highestCommittedUSN",
        "tokenGroups"};
    static const std::vector<std::string> of_domain = {"objectSid"};
    static const std::vector<std::string> of_group = {"allowedAttributes"};
    auto root = co_await read_one(connection, std::string(), of_root);
    if (!root) co_return root.error();
    auto facts = facts_of_root(*root, url);
    if (!facts) co_return facts.error();
    auto source = co_await read_usn_source(connection, facts->dns_host_name,
                                           root->first("dsServiceName").value_or(""));
    if (!source) co_return source.error();
    facts->usn_source = std::move(*source);

    auto domain = co_await read_one(connection, facts->naming_context.text(), of_domain);
    if (!domain) co_return domain.error();
    const auto sid = sid_from_bytes(domain->first("objectSid").value_or(""));
    if (!sid) co_return no_active_directory(url, "its domain has no readable objectSid");
    facts->domain_sid = *sid;

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
        facts->allowed_attributes.insert(lower_case(name));
    if (before && before->allowed_attributes == facts->allowed_attributes) {
        facts->group_attributes = before->group_attributes;
    } else {
        auto schema = co_await read_schema_facts(connection, facts->schema_context.text(),
                                                 facts->allowed_attributes, page_size);
        if (!schema) co_return schema.error();
        facts->group_attributes = std::move(*schema);
    }
    co_return std::make_shared<const ServerFacts>(std::move(*facts));
}

}  // namespace writeback
