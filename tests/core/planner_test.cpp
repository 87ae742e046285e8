#include "core/planner.hpp"

#include "core/examples.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace writeback;
using namespace writeback::examples;

namespace {

// A plan under the default configuration; tests change what they are about.
struct Planner {
    GroupsConfig groups;
    int values_per_modify = 1000;
    DeletionVerdict verdict = DeletionVerdict::none_pending;
    std::optional<DesiredGroup> wish = desired();

    Planner() { groups.policy = Policy::full; }

    [[nodiscard]] std::vector<Operation> plan(const GroupWork& work) const {
        const PlanRules rules{groups,
                              values_per_modify,
                              {"adminDescription", "description", "displayName", "proxyAddresses"}};
        return plan_group(work, wish, rules, verdict).operations;
    }
};

GroupWork unwritten(const std::vector<int>& members = {}) {
    GroupWork result = work(members);
    result.written.reset();
    return result;
}

GroupWork in_state(CloudState state, std::vector<WrittenMember> ad_members) {
    GroupWork result = work({}, std::move(ad_members));
    result.cloud->group.state = state;
    return result;
}

GroupWork out_of_scope(std::vector<WrittenMember> ad_members) {
    GroupWork result = work({}, std::move(ad_members));
    result.cloud->in_scope = false;
    return result;
}

Hold hold(HoldReason reason) {
    Hold result;
    result.group = group_id();
    result.reason = reason;
    return result;
}

}  // namespace

TEST_CASE("law 9: a group that stands in AD as it should has an empty plan") {
    CHECK(Planner().plan(work({1, 2}, {present(1), present(2)})).empty());
}

TEST_CASE("a new group is created with its first members in the add, the rest follows in chunks") {
    Planner planner;
    planner.values_per_modify = 2;
    const auto operations = planner.plan(unwritten({5, 3, 1, 4, 2}));
    CHECK(kinds(operations) == Names{"create-group", "add-members", "add-members"});
    CHECK(operations[0].create == desired());
    CHECK(operations[0].dn.text() == "CN=Sales_000000000001," + container.text());
    CHECK(members(operations, OperationKind::create_group) == Numbers{1, 2});
    CHECK(members(operations, OperationKind::add_members) == Numbers{3, 4, 5});
    CHECK(operations[2].dn == operations[0].dn);
}

TEST_CASE(
    "a group that could not be projected is not created, and keeps its properties where it "
    "stands") {
    Planner planner;
    planner.wish.reset();
    CHECK(planner.plan(unwritten({1})).empty());
    CHECK(kinds(planner.plan(work({1}, {present(2, Evidence::removed)}))) ==
          Names{"remove-members", "add-members"});
}

TEST_CASE("one changed member in a large group is one small operation") {
    GroupWork touched = work({1}, {present(2, Evidence::removed)});
    touched.whole = false;
    touched.written_count = 250000;
    const auto operations = Planner().plan(touched);
    CHECK(kinds(operations) == Names{"remove-members", "add-members"});
    CHECK(members(operations, OperationKind::add_members) == Numbers{1});
    CHECK(operations[0].members[0].evidence == Evidence::removed);
    CHECK(operations[0].members[0].cloud_ids == std::vector<MemberId>{member_id(2)});
}

TEST_CASE(
    "hard case 3: another form of the same object is neither added nor removed nor added twice") {
    GroupWork both = work();
    const ObjectGuid object("11111111-1111-1111-1111-111111111111");
    both.present = {{{Sid("S-1-5-21-1-2-3-4"), object}, {member_id(1)}, Evidence::none}};
    both.wanted = {{{Sid(), object}, {member_id(1)}}};
    CHECK(Planner().plan(both).empty());
    both.present.clear();
    both.wanted.push_back({{Sid("S-1-5-21-1-2-3-4"), object}, {member_id(2)}});
    CHECK(Planner().plan(both).at(0).members.size() == 1);
}

TEST_CASE("hard case 3: a user recreated in AD is one removal and one addition") {
    GroupWork recreated = work();
    recreated.wanted = {{identity(2), {member_id(1)}}};
    recreated.present = {{identity(1), {member_id(1)}, Evidence::object_deleted}};
    const auto operations = Planner().plan(recreated);
    CHECK(members(operations, OperationKind::remove_members) == Numbers{1});
    CHECK(members(operations, OperationKind::add_members) == Numbers{2});
}

TEST_CASE("a member that is gone without a trace leaves with inferred evidence") {
    const auto operations = Planner().plan(work({}, {present(1)}));
    CHECK(operations.at(0).members.at(0).evidence == Evidence::absent);
}

TEST_CASE("while identities are unknown there are only additions and explicit removals") {
    GroupWork unknown = work({1}, {present(2, Evidence::removed), present(3, Evidence::absent),
                                   present(4, Evidence::identity_lost), present(5)});
    unknown.unknown_count = 1;
    const auto operations = Planner().plan(unknown);
    CHECK(members(operations, OperationKind::remove_members) == Numbers{2});
    CHECK(members(operations, OperationKind::add_members) == Numbers{1});
}

TEST_CASE("properties are compared byte for byte, and only those that the mapping writes") {
    GroupWork changed = work();
    changed.written->attributes = {{"adminDescription", {mark_of(group_id())}},
                                   {"displayName", {"sales"}},
                                   {"description", {"old"}},
                                   {"info", {"an administrator's"}}};
    changed.written->sam_account_name = "chosen by hand";
    const auto operations = Planner().plan(changed);
    REQUIRE(kinds(operations) == Names{"modify-group"});
    CHECK(operations[0].changes ==
          std::vector<AttributeChange>{{"description", {"old"}, {}},
                                       {"displayName", {"sales"}, {"Sales"}}});
}

TEST_CASE("the values of an attribute have no order") {
    Planner planner;
    planner.wish->attributes["proxyAddresses"] = {"SMTP:a@x", "smtp:b@x"};
    GroupWork same = work();
    same.written->attributes["proxyAddresses"] = {"smtp:b@x", "SMTP:a@x"};
    CHECK(planner.plan(same).empty());
}

TEST_CASE("the mark is never written to a group that has lost it") {
    GroupWork unmarked = work();
    unmarked.written->attributes.erase("adminDescription");
    CHECK(Planner().plan(unmarked).empty());
}

TEST_CASE("hard case 8: a change of case only is a rename") {
    Planner planner;
    planner.wish = desired(1, "SALES_000000000001");
    const auto operations = planner.plan(work());
    REQUIRE(kinds(operations) == Names{"rename-group"});
    CHECK(operations[0].new_cn == "SALES_000000000001");
}

TEST_CASE("a group in another container is moved, after its rename") {
    Planner planner;
    planner.wish = desired(1, "Marketing_000000000001");
    GroupWork elsewhere = work();
    elsewhere.written->dn = Dn("CN=Sales_000000000001,OU=Old,DC=contoso,DC=com");
    const auto operations = planner.plan(elsewhere);
    REQUIRE(kinds(operations) == Names{"rename-group", "move-group"});
    CHECK(operations[1].dn.text() == "CN=Marketing_000000000001,OU=Old,DC=contoso,DC=com");
    CHECK(operations[1].new_container == container);
    elsewhere.written->dn = Dn("cn=Sales_000000000001,ou=CLOUD GROUPS,dc=contoso,dc=com");
    CHECK(kinds(planner.plan(elsewhere)) == Names{"rename-group"});
}

TEST_CASE("operations come in one order: removals, properties, type, additions, names") {
    Planner planner;
    planner.wish = desired(1, "Other_000000000001");
    planner.wish->group_type = universal_distribution_group;
    planner.wish->attributes["displayName"] = {"Other"};
    const auto operations = planner.plan(work({1}, {present(2, Evidence::removed)}));
    CHECK(kinds(operations) ==
          Names{"remove-members", "modify-group", "convert-group", "add-members", "rename-group"});
    CHECK(operations[2].from_type == universal_security_group);
    CHECK(operations[2].to_type == universal_distribution_group);
    CHECK(operations[2].evidence == Evidence::none);
}

TEST_CASE("a soft-deleted group is emptied at once, explicitly, and keeps its SID") {
    GroupWork soft =
        in_state(CloudState::soft_deleted, {present(1), present(2, Evidence::removed)});
    soft.wanted = {wanted(1), wanted(3)};
    // Removed once and added again since: what counts now is that the group is gone.
    soft.present.push_back(present(3, Evidence::removed));
    const auto operations = Planner().plan(soft);
    REQUIRE(kinds(operations) == Names{"remove-members"});
    CHECK(operations[0].members[2].evidence == Evidence::group_deleted);
    CHECK(operations[0].members[0].evidence == Evidence::group_deleted);
    CHECK(operations[0].members[1].evidence == Evidence::removed);
}

TEST_CASE("what becomes of a soft-deleted group is a setting") {
    const GroupWork soft = in_state(CloudState::soft_deleted, {present(1)});
    Planner planner;
    planner.groups.on_soft_delete = OnGone::keep;
    GroupWork kept = soft;
    kept.wanted = {wanted(1)};
    CHECK(planner.plan(kept).empty());
    planner.groups.on_soft_delete = OnGone::remove;
    CHECK(kinds(planner.plan(soft)) == Names{"delete-group"});
    planner.groups.on_soft_delete = OnGone::convert;
    const auto operations = planner.plan(kept);
    REQUIRE(kinds(operations) == Names{"convert-group"});
    CHECK(operations[0].to_type == universal_distribution_group);
    CHECK(operations[0].evidence == Evidence::group_deleted);
    kept.written->group_type = universal_distribution_group;
    CHECK(planner.plan(kept).empty());
}

TEST_CASE(
    "hard case 2: an absent group is emptied on inference, and not deleted before a direct read") {
    const GroupWork absent = in_state(CloudState::absent, {present(1)});
    for (const OnGone action : {OnGone::empty, OnGone::remove}) {
        Planner planner;
        planner.groups.on_soft_delete = action;
        const auto operations = planner.plan(absent);
        REQUIRE(kinds(operations) == Names{"remove-members"});
        CHECK(operations[0].members[0].evidence == Evidence::absent);
    }
}

TEST_CASE("a group deleted for good is deleted, or what the setting says") {
    const GroupWork deleted = in_state(CloudState::deleted, {present(1)});
    Planner planner;
    const auto operations = planner.plan(deleted);
    REQUIRE(kinds(operations) == Names{"delete-group"});
    CHECK(operations[0].evidence == Evidence::group_deleted);
    planner.groups.on_delete = OnGone::empty;
    CHECK(kinds(planner.plan(deleted)) == Names{"remove-members"});
}

TEST_CASE("a group that was never written needs nothing when it goes") {
    for (const CloudState state :
         {CloudState::soft_deleted, CloudState::absent, CloudState::deleted}) {
        GroupWork gone = unwritten({1});
        gone.cloud->group.state = state;
        CHECK(Planner().plan(gone).empty());
    }
    GroupWork outside = unwritten({1});
    outside.cloud->in_scope = false;
    CHECK(Planner().plan(outside).empty());
}

TEST_CASE(
    "hard case 4: a group whose deletion is held or not judged stays, but explicit removals go "
    "on") {
    GroupWork soft =
        in_state(CloudState::soft_deleted, {present(1), present(2, Evidence::removed), present(3)});
    soft.wanted = {wanted(1), wanted(3)};
    for (const DeletionVerdict verdict : {DeletionVerdict::unjudged, DeletionVerdict::held}) {
        Planner planner;
        planner.verdict = verdict;
        CHECK(members(planner.plan(soft), OperationKind::remove_members) == Numbers{2});
    }
    Planner planner;
    planner.verdict = DeletionVerdict::allowed;
    CHECK(members(planner.plan(soft), OperationKind::remove_members) == Numbers{1, 2, 3});
}

TEST_CASE(
    "a group that leaves the scope is emptied on inference, explicit removals stay explicit") {
    const auto operations =
        Planner().plan(out_of_scope({present(1), present(2, Evidence::object_deleted)}));
    REQUIRE(kinds(operations) == Names{"remove-members"});
    CHECK(operations[0].members[0].evidence == Evidence::out_of_scope);
    CHECK(operations[0].members[1].evidence == Evidence::object_deleted);
}

TEST_CASE("deleting or converting a group that left the scope needs a verdict") {
    Planner planner;
    for (const OnGone action : {OnGone::remove, OnGone::convert}) {
        planner.groups.on_out_of_scope = action;
        planner.verdict = DeletionVerdict::none_pending;
        CHECK(planner.plan(out_of_scope({})).empty());
        planner.verdict = DeletionVerdict::allowed;
        CHECK(planner.plan(out_of_scope({})).at(0).evidence == Evidence::out_of_scope);
    }
    planner.groups.on_out_of_scope = OnGone::keep;
    CHECK(planner.plan(out_of_scope({present(1)})).empty());
}

TEST_CASE("unknown identities do not keep a deleted group or one out of scope from being emptied") {
    GroupWork outside = out_of_scope({present(1)});
    outside.unknown_count = 3;
    CHECK(kinds(Planner().plan(outside)) == Names{"remove-members"});
}

TEST_CASE("hard case 7: a group that becomes synced is released exactly as it stands") {
    GroupWork synced = work({}, {present(1), present(2, Evidence::removed)});
    synced.cloud->group.on_premises_sync_enabled = true;
    synced.cloud->in_scope = false;
    CHECK(released(synced));
    CHECK(Planner().plan(synced).empty());
    CHECK_FALSE(released(work()));
}

TEST_CASE("a marked group of which the mirror knows nothing is left alone") {
    GroupWork unknown = work({}, {present(1)});
    unknown.cloud.reset();
    CHECK(Planner().plan(unknown).empty());
    CHECK_FALSE(released(unknown));
    CHECK_FALSE(suspended(unknown));
}

TEST_CASE(
    "hard case 6: a restored group waits for its members, but not with what was removed "
    "explicitly") {
    GroupWork restored = work({1}, {present(2, Evidence::removed), present(3, Evidence::absent)});
    restored.cloud->members_unread = true;
    CHECK(suspended(restored));
    const auto operations = Planner().plan(restored);
    CHECK(kinds(operations) == Names{"remove-members"});
    CHECK(members(operations, OperationKind::remove_members) == Numbers{2});
    restored.written.reset();
    CHECK(Planner().plan(restored).empty());
}

TEST_CASE("hard case 10: an unreadable group gets nothing but explicit removals") {
    GroupWork unreadable = work({1}, {present(2, Evidence::removed), present(3)});
    unreadable.cloud->unreadable = "mailEnabled is text";
    CHECK(members(Planner().plan(unreadable), OperationKind::remove_members) == Numbers{2});
    CHECK(Planner().plan(unreadable).size() == 1);
}

TEST_CASE("hard case 9: a group missing from AD is created anew only with recreate") {
    GroupWork missing = unwritten({1});
    missing.missing = true;
    Planner planner;
    CHECK(planner.plan(missing).empty());
    missing.written = written(desired());
    CHECK(planner.plan(missing).empty());
    planner.groups.recreate = true;
    CHECK(kinds(planner.plan(missing)) == Names{"create-group"});
    missing.cloud->in_scope = false;
    CHECK(planner.plan(missing).empty());
}

TEST_CASE(
    "a member that was refused before is tried after the others, in an operation of its own") {
    GroupWork refused = work({1, 2, 3, 4});
    refused.holds = {hold(HoldReason::refused), hold(HoldReason::refused),
                     hold(HoldReason::collision)};
    refused.holds[0].member = member_id(2);
    refused.holds[1].sid = identity(3).sid;
    auto operations = Planner().plan(refused);
    REQUIRE(operations.size() == 2);
    CHECK(members({operations[0]}, OperationKind::add_members) == Numbers{1, 4});
    CHECK(members({operations[1]}, OperationKind::add_members) == Numbers{2, 3});
    refused.written.reset();
    operations = Planner().plan(refused);
    CHECK(kinds(operations) == Names{"create-group", "add-members"});
    CHECK(members(operations, OperationKind::create_group) == Numbers{1, 4});
}

TEST_CASE(
    "hard case 11: under another policy than full no verdict is waited for, so that all is shown") {
    for (const Policy policy : {Policy::report_only, Policy::no_removals}) {
        Planner planner;
        planner.groups.policy = policy;
        planner.verdict = DeletionVerdict::unjudged;
        GroupWork deleted = in_state(CloudState::deleted, {present(1)});
        deleted.deletion = DeletionVerdict::unjudged;
        CHECK(kinds(planner.plan(deleted)) == Names{"delete-group"});
        CHECK_FALSE(awaits_verdict(deleted, planner.groups));
    }
}

TEST_CASE("a plan awaits the verdict only where there is something to judge") {
    Planner planner;
    GroupWork soft = in_state(CloudState::soft_deleted, {present(1)});
    CHECK_FALSE(awaits_verdict(soft, planner.groups));
    soft.deletion = DeletionVerdict::unjudged;
    CHECK(awaits_verdict(soft, planner.groups));
    planner.groups.on_soft_delete = OnGone::keep;
    CHECK_FALSE(awaits_verdict(soft, planner.groups));
    GroupWork outside = out_of_scope({present(1)});
    outside.deletion = DeletionVerdict::unjudged;
    CHECK_FALSE(awaits_verdict(outside, planner.groups));
    for (const OnGone action : {OnGone::convert, OnGone::remove}) {
        planner.groups.on_out_of_scope = action;
        CHECK(awaits_verdict(outside, planner.groups));
    }
    GroupWork deleted = in_state(CloudState::deleted, {});
    deleted.deletion = DeletionVerdict::unjudged;
    CHECK(awaits_verdict(deleted, planner.groups));
    planner.groups.on_delete = OnGone::keep;
    CHECK_FALSE(awaits_verdict(deleted, planner.groups));
    outside.cloud->group.on_premises_sync_enabled = true;
    CHECK_FALSE(awaits_verdict(outside, planner.groups));
    outside.written.reset();
    CHECK_FALSE(awaits_verdict(outside, planner.groups));
    outside.cloud.reset();
    CHECK_FALSE(awaits_verdict(outside, planner.groups));
}

TEST_CASE("a deletion is named by what the cloud says of the group") {
    CHECK(deletion_subject(CloudState::soft_deleted) == "soft-deleted");
    CHECK(deletion_subject(CloudState::absent) == "soft-deleted");
    CHECK(deletion_subject(CloudState::deleted) == "deleted");
    CHECK(deletion_subject(CloudState::active) == "out-of-scope");
}

TEST_CASE("a plan bears the group's name for people, or its CN where the cloud has none") {
    const GroupsConfig groups;
    const PlanRules rules{groups, 1000, {}};
    GroupWork named = work();
    CHECK(plan_group(named, desired(), rules, DeletionVerdict::none_pending).name == "Sales");
    named.cloud->group.display_name.clear();
    CHECK(plan_group(named, desired(), rules, DeletionVerdict::none_pending).name ==
          "Sales_000000000001");
    named.written.reset();
    CHECK(plan_group(named, desired(), rules, DeletionVerdict::none_pending).name.empty());
}
