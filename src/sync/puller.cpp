#include "sync/puller.hpp"

#include "core/guard.hpp"
#include "core/retry.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace writeback {

namespace {

constexpr Duration first_retry = std::chrono::seconds(1);
constexpr Duration longest_retry = std::chrono::seconds(60);
constexpr Duration request_retry = std::chrono::seconds(5);
// Hints that newer ones replaced are forgotten together, since each time costs an fsync.
constexpr std::size_t superseded_at_once = 1'000;

// Groups and users whose hints may wait for the round that shows them; beyond: the next round is
// enough for a hint. More than one round could show, so nobody needs to set it.
constexpr std::size_t most_hinted_objects = 50'000;

std::string topic_of(Stream stream) {
    return "stream " + std::string(name_of(stream));
}

// What was given cannot be taken in, and the same request would bring the same.
bool stops_the_stream(FailureKind kind) {
    return kind == FailureKind::link_refused || kind == FailureKind::unreadable ||
           kind == FailureKind::too_large;
}

}  // namespace

Puller::Puller(SyncPorts& ports, BoundDirectory& bound, ScopeRules scope,
               std::function<void()> marked)
    : ports_(ports),
      marked_(std::move(marked)),
      alarm_(ports.clock.alarm()),
      judged_(judged_groups(ports)),
      ledger_(most_hinted_objects),
      resolver_(ports, bound),
      groups_(ports, ledger_, std::move(scope), [this] { return after_page(); }),
      users_(ports, ledger_, [this] { return after_page(); }),
      direct_reads_(ports, groups_, [this] {
          const auto hinted = ledger_.wants_round(Stream::groups);
          return hinted && *hinted <= ports_.clock.monotonic();
      }) {}

void Puller::wake() {
    alarm_->ring();
}

void Puller::request_round(Stream stream, Cause cause) {
    state(stream).wanted = cause;
    alarm_->ring();
}

void Puller::take_in(const Request& request) {
    const bool known = std::any_of(requests_.begin(), requests_.end(),
                                   [&](const Request& other) { return other.id == request.id; });
    if (known) return;
    requests_.push_back(request);
    alarm_->ring();
}

void Puller::take_in(const Hint& hint) {
    // What the stream is not asked for it never shows.
    if (hint.stream == Stream::groups && !groups_.may_show(hint.object_id)) {
        return forget_hints("unwatched", {hint.id});
    }
    ledger_.add(hint, ports_.clock.monotonic());
    if (ledger_.superseded() >= superseded_at_once) {
        forget_hints("superseded", ledger_.take_superseded());
    }
    alarm_->ring();
}

void Puller::domain_known() {
    resolver_.hurry();
    alarm_->ring();
}

Async<void> Puller::serve(std::stop_token stop) {
    stop_ = std::move(stop);
    request_round(Stream::users, Cause::start);
    request_round(Stream::groups, Cause::start);
    while (!stop_.stop_requested()) {
        co_await carry_out_requests();
        // Users first: who they are is followed from before their groups are resolved.
        for (const auto stream : {Stream::users, Stream::groups}) {
            const auto cause = due(stream, ports_.clock.monotonic());
            if (cause && !stop_.stop_requested()) co_await round(stream, *cause);
        }
        ports_.live.set_started();
        if (!stop_.stop_requested()) co_await other_work();
        if (stop_.stop_requested()) co_return;
        const auto now = ports_.clock.monotonic();
        const auto next = next_wake(now);
        co_await alarm_->wait_for(std::max(next - now, Duration(1)));
    }
}

Async<Result<Done>> Puller::pull_once(std::stop_token stop) {
    stop_ = std::move(stop);
    co_await carry_out_requests();
    auto users = co_await round(Stream::users, Cause::start);
    if (users) users = look_for_vanished();
    auto groups = co_await round(Stream::groups, Cause::start);
    resolver_.hurry();
    auto resolved = co_await resolver_.resolve_again(stop_);
    marked_();
    ports_.live.set_started();
    if (!groups) co_return groups;
    if (!users) co_return users;
    co_return resolved;
}

std::optional<Cause> Puller::due(Stream stream, Duration now) const {
    const auto& state = this->state(stream);
    if (state.retry_at && *state.retry_at > now) return std::nullopt;
    if (state.wanted) return state.wanted;
    if (const auto hinted = ledger_.wants_round(stream); hinted && *hinted <= now) {
        return Cause::hint;
    }
    if (state.retry_at) return Cause::poll;
    if (!state.began || now - *state.began >= ports_.config.graph.poll_interval) return Cause::poll;
    return std::nullopt;
}

Duration Puller::next_wake(Duration now) const {
    auto next = std::max(resolver_.next_at(), now);
    if (const auto read = direct_reads_.next_at()) next = std::min(next, *read);
    if (requests_wait_until_) next = std::min(next, *requests_wait_until_);
    for (const auto stream : {Stream::users, Stream::groups}) {
        const auto& state = this->state(stream);
        auto at = state.began.value_or(now) + ports_.config.graph.poll_interval;
        if (const auto hinted = ledger_.wants_round(stream)) at = std::min(at, *hinted);
        if (state.wanted) at = now;
        if (state.retry_at) at = *state.retry_at;
        next = std::min(next, at);
    }
    return next;
}

Async<Result<Done>> Puller::round(Stream stream, Cause cause) {
    auto& state = this->state(stream);
    state.wanted.reset();
    state.began = ports_.clock.monotonic();
    const bool extra = cause == Cause::hint && ledger_.only_extra(stream, *state.began);
    ports_.metrics.add("delta_rounds_begun_total",
                       {{"stream", name_of(stream)}, {"cause", extra ? "extra" : name_of(cause)}});
    Result<Done> done = Done{};
    if (stream == Stream::users) {
        done = co_await users_.round(stop_);
    } else {
        if (before_groups_round) done = co_await before_groups_round(stop_);
        if (done) done = co_await groups_.round(cause, stop_);
    }
    settle_hints(stream, done.has_value());
    if (done && stream == Stream::groups) done = co_await after_groups_round();
    note(stream, done);
    marked_();
    co_return done;
}

Async<Result<Done>> Puller::after_groups_round() {
    if (auto read = co_await direct_reads_.pass(stop_); !read) co_return read;
    // A group that a direct read restored has members that nobody has asked for.
    co_await after_page();
    co_return judge_pending_deletions();
}

Async<void> Puller::after_page() {
    co_await resolver_.resolve_new(stop_);
    marked_();
}

Result<Done> Puller::look_for_vanished() {
    const auto asked = users_.everyone_asked();
    if (!asked) return asked.error();
    if (!*asked || !resolver_.complete()) return Done{};
    const bool vanished = resolver_.not_returned() > 0 || !users_.asked_here();
    auto position = ports_.store.position(Stream::groups);
    if (!position) return position.error();
    const bool read_before =
        position->phase == StreamPhase::steady || position->phase == StreamPhase::crawling;
    if (vanished && read_before) {
        ports_.log.write(LogLevel::info, "members-vanished",
                         {{"detail",
                           "Members were not returned after the users token died; the groups are "
                           "read anew."}});
        if (auto done = ports_.store.forget_position(Stream::groups); !done) return done;
        request_round(Stream::groups, Cause::resync);
    }
    resolver_.forget_not_returned();
    return users_.looked_at_answers();
}

Async<void> Puller::other_work() {
    const auto now = ports_.clock.monotonic();
    if (resolver_.next_at() <= now) {
        co_await resolver_.resolve_again(stop_);
        marked_();
    }
    if (const auto looked = look_for_vanished(); !looked) note(Stream::groups, looked);
    // A sweep that waited for a person, and reads that failed before.
    const auto groups = ports_.store.position(Stream::groups);
    const auto read = direct_reads_.next_at();
    const bool sweep_waits = groups && groups->phase == StreamPhase::sweeping;
    if (sweep_waits) {
        const auto swept = co_await groups_.finish_sweep(stop_);
        if (!swept) note(Stream::groups, swept);
        const auto after = ports_.store.position(Stream::groups);
        if (!after || after->phase == StreamPhase::sweeping) co_return;
    }
    if (sweep_waits || (read && *read <= now)) {
        const auto done = co_await after_groups_round();
        note(Stream::groups, done);
    }
}

Result<Done> Puller::judge_pending_deletions() {
    auto pending = ports_.store.pending_deletions();
    if (!pending) return pending.error();
    const bool any_new = std::any_of(pending->begin(), pending->end(),
                                     [](const PendingDeletion& one) { return !one.judged; });
    if (!any_new) return Done{};
    const auto now = ports_.clock.now();
    auto facts = ports_.store.guard_facts(now - ports_.config.guard.window);
    if (!facts) return facts.error();
    const auto judgement = judge_deletions(*pending, *facts, ports_.config.guard, judged_);
    if (judgement.allowed.empty() && judgement.held.empty()) return Done{};
    auto kept = ports_.store.judge_deletions(judgement.allowed, judgement.held, now);
    if (!kept || judgement.held.empty()) return kept;
    ports_.metrics.add("guard_trips_total", {{"limit", "max_group_deletions"}});
    ports_.log.write(LogLevel::warning, "guard-held",
                     {{"limit", "max_group_deletions"},
                      {"groups", static_cast<std::int64_t>(judgement.held.size())},
                      {"detail", judgement.held.front().detail}});
    return kept;
}

void Puller::settle_hints(Stream stream, bool complete) {
    const auto settled = ledger_.round_ends(stream, complete, ports_.clock.monotonic());
    if (!settled.given_up.empty()) {
        ports_.log.write(LogLevel::info, "hints-given-up",
                         {{"stream", name_of(stream)},
                          {"count", static_cast<std::int64_t>(settled.given_up.size())}});
    }
    forget_hints("satisfied", settled.satisfied);
    forget_hints("given-up", settled.given_up);
    forget_hints("superseded", ledger_.take_superseded());
    ports_.metrics.set("hints_waiting", {}, static_cast<double>(ledger_.waiting()));
}

// What cannot be forgotten now is read again at the next start, and asks for a round.
void Puller::forget_hints(std::string_view outcome, const std::vector<std::int64_t>& ids) {
    if (ids.empty()) return;
    ports_.metrics.add("hints_settled_total", {{"outcome", outcome}},
                       static_cast<double>(ids.size()));
    if (ports_.inbox == nullptr) return;
    if (auto forgotten = ports_.inbox->forget(ids); !forgotten) {
        ports_.log.write(LogLevel::warning, "hints-not-forgotten",
                         {{"detail", forgotten.error().detail}});
    }
}

void Puller::note(Stream stream, const Result<Done>& done) {
    auto& state = this->state(stream);
    if (done) {
        state.failures = 0;
        state.retry_at.reset();
        if (ports_.live.clear_problem(topic_of(stream))) {
            ports_.log.write(LogLevel::info, "stream-follows-again", {{"stream", name_of(stream)}});
        }
        return;
    }
    const auto& failed = done.error();
    if (failed.kind == FailureKind::cancelled) return;
    const auto& poll = ports_.config.graph.poll_interval;
    auto wait = stops_the_stream(failed.kind)
                    ? poll
                    : backoff(state.failures, first_retry, std::min(longest_retry, poll),
                              ports_.random.below(1U << 30));
    ++state.failures;
    wait = std::max(wait, failed.retry_after.value_or(Duration::zero()));
    state.retry_at = ports_.clock.monotonic() + wait;
    if (!ports_.live.set_problem(topic_of(stream), failed.detail)) return;
    ports_.log.write(LogLevel::warning, "stream-failed",
                     {{"stream", name_of(stream)},
                      {"failure", name_of(failed.kind)},
                      {"code", failed.code},
                      {"detail", failed.detail}});
}

// Between rounds, because a round under way keeps the stream's position.
Async<void> Puller::carry_out_requests() {
    if (requests_wait_until_ && *requests_wait_until_ > ports_.clock.monotonic()) co_return;
    requests_wait_until_.reset();
    for (auto left = requests_.size(); left > 0 && !stop_.stop_requested(); --left) {
        const Request request = requests_.front();
        requests_.pop_front();
        auto done = co_await carry_out(request);
        if (done) done = ports_.store.drop_request(request.id);
        if (done) continue;
        ports_.log.write(LogLevel::warning, "request-failed",
                         {{"kind", request.kind},
                          {"subject", request.subject},
                          {"detail", done.error().detail}});
        requests_.push_back(request);
        requests_wait_until_ = ports_.clock.monotonic() + request_retry;
    }
    marked_();
}

Async<Result<Done>> Puller::carry_out(const Request& request) {
    ports_.log.write(LogLevel::info, "request-taken",
                     {{"kind", request.kind}, {"subject", request.subject}});
    if (request.kind == "restore" && restore) {
        co_return co_await restore(GroupId(request.subject));
    }
    if (request.kind != "resync") co_return Done{};
    if (!request.subject.empty()) {
        auto read = co_await direct_reads_.read_again(GroupId(request.subject));
        if (read) co_await after_page();
        co_return read;
    }
    for (const auto stream : {Stream::users, Stream::groups}) {
        if (auto done = ports_.store.forget_position(stream); !done) co_return done;
        request_round(stream, Cause::request);
    }
    co_return Done{};
}

}  // namespace writeback
