// SIDs of other domains by a real global catalog.
#include "live/laboratory.hpp"

#include <doctest/doctest.h>

using namespace writeback;
using namespace writeback::testing;

namespace {

const Sid elsewhere("S-1-5-21-4-5-6-1104");

// Makes the forest list a domain whose SID nobody tells, so that any SID may be of it.
void list_another_domain(Laboratory& lab) {
    auto added = lab.loop.run(
        lab.administrator().add("CN=SUB,CN=Partitions,CN=Configuration," + setting("SAMBA_BASE"),
                                {{"objectClass", {"crossRef"}},
                                 {"nCName", {"OU=Other," + setting("SAMBA_BASE")}},
                                 {"dnsRoot", {"sub.lab.test"}},
                                 {"nETBIOSName", {"SUB"}}}));
    REQUIRE(added.has_value());
    REQUIRE((added->code == 0 || added->code == 68));
}

}  // namespace

TEST_CASE("a SID that may be of another domain is asked of the server's own global catalog") {
    Laboratory lab;
    list_another_domain(lab);
    const Sid administrators("S-1-5-32-544");
    auto found = lab.loop.run(lab.reader().look_up({elsewhere, administrators}));
    REQUIRE(found.has_value());
    REQUIRE(found->size() == 1);
    CHECK(found->front().group_type == -2147483643);  // built in, domain-local, security
    CHECK(lab.log.count("global-catalog-connected") == 1);
    // The catalog knows our domain as well: its answers are read like the domain's.
    auto config = Laboratory::config();
    config.global_catalog = {setting("SAMBA_URL") + ":3269"};
    Laboratory named(config);
    const auto target = named.create(named.new_group("of elsewhere"));
    auto added = named.loop.run(named.writer().add_members(target, {{elsewhere, {}}}));
    REQUIRE(added.has_error());
    CHECK(added.error().kind == FailureKind::member_refused);
    CHECK(named.log.count("global-catalog-connected") == 1);
    named.loop.run(named.directory->stop());
    CHECK(named.log.count("global-catalog-lost") == 0);
}

TEST_CASE("without a global catalog SIDs of elsewhere fail clearly, and all others are answered") {
    auto config = Laboratory::config();
    config.global_catalog = {"ldaps://127.0.0.1:1"};
    config.reconnect_least = std::chrono::milliseconds(10);
    Laboratory lab(config);
    list_another_domain(lab);
    const auto users = lab.users(1);
    auto found = lab.loop.run(lab.reader().look_up({users[0].identity.sid}));
    REQUIRE(found.has_value());
    CHECK(found->size() == 1);
    found = lab.loop.run(lab.reader().look_up({elsewhere}));
    REQUIRE(found.has_error());
    CHECK(found.error().kind == FailureKind::unreachable);
    CHECK(found.error().detail.find("No global catalog answers") != std::string::npos);
    CHECK(found.error().detail.find("127.0.0.1:1") != std::string::npos);
    CHECK(lab.directory->bound());
}
