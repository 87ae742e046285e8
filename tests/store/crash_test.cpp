// The store is killed while it writes, or its files are copied as a power cut would leave them.
// What one transaction holds is there whole or not at all.
#include "store_fixture.hpp"

#include <filesystem>
#include <signal.h>
#include <sys/wait.h>

using namespace writeback;
using namespace writeback::test;

namespace {

// Page number n: a group with three members, its mark, and the link of the next page.
MirrorChanges page(int number) {
    MirrorChanges changes;
    changes.groups = {cloud_group(number)};
    for (int i = 0; i < 3; ++i)
        changes.members.push_back(joins(number, user(number * 3 + i)));
    changes.marks = {mark_of_group(number, Cause::resync, true)};
    return changes;
}

StreamPosition after_page(int number) {
    StreamPosition position;
    position.phase = StreamPhase::crawling;
    position.link = std::to_string(number);
    position.generation = 1;
    return position;
}

// Every page up to the stored link is there whole, and nothing of any later one.
int check_whole(SqliteStore& store) {
    const StreamPosition position = value(store.position(Stream::groups));
    const int last = position.link.empty() ? 0 : std::stoi(position.link);
    CHECK(value(store.groups_after({}, 100000)).size() == static_cast<std::size_t>(last));
    for (int number = 1; number <= last; ++number) {
        const GroupWork work = value(store.work(group(number)));
        CHECK(work.number != 0);
        CHECK(work.unknown_count == 3);
    }
    CHECK(value(store.counts()).dirty == last);
    return last;
}

[[noreturn]] void crawl_for_ever(const std::string& path, int pipe) {
    auto store = SqliteStore::open({path, StoreAccess::owner, "", std::chrono::seconds(10)});
    if (!store) ::_exit(1);
    const int begun = std::stoi("0" + (*store)->position(Stream::groups)->link);
    for (int number = begun + 1;; ++number) {
        if (!(*store)->commit_groups(page(number), after_page(number), at(number))) ::_exit(1);
        const char yes = 'y';
        if (::write(pipe, &yes, 1) != 1) ::_exit(1);
    }
}

}  // namespace

TEST_CASE("a crawl that is killed again and again goes on at its stored link (law 3)") {
    const TemporaryDirectory directory;
    const std::string path = directory.file("state.db");
    int committed = 0;
    for (int round = 0; round < 8; ++round) {
        int pipe[2];
        REQUIRE(::pipe(pipe) == 0);
        const pid_t child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) crawl_for_ever(path, pipe[1]);
        ::close(pipe[1]);
        char byte = 0;
        for (int i = 0; i < 5 + round * 3 && ::read(pipe[0], &byte, 1) == 1; ++i)
            ++committed;
        ::kill(child, SIGKILL);
        while (::read(pipe[0], &byte, 1) == 1)
            ++committed;
        ::close(pipe[0]);
        ::waitpid(child, nullptr, 0);
        auto store =
            value(SqliteStore::open({path, StoreAccess::owner, "", std::chrono::seconds(10)}));
        const int last = check_whole(*store);
        CHECK(last >= committed);
        CHECK(last <= committed + 1);
        committed = last;
    }
}

TEST_CASE("files that were copied between two commits are a store of the first of them") {
    const TemporaryDirectory directory;
    const std::string path = directory.file("state.db");
    auto store = value(SqliteStore::open({path, StoreAccess::owner, "", std::chrono::seconds(10)}));
    for (int number = 1; number <= 30; ++number) {
        done(store->commit_groups(page(number), after_page(number), at(number)));
        const std::string copy = directory.file("copy" + std::to_string(number));
        std::filesystem::copy_file(path, copy);
        std::filesystem::copy_file(path + "-wal", copy + "-wal");
        if (number % 7 == 0) {
            // A write that was torn off half-way: the log's last bytes are missing.
            std::filesystem::resize_file(copy + "-wal",
                                         std::filesystem::file_size(copy + "-wal") - 1000);
        }
        auto revived =
            value(SqliteStore::open({copy, StoreAccess::owner, "", std::chrono::seconds(10)}));
        const int last = check_whole(*revived);
        CHECK(last == (number % 7 == 0 ? number - 1 : number));
    }
}

TEST_CASE("a log that was lost leaves an older store, and it is whole") {
    const TemporaryDirectory directory;
    const std::string path = directory.file("state.db");
    {
        auto store =
            value(SqliteStore::open({path, StoreAccess::owner, "", std::chrono::seconds(10)}));
        for (int number = 1; number <= 5; ++number) {
            done(store->commit_groups(page(number), after_page(number), at(number)));
        }
    }
    auto store = value(SqliteStore::open({path, StoreAccess::owner, "", std::chrono::seconds(10)}));
    done(store->commit_groups(page(6), after_page(6), at(6)));
    const std::string copy = directory.file("copy");
    std::filesystem::copy_file(path, copy);
    auto revived =
        value(SqliteStore::open({copy, StoreAccess::owner, "", std::chrono::seconds(10)}));
    CHECK(check_whole(*revived) == 5);
}
