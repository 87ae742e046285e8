#include "core/examples.hpp"
#include "core/planner.hpp"

#include <doctest/doctest.h>

using namespace writeback;
using namespace writeback::examples;

namespace {

std::vector<Operation> plan(const GroupWork& work, const DesiredGroup& wish) {
    const GroupsConfig groups;
    const PlanRules rules{groups, 1000, {"displayName"}};
    return plan_group(work, wish, rules, DeletionVerdict::none_pending).operations;
}

// A mapping that names sAMAccountName, with a name that another may hold.
DesiredGroup named(const std::string& name) {
    DesiredGroup wish = desired(1, name);
    wish.sam_account_name = name;
    wish.alternative_cn = name + "_000000000001";
    wish.alternative_sam_account_name = name + "_000000000001";
    wish.compares_sam_account_name = true;
    return wish;
}

}  // namespace

TEST_CASE("a group that bears an alternative name is as it should be") {
    GroupWork other = work();
    other.written->cn = "Sales_000000000001";
    other.written->sam_account_name = "Sales_000000000001";
    CHECK(plan(other, named("Sales")).empty());
    other.written->cn = "Sales";
    other.written->sam_account_name = "Sales";
    CHECK(plan(other, named("Sales")).empty());
}

TEST_CASE(
    "a name that is neither the wanted one nor the alternative is changed to the wanted one") {
    GroupWork renamed = work();
    renamed.written->cn = "by hand";
    auto operations = plan(renamed, named("Sales"));
    REQUIRE(kinds(operations) == Names{"rename-group"});
    CHECK(operations[0].new_cn == "Sales");
    renamed.written->cn = "";
    DesiredGroup without = named("Sales");
    without.alternative_cn.clear();
    CHECK(kinds(plan(renamed, without)) == Names{"rename-group"});
}

TEST_CASE("sAMAccountName follows the cloud only where the mapping names it") {
    GroupWork changed = work();
    changed.written->sam_account_name = "by hand";
    DesiredGroup wish = named("Sales");
    auto operations = plan(changed, wish);
    REQUIRE(kinds(operations) == Names{"modify-group"});
    CHECK(operations[0].changes ==
          std::vector<AttributeChange>{{"sAMAccountName", {"by hand"}, {"Sales"}}});
    changed.written->sam_account_name.clear();
    operations = plan(changed, wish);
    REQUIRE(kinds(operations) == Names{"modify-group"});
    CHECK(operations[0].changes == std::vector<AttributeChange>{{"sAMAccountName", {}, {"Sales"}}});
    wish.compares_sam_account_name = false;
    CHECK(plan(changed, wish).empty());
}

TEST_CASE("an adopted group is neither renamed nor moved, and its attributes are written") {
    GroupWork adopted = work();
    adopted.written->keeps_name = true;
    adopted.written->cn = "Group_" + guid(1);
    adopted.written->dn = Dn("CN=Group_" + guid(1) + ",OU=Old,DC=contoso,DC=com");
    adopted.written->sam_account_name = "$V31000-1";
    DesiredGroup wish = named("Sales");
    CHECK(plan(adopted, wish).empty());
    wish.attributes["displayName"] = {"Verkauf"};
    CHECK(kinds(plan(adopted, wish)) == Names{"modify-group"});
    CHECK(plan(adopted, wish).at(0).changes.size() == 1);
    adopted.written->keeps_name = false;
    CHECK(kinds(plan(adopted, wish)) == Names{"modify-group", "rename-group", "move-group"});
}
