// A status in which everything has a value, for the tests of its readers.
#pragma once

#include <writeback/status.hpp>

inline writeback::Instant example_now() {
    return writeback::Instant(writeback::Duration(1767225600000));
}

inline writeback::Status example_status() {
    using namespace writeback;
    using namespace std::chrono_literals;
    Status status;
    status.state = "held";
    status.version = "1.2.3";
    status.policy = "full";
    status.problems = {"Graph cannot be reached: <refused>."};
    status.counts.managed = 30;
    status.counts.dirty = 2;
    status.counts.held = 1;
    status.counts.owed = 3;
    status.counts.members_written = 812;
    status.counts.unresolved = {{"cloud-only", 14}, {"not-synced", 2}};
    status.counts.oldest_dirty = example_now() - 5min;
    status.counts.last_errors = {{"Sales & Co", "LDAP 50 <denied>"}};
    Hold hold;
    hold.id = "h1";
    hold.group = GroupId("11111111-2222-3333-4444-555555555555");
    hold.reason = HoldReason::guard;
    hold.name = "<b>Sales</b> \"Büro\"\x1b[2J";
    hold.detail = "12 deletions are more than max_group_deletions = 10.";
    hold.since = example_now() - 3h;
    status.held.push_back(hold);
    hold.id = "h2";
    hold.reason = HoldReason::refused;
    hold.name = "Marketing";
    hold.member = MemberId("66666666-7777-8888-9999-000000000000");
    hold.sid = Sid("S-1-5-21-1-2-3-1105");
    hold.decision = Decision::rejected;
    hold.since = example_now() - 4s;
    status.held.push_back(hold);
    status.streams = {{"groups", example_now() - 4s, 4}, {"users", std::nullopt, std::nullopt}};
    status.subscriptions = {
        {SubscriptionId("s-1"), "groups", "", example_now() + std::chrono::hours(24 * 28)}};
    status.directory_server = "ldaps://dc1.contoso.com";
    status.directory_bound = true;
    return status;
}
