#include "graph/graph_caller.hpp"

#include <algorithm>
#include <utility>

namespace writeback {

using namespace std::chrono_literals;

namespace {

constexpr Duration backoff_least = 500ms;
constexpr Duration backoff_most = 30s;
// A Retry-After beyond this is held for this long and then tried once, lest one strange header keep
// a kind of calls silent for days.
constexpr Duration longest_hold = 1h;

double in_seconds(Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

}  // namespace

GraphCaller::GraphCaller(const GraphConfig& config, HttpSender& http, AccessToken& token,
                         Clock& clock, Random& random, Log& log, Metrics& metrics)
    : config_(config),
      http_(http),
      token_(token),
      clock_(clock),
      random_(random),
      log_(log),
      metrics_(metrics) {
    if (const auto address = parse_address(addresses_of(config).endpoint)) {
        origin_ = address->origin;
        base_path_ = address->target == "/" ? std::string() : address->target;
    }
}

void GraphCaller::stop() {
    stopped_ = true;
    for (Alarm* alarm : pausing_)
        alarm->ring();
}

Failure GraphCaller::stopping() {
    return failure(FailureKind::cancelled, "Calls to Graph end: the program is stopping.");
}

Async<Result<HttpAnswer>> GraphCaller::call(Call call) {
    auto request = request_for(call);
    if (request.has_error()) co_return request.error();
    Duration waited{};
    bool renewed = false;
    for (int count = 1;; ++count) {
        const auto free = co_await wait_while_held(call, waited);
        if (free.has_error()) co_return free.error();
        Attempt tried = co_await attempt(call, *request);
        if (stopped_) co_return stopping();
        Failure& why = tried.verdict.failure;
        if (tried.verdict.next == Next::done) co_return std::move(tried.answer);
        if (tried.verdict.next == Next::renew_token && !renewed) {
            renewed = true;
            token_.drop(tried.token);
            continue;
        }
        const bool again =
            tried.verdict.next == Next::again || tried.verdict.next == Next::again_held;
        if (!again) co_return std::move(why);
        const Duration wait = why.retry_after.value_or(backoff(count));
        if (tried.verdict.next == Next::again_held) hold(call, wait);
        if (count >= config_.max_attempts) co_return std::move(why);
        log_.write(LogLevel::info, "graph-call-retried",
                   {{"operation", call.operation},
                    {"attempt", static_cast<std::int64_t>(count)},
                    {"wait_seconds", in_seconds(wait)},
                    {"detail", why.detail}});
        if (tried.verdict.next == Next::again_held) continue;
        waited += wait;
        if (waited > config_.throttle_limit) co_return std::move(why);
        co_await pause(wait);
    }
}

Result<ClientRequest> GraphCaller::request_for(const Call& call) {
    if (!base_path_) {
        return failure(FailureKind::invalid_configuration,
                       "`endpoint` must be an address like https://graph.example.com.");
    }
    const bool ours = call.link.starts_with('/');
    const auto address = on_origin(origin_, ours ? *base_path_ + call.link : call.link);
    if (!address) {
        return failure(FailureKind::link_refused,
                       "A link that Graph gave points away from " + to_text(origin_) +
                           "; it is not followed and gets no token. Check `endpoint`.");
    }
    ClientRequest request;
    request.method = call.method;
    request.address = *address;
    request.headers = {{"Accept", "application/json"},
                       {"User-Agent", "group-writeback"},
                       {"client-request-id", random_.guid()}};
    if (!call.body.empty()) request.headers.emplace_back("Content-Type", "application/json");
    request.body = call.body;
    request.idempotent = call.idempotent;
    return request;
}

Async<GraphCaller::Attempt> GraphCaller::attempt(const Call& call, ClientRequest request) {
    Attempt tried;
    auto token = co_await token_.get();
    if (token.has_error()) {
        // Nothing was asked of Graph yet: what passes may be tried again, whatever the call.
        Call harmless;
        tried.verdict = judge_failure(harmless, token.error());
        co_return tried;
    }
    tried.token = *token;
    const std::string target = request.address.target;
    request.headers.emplace_back("Authorization", "Bearer " + *token);
    auto answer = co_await http_.send(std::move(request));
    const std::string code = answer.has_value() ? std::to_string(answer->status)
                                                : std::string(name_of(answer.error().kind));
    metrics_.add("graph_requests_total", {{"operation", call.operation}, {"code", code}});
    if (answer.has_error()) {
        tried.verdict = judge_failure(call, answer.error());
        co_return tried;
    }
    const CallFacts facts{call.kind, call.what, call.permission, target, call.idempotent};
    tried.verdict = judge(facts, *answer, origin_, clock_.now());
    if (tried.verdict.next == Next::done) tried.answer = std::move(*answer);
    co_return tried;
}

Verdict GraphCaller::judge_failure(const Call& call, Failure failure) {
    bool again = false;
    switch (failure.kind) {
        case FailureKind::unreachable:
        case FailureKind::throttled:
        case FailureKind::unavailable:
            again = true;
            break;
        case FailureKind::timed_out:
        case FailureKind::disconnected:
            again = call.idempotent;
            break;
        default:
            break;
    }
    return {again ? Next::again : Next::fail, std::move(failure)};
}

Async<Result<Done>> GraphCaller::wait_while_held(const Call& call, Duration& waited) {
    for (;;) {
        if (stopped_) co_return stopping();
        const Duration now = clock_.monotonic();
        const Duration left = held_until_[static_cast<std::size_t>(call.kind)] - now;
        if (left <= Duration(0)) co_return Done{};
        if (waited + left > config_.throttle_limit) {
            Failure held = failure(
                FailureKind::throttled,
                "Graph asks to wait longer than throttle_limit before it will " + call.what + ".",
                "HTTP 429");
            held.retry_after = left;
            co_return held;
        }
        co_await pause(left);
        const Duration passed = clock_.monotonic() - now;
        waited += passed;
        metrics_.add("graph_throttled_seconds_total", {}, in_seconds(passed));
    }
}

Async<void> GraphCaller::pause(Duration duration) {
    if (stopped_) co_return;
    const auto alarm = clock_.alarm();
    pausing_.insert(alarm.get());
    co_await alarm->wait_for(duration);
    pausing_.erase(alarm.get());
}

void GraphCaller::hold(const Call& call, Duration duration) {
    Duration& until = held_until_[static_cast<std::size_t>(call.kind)];
    until = std::max(until, clock_.monotonic() + std::min(duration, longest_hold));
    log_.write(LogLevel::warning, "graph-throttled",
               {{"kind", name_of(call.kind)},
                {"operation", call.operation},
                {"seconds", in_seconds(duration)}});
}

// Doubling, and half of it by chance, so that those who failed together don't return together.
Duration GraphCaller::backoff(int attempt) {
    const Duration whole = std::min(backoff_most, backoff_least * (1 << std::min(attempt - 1, 10)));
    const auto half = static_cast<std::uint64_t>(whole.count() / 2);
    return Duration(static_cast<Duration::rep>(half + random_.below(half + 1)));
}

}  // namespace writeback
