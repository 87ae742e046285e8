#include "directory/directory_reads.hpp"

#include "directory/distinguished_name.hpp"

#include <algorithm>
#include <utility>

namespace writeback {

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

LdapSearch search_below(const Dn& base, std::string filter, std::vector<std::string> attributes) {
    auto search = search_of(base.text(), std::move(filter), std::move(attributes));
    search.scope = LdapScope::subtree;
    search.domain_scope = true;
    return search;
}

std::string any_of(std::string_view attribute, const std::vector<std::string>& escaped_values) {
    std::string filter = "(|";
    for (const auto& value : escaped_values) {
        filter += "(";
        filter += attribute;
        filter += "=" + value + ")";
    }
    return filter + ")";
}

std::string escape_bytes(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += {'\\', digits[byte / 16], digits[byte % 16]};
    }
    return text;
}

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

Async<Result<std::optional<LdapEntry>>> read_one_entry(DirectorySession& session,
                                                       LdapSearch search) {
    const std::string base = search.base;
    auto reply = co_await session.search(DirectoryAction::read, std::move(search));
    co_return single(std::move(reply), base);
}

std::vector<Dn> all_containers(const DirectoryConfig& config) {
    std::vector<Dn> all = {Dn(config.container)};
    for (const auto& text : config.containers) {
        const Dn further(text);
        const bool there = std::any_of(all.begin(), all.end(),
                                       [&](const Dn& other) { return same_name(further, other); });
        if (!there) all.push_back(further);
    }
    return all;
}

std::vector<Dn> outermost_containers(const DirectoryConfig& config) {
    const auto all = all_containers(config);
    std::vector<Dn> outermost;
    for (const auto& one : all) {
        const bool inside = std::any_of(all.begin(), all.end(),
                                        [&](const Dn& other) { return stands_below(one, other); });
        if (!inside) outermost.push_back(one);
    }
    return outermost;
}

Failure container_failure(const Dn& container, const Failure& why) {
    if (why.kind != FailureKind::not_found) return why;
    return failure(FailureKind::parent_missing,
                   "The container " + container.text() +
                       " does not exist, or the account may not see it; create it or change "
                       "directory.container.",
                   why.code);
}

}  // namespace writeback
