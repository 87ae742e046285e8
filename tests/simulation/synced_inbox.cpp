#include "simulation/synced_inbox.hpp"

#include <utility>

namespace writeback::simulation {

using namespace std::chrono_literals;

Result<std::unique_ptr<SyncedInbox>> SyncedInbox::open(const InboxOptions& options, EventLoop& loop,
                                                       std::uint64_t seed) {
    auto file = InboxFile::open(options);
    if (!file) return file.error();
    return std::unique_ptr<SyncedInbox>(
        new SyncedInbox(std::move(*file), options.queue, loop, seed));
}

std::size_t SyncedInbox::waiting() const {
    std::size_t count = 0;
    for (const auto& append : appends_)
        count += append->hints.size();
    return count;
}

Async<Result<Done>> SyncedInbox::append(std::vector<Hint> hints) {
    if (waiting() + hints.size() > queue_) {
        co_return failure(FailureKind::store, "Too many hints wait for the disk.");
    }
    auto append = std::make_shared<Append>();
    append->hints = std::move(hints);
    append->alarm = loop_.machine_clock().alarm();
    appends_.push_back(append);
    if (!std::exchange(writing_, true)) loop_.spawn_in_process(write_what_waits());
    while (!append->result)
        co_await append->alarm->wait_for(1h);
    co_return *append->result;
}

Async<void> SyncedInbox::write_what_waits() {
    while (!appends_.empty()) {
        co_await loop_.machine_clock().sleep(chance_.between(1ms, 12ms));
        const auto batch = std::exchange(appends_, {});
        std::vector<Hint> hints;
        for (const auto& append : batch)
            hints.insert(hints.end(), append->hints.begin(), append->hints.end());
        const auto written = file_->write(hints);
        for (const auto& append : batch) {
            append->result.emplace(written);
            append->alarm->ring();
        }
    }
    writing_ = false;
}

}  // namespace writeback::simulation
