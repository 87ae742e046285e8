#include "core/scope.hpp"

#include <utility>

namespace writeback {

namespace {

Failure unknown_select(const std::string& value) {
    return failure(FailureKind::invalid_configuration,
                   "groups.select = \"" + value +
                       "\" is not supported by this version; use \"all\", or \"listed\" with the "
                       "object ids in groups.include");
}

}  // namespace

Result<ScopeRules> scope_rules(const GroupsConfig& groups) {
    ScopeRules rules{
        groups.kind_microsoft365, groups.kind_security, groups.select == Select::listed, {}};
    switch (groups.select) {
        case Select::all:
        case Select::listed:
            break;
        case Select::writeback_configuration:
            return unknown_select("writeback-configuration");
        case Select::assigned:
            return unknown_select("assigned");
        case Select::filter:
            return unknown_select("filter");
    }
    for (const std::string& text : groups.include) {
        const auto id = canonical_guid(text);
        if (!id) {
            return failure(FailureKind::invalid_configuration,
                           "groups.include holds \"" + text +
                               "\", which is no object id; write ids as "
                               "\"00000000-0000-0000-0000-000000000000\"");
        }
        rules.include.insert(GroupId(*id));
    }
    return rules;
}

Scope scope_of(const CloudGroup& group, const ScopeRules& rules) {
    if (group.on_premises_sync_enabled) {
        return {false, "it is synced from Active Directory, which is its source"};
    }
    if (group.is_microsoft365()) {
        if (!rules.microsoft365) {
            return {false, "it is a Microsoft 365 group, and groups.kinds leaves those out"};
        }
    } else if (group.mail_enabled) {
        return {false, "it is a mail-enabled group that Exchange Online manages"};
    } else if (!group.security_enabled) {
        return {false, "it is neither a security group nor a Microsoft 365 group"};
    } else if (!rules.security) {
        return {false, "it is a security group, and groups.kinds leaves those out"};
    }
    if (rules.listed && !rules.include.contains(group.id)) {
        return {false, "groups.select is \"listed\" and groups.include does not name it"};
    }
    return {true, rules.listed ? "groups.include names it" : "groups.select is \"all\""};
}

std::string fingerprint(const ScopeRules& rules) {
    std::string text = "scope 1;";
    text += rules.microsoft365 ? "microsoft365;" : "";
    text += rules.security ? "security;" : "";
    text += rules.listed ? "listed" : "all";
    if (!rules.listed) return text;
    for (const GroupId& id : rules.include)
        text += " " + id.text();
    return text;
}

}  // namespace writeback
