#include "sync/users_stream.hpp"

#include <utility>

namespace writeback {

namespace {
constexpr int most_beginnings = 3;
constexpr const char* asked_fact = "everyone_asked";
}  // namespace

UsersStream::UsersStream(SyncPorts& ports, HintLedger& ledger, AfterPage after_page)
    : ports_(ports), ledger_(ledger), after_page_(std::move(after_page)) {}

Async<Result<Done>> UsersStream::round(std::stop_token stop) {
    auto known = ports_.store.position(Stream::users);
    if (!known) co_return known.error();
    StreamPosition position = std::move(*known);
    if (position.phase != StreamPhase::empty &&
        position.fingerprint != ports_.changes.fingerprint(Stream::users)) {
        position.phase = StreamPhase::empty;
    }
    // What an interrupted round shows may be older than the hints that have come since.
    const bool resumed =
        position.phase == StreamPhase::steady && position.link != position.round_began_with;
    if (!resumed) ledger_.round_begins(Stream::users, ports_.clock.monotonic());
    auto done = co_await follow(position, std::move(stop));
    ports_.metrics.add(
        "delta_rounds_total",
        {{"stream", "users"}, {"outcome", done ? "done" : name_of(done.error().kind)}});
    co_return done;
}

Async<Result<Done>> UsersStream::follow(StreamPosition& position, std::stop_token stop) {
    int beginnings = 0;
    if (position.phase == StreamPhase::sweeping) {
        if (auto done = ask_everyone(position); !done) co_return done;
    }
    if (position.phase == StreamPhase::empty) co_return co_await begin_at_latest(position);
    while (!stop.stop_requested()) {
        auto page = co_await ports_.changes.users_page(position.link);
        if (!page) {
            const auto& failed = page.error();
            if (++beginnings > most_beginnings) co_return failed;
            if (failed.kind == FailureKind::resync_required) {
                ports_.log.write(LogLevel::warning, "resync-begins",
                                 {{"stream", "users"}, {"detail", failed.detail}});
                co_return co_await begin_at_latest(position);
            }
            if (failed.kind != FailureKind::page_expired ||
                position.link == position.round_began_with) {
                co_return failed;
            }
            position.link = position.round_began_with;
            continue;
        }
        const bool is_last = page->link.kind == LinkKind::delta;
        const auto now = ports_.clock.now();
        position.link = page->link.url;
        if (is_last) {
            position.round_began_with = position.link;
            position.token_at = now;
            position.last_round_at = now;
        }
        if (auto kept = ports_.store.commit_users(page->items, position, now); !kept) {
            co_return kept;
        }
        for (const auto& item : page->items)
            ledger_.shown(Stream::users, item.id.text());
        if (!page->items.empty()) co_await after_page_();
        if (is_last) co_return Done{};
    }
    co_return failure(FailureKind::cancelled, "The users round ends because the daemon stops.");
}

Async<Result<Done>> UsersStream::begin_at_latest(StreamPosition& position) {
    auto page = co_await ports_.changes.users_page("");
    if (!page) co_return page.error();
    if (page->link.kind != LinkKind::delta) {
        co_return failure(FailureKind::unreadable,
                          "The users stream gave no deltaLink for $deltatoken=latest.");
    }
    const auto now = ports_.clock.now();
    position.phase = StreamPhase::sweeping;
    position.link = page->link.url;
    position.round_began_with = position.link;
    ++position.generation;
    position.fingerprint = ports_.changes.fingerprint(Stream::users);
    position.token_at = now;
    position.last_round_at = now;
    if (auto kept = ports_.store.commit_users(page->items, position, now); !kept) co_return kept;
    auto done = ask_everyone(position);
    if (done) co_await after_page_();
    co_return done;
}

Result<bool> UsersStream::everyone_asked() const {
    auto fact = ports_.store.fact(asked_fact);
    if (!fact) return fact.error();
    return *fact && **fact == "yes";
}

Result<Done> UsersStream::looked_at_answers() {
    return ports_.store.set_fact(asked_fact, "no");
}

Result<Done> UsersStream::ask_everyone(StreamPosition& position) {
    if (auto done = ports_.store.ask_everyone_again(); !done) return done;
    if (auto noted = ports_.store.set_fact(asked_fact, "yes"); !noted) return noted;
    asked_here_ = true;
    position.phase = StreamPhase::steady;
    return ports_.store.set_position(Stream::users, position);
}

}  // namespace writeback
