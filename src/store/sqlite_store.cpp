#include "store/sqlite_store.hpp"

#include "store/dirty_marks.hpp"
#include "store/records.hpp"
#include "store/resolution.hpp"
#include "store/schema_version.hpp"

#include <algorithm>

namespace writeback {

using Kind = Transaction::Kind;

namespace {

Result<StoreLock> lock_of(const std::string& path, const std::string& vfs) {
    if (!vfs.empty()) return StoreLock{};
    return StoreLock::acquire(path);
}

}  // namespace

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const StoreOptions& options) {
    const bool owner = options.access == StoreAccess::owner;
    StoreLock lock;
    if (owner) {
        Result<StoreLock> acquired = lock_of(options.path, options.vfs);
        if (!acquired) return acquired.error();
        lock = std::move(*acquired);
    }
    DatabaseOptions file;
    file.path = options.path;
    file.vfs = options.vfs;
    file.create = owner;
    file.read_only = options.access == StoreAccess::read_only;
    file.busy_limit = options.busy_limit;
    file.checkpoint_pages = 4096;
    Result<std::unique_ptr<Database>> database = Database::open(file);
    if (!database) return database.error();
    Result<Done> ready = owner ? migrate(**database, store_schema(), DurableStep::store_schema)
                               : require_version(**database, store_schema());
    if (!ready) return ready.error();
    std::unique_ptr<SqliteStore> store(new SqliteStore(std::move(*database), std::move(lock)));
    Result<bool> noted = store->changed_by_others();
    if (!noted) return noted.error();
    return store;
}

SqliteStore::SqliteStore(std::unique_ptr<Database> database, StoreLock lock)
    : lock_(std::move(lock)), database_(std::move(database)) {}

SqliteStore::~SqliteStore() = default;

Result<std::unique_ptr<SqliteStore>> SqliteStore::copy_to(const std::string& path) {
    Result<Done> copied = database_->copy_to(path);
    if (!copied) return copied.error();
    Result<StoreLock> lock = lock_of(path, database_->vfs());
    if (!lock) return lock.error();
    DatabaseOptions file;
    file.path = path;
    file.vfs = database_->vfs();
    file.throw_away = true;
    Result<std::unique_ptr<Database>> copy = Database::open(file);
    if (!copy) return copy.error();
    Result<Done> migrated = migrate(**copy, store_schema(), DurableStep::store_schema);
    if (!migrated) return migrated.error();
    return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(*copy), std::move(*lock)));
}

std::int64_t SqliteStore::steps() const {
    return database_->steps();
}

// --- who we are ---

Result<Done> SqliteStore::bind(std::string name, std::string value) {
    Transaction transaction(*database_, Kind::write, DurableStep::fact_bound);
    std::optional<std::string> remembered;
    {
        Statement row = database_->query("SELECT value FROM fact WHERE name = ?1", name);
        if (row.next()) remembered = row.text(0);
    }
    if (remembered && *remembered != value) {
        std::replace(name.begin(), name.end(), '_', ' ');
        return failure(FailureKind::store, "The store " + database_->path() + " belongs to " +
                                               name + " " + *remembered + ", not to " + value +
                                               ". Correct the configuration, or name another "
                                               "store with [store] path.");
    }
    if (remembered) return transaction.commit();
    database_->execute("INSERT INTO fact (name, value) VALUES (?1, ?2)", name, value);
    if (name == "domain_sid") {
        // Synced groups that were shown before the domain was known.
        std::vector<ObjectKey> groups;
        Statement rows = database_->query("SELECT object FROM mirror_group WHERE synced = 1");
        while (rows.next())
            groups.push_back(rows.as<ObjectKey>(0));
        DirtyMarks marks(*database_, Instant{});
        Resolution resolution(*database_, marks);
        for (const ObjectKey group : groups)
            resolution.refresh_group(group, Cause::nesting);
        marks.flush();
    }
    return transaction.commit();
}

Result<std::optional<std::string>> SqliteStore::fact(std::string name) {
    Transaction transaction(*database_, Kind::read);
    std::optional<std::string> value;
    Statement row = database_->query("SELECT value FROM fact WHERE name = ?1", name);
    if (row.next()) value = row.text(0);
    return transaction.commit(value);
}

Result<Done> SqliteStore::set_fact(std::string name, std::string value) {
    Transaction transaction(*database_, Kind::write, DurableStep::fact);
    if (value.empty()) {
        database_->execute("DELETE FROM fact WHERE name = ?1", name);
        return transaction.commit();
    }
    database_->execute(
        "INSERT INTO fact (name, value) VALUES (?1, ?2) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        name, value);
    return transaction.commit();
}

}  // namespace writeback
