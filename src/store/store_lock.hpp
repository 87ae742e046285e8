// One process owns a store at a time: the lock file `<path>-lock` is held with flock(2) for as long
// as this object lives, and names its holder. A crash frees it; the file stays.
//
// Failures: FailureKind::store; when another process holds it, the sentence has its process id.
// Threads: any.
#pragma once

#include <writeback/result.hpp>

#include <string>

namespace writeback {

class StoreLock {
 public:
    [[nodiscard]] static Result<StoreLock> acquire(const std::string& store_path);

    StoreLock() = default;  // holds nothing
    StoreLock(StoreLock&& other) noexcept;
    StoreLock& operator=(StoreLock&& other) noexcept;
    StoreLock(const StoreLock&) = delete;
    StoreLock& operator=(const StoreLock&) = delete;
    ~StoreLock();

 private:
    explicit StoreLock(int file) : file_(file) {}
    int file_ = -1;
};

}  // namespace writeback
