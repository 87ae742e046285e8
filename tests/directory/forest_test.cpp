// Members of other domains: found by a global catalog, written by name, never by SID.
#include "directory/forest_principals.hpp"
#include "directory/ldap_text.hpp"
#include "directory/loop.hpp"
#include "directory/scripted_bench.hpp"
#include "directory/scripted_peer.hpp"

#include <doctest/doctest.h>

#include <atomic>

using namespace writeback;
using namespace writeback::testing;
using Kind = PeerRequest::Kind;

namespace {

const Sid elsewhere("S-1-5-21-9-9-9-1104");
constexpr const char* name_elsewhere = "CN=b\\, c,DC=sub,DC=lab,DC=test";

bool contains(const PeerRequest& request, const std::string& text) {
    return request.bytes.find(text) != std::string::npos;
}

PeerReaction found(const PeerRequest& request, const std::string& dn, const Sid& sid) {
    return {{peer_entry(request.id, dn,
                        {{"objectSid", {*bytes_of(sid)}},
                         {"objectGUID", {*bytes_of(some_guid)}},
                         {"objectClass", {"top", "user"}}}),
             peer_page(request, "")}};
}

PeerReaction nothing(const PeerRequest& request) {
    return {{peer_page(request, "")}};
}

// The domain, which knows nobody, and lists another domain with this name in extended form.
PeerReaction domain(const PeerRequest& request, const std::string& other_domain) {
    if (request.kind == Kind::modify || request.kind == Kind::add)
        return {{peer_result(request, 0)}};
    if (!request.paged) return by_itself;
    if (!request.name.starts_with("CN=Partitions,")) return nothing(request);
    const std::string guid = "<GUID=00000000-0000-0000-0000-000000000001>;";
    return {{peer_entry(request.id, "CN=LAB", {{"nCName", {guid + peer_base}}}),
             peer_entry(request.id, "CN=SUB", {{"nCName", {guid + other_domain}}}),
             peer_page(request, "")}};
}

constexpr const char* known_domain = "<SID=S-1-5-21-9-9-9>;DC=sub,DC=lab,DC=test";

}  // namespace

TEST_CASE("a server's global catalog stands on the same host") {
    CHECK(global_catalog_of("ldaps://dc1.contoso.com") == "ldaps://dc1.contoso.com:3269");
    CHECK(global_catalog_of("ldaps://dc1.contoso.com:636") == "ldaps://dc1.contoso.com:3269");
    CHECK(global_catalog_of("ldap://[::1]:389") == "ldap://[::1]:3268");
    CHECK(global_catalog_of("dc1").empty());
}

TEST_CASE("a member of another domain is asked for once and then written by its name") {
    ScriptedPeer peer([](const PeerRequest& request) { return domain(request, known_domain); });
    ScriptedPeer catalog([](const PeerRequest& request) {
        return request.paged ? found(request, name_elsewhere, elsewhere) : by_itself;
    });
    ScriptedBench bench({peer.url()});
    bench.config.global_catalog = {catalog.url()};
    for (int i = 0; i < 2; ++i) {
        CHECK(bench.loop.run(bench.writer().add_members(target(), {{elsewhere, {}}})).has_value());
        const auto written = peer.requests().back();
        CHECK(written.kind == Kind::modify);
        CHECK(contains(written, name_elsewhere));
        CHECK_FALSE(contains(written, "<SID="));
    }
    CHECK(catalog.count(Kind::search) == 1);
    auto looked_up = bench.loop.run(bench.reader().look_up({elsewhere}));
    REQUIRE(looked_up.has_value());
    REQUIRE(looked_up->size() == 1);
    CHECK_FALSE(looked_up->front().same_domain);
}

TEST_CASE("a name that is no longer right is asked for once more") {
    std::atomic<int> asked = 0;
    ScriptedPeer peer([](const PeerRequest& request) {
        if (request.kind == Kind::modify && contains(request, "CN=old")) {
            return PeerReaction{{peer_result(request, 32, "00000525: NameErr: DSID-1")}};
        }
        return domain(request, known_domain);
    });
    ScriptedPeer catalog([&](const PeerRequest& request) {
        if (!request.paged) return by_itself;
        return found(request, ++asked == 1 ? "CN=old,DC=sub" : "CN=new,DC=sub", elsewhere);
    });
    ScriptedBench bench({peer.url()});
    bench.config.global_catalog = {catalog.url()};
    CHECK(bench.loop.run(bench.writer().add_members(target(), {{elsewhere, {}}})).has_value());
    CHECK(contains(peer.requests().back(), "CN=new,DC=sub"));
    CHECK(asked == 2);
}

TEST_CASE("a SID of no domain of the forest is refused without a catalog") {
    ScriptedPeer peer([](const PeerRequest& request) { return domain(request, known_domain); });
    ScriptedBench bench({peer.url()});
    bench.config.global_catalog = {"ldap://127.0.0.1:1"};
    auto done =
        bench.loop.run(bench.writer().add_members(target(), {{Sid("S-1-5-21-8-8-8-1"), {}}}));
    REQUIRE(done.has_error());
    CHECK(done.error().kind == FailureKind::member_refused);
    // Of the other domain nobody can tell.
    done = bench.loop.run(bench.writer().add_members(target(), {{elsewhere, {}}}));
    REQUIRE(done.has_error());
    CHECK(done.error().kind == FailureKind::unreachable);
    CHECK(peer.count(Kind::modify) == 0);
}

TEST_CASE("a removal goes by the GUID where no name is to be had") {
    ScriptedPeer peer([](const PeerRequest& request) { return domain(request, "DC=unreadable"); });
    ScriptedBench bench({peer.url()});
    bench.config.global_catalog = {"ldap://127.0.0.1:1"};
    CHECK(bench.loop.run(bench.writer().remove_members(target(), {{elsewhere, some_guid}}))
              .has_value());
    CHECK(contains(peer.requests().back(), "<GUID=" + some_guid.text() + ">"));
    auto unknown = bench.loop.run(bench.writer().remove_members(target(), {{elsewhere, {}}}));
    REQUIRE(unknown.has_error());
    CHECK(unknown.error().kind == FailureKind::unreachable);
}

TEST_CASE("the schema is told page by page, and where it is not to be read the names are known") {
    for (const bool readable : {true, false}) {
        ScriptedPeer peer([&](const PeerRequest& request) {
            if (request.kind == Kind::search && request.name.empty()) {
                return PeerReaction{{peer_entry(request.id, "",
                                                {{"defaultNamingContext", {peer_base}},
                                                 {"schemaNamingContext", {"CN=Schema"}},
                                                 {"highestCommittedUSN", {"1"}}}),
                                     peer_result(request, 0)}};
            }
            if (request.name != "CN=Schema") return by_itself;
            if (!readable) return PeerReaction{{peer_result(request, 50, "no")}};
            const bool first = request.cookie.empty();
            return PeerReaction{
                {peer_entry(request.id, "CN=a",
                            {{"lDAPDisplayName", {first ? "displayName" : "member"}},
                             {"attributeSyntax", {first ? "2.5.5.12" : "2.5.5.1"}},
                             {"isSingleValued", {first ? "TRUE" : "FALSE"}},
                             {"rangeUpper", {"256"}},
                             {"linkID", {first ? "0" : "2"}}}),
                 peer_page(request, first ? "more" : "")}};
        });
        ScriptedBench bench({peer.url()});
        auto facts = bench.loop.run(bench.reader().facts());
        REQUIRE(facts.has_value());
        REQUIRE(facts->group_attributes.size() == 3);
        CHECK(facts->group_attributes.at("displayname").most_length == (readable ? 256 : 0));
        CHECK(facts->group_attributes.at("member") ==
              AttributeFacts{AttributeSyntax::name, false, 0});
        CHECK(facts->group_attributes.at("admindescription") == AttributeFacts{});
    }
}
