// What the live suites cannot play: the recycle bin, fail-over, policies, and the model's own word
// for what it does not know.
#include "fakes/directory_tree.hpp"

#include "fakes/directory_tree_lab.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <stdexcept>

using namespace writeback;
using namespace writeback::fakes;

namespace {

const std::string group_dn = std::string("CN=group,") + lab_container;
const std::string first_user = std::string("CN=user0001,") + lab_people;

struct Lab {
    explicit Lab(DirectoryDialect dialect, bool recycle_bin = false)
        : tree(options(dialect, recycle_bin)) {
        LabOptions lab;
        lab.users = 3;
        furnish_lab(tree, lab);
        service = tree.bind(lab_service_account, "service");
        administrator = tree.bind("LAB\\Administrator", "administrator");
    }
    static TreeOptions options(DirectoryDialect dialect, bool recycle_bin) {
        TreeOptions options;
        options.dialect = dialect;
        options.recycle_bin = recycle_bin;
        return options;
    }
    const TreeEntry& make_group(const std::string& dn = group_dn) {
        const auto name = dn.substr(3, dn.find(',') - 3);
        const auto answer = tree.add(service, dn,
                                     {{"objectClass", {"group"}},
                                      {"sAMAccountName", {name}},
                                      {"groupType", {"-2147483640"}},
                                      {"mail", {name + "@lab.test"}},
                                      {"member", {first_user}}});
        REQUIRE_MESSAGE(answer.done(), answer.diagnostic);
        return *tree.find(Dn(dn));
    }
    TreeAnswer reanimate(TreeCaller caller, const ObjectGuid& guid, const std::string& dn,
                         std::vector<LdapChange> further = {}) {
        std::vector<LdapChange> changes = {{LdapChangeKind::remove, "isDeleted", {}},
                                           {LdapChangeKind::replace, "distinguishedName", {dn}}};
        changes.insert(changes.end(), further.begin(), further.end());
        TreeControls controls;
        controls.show_deleted = true;
        return tree.modify(caller, "<GUID=" + guid.text() + ">", changes, controls);
    }
    DirectoryTree tree;
    TreeCaller service = nullptr;
    TreeCaller administrator = nullptr;
};

TreeSearch everything_in(const std::string& base) {
    TreeSearch search;
    search.base = base;
    search.scope = TreeScope::subtree;
    return search;
}

}  // namespace

TEST_CASE("with the recycle bin a deleted group comes back with its attributes and members") {
    Lab lab(DirectoryDialect::windows, true);
    const auto before = lab.make_group();
    const auto parent_dn = std::string("CN=parent,") + lab_container;
    lab.make_group(parent_dn);
    REQUIRE(lab.tree.modify(lab.service, parent_dn, {{LdapChangeKind::add, "member", {group_dn}}})
                .done());
    REQUIRE(lab.tree.remove(lab.service, group_dn).done());
    CHECK(lab.tree.find(Dn(group_dn)) == nullptr);
    CHECK(lab.tree.find(Dn(parent_dn))->links.at("member").size() == 1);
    CHECK(lab.reanimate(lab.service, before.guid, group_dn).code == 32);  // it may not see it
    REQUIRE(lab.reanimate(lab.administrator, before.guid, group_dn).done());
    const auto* after = lab.tree.find(Dn(group_dn));
    REQUIRE(after != nullptr);
    CHECK(after->guid == before.guid);
    CHECK(after->sid == before.sid);
    CHECK(after->links == before.links);
    CHECK(*after->first("mail") == "group@lab.test");
    CHECK(lab.tree.find(Dn(parent_dn))->links.at("member").contains(after->number));
}

TEST_CASE(
    "without the recycle bin only name, GUID and SID are left, and new attributes may come with "
    "the return") {
    for (const auto dialect : {DirectoryDialect::samba, DirectoryDialect::windows}) {
        Lab lab(dialect);
        const auto before = lab.make_group();
        REQUIRE(lab.tree.remove(lab.service, group_dn).done());
        const auto* tombstone = lab.tree.find(before.guid);
        REQUIRE(tombstone != nullptr);
        CHECK(tombstone->deleted);
        CHECK(tombstone->first("mail") == nullptr);
        CHECK(*tombstone->first("samaccountname") == "group");
        // One bad value, and it stays where it was.
        CHECK_FALSE(lab.reanimate(lab.administrator, before.guid, group_dn,
                                  {{LdapChangeKind::replace, "mail", {std::string(300, 'x')}}})
                        .done());
        CHECK(lab.tree.find(before.guid)->deleted);
        REQUIRE(lab.reanimate(lab.administrator, before.guid, group_dn,
                              {{LdapChangeKind::replace, "mail", {"new@lab.test"}}})
                    .done());
        const auto* after = lab.tree.find(Dn(group_dn));
        CHECK(after->sid == before.sid);
        CHECK(*after->first("mail") == "new@lab.test");
        CHECK(after->links.empty());
    }
}

TEST_CASE("Samba cannot bring back what its recycle bin holds") {
    Lab lab(DirectoryDialect::samba, true);
    const auto guid = lab.make_group().guid;
    REQUIRE(lab.tree.remove(lab.service, group_dn).done());
    const auto answer = lab.reanimate(lab.administrator, guid, group_dn);
    CHECK(answer.code == 16);
    CHECK(answer.diagnostic.find("isRecycled") != std::string::npos);
}

TEST_CASE("a name that was taken meanwhile is not given back") {
    Lab lab(DirectoryDialect::windows, true);
    const auto guid = lab.make_group().guid;
    REQUIRE(lab.tree.remove(lab.service, group_dn).done());
    lab.make_group();
    CHECK(lab.reanimate(lab.administrator, guid, group_dn).code == 68);
    const auto other = std::string("CN=other,") + lab_container;
    const auto answer = lab.reanimate(lab.administrator, guid, other);
    CHECK(answer.code == 68);
    CHECK(answer.diagnostic.find("00000524") != std::string::npos);
}

TEST_CASE("deleted objects are seen with the control and the right, and not otherwise") {
    Lab lab(DirectoryDialect::samba);
    const auto guid = lab.make_group().guid;
    REQUIRE(lab.tree.remove(lab.service, group_dn).done());
    auto search = everything_in("<GUID=" + guid.text() + ">");
    search.scope = TreeScope::base;
    CHECK(lab.tree.search(lab.administrator, search).answer.code == 32);
    search.controls.show_deleted = true;
    CHECK(lab.tree.search(lab.administrator, search).entries.size() == 1);
    CHECK(lab.tree.search(lab.service, search).answer.code == 32);
}

TEST_CASE("enforcement refuses all but the exceptions, with the answer that is set") {
    Lab lab(DirectoryDialect::windows);
    lab.make_group();
    REQUIRE(lab.tree
                .modify(lab.administrator, group_dn,
                        {{LdapChangeKind::replace, "msDS-ObjectSoa", {"EntraID"}}})
                .done());
    const std::vector<LdapChange> change = {{LdapChangeKind::replace, "mail", {"a"}}};
    CHECK(lab.tree.modify(lab.service, group_dn, change).done());
    lab.tree.source_of_authority.enforced = true;
    CHECK(lab.tree.modify(lab.service, group_dn, change).code == 50);
    lab.tree.source_of_authority.code = 53;
    lab.tree.source_of_authority.diagnostic = "msDS-ObjectSoa";
    CHECK(lab.tree.remove(lab.service, group_dn).code == 53);
    CHECK(lab.tree.rename(lab.service, group_dn, "CN=x", true, "").code == 53);
    lab.tree.source_of_authority.exceptions.insert(lab.service->sid.text());
    CHECK(lab.tree.modify(lab.service, group_dn, change).done());
}

TEST_CASE("each write moves its object's number and tells of it, and a fail-over counts anew") {
    Lab lab(DirectoryDialect::windows);
    std::vector<ObjectGuid> told;
    lab.tree.on_change = [&](const std::vector<ObjectGuid>& changed) {
        told.insert(told.end(), changed.begin(), changed.end());
    };
    const auto guid = lab.make_group().guid;
    CHECK(std::count(told.begin(), told.end(), guid) >= 1);
    const auto usn = lab.tree.highest_usn();
    const auto user_usn = lab.tree.find(Dn(first_user))->usn_changed;
    told.clear();
    // What it has already moves nothing.
    REQUIRE(
        lab.tree
            .modify(lab.service, group_dn, {{LdapChangeKind::replace, "mail", {"group@lab.test"}}})
            .done());
    CHECK(told.empty());
    REQUIRE(
        lab.tree.modify(lab.service, group_dn, {{LdapChangeKind::remove, "member", {first_user}}})
            .done());
    CHECK(told == std::vector<ObjectGuid>{guid});
    CHECK(lab.tree.changed_above(usn) == std::vector<ObjectGuid>{guid});
    CHECK(lab.tree.find(Dn(first_user))->usn_changed == user_usn);
    const auto source = lab.tree.invocation_id();
    lab.tree.fail_over("dc2.lab.test");
    CHECK(lab.tree.invocation_id() != source);
}

TEST_CASE("what the model does not know it says, and takes for no answer") {
    Lab lab(DirectoryDialect::windows);
    auto search = everything_in(lab_container);
    search.attributes = {"noSuchAttributeAnywhere"};
    lab.make_group();
    CHECK_THROWS_AS(lab.tree.search(lab.service, search), std::logic_error);
    search.attributes = {"mailNickname"};  // known, and not of this schema
    CHECK(lab.tree.search(lab.service, search).answer.done());
    CHECK_THROWS_AS(
        static_cast<void>(lab.tree.add(lab.service, "CN=x" + group_dn.substr(3),
                                       {{"objectClass", {"group"}}, {"nobodyKnows", {"x"}}})),
        std::logic_error);
}

TEST_CASE("writes are refused at and below a place that is closed to them") {
    Lab lab(DirectoryDialect::samba);
    lab.make_group();
    lab.tree.denied.emplace_back(lab_container);
    CHECK(lab.tree.modify(lab.service, group_dn, {{LdapChangeKind::replace, "mail", {"a"}}}).code ==
          50);
    CHECK(lab.tree.remove(lab.administrator, group_dn).code == 50);
    CHECK(
        lab.tree
            .add(lab.service, std::string("CN=new,") + lab_container, {{"objectClass", {"group"}}})
            .code == 50);
}

TEST_CASE("Exchange's attributes exist where its schema does, and links know their other end") {
    TreeOptions options;
    options.schema = SchemaExtent::exchange;
    DirectoryTree tree(options);
    furnish_lab(tree, {});
    const auto service = tree.bind("svc-writeback@lab.test", "service");
    REQUIRE(service != nullptr);
    const auto administrator = tree.bind(lab_administrator, "administrator");
    REQUIRE(tree.add(administrator, group_dn,
                     {{"objectClass", {"group"}},
                      {"mailNickname", {"group"}},
                      {"hideDLMembership", {"TRUE"}},
                      {"msExchRecipientDisplayType", {"1"}},
                      {"authOrig", {first_user}}})
                .done());
    CHECK(tree.values(*tree.find(Dn(first_user)), "authorigbl") ==
          std::vector<std::string>{group_dn});
    CHECK(tree.modify(administrator, group_dn,
                      {{LdapChangeKind::replace, "hideDLMembership", {"yes"}}})
              .code == 21);
    CHECK(tree.modify(service, group_dn, {{LdapChangeKind::replace, "mailNickname", {"a"}}}).code ==
          50);
}
