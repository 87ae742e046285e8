// What a file of SQLite holds, read beside all of our code.
#pragma once

#include <string>

namespace writeback::test {

struct Inspection {
    std::string damage;  // what PRAGMA integrity_check and foreign_key_check find; empty: nothing
    std::string rows;    // every row of every table, in key order
    friend bool operator==(const Inspection&, const Inspection&) = default;
};

[[nodiscard]] Inspection inspect(const std::string& vfs, const std::string& path);

}  // namespace writeback::test
