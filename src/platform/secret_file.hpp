// Secrets come from files, are read when they are needed, and are never kept in the configuration.
//
// Failures: invalid_configuration, naming the file and the remedy, never the content. Limits: 64
// KiB. Ownership: values. Threads: a SecretFile belongs to one thread. Cancellation: none, local
// files.
#pragma once

#include <writeback/result.hpp>

#include <cstddef>
#include <ctime>
#include <string>

namespace writeback {

inline constexpr std::size_t largest_secret = 64 << 10;  // bytes

// The file's content without one newline ("\n" or "\r\n") at its end. An empty secret is refused.
[[nodiscard]] Result<std::string> read_secret(const std::string& path);

// A secret that is read again when its file has changed: mounted secrets are exchanged while we
// run.
class SecretFile {
 public:
    explicit SecretFile(std::string path) : path_(std::move(path)) {}

    [[nodiscard]] Result<std::string> read();
    // True when the file is not the one that was last read, or there was no read yet.
    [[nodiscard]] bool changed() const;
    [[nodiscard]] const std::string& path() const { return path_; }

 private:
    struct Stamp {
        std::timespec modified{};
        unsigned long long device = 0;
        unsigned long long inode = 0;
        long long size = -1;
    };
    [[nodiscard]] static Stamp stamp_of(const std::string& path);
    [[nodiscard]] static bool same(const Stamp& a, const Stamp& b);

    std::string path_;
    std::string content_;
    Stamp stamp_;
};

}  // namespace writeback
