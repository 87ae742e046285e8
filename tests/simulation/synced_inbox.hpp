// The inbox's writing end in model time: what waits shares one transaction, which takes as long as
// a disk's sync.
//
// Stands in the place of SqliteInbox, whose writer is a thread of its own; the file, its
// transaction and its sync are production code. Failures: those of InboxFile; a full queue is
// refused at once, as there. Threads: the loop's.
#pragma once

#include "simulation/chance.hpp"
#include "simulation/event_loop.hpp"
#include "store/inbox_file.hpp"

#include <writeback/notification.hpp>

#include <list>
#include <memory>
#include <optional>
#include <vector>

namespace writeback::simulation {

class SyncedInbox final : public InboxWriter {
 public:
    [[nodiscard]] static Result<std::unique_ptr<SyncedInbox>> open(const InboxOptions& options,
                                                                   EventLoop& loop,
                                                                   std::uint64_t seed);

    Async<Result<Done>> append(std::vector<Hint> hints) override;
    // Hints that wait for the disk.
    [[nodiscard]] std::size_t waiting() const;

 private:
    struct Append {
        std::vector<Hint> hints;
        std::unique_ptr<Alarm> alarm;
        std::optional<Result<Done>> result;
    };

    SyncedInbox(std::unique_ptr<InboxFile> file, std::size_t queue, EventLoop& loop,
                std::uint64_t seed)
        : file_(std::move(file)), queue_(queue), loop_(loop), chance_(seed) {}
    Async<void> write_what_waits();

    std::unique_ptr<InboxFile> file_;
    std::size_t queue_;
    EventLoop& loop_;
    Chance chance_;
    std::list<std::shared_ptr<Append>> appends_;
    bool writing_ = false;
};

}  // namespace writeback::simulation
