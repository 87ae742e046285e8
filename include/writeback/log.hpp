// The ports for what the daemon tells: log events, audit lines, metrics.
//
// Event and metric names are stable contracts. Fields carry ids and counts, never values of
// secrets. Threads: all three may be called from any thread. They never fail and never block on a
// slow reader for long.
#pragma once

#include <writeback/clock.hpp>
#include <writeback/ids.hpp>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace writeback {

enum class LogLevel { debug, info, warning, error };

struct LogField {
    std::string_view name;
    std::variant<std::string_view, std::int64_t, double, bool> value;
};

class Log {
 public:
    virtual ~Log() = default;
    // event is a stable name in kebab case: "delta-round-finished".
    virtual void write(LogLevel level, std::string_view event,
                       std::initializer_list<LogField> fields) = 0;
};

// One LDAP write, done or refused.
struct AuditLine {
    Instant at;
    GroupId group;
    std::string name;
    std::string operation;  // the plan's kind: "add-members"
    std::string dn;
    std::string cause;   // "hint", "poll", "resync", "drift", "approval", …
    std::string result;  // "done", or the failure's name
    std::string code;    // "LDAP 68 …" when refused
    std::int64_t members_before = 0;
    std::int64_t members_after = 0;
    std::string detail;  // what changed: attribute names, member SIDs; shortened to a limit
};

class Audit {
 public:
    virtual ~Audit() = default;
    virtual void record(const AuditLine& line) = 0;
};

// Names are given without the prefix "group_writeback_". Labels come in the order the contract
// writes them.
using MetricLabels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

class Metrics {
 public:
    virtual ~Metrics() = default;
    virtual void add(std::string_view counter, MetricLabels labels, double amount = 1) = 0;
    virtual void set(std::string_view gauge, MetricLabels labels, double value) = 0;
    virtual void observe(std::string_view histogram, MetricLabels labels, double seconds) = 0;
};

}  // namespace writeback
