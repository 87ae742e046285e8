#include "core/mapping.hpp"

#include "core/examples.hpp"
#include "core/projection.hpp"
#include "core/text.hpp"

#include <doctest/doctest.h>

using namespace writeback;
using namespace writeback::examples;

namespace {

using Text = std::map<std::string, std::string>;

// The default schema of Active Directory with Exchange's attributes, as far as these stories go.
const Schema exchange = {{"cn", {}},
                         {"displayname", {}},
                         {"description", {}},
                         {"info", {}},
                         {"mail", {}},
                         {"proxyaddresses", {}},
                         {"managedby", {}},
                         {"mailnickname", {}},
                         {"targetaddress", {}},
                         {"hidedlmembership", {}},
                         {"msexchrecipientdisplaytype", {}},
                         {"authorig", {AttributeSyntax::name, false, 0}},
                         {"extensionattribute1", {AttributeSyntax::text, true, 1024}}};
Schema without_exchange() {
    Schema schema = exchange;
    for (const char* name : {"mailnickname", "targetaddress", "hidedlmembership",
                             "msexchrecipientdisplaytype", "authorig", "extensionattribute1"})
        schema.erase(name);
    return schema;
}

ProjectionRules rules_by(const Text& mapping, const Schema& schema = exchange,
                         const GroupsConfig& groups = {}) {
    DirectoryConfig directory;
    directory.container = container.text();
    return projection_rules(groups, directory, mapping, schema).value();
}

DesiredGroup mapped(const CloudGroup& group, const Text& mapping) {
    return project(group, rules_by(mapping)).value();
}

std::string fault(const std::string& attribute, const std::string& text,
                  const Schema& schema = exchange) {
    const auto faults = mapping_faults({{attribute, text}}, schema);
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].attribute == attribute);
    CHECK(faults[0].failure.kind == FailureKind::invalid_configuration);
    CHECK(faults[0].failure.detail.starts_with("[mapping] " + attribute));
    CHECK(compile_mapping({{attribute, text}}, schema).has_error());
    return faults[0].failure.detail;
}

bool says(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

CloudGroup team() {
    CloudGroup group = security_group(1, "Team");
    group.group_types = {"Unified"};
    group.mail_enabled = true;
    group.mail = "team@contoso.com";
    group.mail_nickname = "team";
    return group;
}

}  // namespace

TEST_CASE("an attribute is overridden, added or not written, the others stay the default's") {
    CloudGroup group = security_group();
    group.description = "People who sell.";
    const DesiredGroup desired = mapped(group, {{"description", "ToUpper([description])"},
                                                {"INFO", "Append([objectId], \"!\")"},
                                                {"displayName", ""}});
    CHECK(desired.cn == "Sales_000000000001");
    CHECK(desired.attributes == Attributes{{"adminDescription", {mark_of(group_id())}},
                                           {"description", {"PEOPLE WHO SELL."}},
                                           {"info", {guid(1) + "!"}}});
    CHECK_FALSE(desired.compares_sam_account_name);
}

TEST_CASE("what is not written is not compared either") {
    const auto names =
        written_attributes(rules_by({{"displayName", ""}, {"managedBy", "[owners]"}}));
    CHECK(names == Names{"adminDescription", "description", "mail", "managedBy", "proxyAddresses"});
}

TEST_CASE("cn and sAMAccountName follow their expressions, with an alternative that fits") {
    const DesiredGroup desired =
        mapped(security_group(1, "  Sales  "),
               {{"cn", "[displayName]"}, {"sAMAccountName", "Trim([displayName])"}});
    CHECK(desired.cn == "Sales");
    CHECK(desired.alternative_cn == "Sales_000000000001");
    CHECK(desired.sam_account_name == "Sales");
    CHECK(desired.alternative_sam_account_name == "Sales_000000000001");
    CHECK(desired.compares_sam_account_name);
    const DesiredGroup longest =
        mapped(security_group(1, std::string(300, 'x')),
               {{"cn", "[displayName]"}, {"sAMAccountName", "[displayName]"}});
    CHECK(longest.cn == std::string(64, 'x'));
    CHECK(longest.alternative_cn == std::string(51, 'x') + "_000000000001");
    CHECK(longest.sam_account_name.size() == 256);
    CHECK(longest.alternative_sam_account_name.size() == 256);
}

TEST_CASE("Connect's name format is an expression as well") {
    CHECK(mapped(security_group(), {{"cn", "Append(\"Group_\",[objectId])"}}).cn ==
          "Group_" + guid(1));
}

TEST_CASE("a group's container is an expression's value") {
    const Text mapping = {{"parentDistinguishedName",
                           "Switch(Left([displayName],2), \"OU=Cloud Groups,DC=contoso,DC=com\", "
                           "\"Sa\", \"OU=Sales,OU=Cloud Groups,DC=contoso,DC=com\")"}};
    CHECK(mapped(security_group(1, "Sales"), mapping).container ==
          Dn("OU=Sales,OU=Cloud Groups,DC=contoso,DC=com"));
    CHECK(mapped(security_group(1, "Other"), mapping).container == container);
    const auto rules = rules_by({{"parentDistinguishedName", "[description]"}});
    CloudGroup group = security_group();
    CHECK(says(project(group, rules).error().detail, "gives nothing for this group"));
    group.description = "Sales";
    CHECK(says(project(group, rules).error().detail, "is no distinguished name"));
    group.description = " OU=Sales,DC=contoso,DC=com ";
    CHECK(project(group, rules).value().container == Dn("OU=Sales,DC=contoso,DC=com"));
}

TEST_CASE("Exchange's attributes are written where a mapping asks for them, each by its type") {
    const Attributes attributes =
        mapped(team(), {{"mailNickname", "[mailNickname]"},
                        {"targetAddress", "Append(\"SMTP:\",[mail])"},
                        {"hideDLMembership", "IIF([visibility]=\"HiddenMembership\", True, False)"},
                        {"msExchRecipientDisplayType", "\"-2147483642\""},
                        {"extensionAttribute1", "\"cloud\""}})
            .attributes;
    CHECK(attributes.at("mailNickname") == Names{"team"});
    CHECK(attributes.at("targetAddress") == Names{"SMTP:team@contoso.com"});
    CHECK(attributes.at("hideDLMembership") == Names{"FALSE"});
    CHECK(attributes.at("msExchRecipientDisplayType") == Names{"-2147483642"});
    CHECK(attributes.at("extensionAttribute1") == Names{"cloud"});
    CHECK(attributes.at("mail") == Names{"team@contoso.com"});
}

TEST_CASE("without Exchange's schema its attributes are left out and told") {
    const Text mapping = {{"mailNickname", "[mailNickname]"},
                          {"hideDLMembership", "False"},
                          {"info", "[mailNickname]"}};
    const ProjectionRules rules = rules_by(mapping, without_exchange());
    CHECK(rules.mapping.left_out == Names{"hideDLMembership", "mailNickname"});
    const Attributes attributes = project(team(), rules).value().attributes;
    CHECK_FALSE(attributes.contains("mailNickname"));
    CHECK(attributes.at("info") == Names{"team"});
    CHECK(rules_by({}, {{"cn", {}}}).mapping.left_out == Names{"mail", "proxyAddresses"});
    CHECK(rules_by(mapping).mapping.left_out.empty());
}

TEST_CASE("mail and proxyAddresses by mapping take the place of the default's rule") {
    CloudGroup group = team();
    group.proxy_addresses = {"SMTP:team@contoso.com", "smtp:old@contoso.com"};
    const Attributes attributes =
        mapped(group, {{"proxyAddresses", "[proxyAddresses]"}, {"mail", ""}}).attributes;
    CHECK(attributes.at("proxyAddresses") ==
          Names{"SMTP:team@contoso.com", "smtp:old@contoso.com"});
    CHECK_FALSE(attributes.contains("mail"));
}

TEST_CASE("what AD could not take is refused with attribute, reason and remedy, before any write") {
    CloudGroup group = security_group(1, "R&D: North");
    auto why = project(group, rules_by({{"sAMAccountName", "[displayName]"}})).error();
    CHECK(why.kind == FailureKind::value_refused);
    CHECK(why.detail ==
          "[mapping] sAMAccountName: \"R&D: North\" holds the character :, which no account name "
          "may have; take it out with Replace");
    why = project(group, rules_by({{"msExchRecipientDisplayType", "[displayName]"}})).error();
    CHECK(says(why.detail, "is no whole number"));
    group.display_name.clear();
    why = project(group, rules_by({{"cn", "[displayName]"}})).error();
    CHECK(says(why.detail, "[mapping] cn: the expression gives nothing for this group"));
}

TEST_CASE("a mapping that cannot be followed is told with its place") {
    CHECK(says(fault("info", "Left([displayName]"), ", column "));
    CHECK(says(fault("info", "[nickname]"), "nickname"));
    CHECK(says(fault("adminDescription", "[displayName]"), "mark"));
    CHECK(says(fault("member", ""), "members"));
    CHECK(says(fault("authOrig", "[displayName]"), "managedBy"));
    CHECK(says(fault("managedBy", "[displayName]"), "[owners]"));
    CHECK(says(fault("cn", ""), "every group needs one"));
    CHECK(says(fault("sAMAccountName", ""), "every group needs one"));
    CHECK(says(fault("cn", "[proxyAddresses]"), "several texts"));
    CHECK(says(fault("parentDistinguishedName", "True"), "True or False"));
    CHECK(says(fault("info", "[proxyAddresses]"), "Item"));
    CHECK(says(fault("hideDLMembership", "Len([displayName])"), "True or False"));
    CHECK(says(fault("msExchRecipientDisplayType", "True"), "whole number"));
}

TEST_CASE("every fault of a mapping is told, not the first alone") {
    const auto faults = mapping_faults(
        {{"info", "Left("}, {"cn", ""}, {"mail", "[mail]"}, {"Mail", "[mail]"}}, exchange);
    Names names;
    for (const MappingFault& one : faults)
        names.push_back(one.attribute);
    std::sort(names.begin(), names.end());
    CHECK(names == Names{"cn", "info", "mail"});
}

TEST_CASE("managedBy is a direct reference, in each of its spellings") {
    for (const char* text : {"[owners]", "[owner]", "[managedBy]", " [ Owners ] "}) {
        CHECK(rules_by({{"managedBy", text}}).mapping.managed_by);
    }
    CHECK_FALSE(rules_by({}).mapping.managed_by);
    CHECK_FALSE(rules_by({{"managedBy", ""}}).mapping.managed_by);
}

TEST_CASE("before a directory was asked every attribute's expression is checked all the same") {
    CHECK(mapping_faults({{"contoso-code", "[displayName]"}}, {}).empty());
    CHECK(mapping_faults({{"contoso-code", "Left("}}, {}).size() == 1);
    CHECK(says(fault("hideDLMembership", "Len([displayName])", {}), "True or False"));
    const Mapping mapping = compile_mapping({}, {}).value();
    CHECK_FALSE(mapping.mail);
    CHECK(mapping.left_out.empty());
    CHECK(mapping.reads() == std::set<std::string>{"description", "displayName", "id"});
}

TEST_CASE("a group's own onPremisesGroupType decides where writebackConfiguration selects") {
    GroupsConfig groups;
    groups.select = Select::writeback_configuration;
    groups.microsoft365_as = Microsoft365As::universal_security_group;
    const ProjectionRules rules = rules_by({}, exchange, groups);
    struct Row {
        const char* type;
        std::int32_t group_type;
        bool mail_enabled;
    };
    for (const Row& row :
         {Row{"universalDistributionGroup", 8, true},
          Row{"universalSecurityGroup", -2147483640, false},
          Row{"universalMailEnabledSecurityGroup", -2147483640, true}, Row{nullptr, 8, true}}) {
        CloudGroup group = team();
        if (row.type) group.further["writebackConfiguration.onPremisesGroupType"] = {row.type};
        const DesiredGroup desired = project(group, rules).value();
        CHECK(desired.group_type == row.group_type);
        CHECK(desired.mail_enabled == row.mail_enabled);
        CHECK(desired.attributes.contains("mail") == row.mail_enabled);
    }
    CloudGroup security = security_group();
    security.further["writebackConfiguration.onPremisesGroupType"] = {"universalDistributionGroup"};
    CHECK(project(security, rules).value().group_type == universal_security_group);
    CloudGroup odd = team();
    odd.further["writebackConfiguration.onPremisesGroupType"] = {"globalGroup"};
    CHECK(says(project(odd, rules).error().detail, "\"globalGroup\""));
}

TEST_CASE("without writebackConfiguration the setting decides for all, and its property for none") {
    GroupsConfig groups;
    groups.microsoft365_as = Microsoft365As::universal_mail_enabled_security_group;
    CloudGroup group = team();
    group.further["writebackConfiguration.onPremisesGroupType"] = {"universalDistributionGroup"};
    DesiredGroup desired = project(group, rules_by({}, exchange, groups)).value();
    CHECK(desired.group_type == universal_security_group);
    CHECK(desired.mail_enabled);
    groups.microsoft365_as = Microsoft365As::universal_security_group;
    desired = project(group, rules_by({}, exchange, groups)).value();
    CHECK_FALSE(desired.mail_enabled);
    CHECK_FALSE(desired.attributes.contains("proxyAddresses"));
}

TEST_CASE("another mapping has another fingerprint") {
    const std::string plain = fingerprint(rules_by({}));
    for (const Text& mapping :
         {Text{{"info", "[mail]"}}, Text{{"info", "[displayName]"}}, Text{{"cn", "[mail]"}},
          Text{{"sAMAccountName", "[mail]"}}, Text{{"parentDistinguishedName", "[mail]"}},
          Text{{"managedBy", "[owners]"}}, Text{{"description", ""}}}) {
        CHECK(fingerprint(rules_by(mapping)) != plain);
    }
    CHECK(fingerprint(rules_by({{"info", "[mail]"}})) !=
          fingerprint(rules_by({{"info", "[displayName]"}})));
}
