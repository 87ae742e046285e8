#include "sync/inbox.hpp"

#include <string_view>
#include <utility>

namespace writeback {

namespace {

constexpr Duration quiet_between_refusals = std::chrono::minutes(1);
const std::string problem_topic = "webhook inbox";

bool begins_with_ignoring_case(std::string_view text, std::string_view prefix) {
    if (text.size() < prefix.size()) return false;
    for (std::size_t i = 0; i < prefix.size(); ++i) {
        const char c = text[i];
        const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        if (lower != prefix[i]) return false;
    }
    return true;
}

// Which stream a notification speaks of by its resource, for one whose subscription is being
// created. A resource that names neither is taken for a group: a round too many loses nothing.
Stream stream_of(std::string_view resource) {
    if (!resource.empty() && resource.front() == '/') resource.remove_prefix(1);
    return begins_with_ignoring_case(resource, "users") ? Stream::users : Stream::groups;
}

TenantId canonical(const TenantId& tenant) {
    return TenantId(canonical_guid(tenant.text()).value_or(tenant.text()));
}

}  // namespace

Inbox::Inbox(InboxWriter& writer, AcceptedSubscriptions& accepted, TenantId tenant,
             const Clock& clock, Log& log, Metrics& metrics, LiveState& live,
             std::function<void()> wake)
    : writer_(writer),
      accepted_(accepted),
      tenant_(canonical(tenant)),
      clock_(clock),
      log_(log),
      metrics_(metrics),
      live_(live),
      wake_(std::move(wake)) {}

Async<Result<BatchOutcome>> Inbox::receive(std::vector<Notification> batch) {
    const Instant now = clock_.now();
    std::vector<Hint> hints;
    hints.reserve(batch.size());
    for (const auto& notification : batch) {
        if (auto hint = check(notification, now)) hints.push_back(std::move(*hint));
    }
    BatchOutcome outcome{hints.size(), batch.size() - hints.size()};
    if (outcome.refused > 0) tell_refusals();
    if (hints.empty()) co_return outcome;

    const auto kept = co_await writer_.append(std::move(hints));
    if (!kept) {
        metrics_.add("notifications_received_total", {{"outcome", "not-kept"}},
                     static_cast<double>(outcome.accepted));
        tell_not_kept(kept.error());
        co_return kept.error();
    }
    live_.clear_problem(problem_topic);
    metrics_.add("notifications_received_total", {{"outcome", "accepted"}},
                 static_cast<double>(outcome.accepted));
    wake_();
    co_return outcome;
}

std::optional<Hint> Inbox::check(const Notification& notification, Instant now) {
    const auto answer = accepted_.ask(notification.subscription, notification.client_state);
    const auto refuse = [this](std::int64_t& count, std::string_view outcome) {
        ++count;
        metrics_.add("notifications_received_total", {{"outcome", outcome}});
        return std::nullopt;
    };
    using Verdict = AcceptedSubscriptions::Verdict;
    if (answer.verdict == Verdict::client_state) {
        return refuse(refused_.client_state, "client-state");
    }
    if (canonical(notification.tenant) != tenant_) return refuse(refused_.tenant, "tenant");
    if (answer.verdict == Verdict::unknown_subscription) {
        return refuse(refused_.subscription, "unknown-subscription");
    }
    Hint hint;
    hint.received_at = now;
    hint.subscription = notification.subscription;
    hint.stream = answer.stream.value_or(stream_of(notification.resource));
    hint.lifecycle = notification.lifecycle;
    hint.object_id = notification.resource_id;
    return hint;
}

void Inbox::tell_refusals() {
    const auto now = clock_.monotonic();
    if (told_at_ && now - *told_at_ < quiet_between_refusals) return;
    told_at_ = now;
    log_.write(LogLevel::warning, "notifications-refused",
               {{"count", refused_.all()},
                {"client_state", refused_.client_state},
                {"tenant", refused_.tenant},
                {"subscription", refused_.subscription}});
    refused_ = {};
}

void Inbox::tell_not_kept(const Failure& why) {
    if (!live_.set_problem(problem_topic, "Notifications are refused with 503: " + why.detail)) {
        return;
    }
    log_.write(LogLevel::error, "notifications-not-kept", {{"detail", why.detail}});
}

}  // namespace writeback
