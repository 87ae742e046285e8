#include "core/selection.hpp"

#include "core/examples.hpp"

#include <doctest/doctest.h>

using namespace writeback;
using namespace writeback::examples;

namespace {

using Properties = std::set<std::string>;

const std::string extension = "extension_0123456789abcdef0123456789abcdef_container";

}  // namespace

TEST_CASE("the default configuration asks for nothing beyond what every stream selects") {
    CHECK(group_selection(Config{}).value() == GroupSelection{});
}

TEST_CASE("what the mapping and the filter read is asked for, and nothing that is there anyway") {
    Config config;
    config.mapping = {
        {"info", "Append([membershipRule], [displayName])"},
        {"parentDistinguishedName", "Coalesce([" + extension + "], \"OU=x,DC=contoso,DC=com\")"}};
    config.groups.select = Select::filter;
    config.groups.filter = "[classification] = \"high\"";
    const GroupSelection selection = group_selection(config).value();
    CHECK(selection.properties == Properties{"classification", extension, "membershipRule"});
    CHECK_FALSE(selection.beta);
    CHECK_FALSE(selection.owners);
    CHECK(selection.only.empty());
}

TEST_CASE("writebackConfiguration exists in beta alone, and is asked for as a whole") {
    Config config;
    config.groups.select = Select::writeback_configuration;
    GroupSelection selection = group_selection(config).value();
    CHECK(selection.properties == Properties{"writebackConfiguration"});
    CHECK(selection.beta);
    config.groups.select = Select::all;
    config.mapping = {{"info", "[writebackConfiguration.onPremisesGroupType]"}};
    selection = group_selection(config).value();
    CHECK(selection.properties == Properties{"writebackConfiguration"});
    CHECK(selection.beta);
}

TEST_CASE("whether roles can be assigned to a group is asked for where the answer decides") {
    Config config;
    config.groups.role_assignable = false;
    CHECK(group_selection(config).value().properties == Properties{"isAssignableToRole"});
    CHECK_FALSE(group_selection(config).value().beta);
}

TEST_CASE("owners are asked for where managedBy is written") {
    Config config;
    config.mapping = {{"managedBy", "[owners]"}};
    CHECK(group_selection(config).value().owners);
    config.mapping = {{"managedBy", ""}};
    CHECK_FALSE(group_selection(config).value().owners);
}

TEST_CASE("up to fifty listed groups are all that the stream shows, more are all groups") {
    Config config;
    config.groups.select = Select::listed;
    config.groups.include = {guid(2), "3A5C3221-C465-48C0-95B8-000000000001", guid(1)};
    CHECK(group_selection(config).value().only == std::vector<GroupId>{group_id(1), group_id(2)});
    config.groups.include.clear();
    for (int number = 1; number <= 50; ++number)
        config.groups.include.push_back(guid(number));
    CHECK(group_selection(config).value().only.size() == 50);
    config.groups.include.push_back(guid(51));
    CHECK(group_selection(config).value().only.empty());
    config.groups.include = {guid(1)};
    config.groups.select = Select::all;
    CHECK(group_selection(config).value().only.empty());
}

TEST_CASE("a configuration that cannot be followed selects nothing") {
    Config config;
    config.mapping = {{"info", "Left("}};
    CHECK(group_selection(config).error().kind == FailureKind::invalid_configuration);
    config.mapping.clear();
    config.groups.select = Select::filter;
    CHECK(group_selection(config).has_error());
}
