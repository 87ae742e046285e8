// Delta query: rounds, pages, tokens, and the ways in which Graph is awkward.
#include "running_emulator.hpp"

#include <doctest/doctest.h>

namespace {

const std::string everything = "/groups/delta?$select=displayName,description,members";

bool is_removed(const json::object& entry, const char* reason) {
    const auto* removed = entry.if_contains("@removed");
    return removed != nullptr && removed->at("reason").as_string() == reason;
}

}  // namespace

TEST_CASE("an initial crawl shows every group and member once and ends at a deltaLink") {
    RunningEmulator emulator;
    const auto filled = emulator.create_group("Filled");
    const auto empty = emulator.create_group("Empty");
    const auto user = emulator.create_user("adele");
    emulator.add_member(filled, user);
    const auto round = emulator.follow(everything);
    REQUIRE(round.entries.size() == 2);
    CHECK(round.members_of(filled) == std::set{user});
    const auto member = round.about(filled)[0].at("members@delta").as_array().at(0).as_object();
    CHECK(member.at("@odata.type").as_string() == "#microsoft.graph.user");
    CHECK(member.size() == 2);
    // Groups without members have no members@delta, and never-set properties are left out.
    CHECK_FALSE(round.about(empty)[0].contains("members@delta"));
    CHECK_FALSE(round.about(empty)[0].contains("description"));
    CHECK_FALSE(round.about(empty)[0].contains("mailNickname"));
}

TEST_CASE(
    "the next round shows what changed: properties, cleared ones as null, members added and "
    "removed") {
    RunningEmulator emulator;
    const auto group = emulator.create_group("Guards");
    const auto other = emulator.create_group("Others");
    const auto first = emulator.create_user("adele");
    const auto second = emulator.create_user("alex");
    emulator.add_member(group, first);
    emulator.call("PATCH", "/groups/" + group, json::object{{"description", "At the gate"}});
    auto round = emulator.follow(everything);

    emulator.add_member(group, second);
    emulator.remove_member(group, first);
    emulator.call("PATCH", "/groups/" + group, json::object{{"description", nullptr}});
    round = emulator.follow(round.delta_link);
    CHECK(round.about(other).empty());
    REQUIRE(round.about(group).size() == 1);
    const auto entry = round.about(group)[0];
    CHECK(entry.at("displayName").as_string() == "Guards");
    CHECK(entry.at("description").is_null());
    const auto& members = entry.at("members@delta").as_array();
    REQUIRE(members.size() == 2);
    CHECK(members.at(1).at("@removed").at("reason").as_string() == "deleted");
    CHECK(round.members_of(group) == std::set{second});
}

TEST_CASE(
    "a change of properties alone has no members@delta, and unselected changes are not shown") {
    RunningEmulator emulator;
    const auto group = emulator.create_group("Guards");
    emulator.add_member(group, emulator.create_user("adele"));
    auto round = emulator.follow(everything);
    emulator.call("PATCH", "/groups/" + group, json::object{{"displayName", "Watch"}});
    round = emulator.follow(round.delta_link);
    REQUIRE(round.entries.size() == 1);
    CHECK_FALSE(round.entries[0].contains("members@delta"));
    emulator.call("PATCH", "/groups/" + group, json::object{{"visibility", "Private"}});
    CHECK(emulator.follow(round.delta_link).entries.empty());
}

TEST_CASE("a round without changes returns the link it began with, unless that is switched off") {
    RunningEmulator emulator;
    const auto round = emulator.follow(everything);
    CHECK(emulator.follow(round.delta_link).delta_link == round.delta_link);
    emulator.control("POST", "delta", {{"same_link_when_empty", false}});
    CHECK(emulator.follow(round.delta_link).delta_link != round.delta_link);
}

TEST_CASE("a soft deletion is 'changed', a purge 'deleted', and a restored group looks new") {
    RunningEmulator emulator;
    const auto group = emulator.create_group("Guards");
    const auto user = emulator.create_user("adele");
    emulator.add_member(group, user);
    auto round = emulator.follow(everything);

    emulator.call("DELETE", "/groups/" + group);
    round = emulator.follow(round.delta_link);
    REQUIRE(round.entries.size() == 1);
    CHECK(is_removed(round.entries[0], "changed"));
    CHECK(round.entries[0].size() == 2);

    emulator.call("POST", "/directory/deletedItems/" + group + "/restore");
    round = emulator.follow(round.delta_link);
    REQUIRE(round.entries.size() == 1);
    CHECK(round.entries[0].at("displayName").as_string() == "Guards");
    CHECK(round.members_of(group) == std::set{user});

    emulator.call("DELETE", "/groups/" + group);
    emulator.call("DELETE", "/directory/deletedItems/" + group);
    round = emulator.follow(round.delta_link);
    REQUIRE(round.entries.size() == 1);
    CHECK(is_removed(round.entries[0], "deleted"));
}

TEST_CASE("a restored group may come without its members where the test wants it so") {
    RunningEmulator emulator;
    const auto group = emulator.create_group("Guards");
    emulator.add_member(group, emulator.create_user("adele"));
    emulator.call("DELETE", "/groups/" + group);
    auto round = emulator.follow(everything);
    emulator.control("POST", "delta", {{"members_on_restore", false}});
    emulator.call("POST", "/directory/deletedItems/" + group + "/restore");
    round = emulator.follow(round.delta_link);
    REQUIRE(round.entries.size() == 1);
    CHECK_FALSE(round.entries[0].contains("members@delta"));
}

TEST_CASE(
    "a soft-deleted user shows in users/delta and is silent in groups/delta until the purge") {
    RunningEmulator emulator;
    const auto group = emulator.create_group("Guards");
    const auto user = emulator.create_user("adele");
    emulator.add_member(group, user);
    auto groups = emulator.follow(everything);
    auto users = emulator.follow("/users/delta?$select=onPremisesSecurityIdentifier");
    CHECK(users.about(user).size() == 1);

    emulator.call("DELETE", "/users/" + user);
    groups = emulator.follow(groups.delta_link);
    CHECK(groups.entries.empty());
    users = emulator.follow(users.delta_link);
    REQUIRE(users.entries.size() == 1);
    CHECK(is_removed(users.entries[0], "changed"));
    CHECK(emulator.get("/groups/" + group + "/members").at("value").as_array().empty());

    emulator.call("DELETE", "/directory/deletedItems/" + user);
    groups = emulator.follow(groups.delta_link);
    REQUIRE(groups.entries.size() == 1);
    CHECK(groups.entries[0].at("members@delta").as_array().at(0).as_object().contains("@removed"));
    CHECK(is_removed(emulator.follow(users.delta_link).entries.at(0), "deleted"));
}

TEST_CASE("users/delta from latest shows identities that appear later") {
    RunningEmulator emulator;
    const auto user = emulator.create_user("adele");
    auto round =
        emulator.follow("/users/delta?$deltatoken=latest&$select=onPremisesSecurityIdentifier");
    CHECK(round.entries.empty());
    emulator.call("PATCH", "/users/" + user,
                  json::object{{"onPremisesSecurityIdentifier", "S-1-5-21-1-2-3-4"}});
    round = emulator.follow(round.delta_link);
    REQUIRE(round.entries.size() == 1);
    CHECK(round.entries[0].at("onPremisesSecurityIdentifier").as_string() == "S-1-5-21-1-2-3-4");
}

TEST_CASE("a large group is repeated over pages, with equal properties and different members") {
    emulator::Settings settings;
    settings.generate = "groups=3,users=3000,members=6000,nested=0%,seed=7";
    RunningEmulator emulator(settings);
    for (const bool interleaved : {true, false}) {
        emulator.control("POST", "delta", {{"interleave_parts", interleaved}});
        const auto round = emulator.follow(everything);
        std::size_t members = 0;
        for (const auto state = emulator.control("GET", "state");
             const auto& group : state.at("groups").as_array()) {
            const std::string id(group.at("id").as_string());
            std::set<std::string> expected;
            for (const auto& member : group.at("members").as_array()) {
                expected.emplace(member.as_string());
            }
            CHECK(round.members_of(id) == expected);
            members += expected.size();
            const auto parts = round.about(id);
            CHECK(parts.size() == std::max<std::size_t>(1, (expected.size() + 499) / 500));
            for (const auto& part : parts) {
                CHECK(part.at("displayName") == parts[0].at("displayName"));
                CHECK(part.at("members@delta").as_array().size() <= 500);
            }
        }
        CHECK(members == 6000);
    }
}

TEST_CASE(
    "a page that is asked again shows the same, and changes meanwhile come in the next round") {
    RunningEmulator emulator;
    std::vector<std::string> groups;
    for (int i = 0; i < 5; ++i)
        groups.push_back(emulator.create_group("Group " + std::to_string(i)));
    emulator.control("POST", "delta", {{"page_size", 2}});
    const auto first = emulator.get(everything);
    const std::string next(first.at("@odata.nextLink").as_string());
    const auto second = emulator.get(next);
    emulator.call("PATCH", "/groups/" + groups[2], json::object{{"displayName", "Renamed"}});
    emulator.call("DELETE", "/groups/" + groups[3]);
    CHECK(emulator.get(next).at("value") == second.at("value"));
    const auto rest = emulator.follow(next);
    CHECK(rest.about(groups[2])[0].at("displayName").as_string() == "Group 2");
    const auto round = emulator.follow(rest.delta_link);
    CHECK(round.about(groups[2])[0].at("displayName").as_string() == "Renamed");
    CHECK(is_removed(round.about(groups[3])[0], "changed"));
}

TEST_CASE(
    "empty pages with a nextLink, replays and removed members in the first crawl come on demand") {
    RunningEmulator emulator;
    const auto group = emulator.create_group("Guards");
    const auto user = emulator.create_user("adele");
    const auto gone = emulator.create_group("Gone");
    emulator.add_member(group, user);
    emulator.remove_member(group, user);
    emulator.call("DELETE", "/groups/" + gone);
    CHECK(emulator.follow(everything).entries.size() == 1);
    emulator.control("POST", "delta",
                     {{"empty_pages", true}, {"removed_in_initial", true}, {"page_size", 1}});
    auto round = emulator.follow(everything);
    CHECK(round.pages.front().empty());
    CHECK(round.about(group)[0]
              .at("members@delta")
              .as_array()
              .at(0)
              .as_object()
              .contains("@removed"));
    CHECK(is_removed(round.about(gone)[0], "changed"));

    emulator.control("POST", "delta",
                     {{"empty_pages", false}, {"replay", true}, {"page_size", 100}});
    emulator.call("PATCH", "/groups/" + group, json::object{{"description", "x"}});
    round = emulator.follow(round.delta_link);
    CHECK(round.entries.size() > 2);
    CHECK(round.about(group).size() >= 1);
    CHECK(round.entries.front() == round.entries.back());
}

TEST_CASE("with a lag, delta shows a change only after that time") {
    RunningEmulator emulator;
    auto round = emulator.follow(everything);
    emulator.control("POST", "delta", {{"lag_ms", 60000}});
    const auto group = emulator.create_group("Late");
    CHECK(emulator.follow(round.delta_link).entries.empty());
    emulator.control("POST", "clock/advance", {{"seconds", 61}});
    CHECK(emulator.follow(round.delta_link).about(group).size() == 1);
}

TEST_CASE("Prefer: return=minimal shows changed properties only") {
    RunningEmulator emulator;
    const auto group = emulator.create_group("Guards");
    emulator.call("PATCH", "/groups/" + group, json::object{{"description", "x"}});
    const auto round = emulator.follow(everything);
    emulator.call("PATCH", "/groups/" + group, json::object{{"description", nullptr}});
    const auto minimal = emulator.follow(round.delta_link, {{"Prefer", "return=minimal"}});
    REQUIRE(minimal.entries.size() == 1);
    CHECK(minimal.entries[0].at("description").is_null());
    CHECK_FALSE(minimal.entries[0].contains("displayName"));
    CHECK(emulator.follow(round.delta_link).entries.at(0).contains("displayName"));
}

TEST_CASE("a filter by id narrows the round, to at most 50 groups") {
    RunningEmulator emulator;
    const auto wanted = emulator.create_group("Wanted");
    emulator.create_group("Other");
    const auto round = emulator.follow("/groups/delta?$filter=id+eq+'" + wanted + "'");
    CHECK(round.entries.size() == 1);
    CHECK(round.about(wanted).size() == 1);
    std::string filter = "id+eq+'" + wanted + "'";
    for (int i = 1; i < 50; ++i)
        filter += "+or+id+eq+'" + wanted + "'";
    CHECK(emulator.call("GET", "/groups/delta?$filter=" + filter).status == 200);
    CHECK(emulator.call("GET", "/groups/delta?$filter=" + filter + "+or+id+eq+'x'").status == 400);
    CHECK(emulator.call("GET", "/groups/delta?$filter=displayName+eq+'x'").status == 400);
}

TEST_CASE("options belong to the first request, and unsupported ones are refused") {
    RunningEmulator emulator;
    const auto round = emulator.follow(everything);
    CHECK(emulator.call("GET", round.delta_link + "&$select=displayName").status == 400);
    CHECK(emulator.call("GET", "/groups/delta?$top=5").error_code() == "Request_UnsupportedQuery");
    CHECK(emulator.call("GET", "/groups/delta?$expand=members").status == 400);
    CHECK(emulator.call("GET", "/groups/delta?$orderby=displayName").status == 400);
    CHECK(emulator.call("GET", "/groups/delta?$select=nonsense").status == 400);
    CHECK(emulator.call("GET", "/groups/delta?$select=writebackConfiguration").status == 400);
    CHECK(emulator.call("GET", "/groups/delta?$select=hideFromAddressLists").error_code() ==
          "NotImplemented");
    CHECK(emulator.call("GET", "/beta/groups/delta?$select=writebackConfiguration").status == 200);
    CHECK(emulator.call("GET", "/groups/microsoft.graph.delta()").status == 200);
}

TEST_CASE("tokens expire after seven days or on demand, and strange ones are badly formed") {
    RunningEmulator emulator;
    auto round = emulator.follow(everything);
    emulator.control("POST", "clock/advance", {{"days", 6}});
    emulator.sign_in();
    CHECK(emulator.call("GET", round.delta_link).status == 200);
    emulator.control("POST", "clock/advance", {{"days", 2}});
    emulator.sign_in();
    CHECK(emulator.call("GET", round.delta_link).error_code() == "syncStateNotFound");

    round = emulator.follow(everything);
    emulator.control("POST", "tokens/expire", {{"delta", true}});
    const auto withdrawn = emulator.call("GET", round.delta_link);
    CHECK(withdrawn.status == 400);
    CHECK(withdrawn.error_code() == "syncStateNotFound");
    CHECK(emulator.call("GET", "/groups/delta?$deltatoken=nonsense").error_message() ==
          "Badly formed token.");
}

TEST_CASE("a token of an emulator that has since been restarted has no sync state") {
    std::string query;
    {
        RunningEmulator emulator;
        const auto link = emulator.follow(everything).delta_link;
        query = link.substr(link.find('?'));
    }
    RunningEmulator restarted;
    CHECK(restarted.call("GET", "/groups/delta" + query).error_code() == "syncStateNotFound");
    CHECK(restarted.call("GET", "/users/delta" + query).error_message() == "Badly formed token.");
}
