#include "graph/delta_page.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace writeback;

namespace {

const WebOrigin graph{true, "graph.example.com", "443"};
const std::string next =
    R"("@odata.nextLink":"https://graph.example.com/v1.0/groups/delta?$skiptoken=s1")";
const std::string delta =
    R"("@odata.deltaLink":"https://graph.example.com/v1.0/groups/delta?$deltatoken=d1")";
constexpr const char* g1 = "10000000-0000-0000-0000-00000000aaaa";
constexpr const char* u1 = "20000000-0000-0000-0000-000000000001";

GroupPage groups(const std::string& items, const std::string& link = delta) {
    auto page = parse_groups_page("{\"value\":[" + items + "]," + link + "}", graph);
    REQUIRE_MESSAGE(page.has_value(), (page.has_error() ? page.error().detail : ""));
    return std::move(*page);
}

GroupItem group(const std::string& members_of_object) {
    auto page = groups("{\"id\":\"" + std::string(g1) + "\"" +
                       (members_of_object.empty() ? "" : ",") + members_of_object + "}");
    REQUIRE(page.items.size() == 1);
    return page.items.front();
}

Failure refused(const std::string& body) {
    const auto page = parse_groups_page(body, graph);
    REQUIRE(page.has_error());
    return page.error();
}

std::string member(const std::string& id, const std::string& rest = {}) {
    return R"({"@odata.type":"#microsoft.graph.user","id":")" + id + "\"" + rest + "}";
}

}  // namespace

TEST_CASE("a group is read with its properties and members") {
    const auto item = group(
        R"("displayName":"Bridge builders","description":"Who build","mail":"b@example.com",)"
        R"("mailEnabled":true,"mailNickname":"b","securityEnabled":false,"groupTypes":["Unified"],)"
        R"("visibility":"Private","proxyAddresses":["SMTP:b@example.com","smtp:c@example.com"],)"
        R"("onPremisesSyncEnabled":null,"onPremisesSecurityIdentifier":null,"unheardOf":{"x":[1]},)"
        R"("members@delta":[)" +
        member(u1) + R"(,{"@odata.type":"#microsoft.graph.group","id":")" + std::string(g1) +
        "\"}]");
    CHECK(item.id == GroupId(g1));
    CHECK(item.removal == Removal::no);
    CHECK(item.unreadable.empty());
    CHECK(item.display_name == Patch<std::string>{true, "Bridge builders"});
    CHECK(item.mail_enabled == Patch<bool>{true, true});
    CHECK(item.security_enabled == Patch<bool>{true, false});
    CHECK(item.group_types.value == std::vector<std::string>{"Unified"});
    CHECK(item.proxy_addresses.value->size() == 2);
    CHECK(item.on_premises_sync_enabled == Patch<bool>{true, std::nullopt});
    REQUIRE(item.members.size() == 2);
    CHECK(item.members[0] == MemberChange{MemberId(u1), MemberType::user, false});
    CHECK(item.members[1] == MemberChange{MemberId(g1), MemberType::group, false});
}

TEST_CASE("a property that is left out is not the same as one that is null") {
    const auto item = group(R"("description":null)");
    CHECK(item.description == Patch<std::string>{true, std::nullopt});
    CHECK(item.display_name == Patch<std::string>{false, std::nullopt});
    CHECK(item.group_types.present == false);
    const auto empty = group(R"("description":"","groupTypes":[])");
    CHECK(empty.description == Patch<std::string>{true, ""});
    CHECK(empty.group_types.value == std::vector<std::string>{});
}

TEST_CASE("an empty page with a nextLink is an ordinary page") {
    const auto page = groups("", next);
    CHECK(page.items.empty());
    CHECK(page.link.kind == LinkKind::next);
    CHECK(page.link.url == "https://graph.example.com/v1.0/groups/delta?$skiptoken=s1");
    CHECK(groups("", delta).link.kind == LinkKind::delta);
}

TEST_CASE("a null link counts as none") {
    const auto page = groups("", delta + R"(,"@odata.nextLink":null)");
    CHECK(page.link.kind == LinkKind::delta);
}

TEST_CASE("a group that is split over a page stays two items, in the order shown") {
    const std::string part = "{\"id\":\"" + std::string(g1) + "\",\"members@delta\":[";
    const auto page = groups(part + member(u1) + "]}," + part +
                             member(u1, R"(,"@removed":{"reason":"deleted"})") + "]}");
    REQUIRE(page.items.size() == 2);
    CHECK(page.items[0].id == page.items[1].id);
    CHECK_FALSE(page.items[0].members[0].removed);
    CHECK(page.items[1].members[0].removed);
}

TEST_CASE("a removed member and a removed group may come in a first crawl too") {
    const auto page = groups(
        "{\"id\":\"" + std::string(g1) + "\",\"members@delta\":[" + member(u1) + "," +
            member("20000000-0000-0000-0000-000000000002", R"(,"@removed":{"reason":"deleted"})") +
            R"(]},{"id":"30000000-0000-0000-0000-000000000000","@removed":{"reason":"changed"}})",
        next);
    REQUIRE(page.items.size() == 2);
    CHECK_FALSE(page.items[0].members[0].removed);
    CHECK(page.items[0].members[1].removed);
    CHECK(page.items[1].removal == Removal::changed);
}

TEST_CASE(
    "removal tells soft from final, as object and as text, and takes the unheard-of as soft") {
    CHECK(group(R"("@removed":{"reason":"changed"})").removal == Removal::changed);
    CHECK(group(R"("@removed":{"reason":"deleted"})").removal == Removal::deleted);
    CHECK(group(R"("@removed":"deleted")").removal == Removal::deleted);
    CHECK(group(R"("@removed":"changed")").removal == Removal::changed);
    CHECK(group(R"("@removed":{"reason":"evaporated"})").removal == Removal::changed);
    CHECK(group(R"("@removed":{})").removal == Removal::changed);
    CHECK(group(R"("@removed":null)").removal == Removal::no);
    CHECK_FALSE(group(R"("@removed":7)").unreadable.empty());
    CHECK(group("\"members@delta\":[" + member(u1, R"(,"@removed":"deleted")") + "]")
              .members[0]
              .removed);
    CHECK_FALSE(
        group("\"members@delta\":[" + member(u1, R"(,"@removed":null)") + "]").members[0].removed);
}

TEST_CASE("the kinds of members are told by their type, in any case; new kinds are unknown") {
    CHECK(member_type("#microsoft.graph.user") == MemberType::user);
    CHECK(member_type("#Microsoft.Graph.Group") == MemberType::group);
    CHECK(member_type("#microsoft.graph.device") == MemberType::device);
    CHECK(member_type("#microsoft.graph.orgContact") == MemberType::contact);
    CHECK(member_type("#microsoft.graph.servicePrincipal") == MemberType::service_principal);
    CHECK(member_type("#microsoft.graph.agentUser") == MemberType::unknown);
    CHECK(member_type("") == MemberType::unknown);
}

TEST_CASE("ids are told apart without regard to case") {
    const auto page = groups(R"({"id":"10000000-0000-0000-0000-00000000AAAA"})");
    CHECK(page.items[0].id == GroupId(g1));
}

TEST_CASE("an unreadable item keeps its id, tells why, and leaves the others alone") {
    const auto page = groups("{\"id\":\"" + std::string(g1) + R"(","displayName":7,"mail":"x"},)" +
                             R"({"id":"30000000-0000-0000-0000-000000000000"})");
    REQUIRE(page.items.size() == 2);
    CHECK(page.items[0].id == GroupId(g1));
    CHECK(page.items[0].unreadable == "displayName is no text");
    CHECK_FALSE(page.items[0].mail.present);
    CHECK(page.items[1].unreadable.empty());

    for (const char* odd :
         {R"("mailEnabled":"true")", R"("groupTypes":"Unified")", R"("groupTypes":[1])",
          R"("members@delta":{})", R"("members@delta":[1])", R"("members@delta":[{}])",
          R"("members@delta":[{"id":5}])", R"("members@delta":[{"id":"a b"}])",
          R"("members@delta":[{"id":""}])", R"("members@delta":[{"id":"x","@removed":1}])"}) {
        const auto item = group(odd);
        CHECK_MESSAGE(!item.unreadable.empty(), odd);
        CHECK(item.members.empty());
    }
}

TEST_CASE("an item without a usable id says so") {
    for (const char* odd : {"7", "null", "{}", R"({"id":null})", R"({"id":"[group-id]"})", "[]"}) {
        const auto page = groups(odd);
        REQUIRE(page.items.size() == 1);
        CHECK(page.items[0].id.empty());
        CHECK_FALSE(page.items[0].unreadable.empty());
    }
}

TEST_CASE("a member whose id is plain text but no GUID holds nothing up") {
    const auto item =
        group("\"members@delta\":[" + member("632f6bb2-3ec8-4c1f-9073-0027a8c6859") + "]");
    CHECK(item.unreadable.empty());
    CHECK(item.members[0].member == MemberId("632f6bb2-3ec8-4c1f-9073-0027a8c6859"));
}

TEST_CASE("a page that can't be trusted is unreadable as a whole") {
    CHECK(refused("").kind == FailureKind::unreadable);
    CHECK(refused("{").kind == FailureKind::unreadable);
    CHECK(refused("[]").kind == FailureKind::unreadable);
    CHECK(refused("null").kind == FailureKind::unreadable);
    CHECK(refused("{" + delta + "}").kind == FailureKind::unreadable);
    CHECK(refused("{\"value\":{}," + delta + "}").kind == FailureKind::unreadable);
    CHECK(refused("{\"value\":null," + delta + "}").kind == FailureKind::unreadable);
    CHECK(refused("{\"value\":[]}").kind == FailureKind::unreadable);
    CHECK(refused("{\"value\":[]," + delta + "," + next + "}").kind == FailureKind::unreadable);
    CHECK(refused(R"({"value":[],"@odata.deltaLink":7})").kind == FailureKind::unreadable);
    CHECK(refused(R"({"value":[],"@odata.deltaLink":""})").kind == FailureKind::unreadable);
    CHECK(refused("{\"value\":[]," + delta + "} trailing").kind == FailureKind::unreadable);
    CHECK(refused("{\"value\":[\"\xff\xfe\"]," + delta + "}").kind == FailureKind::unreadable);
    const std::string deep = std::string(5000, '[') + std::string(5000, ']');
    CHECK(refused("{\"value\":" + deep + "," + delta + "}").kind == FailureKind::unreadable);
}

TEST_CASE("a link off the endpoint's origin is refused, however it is dressed up") {
    for (const char* elsewhere :
         {"https://graph.example.com.evil.net/d?$skiptoken=1", "http://graph.example.com/d",
          "https://graph.example.com:8443/d", "https://graph.example.com@evil.net/d",
          "https://evil.net/graph.example.com", "//evil.net/d", "graph.example.com/d",
          "https://graph.example.com/d e", "https://graph.example.com/d\\r\\nX: y",
          "file:///etc/passwd", "javascript:x"}) {
        const auto why =
            refused(R"({"value":[],"@odata.nextLink":")" + std::string(elsewhere) + "\"}");
        CHECK_MESSAGE(why.kind == FailureKind::link_refused, elsewhere);
    }
    CHECK(
        parse_groups_page(
            R"({"value":[],"@odata.nextLink":"HTTPS://Graph.Example.com:443/v1.0/x?$skiptoken=a+b|c{d}"})",
            graph)
            .has_value());
}

TEST_CASE("a user is read with what decides its identity") {
    const auto page = parse_users_page(
        R"({"value":[{"id":"20000000-0000-0000-0000-000000000001","userPrincipalName":"a@example.com",)"
        R"("onPremisesSyncEnabled":true,"onPremisesSecurityIdentifier":"S-1-5-21-1-2-3-1104"},)"
        R"({"id":"20000000-0000-0000-0000-000000000002","@removed":{"reason":"changed"}},)"
        R"({"id":"20000000-0000-0000-0000-000000000003","onPremisesSyncEnabled":null},)"
        R"({"id":"20000000-0000-0000-0000-000000000004","onPremisesSyncEnabled":"yes"}],)" +
            delta + "}",
        graph);
    REQUIRE(page.has_value());
    REQUIRE(page->items.size() == 4);
    CHECK(page->items[0].id == MemberId(u1));
    CHECK(page->items[0].on_premises_sync_enabled == Patch<bool>{true, true});
    CHECK(page->items[0].on_premises_security_identifier.value == "S-1-5-21-1-2-3-1104");
    CHECK_FALSE(page->items[0].on_premises_immutable_id.present);
    CHECK(page->items[1].removal == Removal::changed);
    CHECK(page->items[2].on_premises_sync_enabled == Patch<bool>{true, std::nullopt});
    CHECK_FALSE(page->items[3].unreadable.empty());
    CHECK(page->items[3].id == MemberId("20000000-0000-0000-0000-000000000004"));
}

TEST_CASE("the first requests select what the mirror keeps, and members") {
    CHECK(first_request(Stream::groups) ==
          "/v1.0/groups/delta?$select=displayName,description,mail,mailEnabled,mailNickname,"
          "securityEnabled,groupTypes,visibility,proxyAddresses,onPremisesSyncEnabled,"
          "onPremisesSecurityIdentifier,members");
    CHECK(first_request(Stream::users).find("$deltatoken=latest") != std::string::npos);
}

TEST_CASE("a member list is whole or unreadable") {
    const auto page = parse_members_page(
        R"({"value":[{"@odata.type":"#microsoft.graph.user","id":"20000000-0000-0000-0000-000000000001"},)"
        R"({"id":"20000000-0000-0000-0000-000000000002"}]})",
        graph);
    REQUIRE(page.has_value());
    CHECK(page->next.empty());
    CHECK(page->members[0].type == MemberType::user);
    CHECK(page->members[1].type == MemberType::unknown);
    CHECK(parse_members_page(R"({"value":[{"@odata.type":"#microsoft.graph.user"}]})", graph)
              .error()
              .kind == FailureKind::unreadable);
    CHECK(parse_members_page("{}", graph).error().kind == FailureKind::unreadable);
    CHECK(parse_members_page(R"({"value":[],"@odata.nextLink":"https://evil.net/"})", graph)
              .error()
              .kind == FailureKind::link_refused);
}
