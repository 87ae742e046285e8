#include "failing_memory.hpp"

#include <sqlite3.h>

#include <stdexcept>

namespace writeback::test {

namespace {

// SQLite takes functions without an object, hence these.
sqlite3_mem_methods real;
int requests_left = 0;  // until one fails; 0: none does
bool all_after = false;
bool has_failed = false;

bool fails() {
    if (requests_left == 0 || --requests_left > 0) return false;
    if (all_after) requests_left = 1;
    has_failed = true;
    return true;
}

void* allocate(int bytes) {
    return fails() ? nullptr : real.xMalloc(bytes);
}

void* reallocate(void* memory, int bytes) {
    return fails() ? nullptr : real.xRealloc(memory, bytes);
}

void begin_sqlite_with(const sqlite3_mem_methods& methods) {
    if (sqlite3_shutdown() != SQLITE_OK || sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) != 0 ||
        sqlite3_initialize() != SQLITE_OK) {
        throw std::runtime_error("SQLite takes no other memory");
    }
}

}  // namespace

FailingMemory::FailingMemory() {
    sqlite3_initialize();
    sqlite3_shutdown();
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real);
    sqlite3_mem_methods failing = real;
    failing.xMalloc = allocate;
    failing.xRealloc = reallocate;
    begin_sqlite_with(failing);
}

FailingMemory::~FailingMemory() {
    mend();
    begin_sqlite_with(real);
}

void FailingMemory::fail_in(int n, bool and_all_after) {
    requests_left = n;
    all_after = and_all_after;
    has_failed = false;
}

void FailingMemory::mend() {
    requests_left = 0;
}

bool FailingMemory::failed() const {
    return has_failed;
}

}  // namespace writeback::test
