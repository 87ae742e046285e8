#include "store/database.hpp"
#include "store/sqlite_inbox.hpp"
#include "store_fixture.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <sys/wait.h>
#include <thread>

using namespace writeback;
using namespace writeback::test;

namespace asio = boost::asio;

namespace {

Hint hint(int number) {
    Hint hint;
    hint.received_at = at(number);
    hint.subscription = SubscriptionId("subscription");
    hint.stream = number % 2 == 0 ? Stream::groups : Stream::users;
    hint.lifecycle = LifecycleEvent::none;
    hint.object_id = group(number).text();
    return hint;
}

struct InboxFixture {
    TemporaryDirectory directory;
    InboxOptions options{directory.file("state.db-inbox"), "", 4096, std::chrono::seconds(10)};
    std::unique_ptr<SqliteInbox> inbox = value(SqliteInbox::open(options));
    std::unique_ptr<InboxFile> reader = value(InboxFile::open(options));

    // Appends each batch from a coroutine of its own, all at once.
    std::vector<Result<Done>> append(std::vector<std::vector<Hint>> batches) {
        asio::io_context context;
        std::vector<Result<Done>> results(
            batches.size(), Result<Done>(failure(FailureKind::internal, "unanswered")));
        for (std::size_t i = 0; i < batches.size(); ++i) {
            asio::co_spawn(context, one(batches[i], results[i]), asio::detached);
        }
        context.run();
        return results;
    }
    Async<void> one(std::vector<Hint> hints, Result<Done>& result) {
        const auto thread = std::this_thread::get_id();
        result = co_await inbox->append(std::move(hints));
        CHECK(std::this_thread::get_id() == thread);
    }
};

}  // namespace

TEST_CASE_FIXTURE(InboxFixture, "an appended hint is read back as it was, in order, with an id") {
    Hint lifecycle = hint(3);
    lifecycle.lifecycle = LifecycleEvent::missed;
    lifecycle.object_id.clear();
    done(append({{hint(1), hint(2), lifecycle}})[0]);
    const auto hints = value(reader->read(0, 10));
    REQUIRE(hints.size() == 3);
    CHECK(hints[0].received_at == at(1));
    CHECK(hints[0].stream == Stream::users);
    CHECK(hints[1].object_id == group(2).text());
    CHECK(hints[1].subscription == SubscriptionId("subscription"));
    CHECK(hints[2].lifecycle == LifecycleEvent::missed);
    CHECK(hints[0].id < hints[1].id);
    CHECK(value(reader->read(hints[0].id, 1)).at(0).id == hints[1].id);
    CHECK(value(reader->read(hints[2].id, 10)).empty());
}

TEST_CASE_FIXTURE(InboxFixture, "ids are never given twice") {
    done(append({{hint(1)}})[0]);
    const auto first = value(reader->read(0, 10)).at(0).id;
    done(reader->forget({first}));
    CHECK(value(reader->read(0, 10)).empty());
    done(append({{hint(2)}})[0]);
    CHECK(value(reader->read(0, 10)).at(0).id > first);
    done(reader->forget({}));
}

TEST_CASE_FIXTURE(InboxFixture, "many that wait are all answered and all kept") {
    std::vector<std::vector<Hint>> batches;
    for (int i = 0; i < 500; ++i)
        batches.push_back({hint(i), hint(i)});
    for (const auto& result : append(batches))
        done(result);
    CHECK(value(reader->read(0, 2000)).size() == 1000);
}

TEST_CASE_FIXTURE(InboxFixture, "an empty append needs no disk") {
    done(append({{}})[0]);
}

TEST_CASE_FIXTURE(InboxFixture, "a full queue refuses at once, and keeps what it took") {
    inbox.reset();
    options.queue = 10;
    inbox = value(SqliteInbox::open(options));
    // Another connection writes, so that nothing leaves the queue.
    DatabaseOptions file;
    file.path = options.path;
    auto other = value(Database::open(file));
    auto blocking = std::make_unique<Transaction>(*other, Transaction::Kind::write);
    asio::io_context context;
    std::vector<Result<Done>> results(3,
                                      Result<Done>(failure(FailureKind::internal, "unanswered")));
    std::vector<Hint> six(6, hint(1));
    asio::co_spawn(context, one(six, results[0]), asio::detached);
    asio::co_spawn(context, one(six, results[1]), asio::detached);
    asio::co_spawn(context, one({hint(1), hint(2), hint(3), hint(4)}, results[2]), asio::detached);
    while (results[1].has_error() && results[1].error().kind == FailureKind::internal) {
        context.run_one();
    }
    REQUIRE(results[1].has_error());
    CHECK(results[1].error().kind == FailureKind::store);
    CHECK(results[1].error().detail.find("inbox_queue") != std::string::npos);
    blocking.reset();
    context.run();
    done(results[0]);
    done(results[2]);
    CHECK(value(reader->read(0, 100)).size() == 10);
}

TEST_CASE_FIXTURE(InboxFixture, "what cannot be written is refused, and later appends go on") {
    inbox.reset();
    options.busy_limit = std::chrono::milliseconds(20);
    inbox = value(SqliteInbox::open(options));
    DatabaseOptions file;
    file.path = options.path;
    auto other = value(Database::open(file));
    {
        Transaction blocking(*other, Transaction::Kind::write);
        for (const auto& result : append({{hint(1)}, {hint(2)}})) {
            REQUIRE(result.has_error());
            CHECK(result.error().kind == FailureKind::store);
            CHECK(result.error().detail.find(options.path) != std::string::npos);
        }
    }
    done(append({{hint(3)}})[0]);
    CHECK(value(reader->read(0, 100)).size() == 1);
}

TEST_CASE_FIXTURE(InboxFixture, "ending the inbox writes and answers what waits") {
    asio::io_context context;
    Result<Done> result = failure(FailureKind::internal, "unanswered");
    asio::co_spawn(context, one({hint(1)}, result), asio::detached);
    context.poll_one();
    inbox.reset();
    context.run();
    done(result);
    CHECK(value(reader->read(0, 100)).size() == 1);
}

TEST_CASE("a hint that was answered is there after kill -9 (law 2)") {
    const TemporaryDirectory directory;
    const InboxOptions options{directory.file("inbox"), "", 4096, std::chrono::seconds(10)};
    int answered[2];
    REQUIRE(::pipe(answered) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        auto inbox = SqliteInbox::open(options);
        asio::io_context context;
        const auto append_for_ever = [&]() -> Async<void> {
            for (int i = 0; inbox; ++i) {
                std::vector<Hint> hints(1, hint(i));
                const Result<Done> result = co_await (*inbox)->append(std::move(hints));
                const char yes = 'y';
                if (result && ::write(answered[1], &yes, 1) != 1) co_return;
            }
        };
        asio::co_spawn(context, append_for_ever(), asio::detached);
        context.run();
        ::_exit(1);
    }
    ::close(answered[1]);
    std::size_t yes = 0;
    char byte = 0;
    while (yes < 50 && ::read(answered[0], &byte, 1) == 1)
        ++yes;
    ::kill(child, SIGKILL);
    while (::read(answered[0], &byte, 1) == 1)
        ++yes;
    ::close(answered[0]);
    ::waitpid(child, nullptr, 0);
    REQUIRE(yes >= 50);
    auto reader = value(InboxFile::open(options));
    CHECK(value(reader->read(0, 100000)).size() >= yes);
}
