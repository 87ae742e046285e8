#include "simulation/scenario.hpp"

#include <algorithm>
#include <limits>

namespace writeback::simulation {

using namespace std::chrono_literals;

namespace {

void draw_tenant(Scenario& scenario, Chance& chance) {
    scenario.groups = static_cast<int>(chance.skewed(5, 12));
    scenario.people = static_cast<int>(chance.between(6, 24));
    scenario.exotic_kinds = chance.one_in(3);
    // Now and then a large one: many groups, or one group with very many members.
    if (chance.one_in(60)) {
        scenario.groups = static_cast<int>(chance.skewed(50, 500));
        scenario.people = static_cast<int>(chance.between(50, 200));
    } else if (chance.one_in(1'000)) {
        scenario.largest_group = static_cast<int>(chance.skewed(2'000, 50'000));
    } else if (chance.one_in(8)) {
        scenario.largest_group = static_cast<int>(chance.between(25, 60));
    }
    scenario.people = std::max(scenario.people, scenario.largest_group + 10);
}

void draw_pieces(Scenario& scenario, Chance& chance) {
    const bool large = scenario.largest_group > 1'000 || scenario.groups > 40;
    const auto piece = [&](std::int64_t least, std::int64_t most) {
        if (large) return static_cast<std::size_t>(most * 100);
        return static_cast<std::size_t>(chance.between(least, most));
    };
    scenario.delta_page = piece(1, 8);
    scenario.members_per_part = piece(1, 6);
    scenario.list_page = piece(1, 7);
    scenario.values_a_read = piece(2, 9);
    scenario.empty_pages = chance.one_in(3);
    scenario.replay = chance.one_in(3);
    scenario.removed_in_initial = chance.one_in(3);
    scenario.members_on_restore = !chance.one_in(4);
    scenario.interleave_parts = !chance.one_in(3);
    if (chance.one_in(3)) scenario.lag = chance.between(100ms, 20s);
    auto& directory = scenario.config.directory;
    directory.groups_at_once = static_cast<int>(chance.between(1, 6));
    directory.values_per_modify = static_cast<int>(piece(1, 6));
    directory.page_size = static_cast<int>(piece(1, 9));
    directory.range_size = static_cast<int>(piece(1, 9));
    directory.window = static_cast<int>(chance.between(1, 8));
    directory.presence_check = static_cast<int>(chance.between(1, 20));
}

void draw_groups_settings(GroupsConfig& groups, Chance& chance) {
    groups.policy = Policy::full;
    if (chance.one_in(16)) groups.policy = Policy::no_removals;
    if (chance.one_in(40)) groups.policy = Policy::report_only;
    const auto gone = [&](OnGone usual) {
        if (!chance.one_in(10)) return usual;
        constexpr OnGone all[] = {OnGone::empty, OnGone::keep, OnGone::convert, OnGone::remove};
        return all[chance.below(4)];
    };
    groups.on_soft_delete = gone(OnGone::empty);
    groups.on_delete = gone(OnGone::remove);
    groups.on_out_of_scope = gone(OnGone::empty);
    if (chance.one_in(15)) groups.kind_microsoft365 = false;
    if (chance.one_in(10)) groups.microsoft365_as = Microsoft365As::universal_security_group;
    if (chance.one_in(15)) groups.drift = DriftAction::report;
    if (chance.one_in(12)) {
        groups.select = Select::filter;
        groups.filter = R"(IIF(Left([displayName],4)="keep", True, False))";
    }
}

void draw_guard(GuardConfig& guard, Chance& chance) {
    switch (chance.below(4)) {
        case 0:  // as it comes
            return;
        case 1:  // so narrow that much is held
            guard.max_group_deletions = {static_cast<double>(chance.between(0, 2)), false};
            guard.max_member_removals = {static_cast<double>(chance.between(5, 40)), true};
            guard.min_members = chance.between(2, 5);
            guard.inferred_removals_floor = chance.between(1, 5);
            guard.window = chance.between(Duration(10min), Duration(24h));
            guard.limit_explicit_removals = chance.one_in(6);
            return;
        default:  // so wide that nothing is
            guard.max_group_deletions = {1'000, false};
            guard.max_member_removals = {100, true};
            guard.max_inferred_removals = {100, true};
            guard.inferred_removals_floor = 1'000'000;
    }
}

void draw_config(Scenario& scenario, Chance& chance) {
    Config& config = scenario.config;
    config.graph.tenant_id = "11111111-2222-3333-4444-555555555555";
    config.graph.client_id = "66666666-7777-8888-9999-000000000000";
    config.graph.authority = "http://127.0.0.1:8401";
    config.graph.endpoint = config.graph.authority;
    config.graph.poll_interval = 60s;
    if (chance.one_in(3))
        config.graph.poll_interval = chance.between(Duration(5s), Duration(10min));
    config.graph.request_timeout = chance.between(Duration(5s), Duration(60s));
    if (!chance.one_in(12)) {
        config.webhook.emplace();
        config.webhook->public_url = "https://hooks.example.test/graph";
    }
    config.directory.bind_dn = "CN=svc-writeback,OU=Service Accounts,DC=lab,DC=test";
    config.directory.container = "OU=CloudGroups,DC=lab,DC=test";
    config.directory.operation_timeout = chance.between(Duration(5s), Duration(60s));
    config.directory.change_poll = chance.one_in(2) ? Duration(2s) : chance.between(1s, 60s);
    config.directory.full_audit = chance.one_in(3) ? chance.between(Duration(10min), 24h) : 24h;
    draw_groups_settings(config.groups, chance);
    draw_guard(config.guard, chance);
}

// Each kind of trouble with its own chance to be there at all, and its own pace.
Rate rate(Chance& chance, std::uint64_t share) {
    const auto pace = static_cast<Rate>(chance.between(4, 24));
    return chance.percent(share) ? pace : 0;
}

void draw_troubles(Troubles& troubles, Chance& chance) {
    // Some histories are calm: what is wrong without any trouble must show there.
    const std::uint64_t share = chance.one_in(6) ? 0 : 30;
    troubles.notifications_lost = chance.percent(share);
    troubles.notifications_late = chance.percent(share / 2);
    troubles.notifications_doubled = chance.percent(share);
    troubles.notifications_reordered = chance.percent(share);
    troubles.notifications_forged = chance.percent(share);
    troubles.other_tenants = chance.percent(share / 2);
    troubles.graph_refuses = rate(chance, share);
    troubles.graph_unreachable = rate(chance, share / 2);
    troubles.tokens_expire = rate(chance, share);
    troubles.subscriptions_vanish = rate(chance, share / 2);
    troubles.slow_delivery = rate(chance, share / 3);
    troubles.lag_changes = rate(chance, share);
    troubles.directory_refuses = rate(chance, share);
    troubles.directory_lost = rate(chance, share);
    troubles.fail_over = rate(chance, share / 2);
    troubles.credentials_refused = rate(chance, share / 6);
    troubles.crashes = rate(chance, share * 2);
    troubles.clock_jumps = rate(chance, share / 2);
    troubles.disk_trouble = rate(chance, share / 2);
    troubles.drift = rate(chance, share);
    troubles.strange_objects = rate(chance, share / 2);
    troubles.moved_objects = rate(chance, share / 2);
    troubles.decisions = rate(chance, share);
    troubles.requests = rate(chance, share / 2);
}

// Where people leave together, nothing else is to decide what the guard sees.
void stage_people_leaving(Scenario& scenario, Chance& chance) {
    scenario.staged = Staged::people_leave;
    scenario.config.groups = GroupsConfig{};
    scenario.config.groups.policy = Policy::full;
    GuardConfig& guard = scenario.config.guard;
    guard.max_member_removals = {static_cast<double>(chance.between(10, 40)), true};
    guard.min_members = chance.between(2, 4);
    guard.inferred_removals_floor = 1'000'000;
    Troubles& troubles = scenario.troubles;
    troubles.directory_refuses = troubles.directory_lost = troubles.fail_over = 0;
    troubles.credentials_refused = troubles.crashes = troubles.clock_jumps = 0;
    troubles.disk_trouble = 0;
    troubles.decisions = chance.one_in(2) ? 8 : 0;
}

void draw_staged(Scenario& scenario) {
    Chance chance(scenario.seed * 3 + 0x73746167U);
    if (chance.one_in(8)) return stage_people_leaving(scenario, chance);
    if (chance.one_in(8)) scenario.staged = Staged::restored_in_bad_weather;
}

}  // namespace

Scenario draw_scenario(std::uint64_t seed) {
    Chance chance(seed * 2 + 1);
    Scenario scenario;
    scenario.seed = seed;
    scenario.dialect =
        chance.one_in(2) ? fakes::DirectoryDialect::samba : fakes::DirectoryDialect::windows;
    draw_config(scenario, chance);
    draw_tenant(scenario, chance);
    draw_pieces(scenario, chance);
    draw_troubles(scenario.troubles, chance);
    scenario.domain_controllers = scenario.troubles.fail_over != 0 || chance.one_in(4) ? 2 : 1;
    if (scenario.domain_controllers > 1) scenario.replication_lag = chance.between(100ms, 90s);
    scenario.hop = chance.between(1ms, 60ms);
    scenario.steps = static_cast<int>(chance.between(15, 60));
    scenario.longest_pause = chance.one_in(5) ? chance.between(1s, 5min) : chance.between(1s, 20s);
    scenario.long_pauses = chance.one_in(25);
    draw_staged(scenario);
    return scenario;
}

}  // namespace writeback::simulation
