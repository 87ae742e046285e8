#include "sync/keeper.hpp"

#include <algorithm>
#include <utility>

namespace writeback {

namespace {

// Events of one storm follow one another more closely than this; one PATCH answers them all.
constexpr Duration storm_gap = std::chrono::seconds(30);
constexpr Duration between_patches_of_a_storm = std::chrono::minutes(10);
constexpr Duration first_retry = std::chrono::seconds(2);
constexpr Duration longest_retry = std::chrono::minutes(5);
constexpr std::size_t client_state_length = 64;
constexpr const char* client_state_fact = "client_state";

Duration retry_after(int failures) {
    Duration wait = first_retry;
    for (int i = 1; i < failures && wait < longest_retry; ++i)
        wait *= 2;
    return std::min(wait, longest_retry);
}

}  // namespace

Keeper::Keeper(SyncPorts& ports, std::function<void(Stream)> asks_round,
               std::function<void(const std::vector<std::int64_t>&)> answered)
    : ports_(ports),
      asks_round_(std::move(asks_round)),
      answered_(std::move(answered)),
      alarm_(ports.clock.alarm()) {
    kept_[0].stream = Stream::groups;
    kept_[1].stream = Stream::users;
}

Result<Done> Keeper::prepare() {
    auto stored = ports_.store.fact(client_state_fact);
    if (!stored) return stored.error();
    client_state_ = ports_.client_state;
    if (client_state_.empty()) {
        client_state_ = *stored ? **stored : ports_.random.secret(client_state_length);
    }
    // Subscriptions made with another client state would send what we refuse: they are made anew.
    same_client_state_ = *stored && **stored == client_state_;
    if (!same_client_state_) {
        if (auto kept = ports_.store.set_fact(client_state_fact, client_state_); !kept) {
            return kept.error();
        }
    }
    ports_.accepted.set_client_state(client_state_);
    auto known = ports_.store.subscriptions();
    if (!known) return known.error();
    for (const auto& one : *known)
        ports_.accepted.add(one.subscription.id, one.stream);
    return Done{};
}

Async<void> Keeper::serve(std::stop_token stop) {
    while (!stop.stop_requested()) {
        if (!looked_) {
            looked_ = co_await look_at_existing();
        }
        if (looked_) {
            for (auto& kept : kept_) {
                if (!stop.stop_requested()) co_await tend(kept);
            }
        }
        if (stop.stop_requested()) co_return;
        const auto now = ports_.clock.monotonic();
        auto next = std::min(kept_[0].next_step, kept_[1].next_step);
        for (const auto& kept : kept_) {
            if (looked_ && is_due(kept, now)) next = now;
        }
        if (next > now) co_await alarm_->wait_for(next - now);
    }
}

void Keeper::wake() {
    alarm_->ring();
}

Keeper::Kept& Keeper::of(Stream stream) {
    return kept_[stream == Stream::groups ? 0 : 1];
}

void Keeper::take_in(const Hint& hint) {
    auto& kept = of(hint.stream);
    kept.hints.push_back(hint.id);
    const auto now = ports_.clock.monotonic();
    if (hint.lifecycle == LifecycleEvent::subscription_removed) {
        ports_.log.write(
            LogLevel::warning, "subscription-removed",
            {{"stream", name_of(hint.stream)}, {"subscription", hint.subscription.text()}});
        forget(kept);
        kept.next_step = now;
    } else if (hint.lifecycle == LifecycleEvent::reauthorization_required) {
        const bool of_the_storm = kept.last_asked_at && now - *kept.last_asked_at < storm_gap;
        const bool answered =
            kept.patched_at && *kept.patched_at + between_patches_of_a_storm > now;
        kept.last_asked_at = now;
        if (of_the_storm && answered) {
            answer_hints(kept);
            return;
        }
        kept.asked = true;
    } else {
        answer_hints(kept);
        return;
    }
    alarm_->ring();
}

void Keeper::answer_hints(Kept& kept) {
    if (kept.asked || kept.hints.empty()) return;
    answered_(std::exchange(kept.hints, {}));
}

std::string Keeper::notification_url() const {
    return ports_.config.webhook->public_url + "/notifications";
}

std::string Keeper::lifecycle_url() const {
    return ports_.config.webhook->public_url + "/lifecycle";
}

bool Keeper::is_at_our_address(const Subscription& subscription) const {
    const auto prefix = ports_.config.webhook->public_url + "/";
    return subscription.notification_url.compare(0, prefix.size(), prefix) == 0;
}

Async<bool> Keeper::look_at_existing() {
    auto found = co_await ports_.subscriptions->list();
    Result<Done> done = Done{};
    if (!found) {
        done = found.error();
    } else {
        done = co_await look_through(std::move(*found));
    }
    for (auto& kept : kept_) {
        if (!done) {
            retry_later(kept, done.error(), "list");
        } else if (!kept.subscription && kept.failures == 0) {
            kept.next_step = ports_.clock.monotonic();
        }
    }
    if (done) show();
    co_return done.has_value();
}

Async<Result<Done>> Keeper::look_through(std::vector<Subscription> found) {
    if (auto done = forget_vanished(found); !done) co_return done;
    auto known = ports_.store.subscriptions();
    if (!known) co_return known.error();
    std::sort(found.begin(), found.end(),
              [](const Subscription& a, const Subscription& b) { return a.id < b.id; });
    for (const auto& subscription : found) {
        const bool by_id = std::any_of(
            known->begin(), known->end(),
            [&](const StoredSubscription& one) { return one.subscription.id == subscription.id; });
        if (by_id || is_at_our_address(subscription)) {
            auto done = co_await take_up_or_remove(subscription, by_id);
            if (!done) co_return done;
            continue;
        }
        ports_.log.write(LogLevel::info, "subscription-of-another",
                         {{"subscription", subscription.id.text()},
                          {"resource", subscription.resource},
                          {"url", subscription.notification_url}});
    }
    co_return Done{};
}

// Those that the store knows and Graph does not.
Result<Done> Keeper::forget_vanished(const std::vector<Subscription>& found) {
    auto known = ports_.store.subscriptions();
    if (!known) return known.error();
    for (const auto& one : *known) {
        const auto& id = one.subscription.id;
        const bool there = std::any_of(found.begin(), found.end(),
                                       [&](const Subscription& s) { return s.id == id; });
        if (there) continue;
        ports_.accepted.remove(id);
        auto& kept = of(one.stream);
        if (kept.subscription && kept.subscription->id == id) kept.subscription.reset();
        if (auto gone = ports_.store.remove_subscription(id); !gone) return gone;
    }
    return Done{};
}

Async<Result<Done>> Keeper::take_up_or_remove(Subscription found, bool known_by_id) {
    const bool groups = found.resource == "groups";
    const bool users = found.resource == "users";
    Kept& kept = of(users ? Stream::users : Stream::groups);
    if (kept.subscription && kept.subscription->id == found.id) co_return Done{};
    const bool fits = known_by_id && (groups || users) && !kept.subscription &&
                      same_client_state_ && found.notification_url == notification_url() &&
                      found.expires > ports_.clock.now();
    if (fits) {
        ports_.log.write(LogLevel::info, "subscription-taken-up",
                         {{"stream", name_of(kept.stream)}, {"subscription", found.id.text()}});
        remember(kept, std::move(found));
        co_return Done{};
    }
    auto removed = co_await ports_.subscriptions->remove(found.id);
    if (!removed && removed.error().kind != FailureKind::not_found) co_return removed.error();
    ports_.log.write(LogLevel::info, "subscription-cleared-away",
                     {{"subscription", found.id.text()}, {"resource", found.resource}});
    ports_.accepted.remove(found.id);
    co_return ports_.store.remove_subscription(found.id);
}

// An answer to an event that failed waits for its retry like everything else.
bool Keeper::is_due(const Kept& kept, Duration now) const {
    return kept.next_step <= now || (kept.asked && kept.failures == 0);
}

Async<void> Keeper::tend(Kept& kept) {
    if (!is_due(kept, ports_.clock.monotonic())) co_return;
    const bool create_it = !kept.subscription.has_value();
    Result<Done> done = Done{};
    if (create_it) {
        done = co_await create(kept);
    } else {
        done = co_await renew(kept);
    }
    if (!done) {
        retry_later(kept, done.error(), create_it ? "create" : "renew");
        co_return;
    }
    kept.failures = 0;
    kept.asked = false;
    ports_.live.clear_problem("subscription " + std::string(name_of(kept.stream)));
    answer_hints(kept);
    show();
}

Async<Result<Done>> Keeper::create(Kept& kept) {
    NewSubscription request;
    request.stream = kept.stream;
    request.notification_url = notification_url();
    request.lifecycle_url = lifecycle_url();
    request.client_state = client_state_;
    request.expires = ports_.clock.now() + ports_.config.webhook->subscription_lifetime;
    ports_.accepted.creation_begins();
    auto created = co_await ports_.subscriptions->create(std::move(request));
    if (created) ports_.accepted.add(created->id, kept.stream);
    ports_.accepted.creation_ends();
    if (!created) {
        // Graph keeps one for the same resource: ours of an earlier life, which the next look
        // clears away, or another's, which stays a visible problem.
        if (created.error().kind == FailureKind::already_exists) looked_ = false;
        co_return created.error();
    }
    ports_.log.write(LogLevel::info, "subscription-created",
                     {{"stream", name_of(kept.stream)},
                      {"subscription", created->id.text()},
                      {"expires", to_text(created->expires)}});
    remember(kept, *created);
    asks_round_(kept.stream);
    co_return Done{};
}

Async<Result<Done>> Keeper::renew(Kept& kept) {
    const bool was_asked = kept.asked;
    const auto expires = ports_.clock.now() + ports_.config.webhook->subscription_lifetime;
    auto renewed = co_await ports_.subscriptions->renew(kept.subscription->id, expires);
    if (!renewed) {
        if (renewed.error().kind == FailureKind::not_found) {
            ports_.log.write(
                LogLevel::warning, "subscription-gone",
                {{"stream", name_of(kept.stream)}, {"subscription", kept.subscription->id.text()}});
            forget(kept);
            co_return co_await create(kept);
        }
        co_return renewed.error();
    }
    kept.patched_at = ports_.clock.monotonic();
    ports_.log.write(LogLevel::info, "subscription-renewed",
                     {{"stream", name_of(kept.stream)},
                      {"subscription", renewed->id.text()},
                      {"expires", to_text(renewed->expires)},
                      {"asked", was_asked}});
    remember(kept, *renewed);
    // What Graph held back while it waited for us is lost: a round fetches it.
    if (was_asked) asks_round_(kept.stream);
    co_return Done{};
}

void Keeper::remember(Kept& kept, Subscription subscription) {
    kept.subscription = subscription;
    ports_.accepted.add(subscription.id, kept.stream);
    const auto left =
        std::chrono::duration_cast<Duration>(subscription.expires - ports_.clock.now());
    kept.next_step = ports_.clock.monotonic() + std::max(left / 2, first_retry);
    // A subscription that could not be remembered is found again by its address.
    if (auto saved = ports_.store.save_subscription({std::move(subscription), kept.stream});
        !saved) {
        ports_.log.write(LogLevel::error, "subscription-not-remembered",
                         {{"stream", name_of(kept.stream)}, {"detail", saved.error().detail}});
    }
}

void Keeper::forget(Kept& kept) {
    if (!kept.subscription) return;
    ports_.accepted.remove(kept.subscription->id);
    if (auto gone = ports_.store.remove_subscription(kept.subscription->id); !gone) {
        ports_.log.write(LogLevel::error, "subscription-not-forgotten",
                         {{"stream", name_of(kept.stream)}, {"detail", gone.error().detail}});
    }
    kept.subscription.reset();
    show();
}

void Keeper::retry_later(Kept& kept, const Failure& failure, const char* what) {
    ++kept.failures;
    auto wait =
        std::max(retry_after(kept.failures), failure.retry_after.value_or(Duration::zero()));
    kept.next_step = ports_.clock.monotonic() + wait;
    if (failure.kind == FailureKind::cancelled) return;
    const bool is_new = ports_.live.set_problem("subscription " + std::string(name_of(kept.stream)),
                                                failure.detail);
    if (!is_new) return;
    ports_.log.write(LogLevel::warning, "subscription-failed",
                     {{"stream", name_of(kept.stream)},
                      {"step", what},
                      {"failure", name_of(failure.kind)},
                      {"code", failure.code},
                      {"detail", failure.detail}});
}

void Keeper::show() {
    std::vector<Subscription> subscriptions;
    std::optional<Instant> earliest;
    for (const auto& kept : kept_) {
        if (!kept.subscription) continue;
        subscriptions.push_back(*kept.subscription);
        if (!earliest || kept.subscription->expires < *earliest) {
            earliest = kept.subscription->expires;
        }
    }
    ports_.live.set_subscriptions(std::move(subscriptions));
    const auto seconds =
        earliest ? std::chrono::duration<double>(earliest->time_since_epoch()).count() : 0;
    ports_.metrics.set("subscription_expiration_timestamp_seconds", {}, seconds);
}

}  // namespace writeback
