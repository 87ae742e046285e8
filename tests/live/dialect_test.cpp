// Where Windows and Samba answer differently: what each does, and what the adapter makes of it.
#include "directory/distinguished_name.hpp"
#include "directory/ldap_text.hpp"
#include "live/laboratory.hpp"
#include "live/ldap_tool.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace writeback;
using namespace writeback::testing;

namespace {

constexpr std::int32_t global_security = -2147483646;
constexpr std::int32_t domain_local_security = -2147483644;
constexpr const char* permissive = "-e 1.2.840.113556.1.4.1413";

bool windows() {
    return dialect() == Dialect::windows;
}

// The failure's kind and code; "done" where there is none.
template <class T>
std::string outcome(const Result<T>& result) {
    if (!result.has_error()) return "done";
    return std::string(name_of(result.error().kind)) + " " + result.error().code;
}

std::string member_ldif(const std::string& group, const std::string& verb,
                        const std::string& value) {
    return "dn: " + group + "\nchangetype: modify\n" + verb + ": member\nmember: " + value + "\n";
}

// A group that an administrator made, outside of our containers.
AdIdentity make_group(Laboratory& lab, const std::string& name, std::int32_t type) {
    const auto group = lab.new_group(name);
    const auto dn = name_in(Dn("OU=Other," + setting("SAMBA_BASE")), group.cn);
    lab.add(dn.text(), {{"objectClass", {"group"}},
                        {"sAMAccountName", {group.sam_account_name}},
                        {"groupType", {std::to_string(type)}}});
    auto read = lab.loop.run(lab.reader().read_named(dn));
    REQUIRE(read.has_value());
    REQUIRE(read->has_value());
    return {(*read)->sid, (*read)->guid};
}

bool stands(Laboratory& lab, const std::string& dn) {
    auto read = lab.loop.run(lab.reader().read_named(Dn(dn)));
    REQUIRE(read.has_value());
    return read->has_value();
}

}  // namespace

TEST_CASE(
    "permissive modify lets Windows take a member twice, and would void the proof of our mark") {
    Laboratory lab;
    const auto users = lab.users(2);
    const auto group = lab.new_group("permissive");
    const auto target = lab.create(group, {users[0].identity});
    const auto& dn = target.dn.text();
    CHECK(ldap_modify(ToolAccount::service, member_ldif(dn, "add", users[0].dn)).code == 68);
    CHECK(ldap_modify(ToolAccount::service, member_ldif(dn, "delete", users[1].dn)).code == 53);
    CHECK(ldap_modify(ToolAccount::service, member_ldif(dn, "add", users[0].dn), permissive).code ==
          (windows() ? 0 : 68));
    CHECK(ldap_modify(ToolAccount::service, member_ldif(dn, "delete", users[1].dn), permissive)
              .code == (windows() ? 0 : 53));
    CHECK(lab.read(target.guid).members == std::vector<AdIdentity>{users[0].identity});

    // In both the removal of a value that is not there succeeds then: this is why the adapter never
    // sends the control.
    const auto proof =
        "dn: " + dn +
        "\nchangetype: modify\ndelete: adminDescription\nadminDescription: Group_no\n";
    CHECK(ldap_modify(ToolAccount::service, proof).code == 16);
    CHECK(ldap_modify(ToolAccount::service, proof, permissive).code == 0);
    lab.change(dn, {{LdapChangeKind::replace, "adminDescription", {}}});
    const auto written = lab.loop.run(lab.writer().add_members(target, {users[1].identity}));
    REQUIRE(written.has_error());
    CHECK(written.error().kind == FailureKind::contradiction);
}

TEST_CASE("a common name of 64 units is taken, of 65 Windows refuses it") {
    Laboratory lab;
    auto group = lab.new_group("length");
    // The emoji counts as two.
    const std::string emoji = "\xF0\x9F\x99\x82";
    const std::string id = group.id.text().substr(24);
    group.cn = id + std::string(50, 'x') + emoji;
    const auto target = lab.create(group);
    CHECK(lab.read(target.guid).cn == group.cn);
    auto longer = lab.new_group("length");
    longer.cn = longer.id.text().substr(24) + std::string(51, 'x') + emoji;
    const auto refused = windows() ? "value-refused LDAP 19 00002082" : "done";
    CHECK(outcome(lab.loop.run(lab.writer().create(longer, {}))) == refused);
    CHECK(outcome(lab.loop.run(lab.writer().rename(target, longer.cn + "y"))) == refused);
    CHECK(lab.read(target.guid).cn == (windows() ? group.cn : longer.cn + "y"));
}

TEST_CASE("names that differ in accents alone are one name for Windows, and two for Samba") {
    Laboratory lab;
    auto first = lab.new_group("accents");
    const auto id = first.id.text().substr(24);
    first.cn = "Cafe " + id;
    first.sam_account_name = "cafe-" + id;
    lab.create(first);
    auto second = lab.new_group("accents");
    second.cn = "Caf\xC3\xA9 " + id;
    CHECK(outcome(lab.loop.run(lab.writer().create(second, {}))) ==
          (windows() ? "already-exists LDAP 68 00002071" : "done"));
    auto third = lab.new_group("accents");
    third.sam_account_name = "caf\xC3\xA9-" + id;
    CHECK(outcome(lab.loop.run(lab.writer().create(third, {}))) ==
          (windows() ? "name-in-use LDAP 68 00000524" : "done"));
    // Both ignore case.
    auto fourth = lab.new_group("accents");
    fourth.cn = "CAFE " + id;
    const auto made = lab.loop.run(lab.writer().create(fourth, {}));
    REQUIRE(made.has_error());
    CHECK(made.error().kind == FailureKind::already_exists);
}

TEST_CASE("scope rules: a universal group takes no domain-local one in Windows") {
    Laboratory lab;
    const auto local = make_group(lab, "local", domain_local_security);
    const auto global = make_group(lab, "global", global_security);
    const auto universal = make_group(lab, "universal", universal_distribution_group);
    const auto target = lab.create(lab.new_group("scopes"));
    CHECK(outcome(lab.loop.run(lab.writer().add_members(target, {global, universal}))) == "done");
    CHECK(outcome(lab.loop.run(lab.writer().add_members(target, {local}))) ==
          (windows() ? "member-refused LDAP 53 00002146" : "done"));
    CHECK(outcome(lab.loop.run(lab.writer().create(lab.new_group("scopes"), {local}))) ==
          (windows() ? "member-refused LDAP 53 00002146" : "done"));
    CHECK(lab.read(target.guid).members.size() == (windows() ? 2 : 3));
    // It cannot become global while it holds a universal group.
    CHECK(outcome(lab.loop.run(
              lab.writer().convert(target, universal_security_group, global_security))) ==
          (windows() ? "refused LDAP 53 00002145" : "done"));
}

TEST_CASE("a group may be its own member, and groups may stand in a circle, in both") {
    Laboratory lab;
    const auto one = lab.create(lab.new_group("circle"));
    const auto two = lab.create(lab.new_group("circle"));
    const auto identity = [&](const WriteTarget& target) {
        return AdIdentity{lab.read(target.guid).sid, target.guid};
    };
    CHECK(outcome(lab.loop.run(lab.writer().add_members(one, {identity(two)}))) == "done");
    CHECK(outcome(lab.loop.run(lab.writer().add_members(two, {identity(one)}))) == "done");
    CHECK(outcome(lab.loop.run(lab.writer().add_members(one, {identity(one)}))) == "done");
    CHECK(lab.read(one.guid).members.size() == 2);
    CHECK(outcome(lab.loop.run(lab.writer().remove(one))) == "done");
    CHECK(lab.read(two.guid).members.empty());
}

TEST_CASE("values beyond a range, a second value, an empty one") {
    Laboratory lab;
    const auto target = lab.create(lab.new_group("limits"));
    const auto code_of = [&](const std::string& name, std::vector<std::string> values) {
        return outcome(lab.loop.run(lab.writer().modify(target, {{name, {}, std::move(values)}})));
    };
    const std::string out_of_range =
        windows() ? "value-refused LDAP 19 00002082" : "value-refused LDAP 21 0000200B";
    for (const auto& [name, most] : {std::pair("displayName", 256),
                                     {"description", 1024},
                                     {"info", 1024},
                                     {"mail", 256},
                                     {"sAMAccountName", 256},
                                     {"proxyAddresses", 1123},
                                     {"displayNamePrintable", 256}}) {
        CAPTURE(name);
        const auto unique = target.guid.text();
        const auto length = static_cast<std::size_t>(most);
        CHECK(code_of(name, {unique + std::string(length - unique.size(), 'x')}) == "done");
        CHECK(code_of(name, {unique + std::string(length - unique.size() + 1, 'x')}) ==
              out_of_range);
    }
    CHECK(code_of("displayName", {"a", "b"}) ==
          (windows() ? "value-refused LDAP 19 00002081" : "value-refused LDAP 20 0000200D"));
    CHECK(code_of("displayName", {""}).starts_with("value-refused LDAP 21"));
    // Both keep one description for an account, though the schema would take several.
    CHECK(code_of("description", {"a", "b"}) ==
          (windows() ? "value-refused LDAP 20 00002083" : "value-refused LDAP 20 0000200D"));
}

TEST_CASE(
    "a foreign SID makes a foreign security principal in Samba; the adapter never writes one") {
    Laboratory lab;
    const auto target = lab.create(lab.new_group("foreign"));
    const std::string sid = "S-1-5-21-4-5-6-" + std::to_string(1000 + ::rand() % 100000);
    const auto principal = "CN=" + sid + ",CN=ForeignSecurityPrincipals," + setting("SAMBA_BASE");
    const auto refused = lab.loop.run(lab.writer().add_members(target, {AdIdentity{Sid(sid), {}}}));
    REQUIRE(refused.has_error());
    CHECK(refused.error().kind == FailureKind::member_refused);
    CHECK_FALSE(stands(lab, principal));
    const auto raw = ldap_modify(ToolAccount::service,
                                 member_ldif(target.dn.text(), "add", "<SID=" + sid + ">"));
    CHECK(raw.code == (windows() ? 53 : 0));
    if (windows()) CHECK(raw.output.find("00002165") != std::string::npos);
    CHECK(stands(lab, principal) == !windows());
}

TEST_CASE("a group whose source of authority is enforced says so, whatever is to be written") {
    Laboratory lab;
    const auto target = lab.create(lab.new_group("enforced"));
    const auto set = ldap_modify(ToolAccount::administrator,
                                 "dn: " + target.dn.text() +
                                     "\nchangetype: modify\nreplace: msDS-ObjectSoa\n"
                                     "msDS-ObjectSoa: EntraID\n");
    if (!windows()) {
        CHECK(set.code == 16);  // Samba's schema does not have it
        CHECK(outcome(lab.loop.run(lab.writer().rename(target, "renamed " + target.guid.text()))) ==
              "done");
        return;
    }
    REQUIRE(set.code == 0);
    const auto user = lab.users(1).front().identity;
    auto& writer = lab.writer();
    const Failure failures[] = {
        lab.loop.run(writer.modify(target, {{"description", {}, {"x"}}})).error(),
        lab.loop.run(writer.add_members(target, {user})).error(),
        lab.loop.run(writer.rename(target, "other")).error(),
        lab.loop.run(writer.remove(target)).error(),
    };
    for (const auto& failure : failures) {
        CHECK(name_of(failure.kind) == name_of(FailureKind::enforcement));
        CHECK(failure.detail.find("msDS-ObjectSoa") != std::string::npos);
    }
    CHECK(lab.read(target.guid).members.empty());
}

TEST_CASE("groups stand in several containers, move between them, and keep GUID and SID") {
    Laboratory lab;
    const auto id = lab.new_group("containers").id.text().substr(24);
    std::vector<std::string> units;
    for (const char* name : {"one", "two"}) {
        units.push_back("OU=" + std::string(name) + " " + id + "," + setting("SAMBA_CONTAINER"));
        lab.add(units.back(), {{"objectClass", {"organizationalUnit"}}});
    }
    auto config = Laboratory::config();
    config.container = units[0];
    config.containers = {units[1]};
    Laboratory inside(config);
    auto group = inside.new_group("moving");
    group.container = Dn(units[0]);
    auto holder = inside.new_group("moving");
    holder.container = Dn(units[1]);
    holder.cn = group.cn;
    const auto target = inside.create(group);
    const auto other = inside.create(holder);
    const auto before = inside.read(target.guid);
    CHECK(inside.loop.run(inside.reader().find_marked())->size() == 2);

    const auto taken = inside.loop.run(inside.writer().move(target, Dn(units[1])));
    REQUIRE(taken.has_error());
    CHECK(taken.error().kind == FailureKind::already_exists);
    REQUIRE(inside.loop.run(inside.writer().rename(other, "aside " + id)).has_value());
    const auto moved = inside.loop.run(inside.writer().move(target, Dn(units[1])));
    REQUIRE(moved.has_value());
    const auto after = inside.read(target.guid);
    CHECK(after.dn == *moved);
    CHECK(stands_below(after.dn, Dn(units[1])));
    CHECK(after.sid == before.sid);
    CHECK(inside.loop.run(inside.reader().find_mark(group.id))->size() == 1);
    auto outside = lab.loop.run(lab.writer().move({target.group, target.guid, *moved},
                                                  Dn("OU=Other," + setting("SAMBA_BASE"))));
    REQUIRE(outside.has_error());
    CHECK(outside.error().kind == FailureKind::forbidden);
}

TEST_CASE("members of another domain of the forest are written by name, found in its catalog") {
    Laboratory lab;
    const auto target = lab.create(lab.new_group("forest"));
    if (!windows()) {
        // Samba's forest is one domain; what is of none is told apart.
        const auto found = lab.loop.run(lab.reader().look_up({Sid("S-1-5-21-4-5-6-1104")}));
        CHECK((found.has_error() || found->empty()));
        return;
    }
    const Sid user(setting("SAMBA_CHILD_USER_SID"));
    const Sid universal(setting("SAMBA_CHILD_UNIVERSAL_SID"));
    const Sid local(setting("SAMBA_CHILD_LOCAL_SID"));
    const auto found = lab.loop.run(lab.reader().look_up({user, universal, local}));
    REQUIRE(found.has_value());
    REQUIRE(found->size() == 3);
    for (const auto& principal : *found)
        CHECK_FALSE(principal.same_domain);
    const auto added = lab.loop.run(
        lab.writer().add_members(target, {AdIdentity{user, {}}, AdIdentity{universal, {}}}));
    CHECK(outcome(added) == "done");
    std::set<std::string> keys;
    for (const auto& member : lab.read(target.guid).members)
        keys.insert(member.key());
    CHECK(keys == std::set<std::string>{user.text(), universal.text()});
    CHECK_FALSE(stands(
        lab, "CN=" + user.text() + ",CN=ForeignSecurityPrincipals," + setting("SAMBA_BASE")));
    CHECK(outcome(lab.loop.run(lab.writer().add_members(target, {AdIdentity{local, {}}}))) ==
          "member-refused LDAP 53 00002146");
    CHECK(outcome(lab.loop.run(lab.writer().remove_members(target, {AdIdentity{user, {}}}))) ==
          "done");
    CHECK(lab.read(target.guid).members.size() == 1);
}
