#include "platform/audit_file.hpp"

#include "platform/json_text.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace writeback {

namespace {

constexpr mode_t file_rights = 0640;
constexpr std::size_t longest_text = 16 << 10;

int open_for_append(const std::string& path) {
    return ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, file_rights);
}

std::string line_of(const AuditLine& audit) {
    std::string line = "{";
    const auto name = [&](std::string_view field) {
        if (line.size() > 1) line += ',';
        append_json_text(line, field);
        line += ':';
    };
    const auto text = [&](std::string_view field, std::string_view value) {
        name(field);
        append_json_text(line, value, longest_text);
    };
    text("at", to_text(audit.at));
    text("group_id", audit.group.text());
    text("name", audit.name);
    text("operation", audit.operation);
    text("dn", audit.dn);
    text("cause", audit.cause);
    text("result", audit.result);
    if (!audit.code.empty()) text("code", audit.code);
    name("members_before");
    line += std::to_string(audit.members_before);
    name("members_after");
    line += std::to_string(audit.members_after);
    if (!audit.detail.empty()) text("detail", audit.detail);
    line += "}\n";
    return line;
}

}  // namespace

Result<std::unique_ptr<AuditFile>> AuditFile::open(std::string path, Log& log) {
    const int descriptor = open_for_append(path);
    if (descriptor < 0) {
        return failure(FailureKind::invalid_configuration,
                       "The audit file " + path + " cannot be opened: " + std::strerror(errno) +
                           ". Make its folder writable, or name another with log.audit_file.");
    }
    return std::unique_ptr<AuditFile>(new AuditFile(std::move(path), log, descriptor));
}

AuditFile::AuditFile(std::string path, Log& log, int descriptor)
    : path_(std::move(path)), log_(log), descriptor_(descriptor) {}

AuditFile::~AuditFile() {
    ::close(descriptor_);
}

void AuditFile::record(const AuditLine& audit) {
    const auto line = line_of(audit);
    const std::lock_guard lock(mutex_);
    follow_rotation();
    std::string_view rest = line;
    while (!rest.empty()) {
        const auto written = ::write(descriptor_, rest.data(), rest.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return complain(errno);
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
}

void AuditFile::follow_rotation() {
    struct stat named {};
    struct stat opened {};
    const bool same = ::stat(path_.c_str(), &named) == 0 && ::fstat(descriptor_, &opened) == 0 &&
                      named.st_ino == opened.st_ino && named.st_dev == opened.st_dev;
    if (same) return;
    const int descriptor = open_for_append(path_);
    if (descriptor < 0) return complain(errno);
    ::close(descriptor_);
    descriptor_ = descriptor;
}

void AuditFile::complain(int error) {
    const auto now = std::chrono::steady_clock::now();
    if (has_complained_ && now - complained_ < std::chrono::minutes(1)) return;
    has_complained_ = true;
    complained_ = now;
    log_.write(LogLevel::error, "audit-write-failed",
               {{"file", path_}, {"error", std::string_view(std::strerror(error))}});
}

}  // namespace writeback
