#include "core/scope.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace writeback {

namespace {

constexpr const char* filter_setting = "groups.filter";

Failure invalid(std::string detail) {
    return failure(FailureKind::invalid_configuration, std::move(detail));
}

Scope in(std::string reason) {
    return {true, std::move(reason)};
}
Scope out(std::string reason) {
    return {false, std::move(reason)};
}
Scope untold(const std::string& why) {
    return {false, std::string(scope_fault_begins) + why, false, true};
}

// The one value of a further property; nothing when it is null.
std::optional<std::string> further(const CloudGroup& group, const std::string& name) {
    const auto found = group.further.find(name);
    if (found == group.further.end() || found->second.empty()) return std::nullopt;
    return found->second.front();
}

// Why the group is never written, or not of a kind that is; nothing when it may be.
std::string left_out(const CloudGroup& group, const ScopeRules& rules) {
    if (group.on_premises_sync_enabled) {
        return "it is synced from Active Directory, which is its source";
    }
    if (group.is_microsoft365()) {
        if (!rules.microsoft365) {
            return "it is a Microsoft 365 group, and groups.kinds leaves those out";
        }
    } else if (group.mail_enabled) {
        return "it is a mail-enabled group that Exchange Online manages";
    } else if (!group.security_enabled) {
        return "it is neither a security group nor a Microsoft 365 group";
    } else if (!rules.security) {
        return "it is a security group, and groups.kinds leaves those out";
    }
    if (!rules.role_assignable && further(group, "isAssignableToRole") == "true") {
        return "Entra roles can be assigned to it, and groups.role_assignable = false leaves such "
               "groups out";
    }
    const auto& types = group.group_types;
    if (!rules.dynamic &&
        std::find(types.begin(), types.end(), "DynamicMembership") != types.end()) {
        return "its membership is dynamic, and groups.dynamic = false leaves such groups out";
    }
    return {};
}

Scope by_writeback_configuration(const CloudGroup& group) {
    const auto enabled = further(group, "writebackConfiguration.isEnabled");
    const auto type = further(group, "writebackConfiguration.onPremisesGroupType");
    if (enabled == "true") return in("its writebackConfiguration.isEnabled is true");
    if (enabled == "false") return out("its writebackConfiguration.isEnabled is false");
    if (enabled) {
        return untold("its writebackConfiguration.isEnabled is \"" + *enabled +
                      "\", which is no Boolean");
    }
    if (group.is_microsoft365()) {
        return in(
            "its writebackConfiguration.isEnabled is not set, and Microsoft 365 groups are written "
            "unless it is false");
    }
    if (type) {
        return in(
            "its writebackConfiguration.isEnabled is not set, and its onPremisesGroupType is "
            "\"" +
            *type + "\"");
    }
    return out(
        "its writebackConfiguration is not set, and security groups are written only where "
        "isEnabled is true or an onPremisesGroupType is chosen");
}

Scope by_filter(const CloudGroup& group, const Expression& filter) {
    auto answer = filter.evaluate(group);
    if (!answer) return untold(answer.error().detail);
    if (const bool* yes = std::get_if<bool>(&*answer)) {
        return *yes ? in("groups.filter is true for it") : out("groups.filter is false for it");
    }
    return untold(std::string(filter_setting) +
                  " gives neither True nor False but no value; give one in every case, as in "
                  "Coalesce([attribute], False)");
}

Scope by_assignment(const CloudGroup& group, const ScopeRules& rules) {
    if (!rules.assigned) {
        return {false,
                "groups.select is \"assigned\", and which groups are assigned to the application "
                "has not been read yet",
                false};
    }
    if (rules.assigned->contains(group.id)) return in("it is assigned to the application");
    return out("groups.select is \"assigned\" and it is not assigned to the application");
}

// Reads what `select` needs; the faults that it finds are added.
std::optional<Expression> read_filter(const GroupsConfig& groups, std::vector<ScopeFault>& faults) {
    if (groups.filter.empty()) {
        faults.push_back({filter_setting,
                          invalid("groups.select is \"filter\" and groups.filter is empty; write "
                                  "an expression that gives True or False, as in "
                                  "'IIF(Left([displayName],4)=\"PRJ-\", True, False)'")});
        return std::nullopt;
    }
    auto parsed = Expression::parse(groups.filter, filter_setting);
    if (!parsed) {
        faults.push_back({filter_setting, parsed.error()});
        return std::nullopt;
    }
    if (parsed->type() != ExpressionType::boolean) {
        faults.push_back(
            {filter_setting,
             invalid("groups.filter must give True or False, and it gives " +
                     std::string(parsed->type() == ExpressionType::number ? "a number" : "a text") +
                     "; compare it, as in '[displayName] = \"Sales\"'")});
        return std::nullopt;
    }
    return std::move(*parsed);
}

std::set<GroupId> read_include(const GroupsConfig& groups, std::vector<ScopeFault>& faults) {
    std::set<GroupId> include;
    for (const std::string& text : groups.include) {
        if (const auto id = canonical_guid(text)) {
            include.insert(GroupId(*id));
            continue;
        }
        faults.push_back({"groups.include", invalid("groups.include holds \"" + text +
                                                    "\", which is no object id; write ids as "
                                                    "\"00000000-0000-0000-0000-000000000000\"")});
    }
    return include;
}

ScopeRules read(const GroupsConfig& groups, std::vector<ScopeFault>& faults) {
    ScopeRules rules;
    rules.microsoft365 = groups.kind_microsoft365;
    rules.security = groups.kind_security;
    rules.role_assignable = groups.role_assignable;
    rules.dynamic = groups.dynamic;
    rules.select = groups.select;
    rules.include = read_include(groups, faults);
    if (groups.select == Select::filter) rules.filter = read_filter(groups, faults);
    return rules;
}

}  // namespace

std::vector<ScopeFault> scope_faults(const GroupsConfig& groups) {
    std::vector<ScopeFault> faults;
    (void)read(groups, faults);
    return faults;
}

Result<ScopeRules> scope_rules(const GroupsConfig& groups) {
    std::vector<ScopeFault> faults;
    ScopeRules rules = read(groups, faults);
    if (!faults.empty()) return std::move(faults.front().failure);
    return rules;
}

Scope scope_of(const CloudGroup& group, const ScopeRules& rules) {
    if (std::string why = left_out(group, rules); !why.empty()) return out(std::move(why));
    switch (rules.select) {
        case Select::all:
            break;
        case Select::listed:
            return rules.include.contains(group.id)
                       ? in("groups.include names it")
                       : out("groups.select is \"listed\" and groups.include does not name it");
        case Select::writeback_configuration:
            return by_writeback_configuration(group);
        case Select::assigned:
            return by_assignment(group, rules);
        case Select::filter:
            if (rules.filter) return by_filter(group, *rules.filter);
            break;
    }
    return in("groups.select is \"all\"");
}

bool is_scope_fault(const std::string& unreadable) {
    return unreadable.starts_with(scope_fault_begins);
}

std::string fingerprint(const ScopeRules& rules) {
    std::string text = "scope 2;";
    text += rules.microsoft365 ? "microsoft365;" : "";
    text += rules.security ? "security;" : "";
    text += rules.role_assignable ? "" : "no role-assignable;";
    text += rules.dynamic ? "" : "no dynamic;";
    switch (rules.select) {
        case Select::all:
            return text + "all";
        case Select::writeback_configuration:
            return text + "writeback-configuration";
        case Select::filter:
            return text + "filter " + (rules.filter ? rules.filter->text() : "");
        case Select::listed:
            text += "listed";
            for (const GroupId& id : rules.include)
                text += " " + id.text();
            return text;
        case Select::assigned:
            break;
    }
    text += rules.assigned ? "assigned" : "assigned, not read yet";
    if (!rules.assigned) return text;
    for (const GroupId& id : *rules.assigned)
        text += " " + id.text();
    return text;
}

}  // namespace writeback
