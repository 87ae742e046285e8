// The inbox in a SQLite file of its own, so that no large page of the store delays an answer.
//
// Purpose: law 2. append() returns when its hints are on disk; all that wait share one transaction
// and its one fsync. Failures: FailureKind::store, with the file and the remedy; nothing of that
// append was kept then. A full queue is such a failure, told at once. Limits: `queue` hints may
// wait for the disk (an append of more than that is refused whole). Ownership: the writer owns its
// thread; it must be destroyed before the io_context that its callers run on. Destroying it writes
// what waits. Threads: append() may be called from any; it goes on where its coroutine runs. The
// reading end is an InboxFile of its own, on its own thread or in another process. Cancellation: an
// append is not cancelled; it ends within the busy limit.
#pragma once

#include "store/inbox_file.hpp"

#include <writeback/notification.hpp>

#include <memory>
#include <string>

namespace writeback {

class SqliteInbox final : public InboxWriter {
 public:
    // Makes the file when there is none.
    [[nodiscard]] static Result<std::unique_ptr<SqliteInbox>> open(const InboxOptions& options);
    ~SqliteInbox() override;

    Async<Result<Done>> append(std::vector<Hint> hints) override;

 private:
    class Worker;
    explicit SqliteInbox(std::unique_ptr<Worker> worker);
    std::unique_ptr<Worker> worker_;
};

}  // namespace writeback
