// The model disk in SQLite's language: the callbacks of sqlite3_vfs and sqlite3_io_methods.
#include "fakes/model_disk_files.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>

namespace writeback::fakes {

namespace {

using Files = ModelDisk::Files;
using Guard = std::lock_guard<std::recursive_mutex>;

struct OpenFile {
    sqlite3_file base;
    DiskHandle* handle;
};

DiskHandle& of(sqlite3_file* file) {
    return *reinterpret_cast<OpenFile*>(file)->handle;
}

Files& of(sqlite3_vfs* vfs) {
    return *static_cast<Files*>(vfs->pAppData);
}

bool ended(const DiskHandle& handle) {
    return handle.boot != handle.disk->boot;
}

// --- the methods of a file ---

int file_close(sqlite3_file* file) {
    DiskHandle* handle = &of(file);
    const Guard guard(handle->disk->mutex);
    if (!ended(*handle)) {
        leave_memory(*handle);
        give_up_locks(*handle, SQLITE_LOCK_NONE);
        if (handle->remove_on_close) handle->disk->names.erase(handle->name);
    }
    delete handle;
    return SQLITE_OK;
}

int file_read(sqlite3_file* file, void* into, int length, sqlite3_int64 offset) {
    const DiskHandle& handle = of(file);
    const Guard guard(handle.disk->mutex);
    if (ended(handle) || handle.disk->fails(DiskCall::read)) return SQLITE_IOERR_READ;
    const std::string& content = handle.node->content;
    const auto size = static_cast<sqlite3_int64>(content.size());
    const sqlite3_int64 there =
        std::max<sqlite3_int64>(0, std::min<sqlite3_int64>(length, size - offset));
    if (there > 0) std::memcpy(into, content.data() + offset, static_cast<std::size_t>(there));
    if (there == length) return SQLITE_OK;
    std::memset(static_cast<char*>(into) + there, 0, static_cast<std::size_t>(length - there));
    return SQLITE_IOERR_SHORT_READ;
}

int file_write(sqlite3_file* file, const void* bytes, int length, sqlite3_int64 offset) {
    const DiskHandle& handle = of(file);
    const Guard guard(handle.disk->mutex);
    if (ended(handle) || handle.disk->fails(DiskCall::write)) return SQLITE_IOERR_WRITE;
    const int code =
        handle.disk->write(*handle.node, static_cast<const char*>(bytes), length, offset);
    handle.disk->told(DiskCall::write, handle.name);
    return code;
}

int file_truncate(sqlite3_file* file, sqlite3_int64 length) {
    const DiskHandle& handle = of(file);
    const Guard guard(handle.disk->mutex);
    if (ended(handle) || handle.disk->fails(DiskCall::truncate)) return SQLITE_IOERR_TRUNCATE;
    handle.disk->truncate(*handle.node, length);
    handle.disk->told(DiskCall::truncate, handle.name);
    return SQLITE_OK;
}

int file_sync(sqlite3_file* file, int) {
    DiskHandle& handle = of(file);
    const Guard guard(handle.disk->mutex);
    if (ended(handle)) return SQLITE_IOERR_FSYNC;
    if (handle.disk->fails(DiskCall::sync)) {
        handle.disk->forget_by_chance(*handle.node);
        return SQLITE_IOERR_FSYNC;
    }
    handle.disk->sync(*handle.node);
    if (handle.syncs_directory) handle.disk->sync_directory();
    handle.syncs_directory = false;
    handle.disk->told(DiskCall::sync, handle.name);
    return SQLITE_OK;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
    const DiskHandle& handle = of(file);
    const Guard guard(handle.disk->mutex);
    if (ended(handle) || handle.disk->fails(DiskCall::size)) return SQLITE_IOERR_FSTAT;
    *size = static_cast<sqlite3_int64>(handle.node->content.size());
    return SQLITE_OK;
}

int file_lock(sqlite3_file* file, int level) {
    DiskHandle& handle = of(file);
    const Guard guard(handle.disk->mutex);
    if (ended(handle) || handle.disk->fails(DiskCall::lock)) return SQLITE_IOERR_LOCK;
    return take_lock(handle, level);
}

int file_unlock(sqlite3_file* file, int level) {
    DiskHandle& handle = of(file);
    const Guard guard(handle.disk->mutex);
    if (ended(handle)) return SQLITE_IOERR_UNLOCK;
    if (level < handle.lock) give_up_locks(handle, level);
    return SQLITE_OK;
}

int file_check_reserved(sqlite3_file* file, int* held) {
    const DiskHandle& handle = of(file);
    const Guard guard(handle.disk->mutex);
    if (ended(handle) || handle.disk->fails(DiskCall::lock)) return SQLITE_IOERR_CHECKRESERVEDLOCK;
    *held = handle.node->reserved != nullptr ? 1 : 0;
    return SQLITE_OK;
}

int file_control(sqlite3_file*, int, void*) {
    return SQLITE_NOTFOUND;
}

int file_sector_size(sqlite3_file*) {
    return 4096;
}

// As SQLite's own VFS on Linux tells: a torn write damages nothing beside it.
int file_characteristics(sqlite3_file*) {
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

int memory_map(sqlite3_file* file, int region, int size, int extend, void volatile** into) {
    DiskHandle& handle = of(file);
    const Guard guard(handle.disk->mutex);
    *into = nullptr;
    if (ended(handle) || handle.disk->fails(DiskCall::memory)) return SQLITE_IOERR_SHMMAP;
    DiskNode& node = *handle.node;
    if (!handle.uses_memory) {
        handle.uses_memory = true;
        ++node.memory_users;
    }
    const auto index = static_cast<std::size_t>(region);
    if (index >= node.regions.size()) {
        if (extend == 0) return SQLITE_OK;
        if (handle.disk->full) {
            ++handle.disk->failed;
            return SQLITE_IOERR_SHMSIZE;
        }
        while (node.regions.size() <= index)
            node.regions.push_back(std::make_unique<char[]>(static_cast<std::size_t>(size)));
    }
    *into = node.regions[index].get();
    return SQLITE_OK;
}

int memory_lock(sqlite3_file* file, int first, int count, int flags) {
    DiskHandle& handle = of(file);
    const Guard guard(handle.disk->mutex);
    if (ended(handle)) return SQLITE_IOERR_SHMLOCK;
    if ((flags & SQLITE_SHM_UNLOCK) != 0) {
        give_up_memory_locks(handle, first, count);
        return SQLITE_OK;
    }
    return take_memory_locks(handle, first, count, (flags & SQLITE_SHM_EXCLUSIVE) != 0);
}

void memory_barrier(sqlite3_file*) {
    std::atomic_thread_fence(std::memory_order_seq_cst);
}

int memory_unmap(sqlite3_file* file, int) {
    DiskHandle& handle = of(file);
    const Guard guard(handle.disk->mutex);
    if (!ended(handle)) leave_memory(handle);
    return SQLITE_OK;
}

const sqlite3_io_methods methods = {
    2,
    file_close,
    file_read,
    file_write,
    file_truncate,
    file_sync,
    file_size,
    file_lock,
    file_unlock,
    file_check_reserved,
    file_control,
    file_sector_size,
    file_characteristics,
    memory_map,
    memory_lock,
    memory_barrier,
    memory_unmap,
    nullptr,
    nullptr,
};

// --- the methods of the disk ---

int disk_open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
    Files& disk = of(vfs);
    const Guard guard(disk.mutex);
    auto* opened = reinterpret_cast<OpenFile*>(file);
    opened->base.pMethods = nullptr;
    if (disk.fails(DiskCall::open)) return SQLITE_CANTOPEN;
    std::shared_ptr<DiskNode> node;
    const auto found = name != nullptr ? disk.names.find(name) : disk.names.end();
    const bool made = found == disk.names.end();
    if (!made) {
        if ((flags & SQLITE_OPEN_EXCLUSIVE) != 0) return SQLITE_CANTOPEN;
        node = found->second;
    } else {
        if ((flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
        node = std::make_shared<DiskNode>();
        if (name != nullptr) disk.names[name] = node;
    }
    auto handle = std::make_unique<DiskHandle>();
    handle->disk = &disk;
    handle->node = std::move(node);
    handle->name = name != nullptr ? name : "";
    handle->boot = disk.boot;
    constexpr int journals = SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL;
    // As SQLite's own VFS does: it goes by the flag, not by whether the file was there.
    handle->syncs_directory = (flags & SQLITE_OPEN_CREATE) != 0 && (flags & journals) != 0;
    handle->remove_on_close = name != nullptr && (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
    opened->handle = handle.release();
    opened->base.pMethods = &methods;
    if (out != nullptr) *out = flags;
    return SQLITE_OK;
}

int disk_delete(sqlite3_vfs* vfs, const char* name, int sync_directory) {
    Files& disk = of(vfs);
    const Guard guard(disk.mutex);
    if (disk.fails(DiskCall::remove)) return SQLITE_IOERR_DELETE;
    if (disk.names.erase(name) == 0) return SQLITE_IOERR_DELETE_NOENT;
    if (sync_directory != 0) disk.sync_directory();
    disk.told(DiskCall::remove, name);
    return SQLITE_OK;
}

int disk_access(sqlite3_vfs* vfs, const char* name, int flags, int* answer) {
    Files& disk = of(vfs);
    const Guard guard(disk.mutex);
    *answer = 0;
    if (disk.fails(DiskCall::access)) return SQLITE_IOERR_ACCESS;
    const auto found = disk.names.find(name);
    if (found == disk.names.end()) return SQLITE_OK;
    // SQLite asks whether a log or journal with something in it is there.
    *answer = flags != SQLITE_ACCESS_EXISTS || !found->second->content.empty() ? 1 : 0;
    return SQLITE_OK;
}

int disk_full_pathname(sqlite3_vfs*, const char* name, int length, char* into) {
    if (std::strlen(name) >= static_cast<std::size_t>(length)) return SQLITE_CANTOPEN;
    std::strcpy(into, name);
    return SQLITE_OK;
}

int disk_randomness(sqlite3_vfs* vfs, int length, char* into) {
    Files& disk = of(vfs);
    const Guard guard(disk.mutex);
    for (int i = 0; i < length; ++i)
        into[i] = static_cast<char>(disk.below(256));
    return length;
}

int disk_sleep(sqlite3_vfs* vfs, int microseconds) {
    Files& disk = of(vfs);
    const Guard guard(disk.mutex);
    disk.microseconds += microseconds;
    return microseconds;
}

// Milliseconds since noon of 24 November 4714 before our era; the disk was made as 2026 began.
int disk_time(sqlite3_vfs* vfs, sqlite3_int64* into) {
    Files& disk = of(vfs);
    const Guard guard(disk.mutex);
    *into = 212'633'985'600'000 + disk.microseconds / 1000;
    return SQLITE_OK;
}

int disk_time_days(sqlite3_vfs* vfs, double* into) {
    sqlite3_int64 milliseconds = 0;
    const int code = disk_time(vfs, &milliseconds);
    *into = static_cast<double>(milliseconds) / 86'400'000.0;
    return code;
}

int disk_last_error(sqlite3_vfs*, int, char*) {
    return 0;
}

}  // namespace

void describe_vfs(ModelDisk::Files& files) {
    sqlite3_vfs& vfs = files.vfs;
    vfs.iVersion = 2;
    vfs.szOsFile = sizeof(OpenFile);
    vfs.mxPathname = 512;
    vfs.zName = files.vfs_name.c_str();
    vfs.pAppData = &files;
    vfs.xOpen = disk_open;
    vfs.xDelete = disk_delete;
    vfs.xAccess = disk_access;
    vfs.xFullPathname = disk_full_pathname;
    vfs.xRandomness = disk_randomness;
    vfs.xSleep = disk_sleep;
    vfs.xCurrentTime = disk_time_days;
    vfs.xGetLastError = disk_last_error;
    vfs.xCurrentTimeInt64 = disk_time;
}

}  // namespace writeback::fakes
