#include "store/sqlite_inbox.hpp"

#include "store/database.hpp"
#include "store/schema_version.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace writeback {

namespace asio = boost::asio;

namespace {

Result<std::unique_ptr<Database>> open_inbox(const InboxOptions& options) {
    DatabaseOptions file;
    file.path = options.path;
    file.vfs = options.vfs;
    file.create = true;
    file.busy_limit = options.busy_limit;
    Result<std::unique_ptr<Database>> database = Database::open(file);
    if (!database) return database;
    Result<Done> migrated = migrate(**database, inbox_schema());
    if (!migrated) return migrated.error();
    return database;
}

}  // namespace

// The thread that writes, and the queue before it.
class SqliteInbox::Worker {
 public:
    using Answer = std::function<void(Result<Done>)>;

    Worker(std::unique_ptr<Database> database, const InboxOptions& options)
        : database_(std::move(database)), path_(options.path), limit_(options.queue) {
        thread_ = std::thread([this] { run(); });
    }

    ~Worker() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        woken_.notify_one();
        thread_.join();
    }

    // Answers on the worker's thread, or at once when the queue is full.
    void append(std::vector<Hint> hints, Answer answer) {
        {
            const std::lock_guard lock(mutex_);
            if (waiting_hints_ + hints.size() <= limit_) {
                waiting_hints_ += hints.size();
                waiting_.push_back({std::move(hints), std::move(answer)});
                woken_.notify_one();
                return;
            }
        }
        answer(failure(FailureKind::store,
                       "The inbox " + path_ + " is full: " + std::to_string(limit_) +
                           " hints wait for the disk already ([webhook] inbox_queue). The sender "
                           "is asked to try again."));
    }

 private:
    struct Waiting {
        std::vector<Hint> hints;
        Answer answer;
    };

    void run() {
        std::unique_lock lock(mutex_);
        while (true) {
            woken_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
            if (waiting_.empty()) return;
            std::deque<Waiting> batch;
            batch.swap(waiting_);
            lock.unlock();
            const Result<Done> written = write(batch);
            std::size_t hints = 0;
            for (const Waiting& one : batch)
                hints += one.hints.size();
            lock.lock();
            waiting_hints_ -= hints;
            lock.unlock();
            for (Waiting& one : batch)
                one.answer(written);
            batch.clear();
            lock.lock();
        }
    }

    Result<Done> write(const std::deque<Waiting>& batch) {
        Transaction transaction(*database_, Transaction::Kind::write);
        for (const Waiting& one : batch) {
            for (const Hint& hint : one.hints) {
                database_->execute(
                    "INSERT INTO hint (received_at, subscription, stream, lifecycle, object_id) "
                    "VALUES (?1, ?2, ?3, ?4, ?5)",
                    hint.received_at, hint.subscription, hint.stream, hint.lifecycle,
                    hint.object_id);
            }
        }
        return transaction.commit();
    }

    std::unique_ptr<Database> database_;  // used by the thread alone
    const std::string path_;
    const std::size_t limit_;
    std::mutex mutex_;
    std::condition_variable woken_;
    std::deque<Waiting> waiting_;
    std::size_t waiting_hints_ = 0;  // those being written included
    bool stopping_ = false;
    std::thread thread_;
};

SqliteInbox::SqliteInbox(std::unique_ptr<Worker> worker) : worker_(std::move(worker)) {}
SqliteInbox::~SqliteInbox() = default;

Result<std::unique_ptr<SqliteInbox>> SqliteInbox::open(const InboxOptions& options) {
    Result<std::unique_ptr<Database>> database = open_inbox(options);
    if (!database) return database.error();
    auto worker = std::make_unique<Worker>(std::move(*database), options);
    return std::unique_ptr<SqliteInbox>(new SqliteInbox(std::move(worker)));
}

Async<Result<Done>> SqliteInbox::append(std::vector<Hint> hints) {
    if (hints.empty()) co_return Done{};
    const auto initiate = [this](auto handler, std::vector<Hint> waiting) {
        const auto executor = asio::get_associated_executor(handler);
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        // The guard keeps the callers' loop alive until the answer has reached it.
        auto guard = asio::make_work_guard(executor);
        worker_->append(
            std::move(waiting), [shared = std::move(shared), executor,
                                 guard = std::move(guard)](Result<Done> result) mutable {
                asio::post(executor,
                           [shared = std::move(shared), result = std::move(result)]() mutable {
                               (*shared)(std::move(result));
                           });
                guard.reset();
            });
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Result<Done>)>(
        initiate, asio::use_awaitable, std::move(hints));
}

// --- the reading end ---

SqliteInboxReader::SqliteInboxReader(std::unique_ptr<Database> database)
    : database_(std::move(database)) {}
SqliteInboxReader::~SqliteInboxReader() = default;

Result<std::unique_ptr<SqliteInboxReader>> SqliteInboxReader::open(const InboxOptions& options) {
    Result<std::unique_ptr<Database>> database = open_inbox(options);
    if (!database) return database.error();
    return std::unique_ptr<SqliteInboxReader>(new SqliteInboxReader(std::move(*database)));
}

Result<std::vector<Hint>> SqliteInboxReader::read(std::int64_t after, std::size_t limit) {
    Transaction transaction(*database_, Transaction::Kind::read);
    std::vector<Hint> hints;
    Statement rows = database_->query(
        "SELECT id, received_at, subscription, stream, lifecycle, object_id FROM hint "
        "WHERE id > ?1 ORDER BY id LIMIT ?2",
        after, limit);
    while (rows.next()) {
        Hint hint;
        hint.id = rows.integer(0);
        hint.received_at = rows.instant(1);
        hint.subscription = SubscriptionId(rows.text(2));
        hint.stream = rows.as<Stream>(3);
        hint.lifecycle = rows.as<LifecycleEvent>(4);
        hint.object_id = rows.text(5);
        hints.push_back(std::move(hint));
    }
    return transaction.commit(std::move(hints));
}

Result<Done> SqliteInboxReader::forget(const std::vector<std::int64_t>& ids) {
    if (ids.empty()) return Done{};
    Transaction transaction(*database_, Transaction::Kind::write);
    for (const std::int64_t id : ids) {
        database_->execute("DELETE FROM hint WHERE id = ?1", id);
    }
    return transaction.commit();
}

}  // namespace writeback
