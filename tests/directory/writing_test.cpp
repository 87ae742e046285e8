// What the writer says to the directory, and what it makes of answers that only Windows gives.
#include "directory/group_changes.hpp"
#include "directory/ldap_text.hpp"
#include "directory/loop.hpp"
#include "directory/scripted_bench.hpp"
#include "directory/scripted_peer.hpp"

#include <doctest/doctest.h>

using namespace writeback;
using namespace writeback::testing;
using Kind = PeerRequest::Kind;

namespace {

const GroupId group_id("11111111-2222-3333-4444-555555555555");
const Sid domain("S-1-5-21-1-2-3");

std::string text_of(const std::vector<LdapChange>& changes) {
    constexpr const char* kinds[] = {"add", "remove", "replace"};
    std::string text;
    for (const auto& change : changes) {
        text += std::string(kinds[static_cast<int>(change.kind)]) + " " + change.name;
        for (const auto& value : change.values)
            text += " " + value;
        text += "; ";
    }
    return text;
}

DesiredGroup desired() {
    DesiredGroup group;
    group.id = group_id;
    group.container = Dn("OU=Groups,DC=lab,DC=test");
    group.cn = "a, b";
    group.sam_account_name = "ab";
    group.attributes["adminDescription"] = {mark_of(group_id)};
    return group;
}

}  // namespace

TEST_CASE("every modify begins with the proof of the mark") {
    const std::string mark = mark_of(group_id);
    const std::string proof =
        "remove adminDescription " + mark + "; add adminDescription " + mark + "; ";
    CHECK(text_of(proof_of_mark(group_id)) == proof);
    CHECK(text_of(guarded_changes(group_id, {{"mail", {"a"}, {"b"}}, {"info", {"x"}, {}}})) ==
          proof + "replace mail b; replace info; ");
    // Changing the mark itself still proves the old one.
    CHECK(text_of(guarded_changes(group_id, {{"AdminDescription", {mark}, {"other"}}})) ==
          "remove adminDescription " + mark + "; add adminDescription other; ");
    CHECK(text_of(guarded_changes(group_id, {{"adminDescription", {mark}, {}}})) ==
          "remove adminDescription " + mark + "; ");
}

TEST_CASE("a member is written by SID in this domain, by name elsewhere, and by GUID without SID") {
    const ObjectGuid guid("33221100-5544-7766-8899-aabbccddeeff");
    const Sid elsewhere("S-1-5-21-9-9-9-1104");
    const ForeignNames names = {{elsewhere, Dn("CN=b\\, c,DC=sub,DC=lab,DC=test")}};
    CHECK(*member_value({Sid("S-1-5-21-1-2-3-1104"), guid}, domain, {}) ==
          "<SID=S-1-5-21-1-2-3-1104>");
    CHECK(*member_value({{}, guid}, domain, {}) == "<GUID=33221100-5544-7766-8899-aabbccddeeff>");
    CHECK(*member_value({elsewhere, guid}, domain, names) == "CN=b\\, c,DC=sub,DC=lab,DC=test");
    // The GUID of a foreign security principal would bring in whom nobody knows.
    for (const auto& foreign :
         {AdIdentity{Sid("S-1-5-21-8-8-8-1104"), guid}, AdIdentity{Sid("S-1-5-11"), {}},
          AdIdentity{Sid("S-1-5-21-1-2-3-1>;CN=x"), {}}, AdIdentity{{}, ObjectGuid("x>")}}) {
        const auto value = member_value(foreign, domain, names);
        REQUIRE(value.has_error());
        CHECK(value.error().kind == FailureKind::member_refused);
        CHECK(value.error().detail.find(foreign.key()) != std::string::npos);
    }
    const AdIdentity one{Sid("S-1-5-21-1-2-3-1"), {}};
    CHECK(member_values({one, one, {one.sid, guid}}, domain, {})->size() == 1);
    CHECK(foreign_sids({one, {{}, guid}, {elsewhere, {}}}, domain) == std::vector<Sid>{elsewhere});
}

TEST_CASE("no group is made without its mark") {
    auto group = desired();
    CHECK(attributes_of_new(group, {}).has_value());
    group.attributes["adminDescription"] = {mark_of(GroupId("other"))};
    CHECK(attributes_of_new(group, {}).error().kind == FailureKind::internal);
    group.attributes.erase("adminDescription");
    CHECK(attributes_of_new(group, {}).error().kind == FailureKind::internal);
}

TEST_CASE("between global and domain-local the way leads by universal") {
    const std::int32_t global = -2147483646;
    const std::int32_t local = -2147483644;
    CHECK(conversion_steps(local, global) ==
          std::vector<std::int32_t>{universal_security_group, global});
    CHECK(conversion_steps(2, 4) == std::vector<std::int32_t>{8, 4});
    CHECK(conversion_steps(global, universal_security_group) ==
          std::vector<std::int32_t>{universal_security_group});
    CHECK(conversion_steps(8, universal_security_group) ==
          std::vector<std::int32_t>{universal_security_group});
}

TEST_CASE("a group whose creation cannot be read back has an unknown outcome") {
    ScriptedPeer peer([](const PeerRequest& request) {
        if (request.kind == Kind::add) return PeerReaction{{peer_result(request, 0)}};
        return by_itself;  // answers 32 to the read
    });
    ScriptedBench bench({peer.url()});
    auto created = bench.loop.run(bench.writer().create(desired(), {}));
    REQUIRE(created.has_error());
    CHECK(created.error().kind == FailureKind::timed_out);
    CHECK(peer.count(Kind::add) == 1);
}

TEST_CASE("a group whose source of authority is enforced is told from one without rights") {
    for (const bool enforced : {true, false}) {
        ScriptedPeer peer([&](const PeerRequest& request) {
            if (request.kind == Kind::modify) {
                return PeerReaction{{peer_result(
                    request, 50, "00002098: SecErr: DSID-03150F94, problem 4003, data 0")}};
            }
            if (request.name != target().dn.text()) return by_itself;
            PeerAttributes attributes;
            if (enforced) attributes.push_back({"msDS-ObjectSoa", {"Cloud"}});
            return PeerReaction{
                {peer_entry(request.id, request.name, attributes), peer_result(request, 0)}};
        });
        ScriptedBench bench({peer.url()});
        auto done = bench.loop.run(bench.writer().modify(target(), {{"mail", {}, {"a"}}}));
        REQUIRE(done.has_error());
        CHECK(done.error().kind == (enforced ? FailureKind::enforcement : FailureKind::forbidden));
        CHECK(done.error().code == "LDAP 50 00002098");
    }
}

TEST_CASE("answers that only Windows gives keep their meaning on the way") {
    struct Row {
        int code;
        const char* text;
        FailureKind kind;
    };
    const AdIdentity member{Sid("S-1-5-21-1-2-3-1104"), {}};
    for (const auto& row :
         {Row{53, "00002145: SvcErr: DSID-1, problem 5003", FailureKind::member_refused},
          Row{68, "00000562: UpdErr: DSID-1, problem 6005", FailureKind::member_exists},
          Row{51, "busy", FailureKind::unavailable},
          Row{16, "00002085: AttrErr: Att 900e2 (adminDescription)", FailureKind::contradiction}}) {
        ScriptedPeer peer([&](const PeerRequest& request) {
            if (request.kind != Kind::modify) return by_itself;
            return PeerReaction{{peer_result(request, row.code, row.text)}};
        });
        ScriptedBench bench({peer.url()});
        auto done = bench.loop.run(bench.writer().add_members(target(), {member}));
        REQUIRE(done.has_error());
        CHECK(name_of(done.error().kind) == name_of(row.kind));
        CHECK(bench.metrics.counters["modify " + std::string(name_of(row.kind))] == 1);
    }
}

TEST_CASE("a rename is not sent when another object has taken the name") {
    ScriptedPeer peer([](const PeerRequest& request) {
        if (request.kind != Kind::search || request.name != target().dn.text()) return by_itself;
        const ObjectGuid other("00000000-0000-0000-0000-000000000001");
        return PeerReaction{{peer_entry(request.id, request.name,
                                        {{"objectGUID", {*bytes_of(other)}},
                                         {"adminDescription", {mark_of(target().group)}}}),
                             peer_result(request, 0)}};
    });
    ScriptedBench bench({peer.url()});
    CHECK(bench.loop.run(bench.writer().rename(target(), "b")).error().kind ==
          FailureKind::contradiction);
    CHECK(bench.loop.run(bench.writer().move(target(), Dn("OU=x"))).error().kind ==
          FailureKind::contradiction);
    CHECK(bench.loop.run(bench.writer().remove(target())).error().kind ==
          FailureKind::contradiction);
    CHECK(peer.count(Kind::rename) == 0);
    CHECK(peer.count(Kind::remove) == 0);
}
