// Direct reads against a scripted peer: groups, members, owners, assignments, identities.
#include "pages.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace writeback;
using namespace pages;
using cloud::ScriptedCloud;

TEST_CASE("a group is read, found among the deleted, or known to be gone") {
    const std::string body = std::string("{\"id\":\"") + g1 + R"(","displayName":"N","mail":null})";
    SUBCASE("it lives") {
        ScriptedCloud cloud([&](const Question&) { return scripted::answer(200, body); });
        cloud.run([&]() -> Async<void> {
            const auto read = co_await cloud.graph->changes().read_group(GroupId(g1));
            REQUIRE(read.has_value());
            CHECK(read->state == CloudState::active);
            CHECK(read->item.display_name.value == "N");
        }());
        CHECK(cloud.calls()[0].target().starts_with(std::string("/v1.0/groups/") + g1 +
                                                    "?$select=id,displayName,"));
    }
    SUBCASE("it was deleted softly") {
        ScriptedCloud cloud([&](const Question& question) {
            if (question.target().starts_with("/v1.0/groups/")) {
                return scripted::error(404, "Request_ResourceNotFound");
            }
            return scripted::answer(200, body);
        });
        cloud.run([&]() -> Async<void> {
            const auto read = co_await cloud.graph->changes().read_group(GroupId(g1));
            REQUIRE(read.has_value());
            CHECK(read->state == CloudState::soft_deleted);
        }());
        CHECK(cloud.calls()[1].target() == std::string("/v1.0/directory/deletedItems/") + g1);
    }
    SUBCASE("both say 404: it is gone") {
        ScriptedCloud cloud(
            [](const Question&) { return scripted::error(404, "Request_ResourceNotFound"); });
        cloud.run([&]() -> Async<void> {
            const auto read = co_await cloud.graph->changes().read_group(GroupId(g1));
            REQUIRE(read.has_value());
            CHECK(read->state == CloudState::deleted);
        }());
    }
    SUBCASE("a 403 on the way proves nothing") {
        ScriptedCloud cloud([](const Question& question) {
            return question.target().starts_with("/v1.0/groups/") ? scripted::error(404, "x")
                                                                  : scripted::error(403, "x");
        });
        cloud.run([&]() -> Async<void> {
            const auto read = co_await cloud.graph->changes().read_group(GroupId(g1));
            REQUIRE(read.has_error());
            CHECK(read.error().kind == FailureKind::forbidden);
        }());
    }
}

TEST_CASE("a member list is read to its end, and a failure on any page is a failure of the whole") {
    const auto first = [](const Question& question) {
        return scripted::answer(
            200, std::string(R"({"value":[{"@odata.type":"#microsoft.graph.user","id":")") + u1 +
                     R"("}],"@odata.nextLink":")" +
                     at(question, "/v1.0/groups/x/members?$skiptoken=2") + "\"}");
    };
    SUBCASE("to its end") {
        ScriptedCloud cloud([&](const Question& question) {
            if (question.target().find("$skiptoken") == std::string::npos) return first(question);
            return scripted::answer(200,
                                    R"({"value":[{"id":"20000000-0000-0000-0000-000000000002"}]})");
        });
        cloud.run([&]() -> Async<void> {
            const auto members = co_await cloud.graph->changes().read_members(GroupId(g1));
            REQUIRE(members.has_value());
            REQUIRE(members->size() == 2);
            CHECK((*members)[0].type == MemberType::user);
        }());
        CHECK(cloud.calls()[0].target() ==
              std::string("/v1.0/groups/") + g1 + "/members?$select=id&$top=999");
    }
    SUBCASE("an expired page token begins it again") {
        int expirations = 1;
        ScriptedCloud cloud([&](const Question& question) {
            if (question.target().find("$skiptoken") == std::string::npos) return first(question);
            if (expirations-- > 0) return scripted::error(400, "Directory_ExpiredPageToken");
            return scripted::answer(200, R"({"value":[]})");
        });
        cloud.run([&]() -> Async<void> {
            const auto members = co_await cloud.graph->changes().read_members(GroupId(g1));
            REQUIRE(members.has_value());
            CHECK(members->size() == 1);
        }());
        CHECK(cloud.calls().size() == 4);
    }
    SUBCASE("a page that fails") {
        ScriptedCloud cloud([&](const Question& question) {
            return question.target().find("$skiptoken") == std::string::npos
                       ? first(question)
                       : scripted::answer(200, R"({"value":[{"displayName":"no id"}]})");
        });
        cloud.run([&]() -> Async<void> {
            const auto members = co_await cloud.graph->changes().read_members(GroupId(g1));
            REQUIRE(members.has_error());
            CHECK(members.error().kind == FailureKind::unreadable);
        }());
    }
    SUBCASE("links in a circle") {
        ScriptedCloud cloud([&](const Question& question) { return first(question); });
        cloud.run([&]() -> Async<void> {
            const auto members = co_await cloud.graph->changes().read_members(GroupId(g1));
            REQUIRE(members.has_error());
            CHECK(members.error().kind == FailureKind::link_refused);
        }());
    }
}

TEST_CASE("identities are asked for in one call, and ids that are none are left out") {
    ScriptedCloud cloud([](const Question&) {
        return scripted::answer(
            200, std::string(R"({"value":[{"@odata.type":"#microsoft.graph.user","id":")") + u1 +
                     R"(","displayName":"A","onPremisesSyncEnabled":true}]})");
    });
    cloud.run([&]() -> Async<void> {
        const std::vector<MemberId> ids = {MemberId(u1), MemberId("no-guid")};
        const auto answers = co_await cloud.graph->identities().identities(ids);
        REQUIRE(answers.has_value());
        CHECK(answers->size() == 1);
        const std::vector<MemberId> none;
        CHECK((co_await cloud.graph->identities().identities(none))->empty());
        const std::vector<MemberId> many(1001, MemberId(u1));
        CHECK((co_await cloud.graph->identities().identities(many)).has_error());
    }());
    REQUIRE(cloud.calls().size() == 1);
    CHECK(cloud.calls()[0].line().starts_with("POST /v1.0/directoryObjects/getByIds?$select=id,"));
    CHECK(cloud.calls()[0].body == std::string("{\"ids\":[\"") + u1 + "\"]}");
}

TEST_CASE("a contact is told with the addresses that mail reaches it by, each once") {
    ScriptedCloud cloud([](const Question&) {
        return scripted::answer(
            200,
            R"({"value":[{"@odata.type":"#microsoft.graph.orgContact",)"
            R"("id":"20000000-0000-0000-0000-000000000001","displayName":"C",)"
            R"("mail":"c@partner.example","proxyAddresses":["SMTP:C@Partner.example",)"
            R"("smtp:second@partner.example","X500:/o=x","sip:c@partner.example"]},)"
            R"({"@odata.type":"#microsoft.graph.user","id":"20000000-0000-0000-0000-000000000002",)"
            R"("displayName":"U","mail":"u@example.com"}]})");
    });
    cloud.run([&]() -> Async<void> {
        const std::vector<MemberId> ids = {MemberId(u1)};
        const auto answers = co_await cloud.graph->identities().identities(ids);
        REQUIRE(answers.has_value());
        CHECK((*answers)[0].type == MemberType::contact);
        CHECK((*answers)[0].addresses ==
              std::vector<std::string>{"c@partner.example", "second@partner.example"});
        CHECK((*answers)[1].addresses.empty());
    }());
    CHECK(cloud.calls()[0].target().ends_with(",mail,proxyAddresses"));
}

TEST_CASE("owners are listed as members are") {
    ScriptedCloud cloud([](const Question& question) {
        if (question.target().find("$skiptoken") == std::string::npos) {
            return scripted::answer(
                200, std::string(R"({"value":[{"@odata.type":"#microsoft.graph.user","id":")") +
                         u1 + R"("}],"@odata.nextLink":")" +
                         at(question, "/v1.0/groups/x/owners?$skiptoken=2") + "\"}");
        }
        return scripted::answer(200,
                                R"({"value":[{"id":"20000000-0000-0000-0000-000000000002"}]})");
    });
    cloud.run([&]() -> Async<void> {
        const auto owners = co_await cloud.graph->changes().read_owners(GroupId(g1));
        REQUIRE(owners.has_value());
        CHECK(owners->size() == 2);
    }());
    CHECK(cloud.calls()[0].target() ==
          std::string("/v1.0/groups/") + g1 + "/owners?$select=id&$top=999");
}

TEST_CASE("the groups assigned to our application are read to the end, and nobody else") {
    ScriptedCloud cloud([](const Question& question) {
        if (question.target().find("$skiptoken") == std::string::npos) {
            return scripted::answer(
                200, std::string(R"({"value":[{"principalType":"Group","principalId":")") + g1 +
                         R"("},{"principalType":"User","principalId":")" + u1 +
                         R"("}],"@odata.nextLink":")" +
                         at(question, "/v1.0/servicePrincipals/x/appRoleAssignedTo?$skiptoken=2") +
                         "\"}");
        }
        // The same group in another role, and another group.
        return scripted::answer(
            200, std::string(R"({"value":[{"principalType":"Group","principalId":")") + g1 +
                     R"("},{"principalType":"Group",)"
                     R"("principalId":"10000000-0000-0000-0000-000000000001"}]})");
    });
    cloud.run([&]() -> Async<void> {
        const auto groups = co_await cloud.graph->changes().assigned_groups();
        REQUIRE(groups.has_value());
        CHECK(*groups ==
              std::vector<GroupId>{GroupId("10000000-0000-0000-0000-000000000001"), GroupId(g1)});
    }());
    CHECK(cloud.calls()[0].target() == std::string("/v1.0/servicePrincipals(appId='") +
                                           cloud::client + "')/appRoleAssignedTo?$top=999");
}

TEST_CASE("a list of assignments that is not whole is a failure that says what to do") {
    SUBCASE("no permission") {
        ScriptedCloud cloud(
            [](const Question&) { return scripted::error(403, "Authorization_RequestDenied"); });
        cloud.run([&]() -> Async<void> {
            const auto groups = co_await cloud.graph->changes().assigned_groups();
            REQUIRE(groups.has_error());
            CHECK(groups.error().kind == FailureKind::forbidden);
            CHECK(groups.error().detail.find("Application.Read.All") != std::string::npos);
        }());
    }
    SUBCASE("a group without id") {
        ScriptedCloud cloud([](const Question&) {
            return scripted::answer(200, R"({"value":[{"principalType":"Group"}]})");
        });
        cloud.run([&]() -> Async<void> {
            const auto groups = co_await cloud.graph->changes().assigned_groups();
            REQUIRE(groups.has_error());
            CHECK(groups.error().kind == FailureKind::unreadable);
        }());
    }
    SUBCASE("nobody knows which application is ours") {
        ScriptedCloud cloud([](const Question&) { return scripted::answer(200, "{}"); },
                            [](GraphConfig& config) { config.client_id.clear(); });
        cloud.run([&]() -> Async<void> {
            const auto groups = co_await cloud.graph->changes().assigned_groups();
            REQUIRE(groups.has_error());
            CHECK(groups.error().detail.find("client_id") != std::string::npos);
        }());
        CHECK(cloud.calls().empty());
    }
}
