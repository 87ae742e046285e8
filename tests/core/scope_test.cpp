#include "core/scope.hpp"

#include "core/examples.hpp"
#include "core/guard.hpp"
#include "core/planner.hpp"

#include <doctest/doctest.h>

using namespace writeback;
using namespace writeback::examples;

namespace {

CloudGroup microsoft365_group() {
    CloudGroup group = security_group();
    group.group_types = {"DynamicMembership", "Unified"};
    group.mail_enabled = true;
    group.security_enabled = false;
    return group;
}

ScopeRules rules_for(Select select) {
    GroupsConfig config;
    config.select = select;
    return scope_rules(config).value();
}

}  // namespace

TEST_CASE("by default security groups and Microsoft 365 groups are written back") {
    const ScopeRules rules = scope_rules(GroupsConfig{}).value();
    CHECK(scope_of(security_group(), rules).in_scope);
    CHECK(scope_of(microsoft365_group(), rules).in_scope);
    CHECK(scope_of(security_group(), rules).reason == "groups.select is \"all\"");
}

TEST_CASE("groups that another system manages are never in scope, and the reason says so") {
    const ScopeRules rules = scope_rules(GroupsConfig{}).value();
    CloudGroup synced = security_group();
    synced.on_premises_sync_enabled = true;
    CHECK_FALSE(scope_of(synced, rules).in_scope);
    CHECK(scope_of(synced, rules).reason.find("Active Directory") != std::string::npos);

    CloudGroup list = security_group();
    list.mail_enabled = true;
    CHECK_FALSE(scope_of(list, rules).in_scope);
    CHECK(scope_of(list, rules).reason.find("Exchange") != std::string::npos);

    CloudGroup neither = security_group();
    neither.security_enabled = false;
    CHECK_FALSE(scope_of(neither, rules).in_scope);
}

TEST_CASE("kinds that are left out are out of scope") {
    GroupsConfig config;
    config.kind_security = false;
    ScopeRules rules = scope_rules(config).value();
    CHECK_FALSE(scope_of(security_group(), rules).in_scope);
    CHECK(scope_of(microsoft365_group(), rules).in_scope);
    config.kind_security = true;
    config.kind_microsoft365 = false;
    rules = scope_rules(config).value();
    CHECK(scope_of(security_group(), rules).in_scope);
    CHECK_FALSE(scope_of(microsoft365_group(), rules).in_scope);
}

TEST_CASE(
    "with select = listed only the listed ids are in scope, in whatever case they are written") {
    GroupsConfig config;
    config.select = Select::listed;
    config.include = {"3A5C3221-C465-48C0-95B8-000000000001"};
    const ScopeRules rules = scope_rules(config).value();
    CHECK(scope_of(security_group(1), rules).in_scope);
    CHECK_FALSE(scope_of(security_group(2), rules).in_scope);
}

TEST_CASE("settings that cannot be followed are told with setting, place and remedy, all of them") {
    GroupsConfig config;
    config.select = Select::filter;
    config.include = {"Sales"};
    REQUIRE(scope_faults(config).size() == 2);
    CHECK(scope_faults(config)[0].setting == "groups.include");
    CHECK(scope_faults(config)[0].failure.detail.find("\"Sales\"") != std::string::npos);
    CHECK(scope_faults(config)[1].setting == "groups.filter");
    CHECK(scope_faults(config)[1].failure.detail.find("is empty") != std::string::npos);
    REQUIRE(scope_rules(config).has_error());
    CHECK(scope_rules(config).error().kind == FailureKind::invalid_configuration);

    config.include.clear();
    config.filter = "Left([displayName], 4";
    REQUIRE(scope_faults(config).size() == 1);
    CHECK(scope_faults(config)[0].failure.detail.starts_with("groups.filter, column "));
    config.filter = "Left([displayName], 4)";
    CHECK(scope_rules(config).error().detail.find("must give True or False") != std::string::npos);
}

TEST_CASE("writeback-configuration: what a group's own configuration means, row by row") {
    struct Row {
        const char* is_enabled;  // nothing: null
        const char* type;        // nothing: null
        bool microsoft365;
        bool security;
    };
    const char* const a_type = "universalSecurityGroup";
    for (const Row& row :
         {Row{"true", nullptr, true, true}, Row{"true", a_type, true, true},
          Row{nullptr, a_type, true, true}, Row{nullptr, nullptr, true, false},
          Row{"false", nullptr, false, false}, Row{"false", a_type, false, false}}) {
        const ScopeRules rules = rules_for(Select::writeback_configuration);
        CloudGroup group = microsoft365_group();
        if (row.is_enabled) group.further["writebackConfiguration.isEnabled"] = {row.is_enabled};
        if (row.type) group.further["writebackConfiguration.onPremisesGroupType"] = {row.type};
        CHECK(scope_of(group, rules).in_scope == row.microsoft365);
        CHECK(scope_of(group, rules).reason.find("writebackConfiguration") != std::string::npos);
        group.group_types.clear();
        group.mail_enabled = false;
        group.security_enabled = true;
        CHECK(scope_of(group, rules).in_scope == row.security);
        CHECK(scope_of(group, rules).reason.find("writebackConfiguration") != std::string::npos);
        group.on_premises_sync_enabled = true;
        CHECK_FALSE(scope_of(group, rules).in_scope);
    }
}

TEST_CASE("a writebackConfiguration that is no Boolean changes nothing and holds the group") {
    CloudGroup group = security_group();
    group.further["writebackConfiguration.isEnabled"] = {"perhaps"};
    const Scope scope = scope_of(group, rules_for(Select::writeback_configuration));
    CHECK_FALSE(scope.told);
    CHECK(scope.fault);
    CHECK(is_scope_fault(scope.reason));
}

TEST_CASE("groups that roles can be assigned to, and dynamic ones, are a choice") {
    GroupsConfig config;
    CloudGroup role = security_group();
    role.further["isAssignableToRole"] = {"true"};
    CloudGroup dynamic = security_group();
    dynamic.group_types = {"DynamicMembership"};
    CHECK(scope_of(role, scope_rules(config).value()).in_scope);
    CHECK(scope_of(dynamic, scope_rules(config).value()).in_scope);
    config.role_assignable = false;
    config.dynamic = false;
    const ScopeRules rules = scope_rules(config).value();
    CHECK_FALSE(scope_of(role, rules).in_scope);
    CHECK(scope_of(role, rules).reason.find("groups.role_assignable") != std::string::npos);
    CHECK_FALSE(scope_of(dynamic, rules).in_scope);
    CHECK(scope_of(dynamic, rules).reason.find("groups.dynamic") != std::string::npos);
    CHECK(scope_of(security_group(), rules).in_scope);
    role.further["isAssignableToRole"] = {"false"};
    CHECK(scope_of(role, rules).in_scope);
}

TEST_CASE("a filter is an expression that says of each group whether it is written back") {
    GroupsConfig config;
    config.select = Select::filter;
    config.filter = "IIF(Left([displayName],4)=\"PRJ-\", True, False)";
    const ScopeRules rules = scope_rules(config).value();
    CHECK(scope_of(security_group(1, "PRJ-Apollo"), rules).in_scope);
    CHECK(scope_of(security_group(1, "PRJ-Apollo"), rules).told);
    CHECK_FALSE(scope_of(security_group(1, "Sales"), rules).in_scope);
    CHECK(scope_of(security_group(1, "Sales"), rules).reason == "groups.filter is false for it");
}

TEST_CASE("a filter that fails for a group is no evidence: its scope stays, and it is held") {
    GroupsConfig config;
    config.select = Select::filter;
    config.filter = "[isManagementRestricted] = True";
    const ScopeRules rules = scope_rules(config).value();
    CloudGroup group = security_group();
    group.further["isManagementRestricted"] = {"perhaps"};
    const Scope scope = scope_of(group, rules);
    CHECK_FALSE(scope.told);
    CHECK(scope.fault);
    CHECK(scope.reason.find("groups.filter") != std::string::npos);
    CHECK(is_scope_fault(scope.reason));
    CHECK_FALSE(is_scope_fault("mailEnabled is text"));
    // What is never written needs no filter to say so.
    group.on_premises_sync_enabled = true;
    CHECK(scope_of(group, rules).told);
}

TEST_CASE("with select = assigned the groups keep their scope until the assignments are read") {
    ScopeRules rules = rules_for(Select::assigned);
    CHECK_FALSE(scope_of(security_group(), rules).told);
    CHECK_FALSE(scope_of(security_group(), rules).fault);
    const std::string unread = fingerprint(rules);
    rules.assigned = std::set<GroupId>{group_id(1)};
    CHECK(scope_of(security_group(1), rules).in_scope);
    CHECK_FALSE(scope_of(security_group(2), rules).in_scope);
    CHECK(scope_of(security_group(2), rules).reason.find("not assigned") != std::string::npos);
    const std::string one = fingerprint(rules);
    CHECK(one != unread);
    rules.assigned->insert(group_id(2));
    CHECK(fingerprint(rules) != one);
    rules.assigned->clear();
    CHECK_FALSE(scope_of(security_group(1), rules).in_scope);
}

TEST_CASE(
    "a group whose scope cannot be told is held with the reason, and explicit removals go on") {
    GroupsConfig config;
    config.policy = Policy::full;
    GroupWork held = work({1}, {present(2, Evidence::removed), present(3)});
    held.cloud->unreadable = std::string(scope_fault_begins) + "groups.filter: no Boolean";
    const Plan plan =
        plan_group(held, desired(), {config, 1000, {}}, DeletionVerdict::none_pending);
    const GuardConfig limits;
    const Judgement judgement = judge(plan, held, {}, {limits, config, {container}});
    CHECK(members(judgement.permitted, OperationKind::remove_members) == Numbers{2});
    REQUIRE(judgement.holds.size() == 1);
    CHECK(judgement.holds[0].reason == HoldReason::unreadable);
    CHECK(judgement.holds[0].detail ==
          "Whether it is in scope cannot be told: groups.filter: no Boolean. But for explicit "
          "removals it stays as it is, until the group or the setting changes.");
}

TEST_CASE("the scope's fingerprint differs exactly when the rules decide differently") {
    GroupsConfig config;
    const std::string all = fingerprint(scope_rules(config).value());
    config.policy = Policy::full;
    CHECK(fingerprint(scope_rules(config).value()) == all);
    config.include = {guid(1)};
    CHECK(fingerprint(scope_rules(config).value()) == all);
    config.select = Select::listed;
    const std::string one = fingerprint(scope_rules(config).value());
    CHECK(one != all);
    config.include = {guid(2), guid(1)};
    const std::string two = fingerprint(scope_rules(config).value());
    CHECK(two != one);
    config.include = {guid(1), guid(2)};
    CHECK(fingerprint(scope_rules(config).value()) == two);
    config.kind_security = false;
    CHECK(fingerprint(scope_rules(config).value()) != two);
    config = {};
    const auto print = [&] { return fingerprint(scope_rules(config).value()); };
    config.role_assignable = false;
    CHECK(print() != all);
    config = {};
    config.dynamic = false;
    CHECK(print() != all);
    config = {};
    config.select = Select::writeback_configuration;
    CHECK(print() != all);
    config.select = Select::filter;
    config.filter = "[mailEnabled] = True";
    const std::string filtered = print();
    CHECK(filtered != all);
    config.filter = "[mailEnabled] = False";
    CHECK(print() != filtered);
}
