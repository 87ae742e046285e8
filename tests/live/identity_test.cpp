// Schema, owners, SIDs and contacts in a real domain.
#include "live/laboratory.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace writeback;
using namespace writeback::testing;

namespace {

// A group that may have members of other forests, with one: an administrator's tool may do what
// this program never does, and the directory makes a foreign security principal.
WriteTarget group_with_foreign_member(Laboratory& lab, const std::string& name,
                                      const std::string& sid) {
    auto group = lab.new_group(name);
    group.group_type = -2147483644;
    const auto target = lab.create(group);
    lab.change(target.dn.text(), {{LdapChangeKind::add, "member", {"<SID=" + sid + ">"}}});
    return target;
}

void add(Laboratory& lab, const std::string& dn, std::vector<LdapAttribute> attributes) {
    auto added = lab.loop.run(lab.administrator().add(dn, std::move(attributes)));
    REQUIRE(added.has_value());
    REQUIRE(added->code == 0);
}

}  // namespace

TEST_CASE("the schema tells syntax, number of values and length of what a group may have") {
    Laboratory lab;
    const auto facts = lab.loop.run(lab.reader().facts());
    REQUIRE(facts.has_value());
    const auto& known = facts->group_attributes;
    CHECK(known.at("displayname") == AttributeFacts{AttributeSyntax::text, true, 256});
    CHECK(known.at("description") == AttributeFacts{AttributeSyntax::text, false, 1024});
    CHECK(known.at("proxyaddresses") == AttributeFacts{AttributeSyntax::text, false, 1123});
    CHECK(known.at("displaynameprintable") ==
          AttributeFacts{AttributeSyntax::printable, true, 256});
    CHECK(known.at("managedby") == AttributeFacts{AttributeSyntax::name, true, 0});
    CHECK(known.at("member") == AttributeFacts{AttributeSyntax::name, false, 0});
    CHECK(known.at("grouptype") == AttributeFacts{AttributeSyntax::integer, true, 0});
    CHECK(known.at("msds-externaldirectoryobjectid") ==
          AttributeFacts{AttributeSyntax::text, true, 256});
    // What only the system writes.
    for (const char* name : {"objectguid", "objectsid", "memberof", "usnchanged", "whencreated",
                             "allowedattributes"}) {
        CAPTURE(name);
        REQUIRE(known.contains(name));
        CHECK(known.at(name).syntax == AttributeSyntax::other);
    }
}

TEST_CASE("an owner is written by SID or GUID and read back as the same identity") {
    Laboratory lab;
    const auto users = lab.users(2);
    auto group = lab.new_group("owned");
    group.attributes["managedBy"] = {users[0].identity.sid.text()};
    const auto target = lab.create(group);
    CHECK(lab.read(target.guid, {"managedBy"}).attributes.at("managedBy") ==
          std::vector<std::string>{users[0].identity.sid.text()});
    auto done = lab.loop.run(
        lab.writer().modify(target, {{"managedBy", {}, {users[1].identity.guid.text()}}}));
    CHECK(done.has_value());
    CHECK(lab.read(target.guid, {"managedBy"}).attributes.at("managedBy") ==
          std::vector<std::string>{users[1].identity.sid.text()});
    done = lab.loop.run(lab.writer().modify(target, {{"managedBy", {"x"}, {}}}));
    CHECK(done.has_value());
    CHECK_FALSE(lab.read(target.guid, {"managedBy"}).attributes.contains("managedBy"));
    // An owner of nowhere is refused before anything is written.
    done = lab.loop.run(lab.writer().modify(
        target, {{"managedBy", {}, {"S-1-5-21-9-9-9-1104"}}, {"info", {}, {"x"}}}));
    REQUIRE(done.has_error());
    CHECK(done.error().kind == FailureKind::value_refused);
    CHECK(done.error().detail.find("managedBy names S-1-5-21-9-9-9-1104") != std::string::npos);
    CHECK_FALSE(lab.read(target.guid, {"info"}).attributes.contains("info"));
}

TEST_CASE("SIDs are looked up, and foreign security principals are none of the forest") {
    Laboratory lab;
    const auto user = lab.users(1).front();
    const auto group = lab.create(lab.new_group("looked up"));
    const auto group_sid = lab.read(group.guid).sid;
    const Sid foreign("S-1-5-21-4-5-6-1104");
    group_with_foreign_member(lab, "holds a foreigner", foreign.text());
    auto found = lab.loop.run(
        lab.reader().look_up({user.identity.sid, group_sid, foreign, user.identity.sid,
                              Sid(setting("SAMBA_DOMAIN_SID") + "-999999"), Sid("S-1-5-11")}));
    REQUIRE(found.has_value());
    REQUIRE(found->size() == 2);
    const bool group_first = found->front().is_group;
    const auto& of_group = (*found)[group_first ? 0 : 1];
    CHECK(of_group.sid == group_sid);
    CHECK(of_group.is_group);
    CHECK(of_group.group_type == universal_security_group);
    CHECK(of_group.guid == group.guid);
    const auto& of_user = (*found)[group_first ? 1 : 0];
    CHECK(of_user.sid == user.identity.sid);
    CHECK_FALSE(of_user.is_group);
    CHECK(of_user.dn.text() == user.dn);
    CHECK(of_user.same_domain);
}

TEST_CASE("a foreign security principal that somebody made a member can be taken out again") {
    Laboratory lab;
    const auto user = lab.users(1).front().identity;
    const Sid foreign("S-1-5-21-4-5-7-1104");
    const auto target = group_with_foreign_member(lab, "foreign member", foreign.text());
    CHECK(lab.loop.run(lab.writer().add_members(target, {user})).has_value());
    const auto members = lab.read(target.guid).members;
    CHECK(std::any_of(members.begin(), members.end(),
                      [&](const AdIdentity& one) { return one.sid == foreign; }));
    CHECK(lab.loop.run(lab.writer().add_members(target, {{foreign, {}}})).error().kind ==
          FailureKind::member_refused);
    CHECK(lab.loop.run(lab.writer().remove_members(target, {{foreign, {}}})).has_value());
    CHECK(lab.read(target.guid).members == std::vector<AdIdentity>{user});
}

TEST_CASE("a contact is found by any of its addresses, whatever stands in them") {
    Laboratory lab;
    const auto people = setting("SAMBA_PEOPLE");
    add(lab, "CN=contact one," + people,
        {{"objectClass", {"contact"}}, {"mail", {"one(1)*\\@elsewhere.test"}}});
    add(lab, "CN=contact two," + people,
        {{"objectClass", {"contact"}},
         {"proxyAddresses", {"SMTP:two@elsewhere.test", "smtp:too@elsewhere.test"}}});
    const auto found = [&](std::vector<std::string> addresses) {
        auto contacts = lab.loop.run(lab.reader().find_contact(std::move(addresses)));
        REQUIRE(contacts.has_value());
        return contacts->size();
    };
    CHECK(found({"one(1)*\\@elsewhere.test"}) == 1);
    CHECK(found({"TOO@elsewhere.test"}) == 1);
    CHECK(found({"SMTP:two@elsewhere.test", "smtp:too@elsewhere.test"}) == 1);
    CHECK(found({"two@elsewhere.test", "one(1)*\\@elsewhere.test"}) == 2);
    CHECK(found({"*@elsewhere.test", "smtp:", ""}) == 0);
    CHECK(found({}) == 0);

    // By GUID, since a contact has no SID.
    auto contact = lab.loop.run(lab.reader().find_contact({"two@elsewhere.test"}));
    const auto target = lab.create(lab.new_group("with contact"), *contact);
    CHECK(lab.read(target.guid).members == *contact);
}
