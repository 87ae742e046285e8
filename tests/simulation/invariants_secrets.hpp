// I12: secrets show nowhere: the daemon's log and audit are read line by line.
//
// Failures: a line that holds a secret is a violation. Threads: the loop's.
#pragma once

#include "simulation/trace.hpp"
#include "simulation/violations.hpp"

#include <writeback/log.hpp>

#include <set>
#include <string>
#include <vector>

namespace writeback::simulation {

class ReadLog final : public Log, public Audit {
 public:
    ReadLog(Trace& trace, Violations& violations) : trace_(trace), violations_(violations) {}

    // From now on this text must not show.
    void keep_secret(const std::string& secret);
    // Any text that people are shown: a status, a hold's sentence.
    void read(std::string_view where, std::string_view text);

    void write(LogLevel level, std::string_view event,
               std::initializer_list<LogField> fields) override;
    void record(const AuditLine& line) override;

    // The daemon has let this group go because it became synced.
    [[nodiscard]] bool released(const std::string& group) const {
        return released_.contains(group);
    }

 private:
    Trace& trace_;
    Violations& violations_;
    std::vector<std::string> secrets_;
    std::set<std::string> released_;
};

}  // namespace writeback::simulation
