#include "simulation/invariants_secrets.hpp"

#include <algorithm>
#include <variant>

namespace writeback::simulation {

namespace {

// Access tokens come and go; the newest ones are looked for.
constexpr std::size_t most_secrets = 12;
constexpr std::size_t lasting_secrets = 4;

}  // namespace

void ReadLog::keep_secret(const std::string& secret) {
    if (secret.empty() || std::find(secrets_.begin(), secrets_.end(), secret) != secrets_.end()) {
        return;
    }
    secrets_.push_back(secret);
    if (secrets_.size() > most_secrets) {
        secrets_.erase(secrets_.begin() + static_cast<std::ptrdiff_t>(lasting_secrets));
    }
}

void ReadLog::read(std::string_view where, std::string_view text) {
    for (const std::string& secret : secrets_) {
        if (text.find(secret) == std::string_view::npos) continue;
        violations_.report("I12", "A secret shows in " + std::string(where) + ".");
    }
}

void ReadLog::write(LogLevel /*level*/, std::string_view event,
                    std::initializer_list<LogField> fields) {
    trace_.tell("log", event, fields);
    for (const LogField& field : fields) {
        if (const auto* text = std::get_if<std::string_view>(&field.value)) {
            const bool released = event == "group-released" && field.name == "group";
            if (released) released_.emplace(*text);
            read("the log's " + std::string(event), *text);
        }
    }
}

void ReadLog::record(const AuditLine& line) {
    trace_.tell("audit", line.operation,
                {{"group", line.group.text()},
                 {"cause", line.cause},
                 {"result", line.result},
                 {"code", line.code},
                 {"detail", line.detail}});
    read("the audit log", line.detail);
    read("the audit log", line.code);
}

}  // namespace writeback::simulation
