// The laws that the directory itself keeps for us: only what bears our mark and is the object we
// mean is written, and only inside the rights that were delegated.
#include "directory/distinguished_name.hpp"
#include "live/laboratory.hpp"

#include <doctest/doctest.h>

using namespace writeback;
using namespace writeback::testing;

namespace {

// Every write on the target must fail with this kind.
void refuses_everything(Laboratory& lab, const WriteTarget& target, FailureKind kind) {
    const auto user = lab.users(1).front().identity;
    auto& writer = lab.writer();
    CHECK(lab.loop.run(writer.modify(target, {{"description", {}, {"x"}}})).error().kind == kind);
    CHECK(lab.loop.run(writer.add_members(target, {user})).error().kind == kind);
    CHECK(lab.loop.run(writer.remove_members(target, {user})).error().kind == kind);
    CHECK(
        lab.loop.run(writer.convert(target, universal_security_group, universal_distribution_group))
            .error()
            .kind == kind);
    CHECK(lab.loop.run(writer.rename(target, "other")).error().kind == kind);
    CHECK(lab.loop.run(writer.move(target, Dn("OU=Other," + setting("SAMBA_BASE")))).error().kind ==
          kind);
    CHECK(lab.loop.run(writer.remove(target)).error().kind == kind);
}

}  // namespace

TEST_CASE("law 6: nothing is written to a group whose mark someone has removed or changed") {
    Laboratory lab;
    const auto target = lab.create(lab.new_group("unmarked"));
    lab.change(target.dn.text(), {{LdapChangeKind::replace, "adminDescription", {}}});
    refuses_everything(lab, target, FailureKind::contradiction);
    lab.change(target.dn.text(), {{LdapChangeKind::replace,
                                   "adminDescription",
                                   {"Group_00000000-0000-0000-0000-000000000000"}}});
    refuses_everything(lab, target, FailureKind::contradiction);
    const auto read = lab.read(target.guid, {"description"});
    CHECK(read.members.empty());
    CHECK(read.attributes.empty());
    CHECK(read.group_type == universal_security_group);
}

TEST_CASE("law 5: nothing is written to another object that took the name") {
    Laboratory lab;
    const auto target = lab.create(lab.new_group("taken"));
    auto removed = lab.loop.run(lab.administrator().remove(target.dn.text()));
    REQUIRE(removed.has_value());
    REQUIRE(removed->code == 0);
    auto made = lab.loop.run(lab.administrator().add(
        target.dn.text(), {{"objectClass", {"group"}},
                           {"sAMAccountName", {"taken-" + target.guid.text().substr(24)}}}));
    REQUIRE(made.has_value());
    REQUIRE(made->code == 0);
    refuses_everything(lab, target, FailureKind::contradiction);
    auto still = lab.loop.run(lab.reader().read_named(target.dn));
    REQUIRE(still.has_value());
    REQUIRE(still->has_value());
    CHECK((*still)->guid != target.guid);
}

TEST_CASE("a group that someone moved out of the containers answers not_found") {
    Laboratory lab;
    const auto group = lab.new_group("moved away");
    const auto target = lab.create(group);
    auto moved = lab.loop.run(lab.administrator().rename(target.dn.text(), common_name(group.cn),
                                                         "OU=Other," + setting("SAMBA_BASE")));
    REQUIRE(moved.has_value());
    REQUIRE(moved->code == 0);
    refuses_everything(lab, target, FailureKind::not_found);
}

TEST_CASE("the proof of the mark leaves the mark as it is, and the second run changes nothing") {
    Laboratory lab;
    const auto group = lab.new_group("proof");
    const auto target = lab.create(group);
    auto usn = [&] {
        auto facts = lab.loop.run(lab.reader().facts());
        REQUIRE(facts.has_value());
        return facts->highest_usn;
    };
    CHECK(lab.loop.run(lab.writer().modify(target, {{"description", {}, {"x"}}})).has_value());
    const auto before = usn();
    lab.read(target.guid, {"description"});
    CHECK(lab.loop.run(lab.reader().find_marked()).has_value());
    CHECK(lab.loop.run(lab.reader().find_mark(group.id)).has_value());
    CHECK(usn() == before);
    CHECK(lab.read(target.guid).mark == group.id);
}

TEST_CASE("outside the delegated container every write is forbidden") {
    Laboratory lab;
    auto group = lab.new_group("outside");
    group.container = Dn("OU=Other," + setting("SAMBA_BASE"));
    auto created = lab.loop.run(lab.writer().create(group, {}));
    REQUIRE(created.has_error());
    CHECK(created.error().kind == FailureKind::forbidden);

    // A marked group elsewhere, made by an administrator.
    const auto dn = name_in(group.container, group.cn);
    auto made = lab.loop.run(
        lab.administrator().add(dn.text(), {{"objectClass", {"group"}},
                                            {"sAMAccountName", {group.sam_account_name}},
                                            {"adminDescription", {mark_of(group.id)}}}));
    REQUIRE(made.has_value());
    REQUIRE(made->code == 0);
    auto read = lab.loop.run(lab.reader().read_named(dn));
    REQUIRE(read.has_value());
    REQUIRE(read->has_value());
    refuses_everything(lab, {group.id, (*read)->guid, dn}, FailureKind::forbidden);
    auto found = lab.loop.run(lab.reader().find_mark(group.id));
    REQUIRE(found.has_value());
    CHECK(found->empty());
}

TEST_CASE("the rights are checked before the first write") {
    Laboratory lab;
    lab.create(lab.new_group("rights"));
    const auto problems = [&](std::set<std::string> attributes) {
        auto findings = lab.loop.run(lab.directory->check_rights(std::move(attributes)));
        REQUIRE(findings.has_value());
        std::string text;
        for (const auto& finding : *findings) {
            if (finding.problem) text += finding.sentence + "\n";
        }
        return text;
    };
    CHECK(problems({"displayName", "description", "adminDescription", "mail", "proxyAddresses",
                    "msDS-ExternalDirectoryObjectId"})
              .empty());
    const auto text = problems({"displayName", "wWWHomePage", "mailNickname"});
    CHECK(text.find("may not write wWWHomePage") != std::string::npos);
    CHECK(text.find("no attribute mailNickname") != std::string::npos);

    auto config = Laboratory::config();
    config.container = "OU=Other," + setting("SAMBA_BASE");
    config.containers = {"OU=nowhere," + setting("SAMBA_BASE")};
    Laboratory elsewhere(config);
    auto findings = elsewhere.loop.run(elsewhere.directory->check_rights({}));
    REQUIRE(findings.has_value());
    std::string all;
    for (const auto& finding : *findings)
        all += finding.sentence;
    CHECK(all.find("may not create groups in OU=Other") != std::string::npos);
    CHECK(all.find("OU=nowhere") != std::string::npos);
}
