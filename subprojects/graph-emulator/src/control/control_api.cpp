#include "control_api.hpp"

#include "../base/text.hpp"
#include "settings_from_json.hpp"
#include "tenant_state.hpp"

#include <charconv>
#include <set>
#include <variant>

namespace emulator {
namespace {

constexpr std::string_view prefix = "/emulator/";

Response reply(int status, const json::object& body) {
    return Response{status, {{"Content-Type", "application/json"}}, json::serialize(body) + "\n"};
}

Response bad(std::string message) {
    return reply(400, {{"error", message}});
}

}  // namespace

ControlApi::ControlApi(const Services& services, ScenarioPlayer& scenario)
    : services_(services), scenario_(scenario) {}

bool ControlApi::is_for(const Request& request) {
    return request.path().starts_with(prefix);
}

Response ControlApi::handle(const Request& request) {
    const std::string path(request.path().substr(prefix.size()));
    const auto& method = request.method;
    const auto segments = split(path, '/');
    if (segments[0] == "faults") {
        return faults(method, segments.size() > 1 ? segments[1] : "", request.body);
    }
    if (path == "scenario") return scenario(method, request.body);
    if (method == "GET" && path == "requests") return requests(request);
    if (method == "DELETE" && path == "requests") {
        services_.requests.clear();
        return reply(200, {});
    }
    if (method == "GET" && path == "state") return state(request);
    if (method == "GET" && path == "notifications") return reply(200, describe_notifications());
    if (method == "GET" && path == "delta") return reply(200, describe_delta());
    if (method != "POST") return reply(404, {{"error", "no such control: " + method + ' ' + path}});

    const auto parsed = request.body.empty() ? json::value(json::object()) : [&] {
        auto value = parse_json(request.body);
        return value ? *value : json::value();
    }();
    if (!parsed.is_object()) return bad("the body is no JSON object");
    const auto& body = parsed.get_object();
    if (path == "notifications") return notifications(body);
    if (path == "notifications/release") {
        if (flag_at(body, "drop").value_or(false)) services_.delivery.drop_held();
        services_.delivery.release_held();
        return reply(200, describe_notifications());
    }
    if (path == "delta") return delta(body);
    if (path == "tenant") return tenant(body);
    if (path == "permissions") {
        const auto problem = apply_permissions(body, services_.permissions);
        return problem ? bad(*problem) : reply(200, {});
    }
    if (path == "tokens/expire") return tokens(body);
    if (path == "clock/advance") return advance_clock(body);
    if (path == "subscriptions/limits") return subscription_limits(body);
    if (path == "subscriptions/listing") {
        const auto problem = apply_subscription_listing(body, services_.subscriptions.listing);
        return problem ? bad(*problem) : reply(200, {});
    }
    if (path == "throttle") return throttle(body);
    if (path == "reset") return reset();
    if (segments.size() == 3 && segments[0] == "subscriptions" &&
        (segments[2] == "vanish" || segments[2] == "lifecycle")) {
        return subscriptions(segments[1], segments[2], body);
    }
    return reply(404, {{"error", "no such control: POST " + path}});
}

Response ControlApi::faults(const std::string& method, const std::string& rest,
                            const std::string& text) {
    if (method == "GET") return reply(200, {{"faults", services_.faults.describe()}});
    if (method == "DELETE") {
        if (rest.empty()) {
            services_.faults.clear();
            return reply(200, {});
        }
        std::uint64_t id = 0;
        std::from_chars(rest.data(), rest.data() + rest.size(), id);
        return services_.faults.erase(id) ? reply(200, {})
                                          : reply(404, {{"error", "no such fault"}});
    }
    const auto body = parse_json(text);
    if (method != "POST" || !body || !body->is_object()) return bad("expected a fault in JSON");
    auto fault = FaultPlan::parse(body->get_object());
    if (!fault) return bad(fault.refusal().message);
    return reply(201, {{"id", services_.faults.add(std::move(*fault))}});
}

Response ControlApi::notifications(const Body& body) {
    if (auto problem = apply_notification_settings(body, services_.delivery, style_)) {
        return bad(*problem);
    }
    // Ending a hold by hold = false sends what was held, as release does.
    if (!services_.delivery.faults.hold) services_.delivery.release_held();
    return reply(200, describe_notifications());
}

Response ControlApi::delta(const Body& body) {
    if (auto problem = apply_delta_settings(body, services_.delta.settings)) return bad(*problem);
    return reply(200, describe_delta());
}

Response ControlApi::tenant(const Body& body) {
    if (auto problem = apply_tenant_settings(body, services_.tenant.settings)) return bad(*problem);
    return reply(200, {{"writeback_defaults", services_.tenant.settings.writeback_defaults}});
}

Response ControlApi::tokens(const Body& body) {
    const bool both = !body.contains("delta") && !body.contains("access");
    if (both || flag_at(body, "delta").value_or(false)) services_.delta.withdraw_tokens();
    if (both || flag_at(body, "access").value_or(false)) services_.access_tokens.expire_all();
    return reply(200, {});
}

/// One subscription by its id, or "all" of them.
Response ControlApi::subscriptions(const std::string& id, const std::string& verb,
                                   const Body& body) {
    std::vector<std::string> ids;
    for (const auto* subscription : services_.subscriptions.all()) {
        if (id == "all" || subscription->id == lower_case(id)) ids.push_back(subscription->id);
    }
    if (ids.empty() && id != "all") return reply(404, {{"error", "no such subscription"}});
    for (const auto& one : ids) {
        if (verb == "vanish") {
            services_.subscriptions.erase(one);
        } else if (const auto refused = lifecycle(*services_.subscriptions.find(one), body)) {
            return bad(refused->message);
        }
    }
    return reply(200, {{"subscriptions", ids.size()}});
}

Verdict ControlApi::lifecycle(Subscription& subscription, const Body& body) {
    static const std::set<std::string, std::less<>> events = {"reauthorizationRequired",
                                                              "subscriptionRemoved", "missed"};
    const std::string event(text_at(body, "event").value_or("reauthorizationRequired"));
    if (!events.contains(event)) return Refusal{400, "", "unknown event '" + event + "'"};
    if (!subscription.lifecycle_url)
        return Refusal{400, "", "the subscription has no lifecycleNotificationUrl"};
    services_.delivery.enqueue_lifecycle(
        *subscription.lifecycle_url,
        lifecycle_notification(subscription, event, services_.settings.tenant_id,
                               services_.random));
    if (event == "reauthorizationRequired") {
        subscription.paused = flag_at(body, "pause").value_or(false);
        subscription.keeps = flag_at(body, "keep").value_or(false);
    }
    if (event == "subscriptionRemoved") services_.subscriptions.erase(subscription.id);
    return std::nullopt;
}

Response ControlApi::subscription_limits(const Body& body) {
    const auto problem = apply_subscription_limits(body, services_.subscriptions.limits);
    return problem ? bad(*problem) : reply(200, {});
}

Response ControlApi::scenario(const std::string& method, const std::string& text) {
    if (method == "POST") {
        auto parsed = parse_scenario(text);
        if (const auto* problem = std::get_if<std::string>(&parsed)) return bad(*problem);
        scenario_.start(std::get<Scenario>(std::move(parsed)));
        return reply(201, scenario_.describe());
    }
    if (method == "DELETE") scenario_.stop();
    if (method != "GET" && method != "DELETE")
        return reply(404, {{"error", "no such control: " + method + " scenario"}});
    return reply(200, scenario_.describe());
}

Response ControlApi::throttle(const Body& body) {
    const auto units = number_at(body, "resource_units_per_10s");
    const auto writes = number_at(body, "writes_per_150s");
    if ((!units && !writes) || units.value_or(0) < 0 || writes.value_or(0) < 0)
        return bad("give resource_units_per_10s or writes_per_150s, a number from 0 on");
    const auto now = services_.time.steady();
    if (units) services_.budget.limit(*units, now);
    if (writes) services_.write_budget.limit(*writes, now, std::chrono::seconds(150));
    return reply(200, {});
}

Response ControlApi::advance_clock(const Body& body) {
    double seconds = number_at(body, "seconds").value_or(0);
    seconds += number_at(body, "minutes").value_or(0) * 60;
    seconds += number_at(body, "hours").value_or(0) * 3600;
    seconds += number_at(body, "days").value_or(0) * 86400;
    if (seconds <= 0 || seconds > 3.2e9)
        return bad("give seconds, minutes, hours or days, above 0");
    services_.clock.advance(Duration(static_cast<std::int64_t>(seconds * 1e6)));
    services_.tenant.purge_expired(std::chrono::hours(24 * 30));
    return reply(200, {{"now", utc_text_with_fraction(services_.clock.now())}});
}

Response ControlApi::requests(const Request& request) {
    const auto query = parse_parameters(request.query());
    std::size_t count = 100;
    if (const auto last = query.find("last"); last != query.end()) {
        std::from_chars(last->second.data(), last->second.data() + last->second.size(), count);
    }
    return reply(200, services_.requests.describe(count));
}

Response ControlApi::state(const Request& request) {
    const auto query = parse_parameters(request.query());
    const auto group = query.find("group");
    auto shown = describe_tenant(services_.tenant, group == query.end() ? "" : group->second);
    shown["now"] = utc_text_with_fraction(services_.clock.now());
    json::array subscriptions;
    for (const auto* subscription : services_.subscriptions.all()) {
        auto entry = represent(*subscription, services_.settings.client_id);
        entry["renewals"] = subscription->renewals;
        entry["reauthorizations"] = subscription->reauthorizations;
        entry["conflicts"] = subscription->conflicts;
        entry["paused"] = subscription->paused;
        subscriptions.push_back(std::move(entry));
    }
    shown["subscriptions"] = std::move(subscriptions);
    return reply(200, shown);
}

/// Ends every fault and returns every setting to its default; the tenant stays as it is.
Response ControlApi::reset() {
    scenario_.stop();
    services_.faults.clear();
    services_.delta.settings = DeltaSettings{.page_size = services_.settings.page_size};
    services_.tenant.settings = TenantSettings{};
    services_.permissions.granted.reset();
    services_.delivery.settings = DeliverySettings{};
    auto as_other_tenant = std::move(services_.delivery.faults.as_other_tenant);
    services_.delivery.faults = DeliveryFaults{};
    services_.delivery.faults.as_other_tenant = std::move(as_other_tenant);
    services_.delivery.release_held();
    services_.subscriptions.limits = SubscriptionLimits{};
    services_.subscriptions.listing = SubscriptionListing{};
    services_.budget.limit(0, services_.time.steady());
    services_.write_budget.limit(0, services_.time.steady());
    style_ = NotificationStyle{};
    return reply(200, {});
}

json::object ControlApi::describe_notifications() const {
    const auto counts = services_.delivery.counts();
    return {{"queued", counts.queued},
            {"posts", counts.posts},
            {"items_accepted", counts.items_accepted},
            {"failed_attempts", counts.failed_attempts},
            {"lost", counts.lost},
            {"duplicated", counts.duplicated},
            {"dropped", counts.dropped},
            {"held", counts.held}};
}

json::object ControlApi::describe_delta() const {
    const auto& settings = services_.delta.settings;
    return {{"lag_ms", settings.lag.count() / 1000},
            {"page_size", settings.page_size},
            {"members_per_part", settings.members_per_part},
            {"empty_pages", settings.empty_pages},
            {"replay", settings.replay},
            {"removed_in_initial", settings.removed_in_initial},
            {"same_link_when_empty", settings.same_link_when_empty},
            {"members_on_restore", settings.members_on_restore},
            {"interleave_parts", settings.interleave_parts},
            {"owners", settings.owners},
            {"token_days", settings.token_lifetime.count() / 86400000000}};
}

}  // namespace emulator
