// Where tenants come from: files and the generator.
#include "../src/tenant/generator.hpp"
#include "../src/tenant/tenant_file.hpp"
#include "running_emulator.hpp"

#include <boost/asio/system_executor.hpp>
#include <doctest/doctest.h>

namespace {

std::string problem_with(const char* text) {
    emulator::MachineTime time{boost::asio::system_executor()};
    emulator::Clock clock{time};
    emulator::Random random(1);
    emulator::Tenant tenant(clock, random);
    return emulator::load_tenant(text, tenant, clock.now()).value_or("");
}

}  // namespace

TEST_CASE("a generated tenant has exactly what was asked for, and the same seed gives the same") {
    emulator::Settings settings;
    settings.generate =
        "groups=40,users=200,members=3000,seed=5,cloud_only=10%,nested=20%,domain_sid=S-1-5-21-7-8-"
        "9";
    RunningEmulator emulator(settings);
    const auto state = emulator.control("GET", "state");
    CHECK(state.at("groups").as_array().size() == 40);
    CHECK(state.at("users").as_array().size() == 200);
    std::size_t members = 0;
    for (const auto& group : state.at("groups").as_array())
        members += group.at("members").as_array().size();
    CHECK(members == 3000);
    std::size_t synchronised = 0;
    for (const auto& user : state.at("users").as_array()) {
        const auto* sid = user.as_object().if_contains("onPremisesSecurityIdentifier");
        if (sid == nullptr) continue;
        ++synchronised;
        CHECK(std::string(sid->as_string()).starts_with("S-1-5-21-7-8-9-"));
    }
    CHECK(synchronised > 160);
    CHECK(synchronised < 200);
    RunningEmulator twin(settings);
    CHECK(twin.control("GET", "state").at("groups").as_array()[7].at("id") ==
          state.at("groups").as_array()[7].at("id"));
}

TEST_CASE("what the generator does not understand is named") {
    std::string problem;
    CHECK_FALSE(emulator::parse_generator("groups=many", problem));
    CHECK(problem.find("groups=many") != std::string::npos);
    CHECK_FALSE(emulator::parse_generator("grups=1", problem));
    CHECK_FALSE(emulator::parse_generator("cloud_only=500%", problem));
    CHECK_FALSE(emulator::parse_generator("", problem));
    CHECK(emulator::parse_generator("groups=1,users=0,members=5", problem));
}

TEST_CASE("a tenant without users or groups is generated without complaint") {
    emulator::Settings settings;
    settings.generate = "groups=3,users=0,members=100";
    RunningEmulator emulator(settings);
    CHECK(emulator.follow("/groups/delta").entries.size() == 3);
}

TEST_CASE("problems of a tenant file are named with their place") {
    CHECK(problem_with("nonsense") == "the file is no JSON object");
    CHECK(problem_with(R"({"grups": []})") == "unknown key 'grups'");
    CHECK(problem_with(R"({"groups": {}})") == "groups: expected a list");
    CHECK(problem_with(R"({"groups": [1]})") == "groups[0]: expected an object");
    CHECK(problem_with(R"({"groups": [{"displayName": "a", "id": "x"}]})") ==
          "groups[0].id: expected a GUID");
    CHECK(problem_with(R"({"users": [{"displayName": 3}]})").starts_with("users[0]: "));
    CHECK(problem_with(R"({"users": [{}]})") == "users[0].displayName: is missing");
    CHECK(
        problem_with(R"({"groups": [{"displayName": "a", "members": ["b"]}]})").find("no object") !=
        std::string::npos);
    CHECK(problem_with(R"({"groups": [{"displayName": "a", "mailNickname": "a"}]})").empty());
}

TEST_CASE("security identifiers of the cloud are derived from the object id") {
    emulator::MachineTime time{boost::asio::system_executor()};
    emulator::Clock clock{time};
    emulator::Random random(1);
    emulator::Tenant tenant(clock, random);
    const char* text =
        R"({"groups": [{"id": "01020304-0506-0708-890a-0b0c0d0e0f10", "displayName": "a"}]})";
    REQUIRE_FALSE(emulator::load_tenant(text, tenant, clock.now()));
    CHECK(tenant.at(0).properties.at("securityIdentifier").as_string() ==
          "S-1-12-1-16909060-117966086-202050185-269422093");
}

TEST_CASE("a tenant file gives groups their owners, assignments and writeback configuration") {
    emulator::MachineTime time{boost::asio::system_executor()};
    emulator::Clock clock{time};
    emulator::Random random(1);
    emulator::Tenant tenant(clock, random);
    const char* user = "01020304-0506-0708-890a-0b0c0d0e0f10";
    const char* application = "66666666-7777-8888-9999-000000000000";
    const auto text = [&](const char* more) {
        return std::string(R"({"writebackDefaults": true, "users": [{"id": ")") + user +
               R"(", "displayName": "u"}], "groups": [{"displayName": "", )" + more + "}]}";
    };
    const auto problem = [&](const std::string& content) {
        return emulator::load_tenant(content, tenant, clock.now(), application);
    };
    const auto content = text(R"("owners": ["01020304-0506-0708-890a-0b0c0d0e0f10"],
        "appRoleAssignments": ["66666666-7777-8888-9999-000000000000"],
        "writebackConfiguration": {"isEnabled": true})");
    CHECK_FALSE(problem(content));
    CHECK(tenant.settings.writeback_defaults);
    const auto& group = tenant.at(tenant.of_kind(emulator::Kind::group).at(0));
    CHECK(group.owners.holds(tenant.find(user)->index));
    REQUIRE(tenant.assignments.all().size() == 1);
    CHECK(tenant.assignments.all()[0].principal == group.index);
    CHECK(group.properties.at("writebackConfiguration").at("onPremisesGroupType").is_null());
    CHECK(problem_with(R"({"groups": [{"displayName": "a", "owners": ["x"]}]})").find("owners: ") !=
          std::string::npos);
    CHECK(problem_with(R"({"groups": [{"displayName": "a", "appRoleAssignments": ["x"]}]})")
              .find("appRoleAssignments: ") != std::string::npos);
    CHECK_FALSE(
        problem_with(R"({"groups": [{"displayName": "a", "writebackConfiguration": {"on": 1}}]})")
            .empty());
}
