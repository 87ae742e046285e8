#include "store/database.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace writeback {

namespace {

// Waits in short steps: SQLite's own handler soon sleeps for 100 ms, and an answer to Graph would
// wait with it. A VFS that was passed in owns time as well.
int wait_a_little(void* options, int times) {
    const auto& given = *static_cast<const DatabaseOptions*>(options);
    if (times >= given.busy_limit.count()) return 0;
    if (sqlite3_vfs* vfs = given.vfs.empty() ? nullptr : sqlite3_vfs_find(given.vfs.c_str())) {
        vfs->xSleep(vfs, 1000);
    } else {
        const std::timespec pause{0, 1'000'000};
        nanosleep(&pause, nullptr);
    }
    return 1;
}

// Makes the file with rights for owner and group only, as the umask permits: it holds the
// subscriptions' secret. SQLite gives its own files the same rights.
Result<Done> create_file(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0660);
    if (file >= 0) {
        ::close(file);
        return Done{};
    }
    const int error = errno;
    return failure(FailureKind::store,
                   "The file " + path + " cannot be opened for writing (" + std::strerror(error) +
                       "). See that its directory exists and that this user may write there, or "
                       "set [store] path to another place.",
                   std::strerror(error));
}

}  // namespace

Failure store_failure(const std::string& path, int extended_code, const std::string& message) {
    std::string code = "SQLite " + std::to_string(extended_code) + " " + message;
    const auto told = [&](const std::string& sentence) {
        return failure(FailureKind::store, sentence, code);
    };
    switch (extended_code & 0xff) {
        case SQLITE_FULL:
            return told("There is no room left to write " + path +
                        ". Free space on its disk; nothing is lost, the work is tried again.");
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return told("The file " + path + " is damaged or no store of this program (" + message +
                        "). Stop the daemon and move it aside, with its -wal and -shm files: the "
                        "next start reads the cloud and the directory anew.");
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_CANTOPEN:
        case SQLITE_AUTH:
            return told("The file " + path + " cannot be opened or written (" + message +
                        "). See that it and its directory exist and that this user may read and "
                        "write both.");
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return told("The file " + path + " is being written by another process for too long (" +
                        message + "). End that process; the work is tried again.");
        case SQLITE_IOERR:
            return told("The disk failed while " + path + " was read or written (" + message +
                        "). Look at the kernel's log for this disk; the work is tried again.");
        case SQLITE_NOMEM:
            return told("Memory ran out while " + path + " was read or written.");
        default:
            return told("The file " + path + " refused a statement: " + message + ".");
    }
}

// --- Statement ---

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_),
      statement_(std::exchange(other.statement_, nullptr)),
      kept_as_(other.kept_as_) {}

Statement::~Statement() {
    if (statement_ != nullptr) database_->give_back(statement_, kept_as_);
}

bool Statement::next() {
    if (statement_ == nullptr || database_->failure()) return false;
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) database_->fail(code);
    return false;
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(statement_, column);
}

bool Statement::null(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::string Statement::text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    if (bytes == nullptr) {
        if (!null(column)) database_->fail(SQLITE_NOMEM);
        return {};
    }
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::optional<std::string> Statement::optional_text(int column) const {
    if (null(column)) return std::nullopt;
    return text(column);
}

std::optional<Instant> Statement::optional_instant(int column) const {
    if (null(column)) return std::nullopt;
    return instant(column);
}

void Statement::damaged(std::string_view what) const {
    database_->fail(store_failure(database_->path(), SQLITE_CORRUPT, std::string(what)));
}

void Statement::bind(int position, std::int64_t value) {
    if (statement_ == nullptr) return;
    const int code = sqlite3_bind_int64(statement_, position, value);
    if (code != SQLITE_OK) database_->fail(code);
}

void Statement::bind(int position, std::string_view value) {
    if (statement_ == nullptr) return;
    // A null pointer would bind NULL.
    const char* bytes = value.data() == nullptr ? "" : value.data();
    const int code = sqlite3_bind_text64(statement_, position, bytes, value.size(),
                                         SQLITE_TRANSIENT, SQLITE_UTF8);
    if (code != SQLITE_OK) database_->fail(code);
}

void Statement::bind_null(int position) {
    if (statement_ != nullptr) sqlite3_bind_null(statement_, position);
}

// --- Database ---

Result<std::unique_ptr<Database>> Database::open(const DatabaseOptions& options) {
    if (options.create && options.vfs.empty()) {
        Result<Done> created = create_file(options.path);
        if (!created) return created.error();
    }
    std::unique_ptr<Database> database(new Database(options));
    int flags = options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    if (options.create) flags |= SQLITE_OPEN_CREATE;
    const int code = sqlite3_open_v2(options.path.c_str(), &database->connection_,
                                     flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                                     options.vfs.empty() ? nullptr : options.vfs.c_str());
    if (code != SQLITE_OK) return store_failure(options.path, code, sqlite3_errstr(code));
    Result<Done> configured = database->configure();
    if (!configured) return configured.error();
    return database;
}

Result<Done> Database::configure() {
    sqlite3_busy_handler(connection_, wait_a_little, &options_);
    script("PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536;");
    if (!options_.read_only) {
        script("PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = 67108864;");
        script("PRAGMA wal_autocheckpoint = " + std::to_string(options_.checkpoint_pages));
        script(options_.throw_away ? "PRAGMA synchronous = OFF;" : "PRAGMA synchronous = FULL;");
    } else {
        script("PRAGMA query_only = ON; SELECT count(*) FROM sqlite_schema;");
    }
    if (failure_) return *failure_;
    return options_.read_only || options_.throw_away ? Done{} : make_log_durable();
}

// After an fsync that failed, Linux takes the pages for clean: the next process reads from memory
// what the disk never got, and no later fsync writes it. A commit that follows such a hole in the
// log would be lost with the power, so the bytes are written once more. The transaction keeps
// everyone else from writing to the log meanwhile.
Result<Done> Database::make_log_durable() {
    script("BEGIN IMMEDIATE");
    sqlite3_file* log = nullptr;
    if (!failure_) {
        sqlite3_file_control(connection_, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    }
    if (log != nullptr && log->pMethods != nullptr) {
        if (const int code = write_log_anew(*log); code != SQLITE_OK) {
            fail(store_failure(options_.path + "-wal", code, sqlite3_errstr(code)));
        }
    }
    const auto failed = failure_;
    roll_back();
    if (failed) return *failed;
    return Done{};
}

int Database::write_log_anew(sqlite3_file& log) const {
    // SQLite's own VFS takes a write's length modulo 128 KiB: no page of its own is as long.
    constexpr sqlite3_int64 piece = 1 << 16;
    const sqlite3_io_methods& file = *log.pMethods;
    sqlite3_int64 size = 0;
    if (const int code = file.xFileSize(&log, &size); code != SQLITE_OK) return code;
    std::vector<char> bytes(static_cast<std::size_t>(std::min(size, piece)));
    for (sqlite3_int64 at = 0; at < size; at += piece) {
        const int length = static_cast<int>(std::min(size - at, piece));
        int code = file.xRead(&log, bytes.data(), length, at);
        if (code == SQLITE_OK) code = file.xWrite(&log, bytes.data(), length, at);
        if (code != SQLITE_OK) return code;
    }
    return size == 0 ? SQLITE_OK : file.xSync(&log, SQLITE_SYNC_FULL);
}

Database::~Database() {
    for (auto& [text, kept] : kept_)
        sqlite3_finalize(kept.statement);
    sqlite3_close(connection_);
}

Statement Database::prepare(const char* sql) {
    if (failure_) return {*this, nullptr, nullptr};
    Kept& kept = kept_[sql];
    if (kept.statement != nullptr && !kept.lent) {
        kept.lent = true;
        return {*this, kept.statement, sql};
    }
    sqlite3_stmt* statement = nullptr;
    const int code =
        sqlite3_prepare_v3(connection_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) {
        fail(code);
        return {*this, nullptr, nullptr};
    }
    if (kept.lent) return {*this, statement, nullptr};
    kept = {statement, true};
    return {*this, statement, sql};
}

void Database::give_back(sqlite3_stmt* statement, const char* kept_as) {
    if (kept_as == nullptr) {
        sqlite3_finalize(statement);
        return;
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    kept_[kept_as].lent = false;
}

std::int64_t Database::run(Statement& statement) {
    while (statement.next()) {
    }
    return failure_ ? 0 : sqlite3_changes64(connection_);
}

void Database::script(const std::string& sql) {
    if (failure_) return;
    const int code = sqlite3_exec(connection_, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) fail(code);
}

Result<Done> Database::copy_to(const std::string& path) {
    forget_failure();
    // VACUUM INTO writes its copy through a connection of its own, which query_only would forbid.
    script("PRAGMA query_only = OFF");
    if (options_.vfs.empty()) {
        Result<Done> created = create_file(path);
        if (!created) return created;
    }
    execute("VACUUM INTO ?1", path);
    if (options_.read_only) script("PRAGMA query_only = ON");
    if (failure_) return *failure_;
    return Done{};
}

void Database::roll_back() {
    forget_failure();
    // Some failures, a full disk among them, have rolled back already.
    if (sqlite3_get_autocommit(connection_) == 0) execute("ROLLBACK");
    forget_failure();
}

std::int64_t Database::last_key() const {
    return sqlite3_last_insert_rowid(connection_);
}

void Database::fail(int code) {
    const int extended = sqlite3_extended_errcode(connection_);
    const std::string message = sqlite3_errmsg(connection_);
    fail(store_failure(options_.path, (extended & 0xff) == (code & 0xff) ? extended : code,
                       message));
}

void Database::fail(Failure failure) {
    if (!failure_) failure_ = std::move(failure);
}

std::int64_t Database::steps() const {
    std::int64_t sum = 0;
    for (const auto& [text, kept] : kept_) {
        sum += sqlite3_stmt_status(kept.statement, SQLITE_STMTSTATUS_VM_STEP, 0);
    }
    return sum;
}

// --- Transaction ---

Transaction::Transaction(Database& database, Kind kind, DurableStep step)
    : database_(database), step_(step) {
    database_.roll_back();
    if (kind == Kind::read) {
        database_.execute("BEGIN");
    } else {
        database_.execute("BEGIN IMMEDIATE");
    }
    open_ = !database_.failure();
}

Result<Done> Transaction::commit() {
    if (open_ && !database_.failure()) {
        crash_before(step_);
        database_.execute("COMMIT");
    }
    if (database_.failure()) return *database_.failure();
    crash_after(step_);
    open_ = false;
    return Done{};
}

Transaction::~Transaction() {
    if (!open_) return;
    database_.roll_back();
}

}  // namespace writeback
