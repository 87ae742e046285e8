// One connection to the inbox's file: hints go in, are read in order, and are forgotten.
//
// Purpose: law 2, without threads: SqliteInbox writes through it on a thread of its own, the reader
// on the sync thread, a simulation on its only one. Failures: FailureKind::store, with the file and
// the remedy; nothing of that call was kept then. Limits: the wait for another connection's write.
// Ownership: values. Threads: one at a time. Cancellation: none, calls are short.
#pragma once

#include <writeback/notification.hpp>

#include <memory>
#include <string>
#include <vector>

namespace writeback {

class Database;

struct InboxOptions {
    std::string path;   // the inbox's own: `<store path>-inbox`
    std::string vfs{};  // empty: SQLite's own
    std::size_t queue = 4096;
    Duration busy_limit = std::chrono::seconds(10);
};

class InboxFile final : public InboxReader {
 public:
    // Makes the file when there is none.
    [[nodiscard]] static Result<std::unique_ptr<InboxFile>> open(const InboxOptions& options);
    ~InboxFile() override;

    // Durable when it returns, in one transaction; their ids are given here.
    [[nodiscard]] Result<Done> write(const std::vector<Hint>& hints);

    [[nodiscard]] Result<std::vector<Hint>> read(std::int64_t after, std::size_t limit) override;
    [[nodiscard]] Result<Done> forget(const std::vector<std::int64_t>& ids) override;

 private:
    explicit InboxFile(std::unique_ptr<Database> database);
    std::unique_ptr<Database> database_;
};

}  // namespace writeback
