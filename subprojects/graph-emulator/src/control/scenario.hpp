// A scenario: requests that the emulator asks itself, at given times or when clients ask.
//
//     {"description": "…", "speed": 1, "steps": [
//        {"request": "POST /emulator/faults", "body": {"kind": "503", "times": 3}},
//        {"at_seconds": 2, "request": "GET /v1.0/groups?$top=1", "remember": {"team":
//        "/value/0/id"}},
//        {"at_seconds": 3, "every_seconds": 1, "times": 5,
//         "request": "PATCH /v1.0/groups/{team}", "body": {"description": "round {n}"}},
//        {"on": "groups-delta", "nth": 3, "request": "POST /emulator/tokens/expire"}]}
//
// Pure: text in, values out. Failures: parse_scenario says which step is wrong and why. Limits:
// 1,000 steps, 100,000 requests, a week. Threads: none shared.
#pragma once

#include "../base/json.hpp"
#include "../base/time.hpp"

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace emulator {

struct ScenarioStep {
    std::string method;
    std::string target;     ///< "/emulator/…", "/v1.0/…" or "/beta/…", with {names}
    json::value body;       ///< null: none
    std::string on;         ///< the operation that triggers it; empty: its time does
    std::size_t nth = 1;    ///< triggered by each nth request of that operation …
    std::size_t times = 1;  ///< … so many times; or performed so often, `every` apart
    Duration at{0};
    Duration every{0};
    std::map<std::string, std::string> remember;  ///< name -> JSON pointer into the answer
};

struct Scenario {
    std::string description;
    double speed = 1;  ///< 10: ten times as fast as written
    std::vector<ScenarioStep> steps;
};

/// The scenario, or what is wrong with it.
std::variant<Scenario, std::string> parse_scenario(std::string_view text);

/// Puts values in the place of {names}, in all texts of a value. What is unknown stays.
using ScenarioNames = std::map<std::string, std::string>;
std::string with_names(std::string_view text, const ScenarioNames& names);
json::value with_names(const json::value& value, const ScenarioNames& names);

}  // namespace emulator
