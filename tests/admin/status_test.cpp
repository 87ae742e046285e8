#include "admin/status.hpp"

#include "admin/example_status.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

using namespace writeback;
using namespace std::chrono_literals;
namespace json = boost::json;

TEST_CASE("the status as JSON has the shape that programs rely on") {
    const auto document = json::parse(status_json(example_status())).as_object();
    CHECK(document.at("state") == "held");
    CHECK(document.at("groups").at("managed") == 30);
    CHECK(document.at("groups").at("dirty") == 2);
    CHECK(document.at("groups").at("held") == 1);
    const auto& held = document.at("held").as_array();
    REQUIRE(held.size() == 2);
    CHECK(held[0].at("id") == "h1");
    CHECK(held[0].at("group_id") == "11111111-2222-3333-4444-555555555555");
    CHECK(held[0].at("reason") == "guard");
    CHECK(held[0].at("detail") == "12 deletions are more than max_group_deletions = 10.");
    CHECK(held[0].at("since") == "2025-12-31T21:00:00Z");
    CHECK(held[0].at("decision") == "pending");
    CHECK_FALSE(held[0].as_object().contains("member_id"));
    CHECK(held[1].at("member_id") == "66666666-7777-8888-9999-000000000000");
    CHECK(held[1].at("sid") == "S-1-5-21-1-2-3-1105");
    CHECK(held[1].at("decision") == "rejected");
    CHECK(document.at("members").at("written") == 812);
    CHECK(document.at("members").at("unresolved").at("cloud-only") == 14);
    CHECK(document.at("streams").at("groups").at("last_round") == "2025-12-31T23:59:56Z");
    CHECK(document.at("streams").at("groups").at("token_age_seconds") == 4);
    CHECK(document.at("streams").at("users").at("last_round").is_null());
    CHECK(document.at("subscriptions").as_array().at(0) ==
          json::value{{"id", "s-1"}, {"resource", "groups"}, {"expires", "2026-01-29T00:00:00Z"}});
    CHECK(document.at("directory") ==
          json::value{{"server", "ldaps://dc1.contoso.com"}, {"bound", true}});
}

TEST_CASE("lists of one element stay lists, and empty ones stay empty lists") {
    auto status = example_status();
    status.held.resize(1);
    const auto one = json::parse(status_json(status)).as_object();
    CHECK(one.at("held").is_array());
    CHECK(one.at("problems").is_array());
    CHECK(one.at("last_errors").is_array());
    const auto none = json::parse(status_json(Status{})).as_object();
    CHECK(none.at("held").as_array().empty());
    CHECK(none.at("problems").as_array().empty());
    CHECK(none.at("streams").as_object().empty());
    CHECK(none.at("members").at("unresolved").as_object().empty());
}

TEST_CASE("a status that was written as JSON reads back as it was") {
    const auto text = status_json(example_status());
    const auto read = read_status_json(text);
    REQUIRE(read.has_value());
    CHECK(status_json(*read) == text);
    CHECK(read->counts.oldest_dirty == example_now() - 5min);
    CHECK(read->held[1].sid.text() == "S-1-5-21-1-2-3-1105");
    CHECK(read_status_json("{}").has_value());
}

TEST_CASE("a text that is no status is told, not obeyed") {
    for (const auto* text :
         {"", "[]", "x", "{\"state\":3}", "{\"held\":[1]}", "{\"groups\":{\"managed\":\"many\"}}",
          "{\"streams\":{\"groups\":{\"last_round\":\"soon\"}}}"}) {
        const auto read = read_status_json(text);
        REQUIRE(read.has_error());
        CHECK(read.error().kind == FailureKind::unreadable);
    }
}

TEST_CASE("the table tells a person what is held and what to do") {
    const auto text = status_text(example_status(), example_now());
    CHECK(text.starts_with("group-writeback 1.2.3: held (policy full)\n"));
    for (const auto* part :
         {"Graph cannot be reached", "30 managed, 2 dirty (the oldest for 5 min), 1 held",
          "812 written; without an identity in AD: 14 cloud-only, 2 not-synced",
          "last round 4 s ago", "no round has finished yet", "expires in 28 days",
          "bound to ldaps://dc1.contoso.com", "h1", "guard", "3 h", "waits for approve or reject",
          "rejected", "LDAP 50 <denied>"}) {
        CAPTURE(part);
        CHECK(text.find(part) != std::string::npos);
    }
    CHECK(text.find('\x1b') == std::string::npos);
}

TEST_CASE("an empty status makes a table as well") {
    const auto text = status_text(Status{}, example_now());
    CHECK(text.find("starting") != std::string::npos);
    CHECK(text.find("not bound") != std::string::npos);
    CHECK(text.find("Held") == std::string::npos);
}

TEST_CASE("the page escapes everything, loads nothing and runs nothing") {
    const auto page = status_page(example_status(), example_now());
    CHECK(page.find("<b>Sales") == std::string::npos);
    CHECK(page.find("&lt;b&gt;Sales&lt;/b&gt; &quot;Büro&quot;") != std::string::npos);
    CHECK(page.find("LDAP 50 &lt;denied&gt;") != std::string::npos);
    CHECK(page.find("Sales &amp; Co") != std::string::npos);
    CHECK(page.find("<script") == std::string::npos);
    CHECK(page.find("style=\"") == std::string::npos);
    CHECK(page.find("http://") == std::string::npos);
    CHECK(status_page_policy().starts_with("default-src 'none'; style-src 'sha256-"));
    CHECK(status_page_policy().find("unsafe") == std::string::npos);
}
