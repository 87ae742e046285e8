// The inside of the model disk: names, contents, locks and faults. The VFS on top of it speaks
// SQLite's language; this part knows files only.
#pragma once

#include "fakes/model_disk.hpp"

#include <sqlite3.h>

#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace writeback::fakes {

struct DiskNode {
    std::string content;  // what a reader sees
    std::string synced;   // what a power cut leaves at least
    std::vector<UnsyncedChange> unsynced;

    // Locks on the main file: how many share it, and who holds the others.
    int shared = 0;
    const void* reserved = nullptr;
    const void* pending = nullptr;
    const void* exclusive = nullptr;

    // The memory that connections in WAL mode share, and its eight locks.
    struct MemoryLock {
        int shared = 0;
        const void* exclusive = nullptr;
    };
    std::vector<std::unique_ptr<char[]>> regions;
    std::array<MemoryLock, SQLITE_SHM_NLOCK> memory_locks{};
    int memory_users = 0;
};

// An open file as one connection sees it.
struct DiskHandle {
    ModelDisk::Files* disk = nullptr;
    std::shared_ptr<DiskNode> node;
    std::string name;  // empty: a temporary file
    std::int64_t boot = 0;
    bool syncs_directory = false;
    bool remove_on_close = false;
    int lock = SQLITE_LOCK_NONE;
    bool uses_memory = false;
    unsigned memory_shared = 0;  // bits of the locks it holds
    unsigned memory_exclusive = 0;
};

class ModelDisk::Files {
 public:
    explicit Files(std::uint64_t seed);
    ~Files();
    Files(const Files&) = delete;
    Files& operator=(const Files&) = delete;

    [[nodiscard]] std::uint64_t below(std::uint64_t limit);
    // Counts the call; true when it is to fail.
    [[nodiscard]] bool fails(DiskCall kind);
    void told(DiskCall kind, const std::string& name) const;

    int write(DiskNode& node, const char* bytes, std::int64_t length, std::int64_t offset);
    void truncate(DiskNode& node, std::int64_t length);
    void sync(DiskNode& node);
    void forget_by_chance(DiskNode& node);
    void sync_directory() { durable_names = names; }
    void lose_power();
    void end_connections();

    using Names = std::map<std::string, std::shared_ptr<DiskNode>>;
    mutable std::recursive_mutex mutex;
    Names names;
    Names durable_names;
    std::int64_t boot = 1;
    std::int64_t microseconds = 0;
    std::string vfs_name;
    sqlite3_vfs vfs{};

    struct Fault {
        std::int64_t in = 0;  // calls until it strikes; 0: none
        bool all_after = false;
    };
    std::array<Fault, disk_call_kinds> faults{};
    std::array<std::int64_t, disk_call_kinds> counted{};
    std::int64_t failed = 0;
    bool full = false;
    bool short_writes = false;
    std::function<void(DiskCall, const std::string&)> observer;

 private:
    void keep_by_chance(DiskNode& node);
    void keep_sectors(const UnsyncedChange& change, std::string& content);

    std::uint64_t chance_;
};

// SQLite's five levels of a lock on the main file; a code of SQLite.
void give_up_locks(DiskHandle& handle, int level);
[[nodiscard]] int take_lock(DiskHandle& handle, int level);

[[nodiscard]] int take_memory_locks(DiskHandle& handle, int first, int count, bool exclusive);
void give_up_memory_locks(DiskHandle& handle, int first, int count);
void leave_memory(DiskHandle& handle);

// Fills in the VFS that speaks for `files`.
void describe_vfs(ModelDisk::Files& files);

}  // namespace writeback::fakes
