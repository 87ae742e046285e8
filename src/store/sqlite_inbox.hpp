// The inbox in a SQLite file of its own, so that no large page of the store delays an answer.
//
// Purpose: law 2. append() returns when its hints are on disk; all that wait share one transaction
// and its one fsync. Failures: FailureKind::store, with the file and the remedy; nothing of that
// append was kept then. A full queue is such a failure, told at once. Limits: `queue` hints may
// wait for the disk (an append of more than that is refused whole). Ownership: the writer owns its
// thread; it must be destroyed before the io_context that its callers run on. Destroying it writes
// what waits. Threads: append() may be called from any; it goes on where its coroutine runs. The
// reader belongs to one thread, and may be in another process. Cancellation: an append is not
// cancelled; it ends within the busy limit.
#pragma once

#include <writeback/notification.hpp>

#include <memory>
#include <string>

namespace writeback {

class Database;

struct InboxOptions {
    std::string path;   // the inbox's own: `<store path>-inbox`
    std::string vfs{};  // empty: SQLite's own
    std::size_t queue = 4096;
    Duration busy_limit = std::chrono::seconds(10);
};

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

class SqliteInboxReader final : public InboxReader {
 public:
    // Makes the file when there is none.
    [[nodiscard]] static Result<std::unique_ptr<SqliteInboxReader>> open(
        const InboxOptions& options);
    ~SqliteInboxReader() override;

    [[nodiscard]] Result<std::vector<Hint>> read(std::int64_t after, std::size_t limit) override;
    [[nodiscard]] Result<Done> forget(const std::vector<std::int64_t>& ids) override;

 private:
    explicit SqliteInboxReader(std::unique_ptr<Database> database);
    std::unique_ptr<Database> database_;
};

}  // namespace writeback
