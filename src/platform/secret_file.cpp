#include "platform/secret_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sys/stat.h>
#include <utility>

namespace writeback {

namespace {

Failure refused(const std::string& path, const std::string& why) {
    return failure(FailureKind::invalid_configuration, "The secret file " + path + " " + why);
}

}  // namespace

Result<std::string> read_secret(const std::string& path) {
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return refused(path, std::string("can't be opened (") + std::strerror(errno) +
                                 "). Check that it exists and that this user may read it.");
    }
    std::string content(largest_secret + 3, '\0');  // room for a newline, and one byte to tell
    file.read(content.data(), static_cast<std::streamsize>(content.size()));
    if (file.bad() || (file.fail() && !file.eof())) {
        return refused(path,
                       "can't be read. Check that it is a file and that this user may read it.");
    }
    content.resize(static_cast<std::size_t>(file.gcount()));
    if (content.ends_with('\n')) {
        content.pop_back();
        if (content.ends_with('\r')) content.pop_back();
    }
    if (content.size() > largest_secret) {
        return refused(path, "is larger than 64 KiB. Check that it is the right file.");
    }
    if (content.empty()) return refused(path, "is empty. Write the secret into it.");
    return content;
}

SecretFile::Stamp SecretFile::stamp_of(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return {};
    return {status.st_mtim, status.st_dev, status.st_ino, status.st_size};
}

bool SecretFile::same(const Stamp& a, const Stamp& b) {
    return a.modified.tv_sec == b.modified.tv_sec && a.modified.tv_nsec == b.modified.tv_nsec &&
           a.device == b.device && a.inode == b.inode && a.size == b.size;
}

bool SecretFile::changed() const {
    return stamp_.size < 0 || !same(stamp_, stamp_of(path_));
}

Result<std::string> SecretFile::read() {
    // The stamp is taken before the content: a file exchanged in between is read again next time.
    const Stamp now = stamp_of(path_);
    if (now.size >= 0 && same(now, stamp_)) return content_;
    auto content = read_secret(path_);
    if (content.has_error()) return content.error();
    content_ = *content;
    stamp_ = now;
    return content_;
}

}  // namespace writeback
