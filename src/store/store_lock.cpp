#include "store/store_lock.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

namespace writeback {

namespace {

std::string holder_of(int file) {
    char text[32] = {};
    const ssize_t length = ::pread(file, text, sizeof text - 1, 0);
    std::string holder;
    for (ssize_t i = 0; i < length && text[i] >= '0' && text[i] <= '9'; ++i)
        holder += text[i];
    return holder;
}

}  // namespace

Result<StoreLock> StoreLock::acquire(const std::string& store_path) {
    const std::string path = store_path + "-lock";
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0660);
    if (file < 0) {
        const int error = errno;
        return failure(FailureKind::store,
                       "The lock file " + path + " cannot be opened (" + std::strerror(error) +
                           "). See that its directory exists and that this user may write there, "
                           "or set [store] path to another place.",
                       std::strerror(error));
    }
    StoreLock lock(file);
    if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
        const int error = errno;
        if (error != EWOULDBLOCK) {
            return failure(FailureKind::store,
                           "The lock file " + path + " cannot be locked (" + std::strerror(error) +
                               "). The store must lie on a local file system.",
                           std::strerror(error));
        }
        const std::string holder = holder_of(file);
        return failure(FailureKind::store,
                       "The store " + store_path + " is in use by " +
                           (holder.empty() ? "another process" : "process " + holder) +
                           ". Only one of serve, once and plan can run on a store: stop that one "
                           "first, or name another store with [store] path.");
    }
    const std::string text = std::to_string(::getpid()) + "\n";
    // The text only serves the sentence above, so that failing to write it is no failure.
    if (::ftruncate(file, 0) != 0 ||
        ::pwrite(file, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
        return lock;
    }
    return lock;
}

StoreLock::StoreLock(StoreLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

StoreLock& StoreLock::operator=(StoreLock&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
}

StoreLock::~StoreLock() {
    if (file_ >= 0) ::close(file_);
}

}  // namespace writeback
