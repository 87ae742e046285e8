// /emulator/…: what tests ask for beyond Graph's own verbs. No token, JSON in and out; README.md
// lists all of it.
//
// Failures: 400 with {"error": "…"} for what can't be understood, 404 for what does not exist.
// Ownership: services and player outlive the API. Threads: one.
#pragma once

#include "../graph/call.hpp"
#include "../notify/notification.hpp"
#include "scenario_player.hpp"

#include <functional>
#include <map>

namespace emulator {

class ControlApi {
 public:
    ControlApi(const Services& services, ScenarioPlayer& scenario);

    static bool is_for(const Request& request);
    Response handle(const Request& request);
    NotificationStyle notification_style() const { return style_; }

 private:
    using Body = json::object;

    Response faults(const std::string& method, const std::string& rest, const std::string& text);
    Response notifications(const Body& body);
    Response delta(const Body& body);
    Response tenant(const Body& body);
    Response tokens(const Body& body);
    Response subscriptions(const std::string& id, const std::string& verb, const Body& body);
    Verdict lifecycle(Subscription& subscription, const Body& body);
    Response subscription_limits(const Body& body);
    Response throttle(const Body& body);
    Response advance_clock(const Body& body);
    Response requests(const Request& request);
    Response state(const Request& request);
    Response scenario(const std::string& method, const std::string& text);
    Response reset();
    json::object describe_notifications() const;
    json::object describe_delta() const;

    const Services& services_;
    ScenarioPlayer& scenario_;
    NotificationStyle style_;
};

}  // namespace emulator
