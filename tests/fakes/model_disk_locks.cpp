// The locks of the model disk: on the main file as a journal needs them, and on the memory that
// connections in WAL mode share.
#include "fakes/model_disk_files.hpp"

namespace writeback::fakes {

// --- locks on the main file ---

void give_up_locks(DiskHandle& handle, int level) {
    DiskNode& node = *handle.node;
    if (node.exclusive == &handle) node.exclusive = nullptr;
    if (node.pending == &handle) node.pending = nullptr;
    if (node.reserved == &handle) node.reserved = nullptr;
    if (level == SQLITE_LOCK_NONE && handle.lock >= SQLITE_LOCK_SHARED) --node.shared;
    handle.lock = level;
}

int take_lock(DiskHandle& handle, int level) {
    DiskNode& node = *handle.node;
    if (handle.lock >= level) return SQLITE_OK;
    if (level == SQLITE_LOCK_SHARED) {
        if (node.pending != nullptr || node.exclusive != nullptr) return SQLITE_BUSY;
        ++node.shared;
        handle.lock = SQLITE_LOCK_SHARED;
        return SQLITE_OK;
    }
    if (node.reserved != nullptr && node.reserved != &handle) return SQLITE_BUSY;
    if (level == SQLITE_LOCK_RESERVED) {
        node.reserved = &handle;
        handle.lock = SQLITE_LOCK_RESERVED;
        return SQLITE_OK;
    }
    if (node.pending != nullptr && node.pending != &handle) return SQLITE_BUSY;
    node.pending = &handle;
    handle.lock = SQLITE_LOCK_PENDING;
    if (node.shared > 1) return SQLITE_BUSY;
    node.exclusive = &handle;
    handle.lock = SQLITE_LOCK_EXCLUSIVE;
    return SQLITE_OK;
}

// --- the shared memory ---

int take_memory_locks(DiskHandle& handle, int first, int count, bool exclusive) {
    auto& locks = handle.node->memory_locks;
    for (int i = first; i < first + count; ++i) {
        const auto& lock = locks[static_cast<std::size_t>(i)];
        const unsigned bit = 1U << i;
        if (lock.exclusive != nullptr && lock.exclusive != &handle) return SQLITE_BUSY;
        if (exclusive && lock.shared > ((handle.memory_shared & bit) != 0 ? 1 : 0)) {
            return SQLITE_BUSY;
        }
    }
    for (int i = first; i < first + count; ++i) {
        auto& lock = locks[static_cast<std::size_t>(i)];
        const unsigned bit = 1U << i;
        if (exclusive) {
            lock.exclusive = &handle;
            handle.memory_exclusive |= bit;
        } else if ((handle.memory_shared & bit) == 0) {
            ++lock.shared;
            handle.memory_shared |= bit;
        }
    }
    return SQLITE_OK;
}

void give_up_memory_locks(DiskHandle& handle, int first, int count) {
    for (int i = first; i < first + count; ++i) {
        auto& lock = handle.node->memory_locks[static_cast<std::size_t>(i)];
        const unsigned bit = 1U << i;
        if (lock.exclusive == &handle) lock.exclusive = nullptr;
        if ((handle.memory_shared & bit) != 0) --lock.shared;
        handle.memory_shared &= ~bit;
        handle.memory_exclusive &= ~bit;
    }
}

void leave_memory(DiskHandle& handle) {
    if (!handle.uses_memory) return;
    give_up_memory_locks(handle, 0, SQLITE_SHM_NLOCK);
    handle.uses_memory = false;
    if (--handle.node->memory_users == 0) handle.node->regions.clear();
}

}  // namespace writeback::fakes
