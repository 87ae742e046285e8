#include "sync/groups_stream.hpp"

#include "core/selection.hpp"
#include "sync/empty_resync.hpp"
#include "sync/selection_change.hpp"

#include <algorithm>
#include <utility>

namespace writeback {

namespace {

// How often one round may have to be begun again before it counts as failed.
constexpr int most_beginnings = 3;
constexpr std::size_t sweep_batch = 1'000;

// A round that a crash or a failure interrupted, or a crawl that is under way.
bool is_resumed(const StreamPosition& position) {
    return position.phase == StreamPhase::crawling || position.link != position.round_began_with;
}

// Where it can't be computed the configuration was refused at start.
GroupSelection selection_of(const Config& config) {
    auto selection = group_selection(config);
    return selection ? std::move(*selection) : GroupSelection{};
}

}  // namespace

GroupsStream::GroupsStream(SyncPorts& ports, HintLedger& ledger, ScopeRules scope,
                           AfterPage after_page)
    : ports_(ports),
      ledger_(ledger),
      scope_(std::move(scope)),
      selection_(selection_of(ports.config)),
      after_page_(std::move(after_page)),
      turn_(ports.clock.alarm()) {}

Async<Result<Done>> GroupsStream::round(Cause cause, std::stop_token stop) {
    if (auto swept = co_await finish_sweep(stop); !swept) co_return swept;
    auto round = begin(cause);
    if (!round) co_return round.error();
    const auto began = ports_.clock.monotonic();
    auto done = co_await follow(*round, stop);
    if (done) done = co_await finish_sweep(stop);
    note(*round, done);
    const auto took = ports_.clock.monotonic() - began;
    ports_.log.write(done ? LogLevel::debug : LogLevel::info, "delta-round-ended",
                     {{"stream", "groups"},
                      {"outcome", done ? "done" : name_of(done.error().kind)},
                      {"pages", std::int64_t{round->pages}},
                      {"milliseconds", static_cast<std::int64_t>(took.count())}});
    co_return done;
}

bool GroupsStream::may_show(const std::string& object) const {
    const auto& only = selection_.only;
    return object.empty() || only.empty() ||
           std::find(only.begin(), only.end(), GroupId(object)) != only.end();
}

Result<GroupsStream::Round> GroupsStream::begin(Cause cause) {
    auto known = ports_.store.position(Stream::groups);
    if (!known) return known.error();
    Round round;
    round.position = std::move(*known);
    round.cause = cause;
    const bool other_question =
        round.position.phase != StreamPhase::empty &&
        round.position.fingerprint != ports_.changes.fingerprint(Stream::groups);
    if (other_question || round.position.phase == StreamPhase::empty) {
        if (auto begun = begin_crawl(round, {}); !begun) return begun.error();
        ledger_.round_begins(Stream::groups, ports_.clock.monotonic());
        return round;
    }
    round.link = round.position.link;
    // What an interrupted round shows may be older than the hints that have come since.
    if (!is_resumed(round.position)) {
        ledger_.round_begins(Stream::groups, ports_.clock.monotonic());
    }
    return round;
}

Result<Done> GroupsStream::begin_crawl(Round& round, std::string link) {
    auto older = ports_.store.groups_after(GroupId{}, 1);
    if (!older) return older.error();
    auto& position = round.position;
    position.phase = StreamPhase::crawling;
    position.resync = !older->empty();
    ++position.generation;
    position.shown = 0;
    position.round_began_with = link;
    position.link = link;
    position.fingerprint = ports_.changes.fingerprint(Stream::groups);
    round.link = std::move(link);
    round.cause = position.resync ? Cause::resync : Cause::start;
    ports_.log.write(LogLevel::info, position.resync ? "resync-begins" : "crawl-begins",
                     {{"stream", "groups"}, {"generation", position.generation}});
    return Done{};
}

Async<Result<Done>> GroupsStream::follow(Round& round, std::stop_token stop) {
    while (!stop.stop_requested()) {
        auto page = co_await ports_.changes.groups_page(round.link);
        if (!page) {
            auto again = recover(round, page.error());
            if (!again) co_return again.error();
            if (!*again) co_return page.error();
            continue;
        }
        ++round.pages;
        if (auto taken = take_in(round, *page); !taken) co_return taken;
        co_await after_page_();
        if (page->link.kind == LinkKind::delta) co_return Done{};
    }
    co_return failure(FailureKind::cancelled, "The groups round ends because the daemon stops.");
}

// True when the round goes on with another link.
Result<bool> GroupsStream::recover(Round& round, const Failure& failed) {
    const bool dead = failed.kind == FailureKind::resync_required;
    const bool expired = failed.kind == FailureKind::page_expired;
    if ((!dead && !expired) || ++round.begun_again > most_beginnings) return false;
    if (expired && round.position.phase != StreamPhase::crawling) {
        if (round.link == round.position.round_began_with) return false;
        round.link = round.position.round_began_with;
        return true;
    }
    ports_.log.write(LogLevel::warning, "delta-round-begins-again",
                     {{"stream", "groups"},
                      {"failure", name_of(failed.kind)},
                      {"code", failed.code},
                      {"detail", failed.detail}});
    // A crawl begun anew takes a new generation. The address that the peer named with a dead token
    // is where to begin.
    std::string link = dead ? failed.location : round.position.round_began_with;
    if (dead) {
        if (auto forgotten = ports_.store.forget_position(Stream::groups); !forgotten) {
            return forgotten.error();
        }
    }
    if (auto begun = begin_crawl(round, std::move(link)); !begun) return begun.error();
    return true;
}

Result<FoldContext> GroupsStream::context(Cause cause) {
    auto position = ports_.store.position(Stream::groups);
    if (!position) return position.error();
    return FoldContext{position->generation,
                       false,
                       cause,
                       hinted_,
                       [this](const CloudGroup& group) { return scope_of(group, scope_); },
                       selection_};
}

Result<Done> GroupsStream::commit(const MirrorChanges& changes) {
    auto position = ports_.store.position(Stream::groups);
    if (!position) return position.error();
    return ports_.store.commit_groups(changes, *position, ports_.clock.now());
}

Result<Done> GroupsStream::take_in(Round& round, const GroupPage& page) {
    auto known = ports_.store.excerpt(page);
    if (!known) return known.error();
    hinted_.clear();
    for (const auto& item : page.items) {
        const auto since = ledger_.hinted_at(Stream::groups, item.id.text());
        if (since) hinted_.emplace(item.id, *since);
    }
    const bool crawl = round.position.phase == StreamPhase::crawling;
    const FoldContext context{round.position.generation,
                              crawl,
                              round.cause,
                              hinted_,
                              [this](const CloudGroup& group) { return scope_of(group, scope_); },
                              selection_};
    const auto changes = fold_groups(page, *known, context);
    advance(round, page);
    auto kept = ports_.store.commit_groups(changes, round.position, ports_.clock.now());
    if (!kept) return kept;
    if (page.link.kind == LinkKind::delta) {
        auto noted = note_selection(ports_.store, round.position.fingerprint);
        if (!noted) return noted;
    }
    for (const auto& item : page.items)
        ledger_.shown(Stream::groups, item.id.text());
    for (const auto& item : page.items) {
        if (item.unreadable.empty()) continue;
        ports_.log.write(
            LogLevel::warning, "item-unreadable",
            {{"stream", "groups"}, {"group", item.id.text()}, {"detail", item.unreadable}});
    }
    return Done{};
}

// Where the stream stands once this page is committed.
void GroupsStream::advance(Round& round, const GroupPage& page) {
    auto& position = round.position;
    round.link = page.link.url;
    position.link = page.link.url;
    const bool crawl = position.phase == StreamPhase::crawling;
    if (crawl) {
        position.shown += std::count_if(page.items.begin(), page.items.end(), [](const auto& item) {
            return item.removal == Removal::no;
        });
    }
    if (page.link.kind != LinkKind::delta) return;
    const auto now = ports_.clock.now();
    position.round_began_with = position.link;
    position.token_at = now;
    position.last_round_at = now;
    if (crawl) position.phase = position.resync ? StreamPhase::sweeping : StreamPhase::steady;
}

Async<Result<Done>> GroupsStream::finish_sweep(std::stop_token stop) {
    auto known = ports_.store.position(Stream::groups);
    if (!known) co_return known.error();
    if (known->phase != StreamPhase::sweeping) co_return Done{};
    if (known->shown == 0) {
        auto approved = empty_resync_approved(ports_.store);
        if (!approved) co_return approved.error();
        if (!*approved) co_return hold_empty_resync(ports_.store, ports_.clock.now());
    }
    co_return co_await sweep(std::move(*known), std::move(stop));
}

Async<Result<Done>> GroupsStream::sweep(StreamPosition position, std::stop_token stop) {
    hinted_.clear();
    const FoldContext context{position.generation,
                              true,
                              Cause::resync,
                              hinted_,
                              [this](const CloudGroup& group) { return scope_of(group, scope_); },
                              selection_};
    std::int64_t swept = 0;
    while (!stop.stop_requested()) {
        auto unseen = ports_.store.unseen(position.generation, sweep_batch);
        if (!unseen) co_return unseen.error();
        if (unseen->empty()) {
            position.phase = StreamPhase::steady;
            position.resync = false;
            auto kept = ports_.store.set_position(Stream::groups, position);
            if (!kept) co_return kept;
            ports_.log.write(LogLevel::info, "resync-swept",
                             {{"generation", position.generation}, {"rows", swept}});
            co_return drop_empty_resync(ports_.store, ports_.clock.now());
        }
        swept += static_cast<std::int64_t>(unseen->size());
        const auto changes = fold_unseen(*unseen, context);
        auto kept = ports_.store.commit_groups(changes, position, ports_.clock.now());
        if (!kept) co_return kept;
        // A large sweep lets the others have their turn.
        co_await turn_->wait_for(Duration::zero());
    }
    co_return failure(FailureKind::cancelled, "The sweep goes on at the next start.");
}

void GroupsStream::note(const Round& round, const Result<Done>& done) {
    const auto outcome =
        done ? (round.begun_again > 0 ? std::string_view("begun-again") : std::string_view("done"))
             : name_of(done.error().kind);
    ports_.metrics.add("delta_rounds_total", {{"stream", "groups"}, {"outcome", outcome}});
}

}  // namespace writeback
