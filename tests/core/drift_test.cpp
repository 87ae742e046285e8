#include "core/drift.hpp"

#include "core/examples.hpp"

#include <doctest/doctest.h>

using namespace writeback;
using namespace writeback::examples;

namespace {

const DriftRules rules{{"adminDescription", "description", "displayName", "proxyAddresses"},
                       false,
                       Membership::authoritative};

// The desired group as the directory shows it.
DirectoryGroup found(std::vector<AdIdentity> members = {}) {
    const WrittenGroup believed = written(desired());
    DirectoryGroup group;
    group.guid = believed.guid;
    group.sid = believed.sid;
    group.dn = believed.dn;
    group.cn = believed.cn;
    group.sam_account_name = believed.sam_account_name;
    group.group_type = believed.group_type;
    group.mark = believed.group;
    group.mark_text = mark_of(believed.group);
    group.attributes = believed.attributes;
    group.members = std::move(members);
    return group;
}

Drift drift(const DirectoryGroup& group, const std::vector<AdIdentity>& members = {},
            const DriftRules& by = rules) {
    return drift_of(written(desired()), members, group, by);
}

}  // namespace

TEST_CASE("a group that stands as it was written has no drift and nothing to say") {
    const Drift none = drift(found({identity(2), identity(1)}), {identity(1), identity(2)});
    CHECK(none.empty());
    CHECK(sentences_of(none).empty());
    CHECK(to_text(none).empty());
}

TEST_CASE("a renamed and moved group is told with both names and both places") {
    DirectoryGroup moved = found();
    moved.cn = "Verkauf";
    moved.dn = Dn("CN=Verkauf,OU=Elsewhere,DC=contoso,DC=com");
    const Drift told = drift(moved);
    CHECK(told.cn == Difference<std::string>{"Sales_000000000001", "Verkauf"});
    CHECK(told.container->now == Dn("OU=Elsewhere,DC=contoso,DC=com"));
    CHECK(sentences_of(told) == Names{"Its CN was \"Sales_000000000001\" and is \"Verkauf\" now.",
                                      "It stood in OU=Cloud Groups,DC=contoso,DC=com and stands in "
                                      "OU=Elsewhere,DC=contoso,DC=com now."});
    moved = found();
    moved.dn = Dn("cn=Sales_000000000001,ou=CLOUD groups,dc=contoso,dc=com");
    CHECK(drift(moved).empty());
}

TEST_CASE("a removed mark and another one each have a sentence with the remedy") {
    DirectoryGroup unmarked = found();
    unmarked.mark.reset();
    unmarked.mark_text.clear();
    unmarked.attributes.erase("adminDescription");
    REQUIRE(drift(unmarked).mark);
    CHECK(to_text(drift(unmarked)).find("has been removed") != std::string::npos);
    unmarked.mark_text = "TakenOver_Group_" + guid(1);
    CHECK(to_text(drift(unmarked)).find("is \"TakenOver_Group_" + guid(1) + "\" and no longer") !=
          std::string::npos);
    CHECK(drift(unmarked).attributes.empty());
}

TEST_CASE("attributes are told with what they were and what they are") {
    DirectoryGroup edited = found();
    edited.attributes["displayName"] = {"Verkauf"};
    edited.attributes["description"] = {"by hand"};
    edited.attributes["info"] = {"not the mapping's"};
    edited.group_type = 8;
    CHECK(sentences_of(drift(edited)) ==
          Names{"Its groupType was -2147483640 and is 8 now.", "description is \"by hand\" now.",
                "displayName was \"Sales\" and is \"Verkauf\" now."});
    edited = found();
    edited.attributes.erase("displayName");
    CHECK(to_text(drift(edited)) == "displayName was \"Sales\" and has been removed.");
}

TEST_CASE("a sAMAccountName is compared only where the mapping names it") {
    DirectoryGroup renamed = found();
    renamed.sam_account_name = "by hand";
    CHECK(drift(renamed).empty());
    DriftRules comparing = rules;
    comparing.compares_sam_account_name = true;
    CHECK(to_text(drift(renamed, {}, comparing)) ==
          "Its sAMAccountName was \"Sales_000000000001\" and is \"by hand\" now.");
}

TEST_CASE("members are told by their identities, as many as a person reads") {
    const Drift told =
        drift(found({identity(3), identity(1), identity(4)}), {identity(1), identity(2)});
    CHECK(told.gained == std::vector<AdIdentity>{identity(3), identity(4)});
    CHECK(told.lost == std::vector<AdIdentity>{identity(2)});
    CHECK(sentences_of(told) ==
          Names{"2 members were added in the directory: S-1-5-21-1-2-3-000003, "
                "S-1-5-21-1-2-3-000004.",
                "1 member was removed in the directory: S-1-5-21-1-2-3-000002."});
    CHECK(sentences_of(told, 1).front() ==
          "2 members were added in the directory: S-1-5-21-1-2-3-000003 and 1 more.");
}

TEST_CASE("another form of the same object is no drift") {
    const ObjectGuid object("11111111-1111-1111-1111-111111111111");
    CHECK(drift(found({{Sid("S-1-5-21-9"), object}}), {{Sid(), object}}).empty());
}

TEST_CASE("with additive membership whom others added is nobody's business, who is gone is") {
    DriftRules additive = rules;
    additive.membership = Membership::additive;
    CHECK(drift(found({identity(1), identity(2)}), {identity(1)}, additive).empty());
    CHECK(drift(found({identity(2)}), {identity(1)}, additive).lost.size() == 1);
}

TEST_CASE("hostile values make one readable line") {
    DirectoryGroup hostile = found();
    hostile.attributes["displayName"] = {"a\nb" + std::string(300, 'x')};
    const std::string text = to_text(drift(hostile));
    CHECK(text.find('\n') == std::string::npos);
    CHECK(text.size() < 200);
    CHECK(missing_sentence(written(desired())).find("S-1-5-21-1-2-3-999") != std::string::npos);
}
