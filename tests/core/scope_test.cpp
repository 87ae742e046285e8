#include "core/scope.hpp"

#include "core/examples.hpp"

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

TEST_CASE("what cannot be followed yet is refused with setting and remedy") {
    for (const Select select :
         {Select::writeback_configuration, Select::assigned, Select::filter}) {
        GroupsConfig config;
        config.select = select;
        const auto rules = scope_rules(config);
        REQUIRE(rules.has_error());
        CHECK(rules.error().kind == FailureKind::invalid_configuration);
        CHECK(rules.error().detail.find("groups.select") != std::string::npos);
    }
    GroupsConfig config;
    config.select = Select::listed;
    config.include = {"Sales"};
    REQUIRE(scope_rules(config).has_error());
    CHECK(scope_rules(config).error().detail.find("\"Sales\"") != std::string::npos);
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
}
