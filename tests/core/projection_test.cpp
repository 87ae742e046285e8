#include "core/projection.hpp"

#include "core/examples.hpp"
#include "core/text.hpp"

#include <doctest/doctest.h>

using namespace writeback;
using namespace writeback::examples;

namespace {

const std::string face = "\xF0\x9F\x98\x80";

DirectoryConfig directory_config() {
    DirectoryConfig config;
    config.container = container.text();
    return config;
}

using Schema = std::map<std::string, AttributeFacts>;

ProjectionRules rules_for(const Schema& schema, const GroupsConfig& groups = {}) {
    return projection_rules(groups, directory_config(), {}, schema).value();
}

const Schema exchange_schema = {
    {"mail", {}}, {"proxyaddresses", {}}, {"msds-externaldirectoryobjectid", {}}};

DesiredGroup projected(const CloudGroup& group) {
    return project(group, rules_for({})).value();
}

CloudGroup named(std::string name) {
    return security_group(1, std::move(name));
}

std::string repeated(const std::string& text, int times) {
    std::string result;
    for (int i = 0; i < times; ++i)
        result += text;
    return result;
}

}  // namespace

TEST_CASE("a security group gets the names and attributes of the default mapping") {
    CloudGroup group = named("  Sales Team  ");
    group.description = "  People who sell.  ";
    const DesiredGroup desired = projected(group);
    CHECK(desired.id == group_id());
    CHECK(desired.container == container);
    CHECK(desired.cn == "Sales Team_000000000001");
    CHECK(desired.sam_account_name == "Sales Team_000000000001");
    CHECK(desired.group_type == -2147483640);
    CHECK(desired.attributes == Attributes{{"displayName", {"  Sales Team  "}},
                                           {"description", {"People who sell."}},
                                           {"adminDescription", {"Group_" + guid(1)}}});
}

TEST_CASE("the CN is at most 64 units long and cuts no surrogate pair") {
    CHECK(projected(named(std::string(80, 'x'))).cn == std::string(51, 'x') + "_000000000001");
    const std::string pairs = repeated(face, 30);
    CHECK(projected(named(pairs)).cn == repeated(face, 25) + "_000000000001");
    CHECK(utf16_length(projected(named(std::string(80, 'x'))).cn) == 64);
}

TEST_CASE(
    "an empty or blank description or name is no attribute, and the group has a CN all the same") {
    CloudGroup group = named("");
    group.description = "   ";
    const DesiredGroup desired = projected(group);
    CHECK_FALSE(desired.attributes.contains("displayName"));
    CHECK_FALSE(desired.attributes.contains("description"));
    CHECK(desired.cn == "_000000000001");
    CHECK(desired.sam_account_name == "Group_000000000001");
    group.description = std::nullopt;
    CHECK_FALSE(projected(group).attributes.contains("description"));
}

TEST_CASE("a description keeps 448 characters, whatever their bytes") {
    CloudGroup group = named("Sales");
    group.description = repeated("\xC3\xB6", 500);
    CHECK(projected(group).attributes.at("description").front() == repeated("\xC3\xB6", 448));
    group.description = "x" + repeated(face, 300);
    CHECK(utf16_length(projected(group).attributes.at("description").front()) == 447);
}

TEST_CASE("a display name longer than the schema allows is cut") {
    CHECK(projected(named(std::string(300, 'n'))).attributes.at("displayName").front() ==
          std::string(256, 'n'));
}

TEST_CASE("hostile names become a sAMAccountName that AD takes") {
    CHECK(projected(named("a\"b/c\\d[e]f:g;h|i=j,k+l*m?n<o>p")).sam_account_name ==
          "abcdefghijklmnop_000000000001");
    CHECK(projected(named("$ $dollar")).sam_account_name == "dollar_000000000001");
    CHECK(projected(named("tab\tand\nline\x7F")).sam_account_name == "tabandline_000000000001");
    CHECK(projected(named(":$*")).sam_account_name == "Group_000000000001");
    CHECK(projected(named("ends.")).sam_account_name == "ends._000000000001");
    CHECK(projected(named(std::string(49, 'a') + "  b")).sam_account_name ==
          std::string(49, 'a') + "_000000000001");
    CHECK(utf16_length(projected(named(repeated(face, 200))).sam_account_name) <= 64);
}

TEST_CASE("NUL and broken UTF-8 reach no value; all else of a hostile name stays in the CN") {
    const DesiredGroup desired = projected(named(std::string("a\0b\xFF,\"c", 7)));
    CHECK(desired.cn == "ab\xEF\xBF\xBD,\"c_000000000001");
    CHECK(desired.attributes.at("displayName").front() == "ab\xEF\xBF\xBD,\"c");
    CHECK(desired.sam_account_name ==
          "ab\xEF\xBF\xBD"
          "c_000000000001");
}

TEST_CASE("a Microsoft 365 group's type follows groups.microsoft365_as") {
    CloudGroup group = named("Team");
    group.group_types = {"Unified"};
    GroupsConfig config;
    CHECK(project(group, rules_for({}, config)).value().group_type == 8);
    config.microsoft365_as = Microsoft365As::universal_security_group;
    CHECK(project(group, rules_for({}, config)).value().group_type == -2147483640);
    config.microsoft365_as = Microsoft365As::universal_mail_enabled_security_group;
    CHECK(project(group, rules_for({}, config)).value().group_type == -2147483640);
}

TEST_CASE("mail attributes are written for mail-enabled groups where the schema has them") {
    CloudGroup group = named("Team");
    group.group_types = {"Unified"};
    group.mail = "team@contoso.com";
    group.proxy_addresses = {"smtp:old@contoso.com", "SMTP:team@contoso.com"};
    CHECK_FALSE(project(group, rules_for(exchange_schema)).value().attributes.contains("mail"));
    group.mail_enabled = true;
    const Attributes attributes = project(group, rules_for(exchange_schema)).value().attributes;
    CHECK(attributes.at("mail") == Names{"team@contoso.com"});
    CHECK(attributes.at("proxyAddresses") == Names{"SMTP:team@contoso.com"});
    CHECK(attributes.at("msDS-ExternalDirectoryObjectId") == Names{"Group_" + guid(1)});
    CHECK(projected(group).attributes.size() == 2);
}

TEST_CASE("without a primary proxy address the mail address is it; what is too long is left out") {
    CloudGroup group = named("Team");
    group.mail_enabled = true;
    group.mail = "team@contoso.com";
    const ProjectionRules rules = rules_for(exchange_schema);
    CHECK(project(group, rules).value().attributes.at("proxyAddresses") ==
          Names{"SMTP:team@contoso.com"});
    group.mail = std::string(300, 'm');
    CHECK_FALSE(project(group, rules).value().attributes.contains("mail"));
    group.proxy_addresses = {"SMTP:" + std::string(1119, 'm')};
    CHECK_FALSE(project(group, rules).value().attributes.contains("proxyAddresses"));
    group.proxy_addresses.clear();
    group.mail = std::nullopt;
    CHECK_FALSE(project(group, rules).value().attributes.contains("proxyAddresses"));
}

TEST_CASE("every attribute that is written is named among the written attributes") {
    CloudGroup group = named("Team");
    group.mail_enabled = true;
    group.mail = "team@contoso.com";
    group.description = "d";
    for (const auto& schema : {exchange_schema, Schema{}}) {
        const ProjectionRules rules = rules_for(schema);
        Names names;
        for (const auto& [name, values] : project(group, rules).value().attributes) {
            names.push_back(name);
        }
        CHECK(names == written_attributes(rules));
    }
}

TEST_CASE("a missing container and an id that is no GUID are refused clearly") {
    REQUIRE(projection_rules({}, {}, {}, {}).has_error());
    CloudGroup group = named("Sales");
    group.id = GroupId("not-a-guid");
    REQUIRE(project(group, rules_for({})).has_error());
    CHECK(project(group, rules_for({})).error().kind == FailureKind::value_refused);
}

TEST_CASE("the projection's fingerprint differs when any plan may differ") {
    GroupsConfig config;
    const std::string before = fingerprint(rules_for({}, config));
    CHECK(fingerprint(rules_for({}, config)) == before);
    CHECK(fingerprint(rules_for(exchange_schema, config)) != before);
    config.policy = Policy::full;
    CHECK(fingerprint(rules_for({}, config)) != before);
    config = {};
    config.on_delete = OnGone::keep;
    CHECK(fingerprint(rules_for({}, config)) != before);
    config = {};
    config.microsoft365_as = Microsoft365As::universal_security_group;
    CHECK(fingerprint(rules_for({}, config)) != before);
}
