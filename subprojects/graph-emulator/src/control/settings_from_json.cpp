#include "settings_from_json.hpp"

namespace emulator {
namespace {

/// Reads known keys one after another and remembers the first that is wrong, and how many were
/// known.
class Reader {
 public:
    explicit Reader(const json::object& body) : body_(body) {}

    void flag(std::string_view key, bool& target) {
        const auto* value = take(key);
        if (value == nullptr) return;
        if (!value->is_bool()) return complain(key, "true or false");
        target = value->get_bool();
    }

    void number(std::string_view key, std::size_t& target, std::size_t least, std::size_t most) {
        const auto* value = take(key);
        if (value == nullptr) return;
        const auto read = integer_at(body_, key);
        if (!read || *read < static_cast<std::int64_t>(least) ||
            *read > static_cast<std::int64_t>(most)) {
            return complain(
                key, "a number from " + std::to_string(least) + " to " + std::to_string(most));
        }
        target = static_cast<std::size_t>(*read);
    }

    template <class Unit>
    void milliseconds(std::string_view key, Unit& target) {
        std::size_t count = 0;
        if (!body_.contains({key.data(), key.size()})) return;
        number(key, count, 0, 86400000);
        target = std::chrono::milliseconds(count);
    }

    /// A count from 1 on, or a probability below 1; true is "always", false and 0 are "never".
    void count_or_probability(std::string_view key, std::size_t& next, double& probability) {
        const auto* value = take(key);
        if (value == nullptr) return;
        if (value->is_bool()) {
            next = 0;
            probability = value->get_bool() ? 1 : 0;
            return;
        }
        const auto read = number_at(body_, key);
        if (!read || *read < 0 || *read > 1e6) return complain(key, "a count or a probability");
        next = *read >= 1 ? static_cast<std::size_t>(*read) : 0;
        probability = *read < 1 ? *read : 0;
    }

    std::optional<std::string> result() const {
        if (!problem_.empty()) return problem_;
        if (taken_ < body_.size()) return "there is an unknown key in " + json::serialize(body_);
        return std::nullopt;
    }

 private:
    const json::value* take(std::string_view key) {
        const auto* value = body_.if_contains({key.data(), key.size()});
        if (value != nullptr) ++taken_;
        return value;
    }
    void complain(std::string_view key, const std::string& expected) {
        if (problem_.empty()) problem_ = std::string(key) + ": expected " + expected;
    }

    const json::object& body_;
    std::size_t taken_ = 0;
    std::string problem_;
};

}  // namespace

std::optional<std::string> apply_delta_settings(const json::object& body, DeltaSettings& settings) {
    DeltaSettings changed = settings;
    Reader reader(body);
    reader.milliseconds("lag_ms", changed.lag);
    reader.number("page_size", changed.page_size, 1, 10000);
    reader.number("members_per_part", changed.members_per_part, 1, 1000000);
    reader.flag("empty_pages", changed.empty_pages);
    reader.flag("replay", changed.replay);
    reader.flag("removed_in_initial", changed.removed_in_initial);
    reader.flag("same_link_when_empty", changed.same_link_when_empty);
    reader.flag("members_on_restore", changed.members_on_restore);
    reader.flag("interleave_parts", changed.interleave_parts);
    reader.flag("owners", changed.owners);
    std::size_t days = 0;
    reader.number("token_days", days, 1, 365);
    if (days > 0) changed.token_lifetime = std::chrono::hours(24 * days);
    if (auto problem = reader.result()) return problem;
    settings = changed;
    return std::nullopt;
}

std::optional<std::string> apply_tenant_settings(const json::object& body,
                                                 TenantSettings& settings) {
    TenantSettings changed = settings;
    Reader reader(body);
    reader.flag("writeback_defaults", changed.writeback_defaults);
    if (auto problem = reader.result()) return problem;
    settings = changed;
    return std::nullopt;
}

std::optional<std::string> apply_subscription_limits(const json::object& body,
                                                     SubscriptionLimits& limits) {
    SubscriptionLimits changed = limits;
    Reader reader(body);
    constexpr std::size_t most = 1000000;
    reader.number("per_application_and_tenant", changed.per_application_and_tenant, 0, most);
    reader.number("per_tenant", changed.per_tenant, 0, most);
    reader.number("per_application", changed.per_application, 0, most);
    reader.number("of_other_applications", changed.of_other_applications, 0, most);
    reader.number("in_other_tenants", changed.in_other_tenants, 0, most);
    if (auto problem = reader.result()) return problem;
    limits = changed;
    return std::nullopt;
}

std::optional<std::string> apply_subscription_listing(const json::object& body,
                                                      SubscriptionListing& listing) {
    SubscriptionListing changed = listing;
    Reader reader(body);
    reader.number("page_size", changed.page_size, 1, 1000);
    reader.flag("expired", changed.expired);
    if (auto problem = reader.result()) return problem;
    listing = changed;
    return std::nullopt;
}

std::optional<std::string> apply_permissions(const json::object& body, Permissions& permissions) {
    const auto* granted = body.if_contains("granted");
    if (granted == nullptr || body.size() != 1 || (!granted->is_null() && !granted->is_array())) {
        return "expected {\"granted\": [names of permissions]}, or null for all of them";
    }
    if (granted->is_null()) {
        permissions.granted.reset();
        return std::nullopt;
    }
    std::set<std::string, std::less<>> names;
    for (const auto& name : granted->get_array()) {
        if (!name.is_string()) return "granted: expected names of permissions";
        names.emplace(name.get_string());
    }
    permissions.granted = std::move(names);
    return std::nullopt;
}

std::optional<std::string> apply_notification_settings(const json::object& body,
                                                       NotificationDelivery& delivery,
                                                       NotificationStyle& style) {
    DeliveryFaults faults = delivery.faults;
    DeliverySettings settings = delivery.settings;
    NotificationStyle changed = style;
    Reader reader(body);
    reader.count_or_probability("lose", faults.lose_next, faults.lose_probability);
    reader.count_or_probability("duplicate", faults.duplicate_next, faults.duplicate_probability);
    reader.flag("reorder", faults.reorder);
    reader.flag("hold", faults.hold);
    reader.flag("other_tenant", faults.other_tenant);
    reader.milliseconds("delay_ms", settings.delay);
    reader.milliseconds("batch_window_ms", settings.batch_window);
    reader.number("batch_size", settings.batch_size, 1, 1000);
    reader.milliseconds("first_deadline_ms", settings.first_deadline);
    reader.milliseconds("retry_deadline_ms", settings.retry_deadline);
    reader.milliseconds("validation_deadline_ms", settings.validation_deadline);
    reader.milliseconds("first_pause_ms", settings.first_pause);
    reader.milliseconds("longest_pause_ms", settings.longest_pause);
    reader.milliseconds("give_up_after_ms", settings.give_up_after);
    reader.flag("slow_states", settings.health.enforced);
    reader.milliseconds("health_window_ms", settings.health.window);
    reader.milliseconds("slow_from_ms", settings.health.slow_from);
    reader.milliseconds("very_slow_from_ms", settings.health.very_slow_from);
    reader.milliseconds("slow_delay_ms", settings.health.slow_delay);
    reader.flag("event_time", changed.with_event_time);
    reader.flag("added_and_removed", changed.added_and_removed);
    if (auto problem = reader.result()) return problem;
    delivery.faults = std::move(faults);
    delivery.settings = settings;
    style = changed;
    return std::nullopt;
}

}  // namespace emulator
