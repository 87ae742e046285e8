#include "sync/usn_watch.hpp"

#include <utility>

namespace writeback {

UsnWatch::UsnWatch(SyncPorts& ports) : ports_(ports) {}

Async<void> UsnWatch::before_writes(std::optional<WrittenGroup> written) {
    if (!written) co_return;
    undisturbed_ = false;
    // Without a number to compare with, the answer would tell nothing.
    if (written->usn == 0) co_return;
    auto tasks = co_await TaskGroup::here(ports_.clock);
    looking_.emplace(std::move(tasks));
    looking_->start(look_before(written->guid, written->usn));
    // One turn, so that the question is sent before the first write.
    const auto turn = ports_.clock.alarm();
    co_await turn->wait_for(Duration::zero());
}

Async<void> UsnWatch::look_before(ObjectGuid guid, std::int64_t known) {
    const auto usn = co_await ports_.directory.usn_of(std::move(guid));
    undisturbed_ = usn && *usn == known;
}

Async<std::optional<std::int64_t>> UsnWatch::after_writes(std::optional<WrittenGroup> written,
                                                          bool asks) {
    if (looking_) co_await looking_->join();
    if (!asks || !written || !undisturbed_) co_return std::nullopt;
    const auto usn = co_await ports_.directory.usn_of(written->guid);
    if (!usn) co_return std::nullopt;
    co_return *usn;
}

}  // namespace writeback
