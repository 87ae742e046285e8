// One connection to a SQLite file: opening with the settings that law 2 needs, prepared statements
// that are kept, transactions, and failures as sentences.
//
// Failures: the first failure within a transaction sticks. Until the transaction ends, every
// statement after it does nothing and shows no row; committing rolls back and gives the failure. So
// the code between the two reads as the story it is, and none of its conclusions outlives it.
// What a process finds in the write-ahead log is on the disk before anything is built on it:
// opening for writing writes the log anew and syncs it.
// Limits: the time to wait for another connection's write, in the options; the write-ahead log is
// cut back to 64 MiB. Ownership: a Statement must not outlive its Database. Threads: one at a time.
#pragma once

#include "store/enumerations.hpp"

#include <writeback/clock.hpp>
#include <writeback/crash_point.hpp>
#include <writeback/result.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

struct sqlite3;
struct sqlite3_file;
struct sqlite3_stmt;

namespace writeback {

// A statement's text, known when the program is built: its address is the key of the kept
// statement.
struct Sql {
    consteval Sql(const char* statement) : text(statement) {}  // NOLINT: meant to be implicit
    const char* text;
};

class Database;

// A statement with its parameters bound; goes back to the Database when destroyed.
class Statement {
 public:
    Statement(Statement&& other) noexcept;
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    Statement& operator=(Statement&&) = delete;
    ~Statement();

    // Goes to the next row; false when there is none, or after a failure.
    [[nodiscard]] bool next();

    // Columns of the current row, from 0.
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] bool flag(int column) const { return integer(column) != 0; }
    [[nodiscard]] bool null(int column) const;
    [[nodiscard]] std::string text(int column) const;
    [[nodiscard]] std::optional<std::string> optional_text(int column) const;
    [[nodiscard]] Instant instant(int column) const { return Instant(Duration(integer(column))); }
    [[nodiscard]] std::optional<Instant> optional_instant(int column) const;
    // A number that is no value of the enumeration is damage.
    template <class T>
    [[nodiscard]] T as(int column) const {
        const std::int64_t number = integer(column);
        if constexpr (std::is_enum_v<T>) {
            if (!has_value<T>(number)) {
                damaged("a number stands for nothing");
                return T{};
            }
        }
        return static_cast<T>(number);
    }

    // What the current row holds was never written by this program: a failure, as any other.
    void damaged(std::string_view what) const;

 private:
    friend class Database;
    Statement(Database& database, sqlite3_stmt* statement, const char* kept_as)
        : database_(&database), statement_(statement), kept_as_(kept_as) {}

    void bind(int position, std::int64_t value);
    void bind(int position, std::string_view value);
    void bind_null(int position);
    template <class T>
    void bind_any(int position, const T& value);

    Database* database_;
    sqlite3_stmt* statement_;  // null after a failure
    const char* kept_as_;      // null: not kept
};

struct DatabaseOptions {
    std::string path;
    std::string vfs;  // empty: SQLite's own
    bool create = false;
    bool read_only = false;
    bool throw_away = false;  // no fsync: the file is not meant to outlive the process
    Duration busy_limit = std::chrono::seconds(30);
    // Pages of 4 KiB in the write-ahead log before a commit moves them into the file. More is
    // cheaper where large transactions write the same pages again, and a longer pause now and then.
    int checkpoint_pages = 1000;
};

class Database {
 public:
    static Result<std::unique_ptr<Database>> open(const DatabaseOptions& options);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    // A query; its rows are read by next().
    template <class... Values>
    [[nodiscard]] Statement query(Sql sql, const Values&... values) {
        Statement statement = prepare(sql.text);
        int position = 0;
        (statement.bind_any(++position, values), ...);
        return statement;
    }
    // A statement without rows; gives how many rows it changed.
    template <class... Values>
    std::int64_t execute(Sql sql, const Values&... values) {
        Statement statement = query(sql, values...);
        return run(statement);
    }
    // Several statements without parameters: a schema, a pragma. Nothing is kept.
    void script(const std::string& sql);

    // A compact copy of one snapshot, in a new file of the same VFS with this file's rights.
    [[nodiscard]] Result<Done> copy_to(const std::string& path);

    [[nodiscard]] std::int64_t last_key() const;
    // Ends a transaction without its changes, if one is open: also one whose end failed for want of
    // memory. Forgets the failure that sticks.
    void roll_back();
    // Begins counting anew what sticks; a Transaction does this.
    void forget_failure() { failure_.reset(); }
    [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }
    void fail(Failure failure);
    [[nodiscard]] const std::string& path() const { return options_.path; }
    [[nodiscard]] const std::string& vfs() const { return options_.vfs; }

    // Instructions that SQLite's machine has run for the kept statements: a measure of cost that
    // does not depend on the machine.
    [[nodiscard]] std::int64_t steps() const;

 private:
    friend class Statement;
    explicit Database(DatabaseOptions options) : options_(std::move(options)) {}
    [[nodiscard]] Result<Done> configure();
    [[nodiscard]] Result<Done> make_log_durable();
    [[nodiscard]] int write_log_anew(sqlite3_file& log) const;
    [[nodiscard]] Statement prepare(const char* sql);
    std::int64_t run(Statement& statement);
    void fail(int code);
    void give_back(sqlite3_stmt* statement, const char* kept_as);

    DatabaseOptions options_;
    sqlite3* connection_ = nullptr;
    struct Kept {
        sqlite3_stmt* statement = nullptr;
        bool lent = false;
    };
    std::map<const char*, Kept> kept_;
    std::optional<Failure> failure_;
};

// Reads see one snapshot; writes are all kept, durably, or none. A transaction that is destroyed
// without an end is rolled back.
class Transaction {
 public:
    enum class Kind { read, write };
    // step: its name among the places where a test has the process die.
    Transaction(Database& database, Kind kind, DurableStep step = DurableStep::none);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    [[nodiscard]] Result<Done> commit();
    // The value, unless something failed on the way to it.
    template <class T>
    [[nodiscard]] Result<T> commit(T value) {
        Result<Done> done = commit();
        if (!done) return done.error();
        return value;
    }

 private:
    Database& database_;
    DurableStep step_;
    bool open_ = false;
};

// The sentence for a failure of SQLite: which file, what happened, what to do.
[[nodiscard]] Failure store_failure(const std::string& path, int extended_code,
                                    const std::string& message);

template <class T>
void Statement::bind_any(int position, const T& value) {
    if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
        bind(position, static_cast<std::int64_t>(value));
    } else if constexpr (std::is_same_v<T, Instant>) {
        bind(position, static_cast<std::int64_t>(value.time_since_epoch().count()));
    } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
        bind(position, std::string_view(value));
    } else if constexpr (requires { value.has_value(); }) {
        if (value.has_value()) {
            bind_any(position, *value);
        } else {
            bind_null(position);
        }
    } else {
        bind(position, std::string_view(value.text()));  // an Id
    }
}

}  // namespace writeback
