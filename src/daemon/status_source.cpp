#include "daemon/status_source.hpp"

#include "daemon/engine.hpp"

#include <algorithm>

namespace writeback {
namespace {

std::string policy_name(Policy policy) {
    switch (policy) {
        case Policy::report_only:
            return "report-only";
        case Policy::no_removals:
            return "no-removals";
        case Policy::full:
            return "full";
    }
    return "";
}

Result<StreamStatus> stream_status(Store& store, Stream stream, Instant now) {
    const auto position = store.position(stream);
    if (!position) return position.error();
    StreamStatus status;
    status.name = std::string(name_of(stream));
    status.last_round = position->last_round_at;
    if (position->token_at) {
        status.token_age_seconds =
            std::chrono::duration_cast<std::chrono::seconds>(now - *position->token_at).count();
    }
    return status;
}

bool waits_for_someone(const std::vector<Hold>& holds) {
    return std::any_of(holds.begin(), holds.end(),
                       [](const Hold& hold) { return hold.decision == Decision::pending; });
}

// Why the daemon cannot do its work whole, one sentence each.
std::vector<std::string> missing_parts(const Config& config, const LiveSnapshot& live,
                                       Instant now) {
    std::vector<std::string> reasons;
    if (live.draining) reasons.push_back("the daemon is stopping");
    if (!live.directory_bound) {
        const auto problem = live.problems.find("directory");
        reasons.push_back(problem == live.problems.end() ? "no directory server is bound yet"
                                                         : problem->second);
    }
    if (config.webhook) {
        for (const Stream stream : {Stream::groups, Stream::users}) {
            const bool valid = std::any_of(live.subscriptions.begin(), live.subscriptions.end(),
                                           [&](const Subscription& subscription) {
                                               return subscription.resource == name_of(stream) &&
                                                      subscription.expires > now;
                                           });
            if (!valid)
                reasons.push_back("no valid subscription for " + std::string(name_of(stream)));
        }
    }
    return reasons;
}

}  // namespace

Result<Status> stored_status(const Config& config, Store& store, Instant now) {
    Status status;
    status.version = WRITEBACK_VERSION;
    status.policy = policy_name(config.groups.policy);
    const auto counts = store.counts();
    if (!counts) return counts.error();
    status.counts = *counts;
    const auto holds = store.holds();
    if (!holds) return holds.error();
    status.held = *holds;
    for (const Stream stream : {Stream::groups, Stream::users}) {
        const auto entry = stream_status(store, stream, now);
        if (!entry) return entry.error();
        status.streams.push_back(*entry);
    }
    const auto subscriptions = store.subscriptions();
    if (!subscriptions) return subscriptions.error();
    for (const auto& stored : *subscriptions)
        status.subscriptions.push_back(stored.subscription);
    if (!config.directory.servers.empty())
        status.directory_server = config.directory.servers.front();
    status.state = waits_for_someone(status.held) ? "held" : "ready";
    const auto disabled = store.fact(disabled_fact);
    if (!disabled) return disabled.error();
    if (*disabled) {
        status.problems.push_back("write-back is disabled (--groups " + **disabled +
                                  "): nothing follows the cloud until `group-writeback enable`");
    }
    return status;
}

DaemonStatus::DaemonStatus(const Config& config, const LiveState& live,
                           std::unique_ptr<Store> store, const Clock& clock)
    : config_(config), live_(live), store_(std::move(store)), clock_(clock) {}

Result<Status> DaemonStatus::status() {
    const Instant now = clock_.now();
    auto status = stored_status(config_, *store_, now);
    if (!status) return status;
    const LiveSnapshot live = live_.snapshot();
    status->directory_bound = live.directory_bound;
    if (!live.directory_server.empty()) status->directory_server = live.directory_server;
    status->subscriptions = live.subscriptions;
    status->problems = missing_parts(config_, live, now);
    for (const auto& [topic, sentence] : live.problems) {
        const auto& told = status->problems;
        if (std::find(told.begin(), told.end(), sentence) == told.end())
            status->problems.push_back(sentence);
    }
    if (!live.started) {
        status->state = "starting";
    } else if (!status->problems.empty()) {
        status->state = "degraded";
    }
    return status;
}

Readiness DaemonStatus::readiness() {
    Readiness readiness;
    readiness.reasons = missing_parts(config_, live_.snapshot(), clock_.now());
    if (const auto open = store_->position(Stream::groups); !open)
        readiness.reasons.push_back(open.error().detail);
    readiness.ready = readiness.reasons.empty();
    return readiness;
}

}  // namespace writeback
