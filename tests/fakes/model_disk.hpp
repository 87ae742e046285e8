// A disk in memory under SQLite: what was synced survives a power cut, what was not may be lost,
// reordered or torn.
//
// Purpose: a SQLite VFS for simulations and stories of crashes. Main files, logs and journals work,
// in WAL mode too, for several connections of this process. It behaves as Linux does on a local
// file system: a write goes to memory, sync makes a file's content durable, and with a journal or
// log its name too; a sync that fails may have forgotten some of what it was to write, although
// reads go on showing it. Time and chance are the disk's own: SQLite sleeps without waiting, and
// one seed gives the same bytes. For that the constructor seeds SQLite's generator for the whole
// process, so histories that are to be repeated run one after the other.
//
// Failures: as SQLite's codes, where the test asks for them. Limits: memory. Ownership: a disk
// outlives the connections that were opened on it. Threads: any, one call at a time within.
// Cancellation: none.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace writeback::fakes {

// What SQLite may ask of the disk, counted and failed by kind.
enum class DiskCall { open, read, write, sync, truncate, remove, size, access, lock, memory };
inline constexpr int disk_call_kinds = 10;

// One change of a file that no sync has made durable yet.
struct UnsyncedChange {
    std::int64_t offset = 0;  // where the bytes stand; the new length when it truncates
    std::string bytes;
    bool truncates = false;
    // Changes `content` as the disk would.
    void apply(std::string& content) const;
};

// A file as a power cut now would meet it. One that was removed and made anew, without a sync of
// the directory between, is there twice.
struct DiskFile {
    std::string name;
    std::string synced;
    std::vector<UnsyncedChange> unsynced;  // oldest first
    bool name_synced = false;              // the name stood there at the last sync of the directory
    bool name_stands = false;              // the name stands there now
};

class ModelDisk {
 public:
    using Contents = std::map<std::string, std::string>;

    explicit ModelDisk(std::uint64_t seed);
    // A disk that holds these files, all of it durable.
    ModelDisk(std::uint64_t seed, const Contents& files);
    ~ModelDisk();
    ModelDisk(const ModelDisk&) = delete;
    ModelDisk& operator=(const ModelDisk&) = delete;

    // The name to open with: StoreOptions::vfs, InboxOptions::vfs, DatabaseOptions::vfs.
    [[nodiscard]] const std::string& vfs() const;

    // The power fails. What was synced stays; each file keeps of the rest, by chance, nothing, all,
    // a beginning whose last write is torn, or single sectors of 512 bytes. Connections that were
    // open get an I/O error for everything from now on, and change nothing.
    void crash();
    // The process is killed, and the machine goes on: connections end as above, nothing is lost.
    void kill();

    // Nothing can grow while this is on: such writes fail with "disk full".
    void full(bool on);
    // Each write keeps, by chance, only its beginning, and fails with "disk full".
    void short_writes(bool on);
    // The n-th call of that kind from now on (1: the next) fails, and if asked so all after it.
    void fail_in(int n, DiskCall kind, bool and_all_after = false);
    // Nothing fails any more.
    void mend();

    [[nodiscard]] std::int64_t calls(DiskCall kind) const;
    // Calls that failed because fail_in, full or short_writes asked for it.
    [[nodiscard]] std::int64_t failed() const;
    // Called after each successful write, sync, truncate and removal, with the file's name.
    void observe(std::function<void(DiskCall, const std::string&)> observer);

    // In the order of names, a removed file before the one that took its name.
    [[nodiscard]] std::vector<DiskFile> state() const;
    // What a reader sees now.
    [[nodiscard]] Contents contents() const;
    void remove(const std::string& file);
    void write(const std::string& file, const std::string& content);  // durable at once

    class Files;  // the implementation's own

 private:
    std::unique_ptr<Files> files_;
};

}  // namespace writeback::fakes
