// What was asked of the emulator: counters by operation and status, and the last requests.
//
// Failures: none. Limits: the last 1,000 requests. Secrets: no header and no body is kept. Threads:
// one.
#pragma once

#include "../base/clock.hpp"
#include "../base/json.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <string>

namespace emulator {

struct RequestRecord {
    TimePoint time{};
    std::string method;
    std::string target;
    std::string operation;
    std::string client_request_id;
    int status = 0;
    int resource_units = 0;
};

class RequestLog {
 public:
    void add(RequestRecord record);
    void clear();
    /// Counters, and the last `count` requests, oldest first.
    json::object describe(std::size_t count) const;

 private:
    std::deque<RequestRecord> last_;
    std::map<std::string, std::map<int, std::uint64_t>> counts_;
    std::uint64_t total_ = 0;
    std::uint64_t resource_units_ = 0;
};

}  // namespace emulator
