#include "core/examples.hpp"
#include "core/planner.hpp"

#include <doctest/doctest.h>

using namespace writeback;
using namespace writeback::examples;

namespace {

struct Members {
    std::optional<DesiredGroup> wish = desired();
    DeletionVerdict verdict = DeletionVerdict::none_pending;

    explicit Members(bool mail_enabled = false) { wish->mail_enabled = mail_enabled; }

    [[nodiscard]] std::vector<Operation> plan(const GroupWork& work) const {
        const GroupsConfig groups;
        const PlanRules rules{groups, 1000, {"displayName"}};
        return plan_group(work, wish, rules, verdict).operations;
    }
};

WantedMember contact(int number) {
    WantedMember result = wanted(number);
    result.contact = true;
    return result;
}

}  // namespace

TEST_CASE("a group is never its own member, whatever the cloud and the directory say") {
    GroupWork circle = work({1});
    circle.wanted.push_back({{circle.written->sid, {}}, {member_id(9)}});
    circle.wanted.push_back({{Sid(), circle.written->guid}, {member_id(9)}});
    auto operations = Members().plan(circle);
    CHECK(members(operations, OperationKind::add_members) == Numbers{1});

    circle.present = {{{circle.written->sid, {}}, {member_id(9)}, Evidence::none}};
    operations = Members().plan(circle);
    REQUIRE(kinds(operations) == Names{"remove-members", "add-members"});
    CHECK(operations[0].members.at(0).evidence == Evidence::configuration);
}

TEST_CASE("only a mail-enabled group takes contacts") {
    GroupWork listed = work({1});
    listed.wanted.push_back(contact(2));
    CHECK(members(Members(true).plan(listed), OperationKind::add_members) == Numbers{1, 2});
    CHECK(members(Members(false).plan(listed), OperationKind::add_members) == Numbers{1});
    listed.written.reset();
    CHECK(members(Members(false).plan(listed), OperationKind::create_group) == Numbers{1});
    CHECK(members(Members(true).plan(listed), OperationKind::create_group) == Numbers{1, 2});
}

TEST_CASE("a group that is mail-enabled no more loses its contacts, because of the configuration") {
    GroupWork left = work({1}, {present(1), present(2)});
    left.wanted.push_back(contact(2));
    CHECK(Members(true).plan(left).empty());
    const auto operations = Members(false).plan(left);
    REQUIRE(kinds(operations) == Names{"remove-members"});
    CHECK(operations[0].members.at(0).identity == identity(2));
    CHECK(operations[0].members.at(0).evidence == Evidence::configuration);
    left.unknown_count = 1;
    CHECK(Members(false).plan(left).empty());
}

TEST_CASE("while nobody can say whether a group is mail-enabled its contacts stay and none comes") {
    GroupWork unsure = work({1}, {present(1), present(2)});
    unsure.wanted.push_back(contact(2));
    unsure.wanted.push_back(contact(3));
    Members unprojected;
    unprojected.wish.reset();
    CHECK(unprojected.plan(unsure).empty());
}

TEST_CASE("a deleted group is emptied of its contacts like of all others") {
    GroupWork soft = work({}, {present(1), present(2)});
    soft.wanted = {wanted(1), contact(2)};
    soft.cloud->group.state = CloudState::soft_deleted;
    const auto operations = Members().plan(soft);
    CHECK(members(operations, OperationKind::remove_members) == Numbers{1, 2});
    CHECK(operations[0].members[1].evidence == Evidence::group_deleted);
}
