#include "simulation/troubles.hpp"

#include <boost/json.hpp>

#include <array>
#include <utility>

namespace writeback::simulation {

using namespace std::chrono_literals;

TroubleMaker::TroubleMaker(Stage& stage)
    : stage_(stage), troubles_(stage.scenario.troubles), chance_(stage.scenario.seed ^ 0x74726fU) {}

bool TroubleMaker::strikes(Rate rate) {
    return rate != 0 && chance_.one_in(rate);
}

void TroubleMaker::later(Duration pause, std::function<void()> what) {
    stage_.loop.spawn_in_world(
        [](EventLoop& loop, Duration wait, std::function<void()> then) -> Async<void> {
            co_await loop.world_clock().sleep(wait);
            then();
        }(stage_.loop, pause, std::move(what)));
}

void TroubleMaker::begin() {
    go_on();
}

void TroubleMaker::go_on() {
    auto& delivery = stage_.cloud.service().delivery();
    if (troubles_.notifications_lost) delivery.faults.lose_probability = 0.4;
    if (troubles_.notifications_doubled) delivery.faults.duplicate_probability = 0.4;
    delivery.faults.reorder = troubles_.notifications_reordered;
    delivery.faults.other_tenant = troubles_.other_tenants;
}

void TroubleMaker::deliver_normally() {
    auto& delivery = stage_.cloud.service().delivery();
    delivery.faults.lose_next = 0;
    delivery.faults.lose_probability = 0;
    delivery.faults.duplicate_probability = 0;
    delivery.faults.reorder = false;
    delivery.faults.other_tenant = false;
    delivery.settings.delay = {};
    delivery.settings.health.enforced = false;
    stage_.network.conditions = {};
}

void TroubleMaker::rest() {
    deliver_normally();
    stage_.cloud.service().faults().clear();
    stage_.directory.heal();
    stage_.disk.mend();
}

void TroubleMaker::end() {
    rest();
    stage_.cloud.service().delta().settings.lag = {};
    stage_.cloud.service().delivery().release_held();
    troubles_ = {};
}

void TroubleMaker::step() {
    trouble_graph();
    trouble_delivery();
    trouble_directory();
    trouble_machine();
    trouble_people();
}

// --- Graph ---

void TroubleMaker::trouble_graph() {
    if (strikes(troubles_.graph_refuses)) refuse_requests();
    if (strikes(troubles_.graph_unreachable)) lose_graph();
    if (strikes(troubles_.tokens_expire)) expire_tokens();
    if (strikes(troubles_.lag_changes)) {
        const Duration lag = chance_.one_in(3) ? Duration(0) : chance_.between(50ms, 40s);
        stage_.trace.tell("trouble", "lag", {{"milliseconds", lag.count()}});
        stage_.cloud.service().delta().settings.lag = lag;
    }
    if (strikes(troubles_.subscriptions_vanish)) {
        auto& subscriptions = stage_.cloud.service().subscriptions();
        const auto all = subscriptions.all();
        if (all.empty()) return;
        const std::string id = all[chance_.below(all.size())]->id;
        stage_.trace.tell("trouble", "subscription-vanished", {{"id", id}});
        subscriptions.erase(id);
    }
}

void TroubleMaker::refuse_requests() {
    using emulator::FaultKind;
    constexpr std::array kinds = {
        FaultKind::throttled,    FaultKind::unavailable, FaultKind::internal_error,
        FaultKind::cut,          FaultKind::delay,       FaultKind::garbage,
        FaultKind::empty_page,   FaultKind::gone,        FaultKind::sync_state_not_found,
        FaultKind::expired_token};
    constexpr std::array operations = {"any",     "groups-delta",  "users-delta", "getByIds",
                                       "members", "subscriptions", "token",       "groups"};
    emulator::Fault fault;
    fault.kind = kinds[chance_.below(kinds.size())];
    fault.operation = operations[chance_.below(operations.size())];
    const bool of_delta = fault.kind == FaultKind::gone || fault.kind == FaultKind::empty_page ||
                          fault.kind == FaultKind::sync_state_not_found;
    if (of_delta) fault.operation = chance_.one_in(3) ? "users-delta" : "groups-delta";
    fault.times = chance_.skewed(1, 8);
    fault.after = chance_.skewed(0, 6);
    if (fault.kind == FaultKind::throttled && chance_.one_in(2)) {
        fault.retry_after = static_cast<double>(chance_.between(1, 30)) + 0.5;
    }
    fault.delay_milliseconds = chance_.between(100, 90'000);
    stage_.trace.tell("trouble", "graph-fault",
                      {{"operation", fault.operation},
                       {"kind", static_cast<std::int64_t>(fault.kind)},
                       {"times", fault.times}});
    stage_.cloud.service().faults().add(std::move(fault));
}

void TroubleMaker::lose_graph() {
    auto& conditions = stage_.network.conditions;
    const Duration pause = chance_.between(500ms, chance_.one_in(6) ? Duration(20min) : 60s);
    stage_.trace.tell("trouble", "graph-lost", {});
    switch (chance_.below(3)) {
        case 0:
            conditions.graph_unreachable = true;
            return later(pause, [&conditions] { conditions.graph_unreachable = false; });
        case 1:
            conditions.graph_silent = true;
            return later(pause, [&conditions] { conditions.graph_silent = false; });
        default:
            conditions.answers_lost = static_cast<int>(chance_.between(1, 3));
    }
}

void TroubleMaker::expire_tokens() {
    auto& service = stage_.cloud.service();
    if (chance_.one_in(2)) {
        stage_.trace.tell("trouble", "delta-tokens-withdrawn", {});
        service.delta().withdraw_tokens();
    } else {
        stage_.trace.tell("trouble", "access-tokens-expired", {});
        service.access_tokens().expire_all();
    }
}

// --- delivery ---

void TroubleMaker::trouble_delivery() {
    auto& delivery = stage_.cloud.service().delivery();
    if (troubles_.notifications_late && chance_.one_in(4)) {
        delivery.settings.delay =
            chance_.one_in(2) ? Duration(0)
                              : chance_.between(1s, chance_.one_in(4) ? Duration(4h) : 2min);
    }
    if (troubles_.notifications_forged && chance_.one_in(3)) forge();
    if (!strikes(troubles_.slow_delivery)) return;
    stage_.trace.tell("trouble", "webhook-slow", {});
    delivery.settings.health.enforced = true;
    auto& conditions = stage_.network.conditions;
    if (chance_.one_in(2)) {
        conditions.webhook_unreachable = true;
    } else {
        conditions.webhook_delay = chance_.between(2s, 12s);
    }
    later(chance_.between(5s, 15min), [&conditions] {
        conditions.webhook_unreachable = false;
        conditions.webhook_delay = {};
    });
}

// What anyone may post: wrong secrets, other tenants, strange subscriptions, rubbish.
void TroubleMaker::forge() {
    if (!stage_.config.webhook) return;
    namespace json = boost::json;
    const auto& groups = stage_.cloud.groups();
    const std::string& id = stage_.cloud.at(chance_.any(groups)).id;
    json::object item{{"subscriptionId", stage_.cloud.service().random().guid()},
                      {"clientState", "not the secret"},
                      {"changeType", "updated"},
                      {"tenantId", stage_.config.graph.tenant_id},
                      {"resource", "Groups/" + id},
                      {"resourceData", {{"id", id}, {"members@delta", {{{"id", id}}}}}}};
    if (chance_.one_in(3)) item["tenantId"] = stage_.cloud.service().random().guid();
    // Who shares our application in another tenant knows more than others.
    const auto living = stage_.cloud.service().subscriptions().all();
    if (!living.empty() && living.front()->client_state && chance_.one_in(3)) {
        item["subscriptionId"] = living.front()->id;
        item["clientState"] = *living.front()->client_state;
        item["tenantId"] = stage_.cloud.service().random().guid();
        item["resourceData"].get_object()["id"] = stage_.cloud.service().random().guid();
    }
    std::string body = json::serialize(json::object{{"value", json::array{item}}});
    if (chance_.one_in(4)) body.resize(chance_.below(body.size()));
    auto address = emulator::parse_web_address(
        stage_.config.webhook->public_url + (chance_.one_in(4) ? "/lifecycle" : "/notifications"));
    stage_.trace.tell("trouble", "forged-notification", {});
    stage_.loop.spawn_in_world([](Stage& stage, emulator::WebAddress to,
                                  std::string text) -> Async<void> {
        const auto outcome =
            co_await stage.network.post(std::move(to), "application/json", std::move(text), 10s);
        static_cast<void>(outcome);
    }(stage_, std::move(*address), std::move(body)));
}

// --- the directory, the daemon's machine, people ---

void TroubleMaker::trouble_directory() {
    if (strikes(troubles_.directory_refuses)) stage_.directory.refuse(chance_);
    if (strikes(troubles_.directory_lost)) stage_.directory.lose(chance_);
    if (strikes(troubles_.fail_over)) stage_.directory.fail_over(chance_);
    if (strikes(troubles_.credentials_refused)) stage_.directory.refuse_binds(chance_);
    if (strikes(troubles_.drift)) stage_.directory.drift(chance_);
    if (strikes(troubles_.strange_objects)) {
        stage_.directory.strange_object(chance_, [this] {
            const auto group = chance_.any(stage_.cloud.groups());
            const std::string cn = stage_.oracle.expected(group).cn;
            const bool plain = cn.find_first_of(",+\"\\<>;=#") == std::string::npos;
            return plain ? cn : std::string();
        });
    }
    if (strikes(troubles_.moved_objects)) stage_.directory.move_object(chance_);
}

void TroubleMaker::trouble_machine() {
    if (strikes(troubles_.clock_jumps)) {
        const Duration by = chance_.between(Duration(1s), Duration(3h));
        stage_.trace.tell("trouble", "clock-jump", {{"milliseconds", by.count()}});
        stage_.loop.machine_clock().jump(chance_.one_in(2) ? by : -by);
    }
    if (strikes(troubles_.disk_trouble)) {
        switch (chance_.below(3)) {
            case 0:
                stage_.disk.full(true);
                break;
            case 1:
                stage_.disk.short_writes(true);
                break;
            default:
                // Not a sync: one that fails and is forgiven leaves a hole in the log, and what
                // follows it is lost with the power.
                stage_.disk.fail_in(static_cast<int>(chance_.skewed(1, 60)),
                                    fakes::DiskCall::write);
        }
        stage_.trace.tell("trouble", "disk", {});
        later(chance_.between(1s, 60s), [this] { stage_.disk.mend(); });
    }
    if (!strikes(troubles_.crashes)) return;
    const bool with_the_machine = chance_.one_in(2);
    if (chance_.one_in(3)) {
        stage_.disk.fail_in(static_cast<int>(chance_.skewed(1, 200)),
                            chance_.one_in(2) ? fakes::DiskCall::write : fakes::DiskCall::sync,
                            true);
        return stage_.end_at_disk_failure(with_the_machine);
    }
    stage_.end_at_step(static_cast<std::uint64_t>(chance_.skewed(1, 3'000)), with_the_machine);
}

void TroubleMaker::trouble_people() {
    if (strikes(troubles_.decisions)) decide();
    if (strikes(troubles_.requests)) request();
    if (stage_.scenario.troubles.decisions != 0 && chance_.one_in(12)) {
        stage_.cloud.have_accident(chance_);
    }
}

void TroubleMaker::decide() {
    const auto holds = stage_.holds();
    if (holds.empty()) return;
    const Hold& hold = chance_.any(holds);
    if (!needs_a_person(hold.reason)) return;
    const auto decision = chance_.one_in(4) ? Decision::rejected : Decision::approved;
    stage_.trace.tell("person", decision == Decision::approved ? "approved" : "rejected",
                      {{"hold", hold.id}, {"group", hold.group.text()}});
    stage_.with_store([&](Store& store) {
        const auto decided = store.decide(hold.id, decision, stage_.loop.machine_clock().now());
        if (decided && decision == Decision::approved) stage_.writes.approved(hold.group);
    });
}

void TroubleMaker::request() {
    const bool whole = chance_.one_in(3);
    const std::string group = stage_.cloud.at(chance_.any(stage_.cloud.groups())).id;
    stage_.trace.tell("person", "resync", {{"group", whole ? "" : group}});
    stage_.with_store(
        [&](Store& store) { static_cast<void>(store.add_request("resync", whole ? "" : group)); });
}

}  // namespace writeback::simulation
