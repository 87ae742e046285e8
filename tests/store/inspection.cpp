#include "inspection.hpp"

#include <sqlite3.h>

#include <functional>
#include <vector>

namespace writeback::test {

namespace {

using Row = std::function<void(sqlite3_stmt*)>;

void each(sqlite3* connection, const std::string& sql, Inspection& found, const Row& row) {
    sqlite3_stmt* statement = nullptr;
    int code = sqlite3_prepare_v2(connection, sql.c_str(), -1, &statement, nullptr);
    if (code == SQLITE_OK) {
        while ((code = sqlite3_step(statement)) == SQLITE_ROW)
            row(statement);
    }
    if (code != SQLITE_DONE) found.damage += sql + ": " + sqlite3_errmsg(connection) + "\n";
    sqlite3_finalize(statement);
}

std::string text(sqlite3_stmt* statement, int column) {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
    if (bytes == nullptr) return "NULL";
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement, column))};
}

}  // namespace

Inspection inspect(const std::string& vfs, const std::string& path) {
    Inspection found;
    sqlite3* connection = nullptr;
    if (sqlite3_open_v2(path.c_str(), &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                        vfs.c_str()) != SQLITE_OK) {
        found.damage = "it cannot be opened";
    }
    each(connection, "PRAGMA integrity_check", found, [&](sqlite3_stmt* row) {
        if (text(row, 0) != "ok") found.damage += text(row, 0) + "\n";
    });
    each(connection, "PRAGMA foreign_key_check", found, [&](sqlite3_stmt* row) {
        found.damage += "a row of " + text(row, 0) + " names none of " + text(row, 2) + "\n";
    });
    std::vector<std::string> tables;
    each(connection, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name", found,
         [&](sqlite3_stmt* row) { tables.push_back(text(row, 0)); });
    for (const std::string& table : tables) {
        found.rows += table + "\n";
        each(connection, "SELECT * FROM " + table, found, [&](sqlite3_stmt* row) {
            for (int column = 0; column < sqlite3_column_count(row); ++column)
                found.rows += text(row, column) + "|";
            found.rows += "\n";
        });
    }
    sqlite3_close(connection);
    return found;
}

}  // namespace writeback::test
