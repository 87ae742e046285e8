#include "core/managed_by.hpp"

#include "core/examples.hpp"
#include "core/planner.hpp"

#include <doctest/doctest.h>

using namespace writeback;
using namespace writeback::examples;

namespace {

GroupWork owned(std::vector<int> owners, std::optional<int> named = std::nullopt) {
    GroupWork result = work();
    for (const int owner : owners)
        result.owners.push_back(identity(owner));
    if (named) result.written->attributes["managedBy"] = {identity(*named).key()};
    return result;
}

Names key(int number) {
    return {identity(number).key()};
}

std::vector<Operation> plan(const GroupWork& work, Names attributes = {"managedBy"}) {
    const GroupsConfig groups;
    const PlanRules rules{groups, 1000, std::move(attributes)};
    return plan_group(work, desired(), rules, DeletionVerdict::none_pending).operations;
}

}  // namespace

TEST_CASE("a group is managed by the first of its owners whom AD has") {
    CHECK(managed_by(owned({4, 5})) == key(4));
    CHECK(managed_by(owned({})).empty());
}

TEST_CASE("whom AD names as manager stays while they are an owner, in whatever form") {
    CHECK(managed_by(owned({4, 5}, 5)) == key(5));
    GroupWork by_guid = owned({4});
    const ObjectGuid object("11111111-1111-1111-1111-111111111111");
    by_guid.owners.push_back({Sid("S-1-5-21-1-2-3-5"), object});
    by_guid.written->attributes["managedBy"] = {object.text()};
    CHECK(managed_by(by_guid) == Names{object.text()});
}

TEST_CASE("a manager who is no owner any more is followed by one who is, or by nobody") {
    CHECK(managed_by(owned({4, 5}, 6)) == key(4));
    CHECK(managed_by(owned({}, 6)).empty());
}

TEST_CASE(
    "while owners are unknown or unread nobody is taken away, but the first one known comes") {
    GroupWork unknown = owned({}, 6);
    unknown.unknown_owners = 1;
    CHECK(managed_by(unknown) == key(6));
    unknown = owned({4}, 6);
    unknown.cloud->owners_unread = true;
    CHECK(managed_by(unknown) == key(6));
    unknown = owned({4});
    unknown.unknown_owners = 1;
    CHECK(managed_by(unknown) == key(4));
}

TEST_CASE(
    "managedBy is written where the mapping names it, at creation and later, and only there") {
    CHECK(plan(owned({4, 5}, 5)).empty());
    auto operations = plan(owned({4}, 6));
    REQUIRE(kinds(operations) == Names{"modify-group"});
    CHECK(operations[0].changes == std::vector<AttributeChange>{{"managedBy", key(6), key(4)}});
    operations = plan(owned({}, 6));
    CHECK(operations.at(0).changes == std::vector<AttributeChange>{{"managedBy", key(6), {}}});
    CHECK(plan(owned({4}), {}).empty());

    GroupWork fresh = owned({4});
    fresh.written.reset();
    CHECK(plan(fresh).at(0).create->attributes.at("managedBy") == key(4));
    CHECK_FALSE(plan(fresh, {}).at(0).create->attributes.contains("managedBy"));
    fresh.owners.clear();
    CHECK_FALSE(plan(fresh).at(0).create->attributes.contains("managedBy"));
}
