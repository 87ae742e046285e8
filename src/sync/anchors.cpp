#include "sync/anchors.hpp"

#include <utility>

namespace writeback {

Anchors::Anchors(SyncPorts& ports, const BoundDirectory& bound) : ports_(ports), bound_(bound) {}

bool Anchors::is_trusted() const {
    return crawl_ && crawl_->session == bound_.session() &&
           ports_.clock.monotonic() - crawl_->at <= trusted_for;
}

Async<Result<std::vector<MarkedObject>>> Anchors::find(GroupId group, std::size_t expected) {
    if (!is_trusted() && expected < worth_a_crawl)
        co_return co_await ports_.directory.find_mark(group);
    if (!is_trusted()) {
        if (auto done = co_await crawl(); !done) co_return done.error();
    }
    const auto found = crawl_->marked.find(group);
    if (found == crawl_->marked.end()) co_return std::vector<MarkedObject>{};
    co_return found->second;
}

Async<Result<Done>> Anchors::crawl() {
    while (crawling_) {
        std::shared_ptr<Alarm> turn = ports_.clock.alarm();
        waiting_.push_back(turn);
        co_await turn->wait_for(std::chrono::hours(1));
    }
    // Another coroutine's crawl may have answered meanwhile.
    if (is_trusted()) co_return Done{};
    crawling_ = true;
    const auto began = ports_.clock.monotonic();
    const auto session = bound_.session();
    auto found = co_await ports_.directory.find_marked();
    crawling_ = false;
    for (auto& turn : std::exchange(waiting_, {}))
        turn->ring();
    if (!found) co_return found.error();
    Crawl crawl{session, began, {}};
    for (auto& object : *found)
        crawl.marked[object.mark].push_back(object);
    crawl_ = std::move(crawl);
    ports_.log.write(LogLevel::info, "marks-read",
                     {{"objects", static_cast<std::int64_t>(found->size())}});
    if (!is_trusted()) {
        co_return failure(FailureKind::disconnected,
                          "The connection to the directory changed while it was searched for "
                          "marks; the search is made again.");
    }
    co_return Done{};
}

void Anchors::created(const GroupId& group, const CreatedGroup& object) {
    if (crawl_) crawl_->marked[group] = {{group, object.guid, object.sid, object.dn}};
}

void Anchors::distrust() {
    crawl_.reset();
}

void Anchors::gone(const GroupId& group) {
    if (crawl_) crawl_->marked.erase(group);
}

}  // namespace writeback
