#include "directory/preflight.hpp"

#include "directory/directory_session.hpp"
#include "directory/ldap_text.hpp"

#include <algorithm>
#include <utility>

namespace writeback {

namespace {

std::set<std::string> lower_case_set(const std::vector<std::string>* values) {
    std::set<std::string> names;
    if (values == nullptr) return names;
    for (const auto& value : *values)
        names.insert(lower_case(value));
    return names;
}

std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names)
        text += (text.empty() ? "" : ", ") + name;
    return text;
}

RightsFinding container_finding(const LdapEntry& container) {
    const auto children = lower_case_set(container.find("allowedChildClassesEffective"));
    if (children.contains("group")) {
        return {false, "The account may create groups in " + container.dn + "."};
    }
    return {true, "The account may not create groups in " + container.dn +
                      "; grant it the creation and deletion of group objects there."};
}

// What the mapping writes and the account may not write, or the schema does not have.
std::vector<RightsFinding> attribute_findings(
    const LdapEntry& group, const std::set<std::string>& wanted,
    const std::map<std::string, AttributeFacts>& in_schema) {
    const auto allowed = lower_case_set(group.find("allowedAttributesEffective"));
    std::vector<std::string> refused;
    std::vector<std::string> unknown;
    for (const auto& name : wanted) {
        if (!in_schema.contains(lower_case(name))) {
            unknown.push_back(name);
        } else if (!allowed.contains(lower_case(name))) {
            refused.push_back(name);
        }
    }
    std::vector<RightsFinding> findings;
    if (!unknown.empty()) {
        findings.push_back({true, "The schema of this forest has no attribute " + listed(unknown) +
                                      " for groups; take it out of the mapping."});
    }
    if (!refused.empty()) {
        findings.push_back({true, "The account may not write " + listed(refused) + " of " +
                                      group.dn +
                                      "; grant it write access to these attributes of "
                                      "groups in the container."});
    }
    if (findings.empty()) {
        findings.push_back(
            {false, "The account may write every attribute that the mapping writes."});
    }
    return findings;
}

Async<Result<std::vector<LdapEntry>>> read_container(DirectorySession& session, std::string name) {
    static const std::vector<std::string> wanted = {"allowedChildClassesEffective"};
    LdapSearch search;
    search.base = std::move(name);
    search.attributes = wanted;
    auto reply = co_await session.search(DirectoryAction::read, std::move(search));
    if (reply) co_return std::move(reply->entries);
    if (reply.error().kind == FailureKind::not_found) co_return std::vector<LdapEntry>();
    co_return reply.error();
}

// One group of the container, any.
Async<Result<std::vector<LdapEntry>>> read_a_group(DirectorySession& session, std::string name) {
    static const std::vector<std::string> wanted = {"allowedAttributesEffective"};
    LdapSearch search;
    search.base = std::move(name);
    search.scope = LdapScope::subtree;
    search.filter = "(objectClass=group)";
    search.attributes = wanted;
    search.page_size = 1;
    auto reply = co_await session.search(DirectoryAction::read, std::move(search));
    if (!reply) co_return reply.error();
    co_return std::move(reply->entries);
}

}  // namespace

Async<Result<std::vector<RightsFinding>>> check_directory_rights(DirectorySession& session,
                                                                 const DirectoryConfig& config,
                                                                 std::set<std::string> attributes) {
    for (const char* always : {"cn", "sAMAccountName", "groupType", "member", "adminDescription"}) {
        attributes.insert(always);
    }
    auto facts = co_await session.facts();
    if (!facts) co_return facts.error();
    std::vector<std::string> containers(1, config.container);
    containers.insert(containers.end(), config.containers.begin(), config.containers.end());
    std::vector<RightsFinding> findings;
    for (const auto& name : containers) {
        auto container = co_await read_container(session, name);
        if (!container) co_return container.error();
        if (container->empty()) {
            findings.push_back({true, "The container " + name +
                                          " does not exist, or the account may not see it."});
            continue;
        }
        findings.push_back(container_finding(container->front()));
        auto group = co_await read_a_group(session, name);
        if (!group) co_return group.error();
        if (group->empty()) {
            findings.push_back({false, "There is no group in " + name +
                                           " yet, so the rights to write attributes are not "
                                           "checked."});
            continue;
        }
        auto found = attribute_findings(group->front(), attributes, (*facts)->group_attributes);
        std::move(found.begin(), found.end(), std::back_inserter(findings));
    }
    co_return findings;
}

}  // namespace writeback
