#include "fakes/model_disk.hpp"

#include "fakes/model_disk_files.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <stdexcept>

namespace writeback::fakes {

namespace {

constexpr std::int64_t sector = 512;

using Guard = std::lock_guard<std::recursive_mutex>;

}  // namespace

void UnsyncedChange::apply(std::string& content) const {
    if (truncates) {
        content.resize(static_cast<std::size_t>(offset));
        return;
    }
    const auto end = static_cast<std::size_t>(offset) + bytes.size();
    if (content.size() < end) content.resize(end);
    std::memcpy(content.data() + offset, bytes.data(), bytes.size());
}

// --- files ---

ModelDisk::Files::Files(std::uint64_t seed) : chance_(seed) {
    static std::atomic<int> made{0};
    vfs_name = "model-disk-" + std::to_string(++made);
    describe_vfs(*this);
    if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK) {
        throw std::runtime_error("SQLite took no VFS");
    }
    // The salts of a log come from SQLite's own generator, which is the process's.
    sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, static_cast<int>(below(0x7fffffff) + 1),
                         static_cast<sqlite3*>(nullptr));
    sqlite3_randomness(0, nullptr);
}

ModelDisk::Files::~Files() {
    sqlite3_vfs_unregister(&vfs);
}

// SplitMix64.
std::uint64_t ModelDisk::Files::below(std::uint64_t limit) {
    chance_ += 0x9e3779b97f4a7c15;
    std::uint64_t mixed = chance_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return (mixed ^ (mixed >> 31)) % limit;
}

bool ModelDisk::Files::fails(DiskCall kind) {
    const auto index = static_cast<std::size_t>(kind);
    ++counted[index];
    Fault& fault = faults[index];
    if (fault.in == 0 || --fault.in > 0) return false;
    if (fault.all_after) fault.in = 1;
    ++failed;
    return true;
}

void ModelDisk::Files::told(DiskCall kind, const std::string& name) const {
    if (observer) observer(kind, name);
}

int ModelDisk::Files::write(DiskNode& node, const char* bytes, std::int64_t length,
                            std::int64_t offset) {
    const auto size = static_cast<std::int64_t>(node.content.size());
    const bool no_room = full && offset + length > size;
    std::int64_t kept = length;
    if (no_room) kept = std::max<std::int64_t>(0, size - offset);
    if (short_writes) {
        kept = std::min(kept, static_cast<std::int64_t>(below(static_cast<std::uint64_t>(length))));
    }
    if (kept > 0) {
        UnsyncedChange change{offset, std::string(bytes, static_cast<std::size_t>(kept)), false};
        change.apply(node.content);
        node.unsynced.push_back(std::move(change));
    }
    if (kept == length) return SQLITE_OK;
    ++failed;
    return SQLITE_FULL;
}

void ModelDisk::Files::truncate(DiskNode& node, std::int64_t length) {
    UnsyncedChange change{length, {}, true};
    change.apply(node.content);
    node.unsynced.push_back(std::move(change));
}

void ModelDisk::Files::sync(DiskNode& node) {
    for (const UnsyncedChange& change : node.unsynced)
        change.apply(node.synced);
    node.unsynced.clear();
}

// After a failed fsync Linux takes the pages for clean: no later one writes them.
void ModelDisk::Files::forget_by_chance(DiskNode& node) {
    std::erase_if(node.unsynced, [this](const UnsyncedChange&) { return below(2) == 0; });
}

void ModelDisk::Files::keep_sectors(const UnsyncedChange& change, std::string& content) {
    const auto end = change.offset + static_cast<std::int64_t>(change.bytes.size());
    for (std::int64_t from = change.offset; from < end;) {
        const std::int64_t to = std::min(end, (from / sector + 1) * sector);
        if (below(2) == 0) {
            const auto begin = static_cast<std::size_t>(from - change.offset);
            UnsyncedChange{from, change.bytes.substr(begin, static_cast<std::size_t>(to - from)),
                           false}
                .apply(content);
        }
        from = to;
    }
}

void ModelDisk::Files::keep_by_chance(DiskNode& node) {
    const std::uint64_t way = below(4);
    const std::size_t count = node.unsynced.size();
    if (way == 1) {
        sync(node);
    } else if (way == 2 && count > 0) {
        const auto whole = static_cast<std::size_t>(below(count));
        for (std::size_t i = 0; i < whole; ++i)
            node.unsynced[i].apply(node.synced);
        if (!node.unsynced[whole].truncates) keep_sectors(node.unsynced[whole], node.synced);
    } else if (way == 3) {
        for (const UnsyncedChange& change : node.unsynced) {
            if (!change.truncates) {
                keep_sectors(change, node.synced);
            } else if (below(2) == 0) {
                change.apply(node.synced);
            }
        }
    }
    node.unsynced.clear();
    node.content = node.synced;
}

void ModelDisk::Files::lose_power() {
    Names left;
    Names all = durable_names;
    all.insert(names.begin(), names.end());
    for (const auto& [name, node] : all) {
        const auto durable = durable_names.find(name);
        const auto current = names.find(name);
        const bool same = durable != durable_names.end() && current != names.end() &&
                          durable->second == current->second;
        const bool takes_current = same || below(2) == 0;
        if (takes_current) {
            if (current != names.end()) left[name] = current->second;
        } else if (durable != durable_names.end()) {
            left[name] = durable->second;
        }
    }
    for (const auto& [name, node] : left)
        keep_by_chance(*node);
    names = left;
    durable_names = std::move(left);
}

void ModelDisk::Files::end_connections() {
    ++boot;
    for (auto& [name, node] : names) {
        auto fresh = std::make_shared<DiskNode>();
        fresh->content = node->content;
        fresh->synced = node->synced;
        fresh->unsynced = node->unsynced;
        const auto durable = durable_names.find(name);
        if (durable != durable_names.end() && durable->second == node) durable->second = fresh;
        node = std::move(fresh);
    }
}

// --- disk ---

ModelDisk::ModelDisk(std::uint64_t seed) : ModelDisk(seed, {}) {}

ModelDisk::ModelDisk(std::uint64_t seed, const Contents& files)
    : files_(std::make_unique<Files>(seed)) {
    for (const auto& [name, content] : files)
        write(name, content);
}

ModelDisk::~ModelDisk() = default;

const std::string& ModelDisk::vfs() const {
    return files_->vfs_name;
}

void ModelDisk::crash() {
    const Guard guard(files_->mutex);
    files_->lose_power();
    files_->end_connections();
}

void ModelDisk::kill() {
    const Guard guard(files_->mutex);
    files_->end_connections();
}

void ModelDisk::full(bool on) {
    const Guard guard(files_->mutex);
    files_->full = on;
}

void ModelDisk::short_writes(bool on) {
    const Guard guard(files_->mutex);
    files_->short_writes = on;
}

void ModelDisk::fail_in(int n, DiskCall kind, bool and_all_after) {
    const Guard guard(files_->mutex);
    files_->faults[static_cast<std::size_t>(kind)] = {n, and_all_after};
}

void ModelDisk::mend() {
    const Guard guard(files_->mutex);
    files_->faults = {};
    files_->full = false;
    files_->short_writes = false;
}

std::int64_t ModelDisk::calls(DiskCall kind) const {
    const Guard guard(files_->mutex);
    return files_->counted[static_cast<std::size_t>(kind)];
}

std::int64_t ModelDisk::failed() const {
    const Guard guard(files_->mutex);
    return files_->failed;
}

void ModelDisk::observe(std::function<void(DiskCall, const std::string&)> observer) {
    const Guard guard(files_->mutex);
    files_->observer = std::move(observer);
}

std::vector<DiskFile> ModelDisk::state() const {
    const Guard guard(files_->mutex);
    std::vector<DiskFile> state;
    Files::Names all = files_->durable_names;
    all.insert(files_->names.begin(), files_->names.end());
    for (const auto& [name, ignored] : all) {
        const auto durable = files_->durable_names.find(name);
        const auto current = files_->names.find(name);
        const DiskNode* before =
            durable != files_->durable_names.end() ? durable->second.get() : nullptr;
        const DiskNode* now = current != files_->names.end() ? current->second.get() : nullptr;
        if (before != nullptr && before != now) {
            state.push_back({name, before->synced, before->unsynced, true, false});
        }
        if (now != nullptr) {
            state.push_back({name, now->synced, now->unsynced, now == before, true});
        }
    }
    return state;
}

ModelDisk::Contents ModelDisk::contents() const {
    const Guard guard(files_->mutex);
    Contents contents;
    for (const auto& [name, node] : files_->names)
        contents[name] = node->content;
    return contents;
}

void ModelDisk::remove(const std::string& file) {
    const Guard guard(files_->mutex);
    files_->names.erase(file);
    files_->durable_names.erase(file);
}

void ModelDisk::write(const std::string& file, const std::string& content) {
    const Guard guard(files_->mutex);
    auto node = std::make_shared<DiskNode>();
    node->content = content;
    node->synced = content;
    files_->names[file] = node;
    files_->durable_names[file] = std::move(node);
}

}  // namespace writeback::fakes
