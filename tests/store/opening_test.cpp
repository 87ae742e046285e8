#include "store/database.hpp"
#include "store/schema_version.hpp"
#include "store_fixture.hpp"

#include <fstream>
#include <sys/stat.h>

using namespace writeback;
using namespace writeback::test;

namespace {

Failure failure_of(const StoreOptions& options) {
    auto store = SqliteStore::open(options);
    if (store) FAIL("the store was opened");
    return store.error();
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::unique_ptr<Database> plain_database(const std::string& path) {
    DatabaseOptions options;
    options.path = path;
    options.create = true;
    return value(Database::open(options));
}

}  // namespace

TEST_CASE_FIXTURE(StoreFixture, "a second owner is refused and told who holds the store") {
    const Failure failure = failure_of({path, StoreAccess::owner, "", std::chrono::seconds(1)});
    CHECK(failure.kind == FailureKind::store);
    CHECK(has(failure.detail, path));
    CHECK(has(failure.detail, "process " + std::to_string(::getpid())));
    store.reset();
    store = open();
}

TEST_CASE_FIXTURE(StoreFixture, "commands open the store beside its owner, and the owner notices") {
    auto command = open(StoreAccess::shared);
    auto status = open(StoreAccess::read_only);
    CHECK_FALSE(value(store->changed_by_others()));
    done(command->add_request("resync", group(1).text()));
    CHECK(value(store->changed_by_others()));
    CHECK_FALSE(value(store->changed_by_others()));
    const auto requests = value(store->requests());
    REQUIRE(requests.size() == 1);
    CHECK(requests[0].kind == "resync");
    CHECK(requests[0].subject == group(1).text());
    done(store->drop_request(requests[0].id));
    CHECK_FALSE(value(store->changed_by_others()));
    CHECK(value(status->requests()).empty());
}

TEST_CASE_FIXTURE(StoreFixture,
                  "a read-only store reads what the owner writes, and writes nothing") {
    auto status = open(StoreAccess::read_only);
    written(1, 1, 3);
    CHECK(value(status->counts()).managed == 1);
    const auto refused = status->set_fact("a", "b");
    REQUIRE(refused.has_error());
    CHECK(refused.error().kind == FailureKind::store);
    CHECK_FALSE(value(store->fact("a")));
}

TEST_CASE_FIXTURE(StoreFixture, "a command that finds no store says so") {
    const std::string nowhere = directory.file("nowhere.db");
    for (const StoreAccess access : {StoreAccess::shared, StoreAccess::read_only}) {
        const Failure failure = failure_of({nowhere, access, "", std::chrono::seconds(1)});
        CHECK(has(failure.detail, nowhere));
    }
    CHECK_FALSE(std::filesystem::exists(nowhere));
}

TEST_CASE_FIXTURE(StoreFixture, "a store of a newer version is refused, and left as it was") {
    store.reset();
    plain_database(path)->script("PRAGMA user_version = 99");
    const Failure failure = failure_of({path, StoreAccess::owner, "", std::chrono::seconds(1)});
    CHECK(has(failure.detail, "version 99"));
    CHECK(has(failure.detail, path));
    const Failure beside = failure_of({path, StoreAccess::read_only, "", std::chrono::seconds(1)});
    CHECK(has(beside.detail, "version 99"));
}

TEST_CASE_FIXTURE(StoreFixture, "missing versions are stepped through in order, all or none") {
    const std::string file = directory.file("migrated.db");
    const std::vector<std::string> one{"CREATE TABLE a (x)"};
    const std::vector<std::string> broken{one[0], "CREATE TABLE b (x)", "CREATE TABLE b (x)"};
    const std::vector<std::string> three{one[0], "INSERT INTO a VALUES (1)",
                                         "UPDATE a SET x = x + 1"};
    auto database = plain_database(file);
    done(migrate(*database, one));
    CHECK(migrate(*database, broken).has_error());
    done(require_version(*database, one));
    CHECK(require_version(*database, three).has_error());
    done(migrate(*database, three));
    done(migrate(*database, three));
    Transaction transaction(*database, Transaction::Kind::read);
    Statement row = database->query("SELECT x FROM a");
    REQUIRE(row.next());
    CHECK(row.integer(0) == 2);
    CHECK_FALSE(row.next());
}

TEST_CASE_FIXTURE(StoreFixture, "a database of something else is not taken for a store") {
    const std::string other = directory.file("other.db");
    plain_database(other)->script("CREATE TABLE photos (x)");
    const Failure failure = failure_of({other, StoreAccess::owner, "", std::chrono::seconds(1)});
    CHECK(has(failure.detail, "something else"));
}

TEST_CASE_FIXTURE(StoreFixture, "a damaged file is named, with what to do") {
    const std::string damaged = directory.file("damaged.db");
    std::ofstream(damaged) << std::string(8192, 'x');
    const Failure failure = failure_of({damaged, StoreAccess::owner, "", std::chrono::seconds(1)});
    CHECK(failure.kind == FailureKind::store);
    CHECK(has(failure.detail, damaged));
    CHECK(has(failure.detail, "move it aside"));
}

TEST_CASE("a path that cannot be written is named, with what to do") {
    for (const std::string path : {"/nowhere/at/all/state.db", "/proc/state.db"}) {
        const Failure failure = failure_of({path, StoreAccess::owner, "", std::chrono::seconds(1)});
        CHECK(failure.kind == FailureKind::store);
        CHECK(has(failure.detail, path));
        CHECK(has(failure.detail, "[store] path"));
    }
}

TEST_CASE_FIXTURE(StoreFixture, "a full disk fails the transaction whole, and says what to do") {
    const std::string file = directory.file("small.db");
    auto database = plain_database(file);
    database->script("CREATE TABLE a (x); PRAGMA max_page_count = 4;");
    REQUIRE_FALSE(database->failure());
    {
        Transaction transaction(*database, Transaction::Kind::write);
        for (int i = 0; i < 20; ++i) {
            database->execute("INSERT INTO a VALUES (?1)", std::string(4000, 'x'));
        }
        const Result<Done> committed = transaction.commit();
        REQUIRE(committed.has_error());
        CHECK(has(committed.error().detail, "Free space"));
        CHECK(has(committed.error().detail, file));
    }
    Transaction transaction(*database, Transaction::Kind::read);
    Statement row = database->query("SELECT count(*) FROM a");
    REQUIRE(row.next());
    CHECK(row.integer(0) == 0);
}

TEST_CASE_FIXTURE(StoreFixture,
                  "the store remembers its tenant and refuses another (hard case 9)") {
    done(store->bind("tenant_id", "tenant-a"));
    done(store->bind("tenant_id", "tenant-a"));
    reopen();
    const auto refused = store->bind("tenant_id", "tenant-b");
    REQUIRE(refused.has_error());
    CHECK(refused.error().kind == FailureKind::store);
    CHECK(has(refused.error().detail, "tenant id tenant-a"));
    CHECK(has(refused.error().detail, "tenant-b"));
    CHECK(has(refused.error().detail, path));
    CHECK(value(store->fact("tenant_id")) == "tenant-a");
}

TEST_CASE_FIXTURE(StoreFixture, "facts are remembered, replaced and removed") {
    CHECK_FALSE(value(store->fact("client_state")));
    done(store->set_fact("client_state", "one"));
    done(store->set_fact("client_state", "two"));
    reopen();
    CHECK(value(store->fact("client_state")) == "two");
    done(store->set_fact("client_state", ""));
    CHECK_FALSE(value(store->fact("client_state")));
}

TEST_CASE_FIXTURE(StoreFixture, "subscriptions are saved, replaced and removed") {
    StoredSubscription stored;
    stored.subscription = {SubscriptionId("s1"), "groups", "https://hooks.example", at(100)};
    done(store->save_subscription(stored));
    stored.subscription.expires = at(200);
    done(store->save_subscription(stored));
    stored.subscription.id = SubscriptionId("s2");
    stored.stream = Stream::users;
    done(store->save_subscription(stored));
    reopen();
    auto subscriptions = value(store->subscriptions());
    REQUIRE(subscriptions.size() == 2);
    CHECK(subscriptions[0].subscription.expires == at(200));
    CHECK(subscriptions[1].stream == Stream::users);
    done(store->remove_subscription(SubscriptionId("s1")));
    CHECK(value(store->subscriptions()).size() == 1);
}

TEST_CASE_FIXTURE(StoreFixture,
                  "a copy has everything, and what is done to it leaves the store alone") {
    written(1, 1, 3);
    const std::string copied = directory.file("copy.db");
    {
        auto reader = open(StoreAccess::read_only);
        auto copy = value(reader->copy_to(copied));
        CHECK(value(copy->counts()).members_written == 3);
        done(copy->mark({mark_of_group(1)}, at(3)));
        CHECK(value(copy->counts()).dirty == 1);
    }
    CHECK(value(store->counts()).dirty == 0);
    const auto again = store->copy_to(copied);
    REQUIRE(again.has_error());
    CHECK(again.error().kind == FailureKind::store);
    CHECK(value(value(store->copy_to(directory.file("copy2.db")))->counts()).managed == 1);
}

TEST_CASE_FIXTURE(StoreFixture, "nobody but owner and group can read the store") {
    written(1, 1, 3);
    for (const char* suffix : {"", "-wal", "-lock"}) {
        struct stat status {};
        REQUIRE(::stat((path + suffix).c_str(), &status) == 0);
        CHECK((status.st_mode & 0007) == 0);
    }
}

TEST_CASE_FIXTURE(StoreFixture, "a failure sticks to its transaction and to no other") {
    auto database = plain_database(directory.file("sticky.db"));
    database->script("CREATE TABLE a (x UNIQUE)");
    {
        Transaction transaction(*database, Transaction::Kind::write);
        database->execute("INSERT INTO a VALUES (1)");
        database->execute("INSERT INTO a VALUES (1)");
        database->execute("INSERT INTO a VALUES (2)");
        CHECK(transaction.commit().has_error());
    }
    Transaction transaction(*database, Transaction::Kind::write);
    database->execute("INSERT INTO a VALUES (3)");
    done(transaction.commit());
    Statement row = database->query("SELECT count(*), max(x) FROM a");
    REQUIRE(row.next());
    CHECK(row.integer(0) == 1);
    CHECK(row.integer(1) == 3);
}

TEST_CASE_FIXTURE(StoreFixture,
                  "statements that run within one another do not disturb each other") {
    auto database = plain_database(directory.file("nested.db"));
    database->script("CREATE TABLE a (x); INSERT INTO a VALUES (1), (2), (3)");
    int pairs = 0;
    const auto rows = [&] { return database->query("SELECT x FROM a"); };
    Statement outer = rows();
    while (outer.next()) {
        Statement inner = rows();
        while (inner.next())
            ++pairs;
    }
    CHECK(pairs == 9);
}
