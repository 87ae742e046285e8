// The audit log: one JSON object a line for each LDAP write, appended to a file.
//
// A line is handed to the kernel before record() returns; it is not forced to the disk. When the
// file has been renamed or removed (log rotation) the next line opens it anew. Failures: open()
// tells them; record() logs "audit-write-failed" once a minute at most and goes on. Limits: 16 KiB
// of one text. Ownership: owns the file; the log must outlive it. Threads: any.
#pragma once

#include <writeback/log.hpp>
#include <writeback/result.hpp>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

namespace writeback {

class AuditFile final : public Audit {
 public:
    [[nodiscard]] static Result<std::unique_ptr<AuditFile>> open(std::string path, Log& log);
    ~AuditFile() override;
    AuditFile(const AuditFile&) = delete;
    AuditFile& operator=(const AuditFile&) = delete;

    void record(const AuditLine& line) override;

 private:
    AuditFile(std::string path, Log& log, int descriptor);
    void follow_rotation();
    void complain(int error);

    std::string path_;
    Log& log_;
    std::mutex mutex_;
    int descriptor_;
    std::chrono::steady_clock::time_point complained_{};
    bool has_complained_ = false;
};

// For a configuration without audit_file.
class NoAudit final : public Audit {
 public:
    void record(const AuditLine& /*line*/) override {}
};

}  // namespace writeback
