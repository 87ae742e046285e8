#include "fakes/model_disk.hpp"

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <vector>

using namespace writeback::fakes;

namespace {

// A connection of SQLite's own, without anything of ours between.
class Connection {
 public:
    explicit Connection(const ModelDisk& disk, const std::string& file = "/a.db") {
        opened = sqlite3_open_v2(file.c_str(), &connection_,
                                 SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXRESCODE,
                                 disk.vfs().c_str());
    }
    ~Connection() { sqlite3_close(connection_); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    int run(const std::string& sql) {
        return sqlite3_exec(connection_, sql.c_str(), nullptr, nullptr, nullptr);
    }
    std::string ask(const std::string& sql) {
        std::string answer;
        const auto first = [](void* into, int, char** columns, char**) {
            if (columns[0] != nullptr) *static_cast<std::string*>(into) += columns[0];
            return 0;
        };
        const int code = sqlite3_exec(connection_, sql.c_str(), first, &answer, nullptr);
        return code == SQLITE_OK ? answer : "error " + std::to_string(code);
    }
    sqlite3* get() { return connection_; }
    int opened = 0;

 private:
    sqlite3* connection_ = nullptr;
};

const std::string log_mode = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;";
// With FULL the removal of the journal, which is the commit, would not be synced.
const std::string journal_mode = "PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA;";

void insert_and_crash(ModelDisk& disk, const std::string& mode, int rows) {
    Connection connection(disk);
    REQUIRE(connection.run(mode + "CREATE TABLE IF NOT EXISTS t (x)") == SQLITE_OK);
    for (int i = 0; i < rows; ++i)
        REQUIRE(connection.run("INSERT INTO t VALUES (randomblob(700))") == SQLITE_OK);
    REQUIRE(connection.run("BEGIN; INSERT INTO t VALUES (1)") == SQLITE_OK);
    disk.crash();
    CHECK(connection.run("COMMIT") != SQLITE_OK);
}

}  // namespace

TEST_CASE("what SQLite committed is there after a power cut, in both journal modes") {
    for (const std::string& mode : {log_mode, journal_mode}) {
        for (std::uint64_t seed = 1; seed <= 50; ++seed) {
            ModelDisk disk(seed);
            insert_and_crash(disk, mode, 5);
            insert_and_crash(disk, mode, 5);
            Connection connection(disk);
            CHECK(connection.ask("SELECT count(*) FROM t") == "10");
            CHECK(connection.ask("PRAGMA integrity_check") == "ok");
        }
    }
}

TEST_CASE(
    "what SQLite did not sync is lost, reordered or torn: the disk is not kinder than a real one") {
    std::set<std::string> ends;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        ModelDisk disk(seed);
        {
            Connection connection(disk);
            connection.run(journal_mode + "CREATE TABLE t (x); PRAGMA synchronous = OFF;");
            for (int i = 0; i < 20; ++i)
                connection.run("INSERT INTO t VALUES (randomblob(700))");
            disk.crash();
        }
        Connection connection(disk);
        const std::string rows = connection.ask("SELECT count(*) FROM t");
        ends.insert(connection.ask("PRAGMA integrity_check") == "ok" ? rows : "damaged");
    }
    CHECK(ends.contains("20"));
    CHECK(ends.contains("0"));
    CHECK(ends.contains("damaged"));
}

TEST_CASE("a killed process loses nothing that it wrote") {
    ModelDisk disk(1);
    Connection connection(disk);
    connection.run(journal_mode + "PRAGMA synchronous = OFF; CREATE TABLE t (x)");
    connection.run("INSERT INTO t VALUES (7)");
    disk.kill();
    CHECK(connection.run("INSERT INTO t VALUES (8)") != SQLITE_OK);
    CHECK(Connection(disk).ask("SELECT x FROM t") == "7");
}

TEST_CASE("a connection of before the power cut can be closed, and writes nothing") {
    for (const std::string& mode : {log_mode, journal_mode}) {
        ModelDisk disk(3);
        auto before = std::make_unique<Connection>(disk);
        before->run(mode + "CREATE TABLE t (x); INSERT INTO t VALUES (1)");
        before->run("BEGIN; INSERT INTO t VALUES (2)");
        disk.crash();
        Connection after(disk);
        CHECK(after.ask("SELECT x FROM t") == "1");
        after.run("INSERT INTO t VALUES (3)");
        const auto contents = disk.contents();
        before.reset();
        CHECK(disk.contents() == contents);
        CHECK(after.ask("SELECT group_concat(x) FROM t") == "1,3");
    }
}

TEST_CASE("connections in one process read beside a writer, and writers wait for each other") {
    ModelDisk disk(1);
    Connection first(disk);
    Connection second(disk);
    first.run(log_mode + "CREATE TABLE t (x)");
    CHECK(second.ask("PRAGMA journal_mode") == "wal");
    first.run("BEGIN IMMEDIATE; INSERT INTO t VALUES (1)");
    CHECK(second.ask("SELECT count(*) FROM t") == "0");
    CHECK((second.run("BEGIN IMMEDIATE") & 0xff) == SQLITE_BUSY);
    CHECK(first.run("COMMIT") == SQLITE_OK);
    CHECK(second.ask("SELECT count(*) FROM t") == "1");
    CHECK(second.run("INSERT INTO t VALUES (2)") == SQLITE_OK);
    CHECK(first.run("PRAGMA wal_checkpoint(TRUNCATE)") == SQLITE_OK);
    CHECK(disk.contents().at("/a.db-wal").empty());
}

TEST_CASE("SQLite's waiting takes no time") {
    ModelDisk disk(1);
    Connection first(disk);
    Connection second(disk);
    first.run("CREATE TABLE t (x); BEGIN EXCLUSIVE");
    sqlite3_busy_timeout(second.get(), 3'600'000);
    const auto begun = std::chrono::steady_clock::now();
    CHECK((second.run("SELECT * FROM t") & 0xff) == SQLITE_BUSY);
    // An hour of SQLite's patience; the bound only tells it from waiting.
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::minutes(5));
    CHECK(second.ask("SELECT date('now')") == "2026-01-01");
}

TEST_CASE("a full disk takes no more, and keeps what it has") {
    ModelDisk disk(1);
    Connection connection(disk);
    connection.run(log_mode + "CREATE TABLE t (x); INSERT INTO t VALUES (1)");
    disk.full(true);
    CHECK(connection.run("INSERT INTO t VALUES (randomblob(100000))") == SQLITE_FULL);
    CHECK(connection.ask("SELECT count(*) FROM t") == "1");
    CHECK(disk.failed() > 0);
    disk.full(false);
    CHECK(connection.run("INSERT INTO t VALUES (2)") == SQLITE_OK);
    disk.short_writes(true);
    CHECK(connection.run("INSERT INTO t VALUES (3)") == SQLITE_FULL);
    disk.mend();
    CHECK(connection.run("INSERT INTO t VALUES (4)") == SQLITE_OK);
    disk.crash();
    CHECK(Connection(disk).ask("SELECT group_concat(x) FROM t") == "1,2,4");
}

TEST_CASE("the n-th call of a kind fails, once or from then on") {
    ModelDisk disk(1);
    Connection connection(disk);
    connection.run(log_mode + "CREATE TABLE t (x)");
    const auto syncs = disk.calls(DiskCall::sync);
    CHECK(connection.run("INSERT INTO t VALUES (1)") == SQLITE_OK);
    CHECK(disk.calls(DiskCall::sync) == syncs + 1);
    disk.fail_in(2, DiskCall::sync);
    CHECK(connection.run("INSERT INTO t VALUES (2)") == SQLITE_OK);
    CHECK(connection.run("INSERT INTO t VALUES (3)") == SQLITE_IOERR_FSYNC);
    CHECK(connection.run("INSERT INTO t VALUES (4)") == SQLITE_OK);
    disk.fail_in(1, DiskCall::write, true);
    CHECK(connection.run("INSERT INTO t VALUES (5)") == SQLITE_IOERR_WRITE);
    CHECK(connection.run("INSERT INTO t VALUES (6)") == SQLITE_IOERR_WRITE);
    CHECK(disk.failed() == 3);
    disk.mend();
    CHECK(connection.run("INSERT INTO t VALUES (7)") == SQLITE_OK);
    disk.fail_in(1, DiskCall::open);
    CHECK(Connection(disk).run("SELECT * FROM t") != SQLITE_OK);
    disk.mend();
    disk.crash();
    CHECK(Connection(disk).ask("SELECT group_concat(x) FROM t") == "1,2,4,7");
}

TEST_CASE("one seed is one history, to the last byte") {
    const auto history = [](std::uint64_t seed) {
        ModelDisk disk(seed);
        insert_and_crash(disk, log_mode, 30);
        insert_and_crash(disk, log_mode, 30);
        return disk.contents();
    };
    CHECK(history(5) == history(5));
    CHECK(history(5) != history(6));
}

TEST_CASE("the state tells what a power cut would have to decide") {
    ModelDisk disk(1, {{"/b.db", ""}});
    Connection connection(disk);
    connection.run(log_mode + "CREATE TABLE t (x)");
    std::vector<std::size_t> unsynced;
    disk.observe([&](DiskCall, const std::string& file) {
        CHECK(file == "/a.db-wal");
        for (const DiskFile& one : disk.state()) {
            if (one.name == file) unsynced.push_back(one.unsynced.size());
        }
    });
    connection.run("INSERT INTO t VALUES (1)");
    disk.observe({});
    // A header and a page of one frame, then the sync.
    CHECK(unsynced == std::vector<std::size_t>{1, 2, 0});
    for (const DiskFile& file : disk.state()) {
        CHECK(file.name_stands);
        CHECK(file.name_synced);
    }
    disk.remove("/b.db");
    CHECK_FALSE(disk.contents().contains("/b.db"));
}
