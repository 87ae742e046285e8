#include "store/sqlite_inbox.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <iterator>
#include <mutex>
#include <thread>

namespace writeback {

namespace asio = boost::asio;

// The thread that writes, and the queue before it.
class SqliteInbox::Worker {
 public:
    using Answer = std::function<void(Result<Done>)>;

    Worker(std::unique_ptr<InboxFile> file, const InboxOptions& options)
        : file_(std::move(file)), path_(options.path), limit_(options.queue) {
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
            std::vector<Waiting> batch;
            batch.swap(waiting_);
            lock.unlock();
            std::vector<Hint> hints;
            for (Waiting& one : batch)
                std::move(one.hints.begin(), one.hints.end(), std::back_inserter(hints));
            const Result<Done> written = file_->write(hints);
            lock.lock();
            waiting_hints_ -= hints.size();
            lock.unlock();
            for (Waiting& one : batch)
                one.answer(written);
            batch.clear();
            lock.lock();
        }
    }

    const std::unique_ptr<InboxFile> file_;  // used by the thread alone
    const std::string path_;
    const std::size_t limit_;
    std::mutex mutex_;
    std::condition_variable woken_;
    std::vector<Waiting> waiting_;
    std::size_t waiting_hints_ = 0;  // those being written included
    bool stopping_ = false;
    std::thread thread_;
};

SqliteInbox::SqliteInbox(std::unique_ptr<Worker> worker) : worker_(std::move(worker)) {}
SqliteInbox::~SqliteInbox() = default;

Result<std::unique_ptr<SqliteInbox>> SqliteInbox::open(const InboxOptions& options) {
    Result<std::unique_ptr<InboxFile>> file = InboxFile::open(options);
    if (!file) return file.error();
    auto worker = std::make_unique<Worker>(std::move(*file), options);
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

}  // namespace writeback
