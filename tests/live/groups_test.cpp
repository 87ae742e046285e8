// Every operation of the two ports against a real domain controller.
#include "live/laboratory.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace writeback;
using namespace writeback::testing;

TEST_CASE("the facts name the domain, its SID and what a group may have") {
    Laboratory lab;
    auto facts = lab.loop.run(lab.reader().facts());
    REQUIRE(facts.has_value());
    CHECK(facts->domain_sid.text() == setting("SAMBA_DOMAIN_SID"));
    CHECK(facts->naming_context.text() == setting("SAMBA_BASE"));
    CHECK(facts->dns_host_name == "dc1.lab.test");
    CHECK(facts->highest_usn > 0);
    CHECK(facts->group_attributes.contains("member"));
    CHECK(facts->group_attributes.contains("msds-externaldirectoryobjectid"));
    CHECK_FALSE(facts->group_attributes.contains("mailnickname"));
    CHECK(lab.directory->bound());
    CHECK(lab.directory->server() == setting("SAMBA_URL"));
    CHECK(lab.log.count("directory-connected") == 1);
}

TEST_CASE("a group is created with its members in the add, and read back as it was meant") {
    Laboratory lab;
    const auto users = lab.users(3);
    auto group = lab.new_group("created, with \"quotes\", + and #");
    group.attributes["description"] = {"line one\nline two \xF0\x9F\x99\x82"};
    const auto target =
        lab.create(group, {users[0].identity, users[1].identity, users[0].identity});
    const auto read = lab.read(target.guid, {"displayName", "description"});
    CHECK(read.cn == group.cn);
    CHECK(read.sam_account_name == group.sam_account_name);
    CHECK(read.group_type == universal_security_group);
    CHECK(read.mark == group.id);
    CHECK(read.attributes.at("description") == group.attributes["description"]);
    // A directory gives its values in an order of its own.
    CHECK(std::set<AdIdentity>(read.members.begin(), read.members.end()) ==
          std::set<AdIdentity>{users[0].identity, users[1].identity});
    CHECK(read.members.size() == 2);
    auto found = lab.loop.run(lab.reader().find_mark(group.id));
    REQUIRE(found.has_value());
    REQUIRE(found->size() == 1);
    CHECK(found->front().guid == target.guid);
    CHECK(found->front().sid == read.sid);
    CHECK(found->front().dn == read.dn);
}

TEST_CASE("attributes are set, replaced and removed by one modify each") {
    Laboratory lab;
    auto group = lab.new_group("attributes");
    const auto target = lab.create(group);
    auto done = lab.loop.run(lab.writer().modify(
        target, {{"description", {}, {"first"}}, {"mail", {}, {"a@lab.test"}}}));
    CHECK(done.has_value());
    done = lab.loop.run(
        lab.writer().modify(target, {{"description", {"first"}, {"second"}}, {"mail", {"a"}, {}}}));
    CHECK(done.has_value());
    const auto read = lab.read(target.guid, {"description", "mail"});
    CHECK(read.attributes == Attributes{{"description", {"second"}}});
    CHECK(read.mark == group.id);
    // An attribute that is absent already may be removed once more.
    CHECK(lab.loop.run(lab.writer().modify(target, {{"mail", {}, {}}})).has_value());
}

TEST_CASE(
    "members come and go by SID and by GUID, and a member that is there is said to be there") {
    Laboratory lab;
    const auto users = lab.users(4);
    const auto target = lab.create(lab.new_group("members"), {users[0].identity});
    const AdIdentity by_guid{{}, users[1].identity.guid};
    CHECK(lab.loop.run(lab.writer().add_members(target, {by_guid, users[2].identity})).has_value());
    CHECK(lab.read(target.guid).members.size() == 3);

    auto again =
        lab.loop.run(lab.writer().add_members(target, {users[3].identity, users[2].identity}));
    REQUIRE(again.has_error());
    CHECK(again.error().kind == FailureKind::member_exists);
    CHECK(again.error().code == (dialect() == Dialect::windows ? "LDAP 68 00000562" : "LDAP 68"));
    CHECK(lab.read(target.guid).members.size() == 3);  // all or none

    CHECK(lab.loop.run(lab.writer().remove_members(target, {users[0].identity, by_guid}))
              .has_value());
    auto absent = lab.loop.run(lab.writer().remove_members(target, {users[0].identity}));
    REQUIRE(absent.has_error());
    CHECK(absent.error().kind == FailureKind::member_absent);
    CHECK(lab.read(target.guid).members == std::vector<AdIdentity>{users[2].identity});
}

TEST_CASE("a member that does not exist is refused, also in the add of the group") {
    Laboratory lab;
    const auto users = lab.users(1);
    const auto target = lab.create(lab.new_group("refused members"));
    const AdIdentity no_such_sid{Sid(setting("SAMBA_DOMAIN_SID") + "-999999"), {}};
    const AdIdentity no_such_guid{{}, ObjectGuid("12345678-1234-1234-1234-123456789abc")};
    for (const auto& ghost : {no_such_sid, no_such_guid}) {
        auto added = lab.loop.run(lab.writer().add_members(target, {users[0].identity, ghost}));
        REQUIRE(added.has_error());
        CHECK(added.error().kind == FailureKind::member_refused);
        auto created = lab.loop.run(lab.writer().create(lab.new_group("ghost"), {ghost}));
        REQUIRE(created.has_error());
        CHECK(created.error().kind == FailureKind::member_refused);
    }
    auto removed = lab.loop.run(lab.writer().remove_members(target, {no_such_guid}));
    REQUIRE(removed.has_error());
    CHECK(removed.error().kind == FailureKind::member_absent);
    CHECK(lab.read(target.guid).members.empty());
}

TEST_CASE("a SID of another domain is never written, and no foreign security principal is made") {
    Laboratory lab;
    const auto target = lab.create(lab.new_group("foreign"));
    const AdIdentity foreign{Sid("S-1-5-21-1-2-3-1104"), {}};
    auto added = lab.loop.run(lab.writer().add_members(target, {foreign}));
    REQUIRE(added.has_error());
    CHECK(added.error().kind == FailureKind::member_refused);
    CHECK(added.error().detail.find("S-1-5-21-1-2-3-1104") != std::string::npos);
    LdapSearch search;
    search.base = "CN=ForeignSecurityPrincipals," + setting("SAMBA_BASE");
    search.scope = LdapScope::subtree;
    search.filter = "(cn=S-1-5-21-1-2-3-1104)";
    auto found = lab.loop.run(lab.administrator().search(search));
    REQUIRE(found.has_value());
    CHECK(found->entries.empty());
}

TEST_CASE("a group nests by its GUID and keeps its identity through rename and move") {
    Laboratory lab;
    const auto parent = lab.create(lab.new_group("parent"));
    const auto child_group = lab.new_group("child");
    auto child = lab.create(child_group);
    CHECK(lab.loop.run(lab.writer().add_members(parent, {{{}, child.guid}})).has_value());
    const auto before = lab.read(child.guid);
    CHECK(lab.read(parent.guid).members == std::vector<AdIdentity>{{before.sid, before.guid}});

    const std::string new_cn = "renamed, \\ " + child_group.id.text();
    auto renamed = lab.loop.run(lab.writer().rename(child, new_cn));
    REQUIRE(renamed.has_value());
    child.dn = *renamed;
    auto same_but_case = lab.loop.run(lab.writer().rename(child, "R" + new_cn.substr(1)));
    REQUIRE(same_but_case.has_value());
    child.dn = *same_but_case;

    const std::string unit =
        "OU=inner " + child_group.id.text().substr(24) + "," + setting("SAMBA_CONTAINER");
    auto made =
        lab.loop.run(lab.administrator().add(unit, {{"objectClass", {"organizationalUnit"}}}));
    REQUIRE(made.has_value());
    REQUIRE(made->code == 0);
    auto moved = lab.loop.run(lab.writer().move(child, Dn(unit)));
    REQUIRE(moved.has_value());
    const auto after = lab.read(child.guid);
    CHECK(after.sid == before.sid);
    CHECK(after.cn == "R" + new_cn.substr(1));
    CHECK(after.dn == *moved);
    auto identity = lab.loop.run(lab.reader().identify(child.guid));
    REQUIRE(identity.has_value());
    REQUIRE(identity->has_value());
    CHECK((*identity)->sid == before.sid);

    auto nowhere = lab.loop.run(lab.writer().move({child.group, child.guid, *moved},
                                                  Dn("OU=nowhere," + setting("SAMBA_CONTAINER"))));
    REQUIRE(nowhere.has_error());
    CHECK(nowhere.error().kind == FailureKind::parent_missing);
}

TEST_CASE("a group is converted, also from domain-local to global") {
    Laboratory lab;
    auto group = lab.new_group("conversions");
    group.group_type = -2147483644;
    const auto target = lab.create(group);
    const std::int32_t global_security = -2147483646;
    CHECK(
        lab.loop.run(lab.writer().convert(target, group.group_type, global_security)).has_value());
    CHECK(lab.read(target.guid).group_type == global_security);
    CHECK(lab.loop.run(lab.writer().convert(target, global_security, universal_distribution_group))
              .has_value());
    CHECK(lab.read(target.guid).group_type == universal_distribution_group);
    CHECK(lab.loop
              .run(lab.writer().convert(target, universal_distribution_group,
                                        universal_security_group))
              .has_value());
    auto nonsense = lab.loop.run(lab.writer().convert(target, universal_security_group, 12345));
    REQUIRE(nonsense.has_error());
    CHECK(nonsense.error().kind == FailureKind::contradiction);
    CHECK(nonsense.error().detail.find("12345 (no group type)") != std::string::npos);
}

TEST_CASE("a deleted group is gone, and what is gone answers not_found") {
    Laboratory lab;
    const auto target = lab.create(lab.new_group("deleted"));
    CHECK(lab.loop.run(lab.writer().remove(target)).has_value());
    auto read = lab.loop.run(lab.reader().read_group(target.guid, {}));
    REQUIRE(read.has_value());
    CHECK_FALSE(read->has_value());
    auto named = lab.loop.run(lab.reader().read_named(target.dn));
    REQUIRE(named.has_value());
    CHECK_FALSE(named->has_value());
    auto identity = lab.loop.run(lab.reader().identify(target.guid));
    REQUIRE(identity.has_value());
    CHECK_FALSE(identity->has_value());
    const auto user = lab.users(1).front().identity;
    const FailureKind kinds[] = {
        lab.loop.run(lab.writer().remove(target)).error().kind,
        lab.loop.run(lab.writer().rename(target, "x")).error().kind,
        lab.loop.run(lab.writer().modify(target, {{"mail", {}, {"a"}}})).error().kind,
        lab.loop.run(lab.writer().add_members(target, {user})).error().kind,
    };
    for (const auto kind : kinds)
        CHECK(kind == FailureKind::not_found);
}

TEST_CASE("a name in use is told apart: the distinguished name, or the account name") {
    Laboratory lab;
    const auto first = lab.new_group("collision");
    const auto target = lab.create(first);
    auto same_cn = lab.new_group("collision");
    same_cn.cn = first.cn;
    auto made = lab.loop.run(lab.writer().create(same_cn, {}));
    REQUIRE(made.has_error());
    CHECK(made.error().kind == FailureKind::already_exists);
    auto same_account = lab.new_group("collision");
    same_account.sam_account_name = first.sam_account_name;
    made = lab.loop.run(lab.writer().create(same_account, {}));
    REQUIRE(made.has_error());
    CHECK(made.error().kind == FailureKind::name_in_use);

    const auto other = lab.create(lab.new_group("collision"));
    auto renamed = lab.loop.run(lab.writer().rename(other, first.cn));
    REQUIRE(renamed.has_error());
    CHECK(renamed.error().kind == FailureKind::already_exists);
    auto holder = lab.loop.run(lab.reader().read_named(target.dn));
    REQUIRE(holder.has_value());
    REQUIRE(holder->has_value());
    CHECK((*holder)->guid == target.guid);
    CHECK((*holder)->mark == first.id);

    auto nowhere = lab.new_group("nowhere");
    nowhere.container = Dn("OU=nowhere," + setting("SAMBA_CONTAINER"));
    made = lab.loop.run(lab.writer().create(nowhere, {}));
    REQUIRE(made.has_error());
    CHECK(made.error().kind == FailureKind::parent_missing);
}

TEST_CASE("a value that breaks a rule and an attribute that is unknown are told apart") {
    Laboratory lab;
    const auto target = lab.create(lab.new_group("values"));
    const auto kind_of = [&](const std::string& name, const std::string& value) {
        auto done = lab.loop.run(lab.writer().modify(target, {{name, {}, {value}}}));
        return done.has_error() ? done.error().kind : FailureKind::internal;
    };
    CHECK(kind_of("displayName", std::string(257, 'x')) == FailureKind::value_refused);
    CHECK(kind_of("displayName", "\xff\xfe") == FailureKind::value_refused);
    CHECK(kind_of("sAMAccountName", "a/b") == FailureKind::value_refused);
    CHECK(kind_of("managedBy", "CN=ghost,DC=lab,DC=test") == FailureKind::value_refused);
    CHECK(kind_of("mailNickname", "a") == FailureKind::attribute_unknown);
    CHECK(kind_of("wWWHomePage", "a") == FailureKind::forbidden);  // not delegated
}

TEST_CASE("all marked groups are found, page by page") {
    auto config = Laboratory::config();
    config.page_size = 2;
    config.containers = {config.container, "CN=inside," + config.container};
    Laboratory lab(config);
    std::vector<GroupId> mine;
    for (int i = 0; i < 5; ++i) {
        const auto group = lab.new_group("page");
        lab.create(group);
        mine.push_back(group.id);
    }
    auto found = lab.loop.run(lab.reader().find_marked());
    REQUIRE(found.has_value());
    for (const auto& id : mine) {
        int times = 0;
        for (const auto& object : *found)
            times += object.mark == id ? 1 : 0;
        CHECK(times == 1);
    }
}
