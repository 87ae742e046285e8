// The groups stream: rounds from the stored link to the next deltaLink, page by page into the
// mirror; crawls, resyncs and their sweep.
//
// Law 3: a page's changes, its link and its marks are one transaction. A round that was interrupted
// goes on at the stored link. Failures: those of the cloud and the store; what was committed stays.
// Threads: one. Cancellation: between pages, by `stop`; then the round fails with `cancelled`.
#pragma once

#include "core/delta_fold.hpp"
#include "core/scope.hpp"
#include "sync/hint_ledger.hpp"
#include "sync/ports.hpp"

#include <writeback/change_source.hpp>
#include <writeback/store.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

namespace writeback {

class GroupsStream {
 public:
    // after_page: is called after each commit, before the next page is asked for.
    using AfterPage = std::function<Async<void>()>;

    GroupsStream(SyncPorts& ports, HintLedger& ledger, ScopeRules scope, AfterPage after_page);

    // One round, and the sweep when it ends a resync.
    Async<Result<Done>> round(Cause cause, std::stop_token stop);
    // The sweep of a finished resync: after a crash, or once a person has approved it. Nothing when
    // none is due.
    Async<Result<Done>> finish_sweep(std::stop_token stop);

    // Folding outside of a page: direct reads, and a changed configuration.
    [[nodiscard]] Result<Done> commit(const MirrorChanges& changes);
    [[nodiscard]] Result<FoldContext> context(Cause cause);

    // False for a group that the stream is not asked for. An object that no hint named may be any.
    [[nodiscard]] bool may_show(const std::string& object) const;

    // Which groups are in scope; from the next page on.
    [[nodiscard]] const ScopeRules& scope() const { return scope_; }
    void set_scope(ScopeRules scope) { scope_ = std::move(scope); }

 private:
    struct Round {
        StreamPosition position;
        Cause cause = Cause::poll;
        std::string link;  // to follow next; empty: the stream's first request
        int begun_again = 0;
        int pages = 0;
    };

    Result<Round> begin(Cause cause);
    Async<Result<Done>> sweep(StreamPosition position, std::stop_token stop);
    Result<Done> begin_crawl(Round& round, std::string link);
    Async<Result<Done>> follow(Round& round, std::stop_token stop);
    Result<bool> recover(Round& round, const Failure& failure);
    Result<Done> take_in(Round& round, const GroupPage& page);
    void advance(Round& round, const GroupPage& page);
    void note(const Round& round, const Result<Done>& done);

    SyncPorts& ports_;
    HintLedger& ledger_;
    ScopeRules scope_;
    GroupSelection selection_;
    AfterPage after_page_;
    std::unique_ptr<Alarm> turn_;
    std::map<GroupId, Instant> hinted_;  // of the page at hand
};

}  // namespace writeback
