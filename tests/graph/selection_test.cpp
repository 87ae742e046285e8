// What the groups stream is asked for beyond its constant properties, and how that is read.
#include "graph/delta_page.hpp"
#include "pages.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace writeback;
using namespace pages;
using cloud::ScriptedCloud;

namespace {

using Values = Patch<std::vector<std::string>>;

GroupItem read(const std::string& properties, const Properties& further) {
    auto item = parse_group("{\"id\":\"" + std::string(g1) + "\"," + properties + "}", further);
    REQUIRE_MESSAGE(item.has_value(), (item.has_error() ? item.error().detail : ""));
    return std::move(*item);
}

GroupSelection everything() {
    GroupSelection selection;
    selection.properties = {"isAssignableToRole", "writebackConfiguration"};
    selection.owners = true;
    selection.beta = true;
    selection.only = {GroupId(g1), GroupId("10000000-0000-0000-0000-00000000000b")};
    return selection;
}

}  // namespace

TEST_CASE("the selection decides address, properties, owners and filter of the first request") {
    const std::string request = first_request(Stream::groups, everything());
    CHECK(request.starts_with("/beta/groups/delta?$select=displayName,"));
    CHECK(request.find(",isAssignableToRole,writebackConfiguration,members,owners&$filter=") !=
          std::string::npos);
    CHECK(
        request.ends_with("&$filter=id%20eq%20'10000000-0000-0000-0000-00000000000a'%20or%20"
                          "id%20eq%20'10000000-0000-0000-0000-00000000000b'"));
    CHECK(first_request(Stream::users, everything()) == first_request(Stream::users));
    CHECK(group_request(GroupId(g1), everything()) ==
          std::string("/beta/groups/") + g1 +
              "?$select=id,displayName,description,mail,mailEnabled,mailNickname,securityEnabled,"
              "groupTypes,visibility,proxyAddresses,onPremisesSyncEnabled,"
              "onPremisesSecurityIdentifier,isAssignableToRole,writebackConfiguration");
}

TEST_CASE("another selection is another stream") {
    ScriptedCloud cloud([](const Question& question) { return delta_end(question); });
    const std::string before = cloud.graph->changes().fingerprint(Stream::groups);
    GroupSelection selection;
    selection.owners = true;
    cloud.select(selection);
    CHECK(cloud.graph->changes().fingerprint(Stream::groups) != before);
    cloud.run([&]() -> Async<void> {
        const auto page = co_await cloud.graph->changes().groups_page("");
        CHECK(page.has_value());
    }());
    CHECK(cloud.calls()[0].target() == first_request(Stream::groups, selection));
}

TEST_CASE("further properties are texts, Booleans, numbers, lists and parts of objects") {
    const Properties asked = {"classification",         "isAssignableToRole",
                              "extension_0_cost",       "resourceBehaviorOptions",
                              "writebackConfiguration", "theme",
                              "assignedLabels",         "createdDateTime"};
    const auto item =
        read(R"("classification":"low","isAssignableToRole":true,"extension_0_cost":42,)"
             R"("resourceBehaviorOptions":["a","b"],"theme":null,"unasked":"x",)"
             R"("writebackConfiguration":{"@odata.type":"#x","isEnabled":false,)"
             R"("onPremisesGroupType":"universalSecurityGroup"},)"
             R"("assignedLabels":[{"labelId":"1"},{"labelId":"2"}])",
             asked);
    const std::map<std::string, Values> expected = {
        {"classification", {true, {{"low"}}}},
        {"isAssignableToRole", {true, {{"true"}}}},
        {"extension_0_cost", {true, {{"42"}}}},
        {"resourceBehaviorOptions", {true, {{"a", "b"}}}},
        {"theme", {true, {}}},
        {"writebackConfiguration", {true, {}}},
        {"writebackConfiguration.isEnabled", {true, {{"false"}}}},
        {"writebackConfiguration.onPremisesGroupType", {true, {{"universalSecurityGroup"}}}},
        {"assignedLabels", {true, {}}},
        {"assignedLabels.labelId", {true, {{"1", "2"}}}}};
    CHECK(item.further == expected);
}

TEST_CASE("a part that is null has no value, and its object is there") {
    const auto item =
        read(R"("writebackConfiguration":{"isEnabled":null,"onPremisesGroupType":null})",
             {"writebackConfiguration"});
    CHECK(item.further == std::map<std::string, Values>{{"writebackConfiguration", {true, {}}}});
}

TEST_CASE("owners are read as members are, and an item tells whether it had them") {
    const auto none = read(R"("displayName":"N")", {});
    CHECK_FALSE(none.owners_shown);
    const auto empty = read(R"("owners@delta":[])", {});
    CHECK(empty.owners_shown);
    const auto item = read(
        std::string(R"("owners@delta":[{"@odata.type":"#microsoft.graph.user","id":")") + u1 +
            R"("},{"id":"20000000-0000-0000-0000-000000000002","@removed":{"reason":"deleted"}}])",
        {});
    CHECK(item.owners_shown);
    CHECK(item.members.empty());
    REQUIRE(item.owners.size() == 2);
    CHECK(item.owners[0] == MemberChange{MemberId(u1), MemberType::user, false});
    CHECK(item.owners[1].removed);
    const auto garbled =
        parse_group(std::string(R"({"id":")") + g1 + R"(","owners@delta":[{"no":"id"}]})");
    CHECK(garbled.error().kind == FailureKind::unreadable);
}

TEST_CASE("a property that Graph does not know is named with the settings that ask for it") {
    ScriptedCloud cloud([](const Question&) {
        return scripted::answer(400, R"({"error":{"code":"BadRequest","message":)"
                                     R"("Could not find a property named 'costCentre' on type )"
                                     R"('microsoft.graph.group'."}})");
    });
    GroupSelection selection;
    selection.properties = {"classification", "costCentre"};
    cloud.select(selection);
    cloud.run([&]() -> Async<void> {
        const auto page = co_await cloud.graph->changes().groups_page("");
        REQUIRE(page.has_error());
        CHECK(page.error().kind == FailureKind::refused);
        CHECK(page.error().detail.find("reads these properties of groups: costCentre. ") !=
              std::string::npos);
        CHECK(page.error().detail.find("[mapping]") != std::string::npos);
        const auto read = co_await cloud.graph->changes().read_group(GroupId(g1));
        REQUIRE(read.has_error());
        CHECK(read.error().detail.find("costCentre. ") != std::string::npos);
    }());
}
