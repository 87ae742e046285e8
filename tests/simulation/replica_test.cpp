// Domain controllers that were written to apart from each other agree in the end.
#include "simulation/replica.hpp"

#include "simulation/domain_controllers_bench.hpp"

#include <doctest/doctest.h>

using namespace writeback;
using namespace writeback::simulation;
using namespace std::chrono_literals;

namespace {

DirectoryRequest group_named(const std::string& cn, const std::string& account) {
    DirectoryRequest request;
    request.kind = DirectoryRequest::Kind::add;
    request.dn = "CN=" + cn + "," + fakes::lab_container;
    request.attributes = {
        {"objectClass", {"group"}}, {"sAMAccountName", {account}}, {"groupType", {"-2147483640"}}};
    return request;
}

struct Apart : DomainControllersBench {
    explicit Apart(DirectoryDialect dialect) : DomainControllersBench(dialect) {
        controllers->set_replicating(false);
    }
    void meet() {
        wait(3s);
        controllers->set_replicating(true);
        controllers->replicate_all();
        CHECK(difference(controllers->tree(0), controllers->tree(1)) == "");
    }
};

}  // namespace

TEST_CASE(
    "Two groups of one name, made on two domain controllers, both stay and one is set aside") {
    for (const auto dialect : dialects) {
        Apart apart(dialect);
        REQUIRE(apart.controllers->edit(0, group_named("Twin", "twin")).done());
        apart.wait(1s);
        REQUIRE(apart.controllers->edit(1, group_named("Twin", "twin")).done());
        const auto newer = apart.controllers->tree(1)
                               .find(Dn("CN=Twin," + std::string(fakes::lab_container)))
                               ->guid;
        apart.meet();
        const auto& tree = apart.controllers->tree(0);
        const auto* keeps = tree.find(Dn("CN=Twin," + std::string(fakes::lab_container)));
        REQUIRE(keeps != nullptr);
        CHECK(keeps->guid == newer);
        int twins = 0;
        for (const auto& [number, entry] : tree.entries())
            twins += entry.rdn_value.starts_with("Twin\nCNF:") ? 1 : 0;
        CHECK(twins == 1);
        CHECK(tree.account_named("twin", ObjectGuid())->guid == newer);
    }
}

TEST_CASE("Of two values of one attribute the newer stands in the end, wherever it was written") {
    Apart apart(DirectoryDialect::windows);
    const auto target = apart.make_group(1);
    apart.controllers->replicate_all();
    const auto describe = [&](std::size_t server, const std::string& text) {
        DirectoryRequest request;
        request.kind = DirectoryRequest::Kind::modify;
        request.dn = target.dn.text();
        request.changes = {{LdapChangeKind::replace, "description", {text}}};
        REQUIRE(apart.controllers->edit(server, request).done());
        apart.wait(1ms);
    };
    describe(1, "older");
    describe(0, "newer");
    describe(0, "newest");
    apart.meet();
    CHECK(*apart.controllers->tree(1).find(target.guid)->first("description") == "newest");
}

TEST_CASE(
    "A group that is deleted on one domain controller is deleted on all, whatever is written") {
    for (const auto dialect : dialects) {
        Apart apart(dialect);
        const auto target = apart.make_group(1, {apart.user(1), apart.user(2)});
        apart.controllers->replicate_all();
        DirectoryRequest remove;
        remove.kind = DirectoryRequest::Kind::remove;
        remove.dn = target.dn.text();
        REQUIRE(apart.controllers->edit(1, remove).done());
        REQUIRE(apart.change_member(0, target, apart.user(3), LdapChangeKind::add).done());
        REQUIRE(apart.change_member(0, target, apart.user(1), LdapChangeKind::remove).done());
        apart.meet();
        CHECK(apart.controllers->tree(0).find(target.guid)->deleted);
    }
}

TEST_CASE("A member that was added and removed in two places is what was done last") {
    Apart apart(DirectoryDialect::windows);
    const auto target = apart.make_group(1, {apart.user(1)});
    apart.controllers->replicate_all();
    REQUIRE(apart.change_member(0, target, apart.user(1), LdapChangeKind::remove).done());
    apart.wait(1ms);
    REQUIRE(apart.change_member(1, target, apart.user(1), LdapChangeKind::remove).done());
    REQUIRE(apart.change_member(1, target, apart.user(1), LdapChangeKind::add).done());
    apart.meet();
    CHECK(apart.members_at(0, target.guid) == 1);
    CHECK(apart.members_at(1, target.guid) == 1);
}

TEST_CASE("Objects made on each side, moved and linked to each other, come across whole") {
    for (const auto dialect : dialects) {
        Apart apart(dialect);
        REQUIRE(apart.controllers->edit(0, group_named("Left", "left")).done());
        REQUIRE(apart.controllers->edit(1, group_named("Right", "right")).done());
        DirectoryRequest rename;
        rename.kind = DirectoryRequest::Kind::rename;
        rename.dn = "CN=Right," + std::string(fakes::lab_container);
        rename.new_name = "CN=Elsewhere";
        rename.new_parent = "OU=Other,DC=lab,DC=test";
        REQUIRE(apart.controllers->edit(1, rename).done());
        apart.meet();
        const auto& tree = apart.controllers->tree(0);
        REQUIRE(tree.find(Dn("CN=Elsewhere,OU=Other,DC=lab,DC=test")) != nullptr);
        // No two objects of the domain share a SID.
        CHECK(tree.find(Dn("CN=Elsewhere,OU=Other,DC=lab,DC=test"))->sid !=
              tree.find(Dn("CN=Left," + std::string(fakes::lab_container)))->sid);
    }
}
