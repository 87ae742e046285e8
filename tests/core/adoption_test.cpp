// Which groups of Microsoft's writeback are taken over.
#include "core/adoption.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace writeback;

namespace {

const std::string id = "11111111-2222-3333-4444-555555555555";
const Dn container{"OU=Cloud Groups,DC=contoso,DC=com"};

AdoptionCandidate candidate(const std::string& mark = "Group_" + id,
                            const std::string& cn = "Group_" + id) {
    AdoptionCandidate one;
    one.found.group = GroupId(id);
    one.found.mark_text = mark;
    one.found.guid = ObjectGuid("99999999-2222-3333-4444-555555555555");
    one.found.sid = Sid("S-1-5-21-1-2-3-1105");
    one.found.dn = Dn("CN=" + cn + "," + container.text());
    one.cloud.emplace();
    one.cloud->group.id = GroupId(id);
    one.cloud->group.display_name = "Finance";
    one.cloud->group.security_enabled = true;
    one.cloud->in_scope = true;
    return one;
}

WrittenGroup written(const AdoptionCandidate& one, Origin origin, bool keeps_name) {
    WrittenGroup row;
    row.group = one.found.group;
    row.guid = one.found.guid;
    row.dn = one.found.dn;
    row.origin = origin;
    row.keeps_name = keeps_name;
    return row;
}

std::vector<AdoptionStep> plan(const std::vector<AdoptionCandidate>& candidates,
                               bool rename = false) {
    const GroupsConfig groups;
    const auto scope = scope_rules(groups);
    REQUIRE(scope.has_value());
    return plan_adoption(candidates, AdoptionRules{{container}, *scope, rename});
}

AdoptionStep only(const AdoptionCandidate& one, bool rename = false) {
    const auto steps = plan({one}, rename);
    REQUIRE(steps.size() == 1);
    return steps.front();
}

bool says(const AdoptionStep& step, const std::string& phrase) {
    INFO(to_text(step));
    return to_text(step).find(phrase) != std::string::npos;
}

}  // namespace

TEST_CASE("a group with our mark is adopted under the name it has, and nothing of it is written") {
    const auto step = only(candidate());
    CHECK(step.verdict == AdoptionVerdict::adopt);
    CHECK_FALSE(step.mark_changes);
    CHECK(step.keeps_name);
    CHECK(says(step, "adopt \"Finance\" (" + id + ")"));
    CHECK(says(step, "S-1-5-21-1-2-3-1105"));
}

TEST_CASE("another form of the mark is exchanged, and the plan says so") {
    const auto taken_over = only(candidate("TakenOver_Group_" + id));
    CHECK(taken_over.verdict == AdoptionVerdict::adopt);
    CHECK(taken_over.mark == "Group_" + id);
    CHECK(says(taken_over, "\"TakenOver_Group_" + id + "\" becomes \"Group_" + id + "\""));
    const auto unmarked = only(candidate(""));
    CHECK(unmarked.mark_changes);
    CHECK(says(unmarked, "it gets the mark"));
}

TEST_CASE("what would be emptied or deleted right after is left alone") {
    auto deleted = candidate();
    deleted.cloud->group.state = CloudState::soft_deleted;
    CHECK(only(deleted).verdict == AdoptionVerdict::left_alone);
    CHECK(says(only(deleted), "restore it there first"));
    auto unknown = candidate();
    unknown.cloud.reset();
    CHECK(says(only(unknown), "no group with this id"));
    auto synced = candidate();
    synced.cloud->group.on_premises_sync_enabled = true;
    CHECK(says(only(synced), "not in scope"));
    auto left = candidate();
    left.cloud->in_scope = false;
    CHECK(only(left).verdict == AdoptionVerdict::left_alone);
}

TEST_CASE("a group outside the containers is left alone, with the container to add") {
    auto outside = candidate();
    outside.found.dn = Dn("CN=Finance,OU=Elsewhere,DC=contoso,DC=com");
    const auto step = only(outside);
    CHECK(step.verdict == AdoptionVerdict::left_alone);
    CHECK(says(step, "add \"OU=Elsewhere,DC=contoso,DC=com\" to directory.containers"));
}

TEST_CASE("of two objects with one mark neither is adopted") {
    auto other = candidate();
    other.found.guid = ObjectGuid("88888888-2222-3333-4444-555555555555");
    other.found.dn = Dn("CN=Another," + container.text());
    for (const auto& step : plan({candidate(), other})) {
        CHECK(step.verdict == AdoptionVerdict::left_alone);
        CHECK(says(step, "several objects"));
    }
    auto ours_elsewhere = candidate();
    ours_elsewhere.written = written(other, Origin::created, false);
    CHECK(says(only(ours_elsewhere), "another object is already written"));
}

TEST_CASE("adopting twice changes nothing, and a rename can be asked for later") {
    auto again = candidate();
    again.written = written(again, Origin::taken_over, true);
    CHECK(only(again).verdict == AdoptionVerdict::already_ours);
    CHECK(only(again, true).verdict == AdoptionVerdict::rename);
    again.written = written(again, Origin::created, false);
    CHECK(only(again).verdict == AdoptionVerdict::already_ours);
    CHECK(only(again, true).verdict == AdoptionVerdict::already_ours);
    // Found by its mark in an earlier run: it keeps its name from now on.
    again.written = written(again, Origin::taken_over, false);
    CHECK(only(again).verdict == AdoptionVerdict::adopt);
}
