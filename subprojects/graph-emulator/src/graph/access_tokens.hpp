// The access tokens that were issued, and the check of the Authorization header.
//
// Failures: check() yields Graph's 401 refusals. Limits: 10,000 living tokens; the oldest give way.
// Secrets: tokens follow from the tenant's life, which the program draws from the machine's
// entropy; they are kept in memory only. Threads: one.
#pragma once

#include "../base/clock.hpp"
#include "../base/random.hpp"
#include "../base/result.hpp"
#include "../http/message.hpp"

#include <deque>
#include <map>
#include <optional>
#include <string>

namespace emulator {

class AccessTokens {
 public:
    static constexpr std::chrono::seconds lifetime{3599};

    AccessTokens(Clock& clock, std::uint64_t tenant_life) : clock_(clock), random_(tenant_life) {}

    std::string issue();
    Verdict check(const Request& request);
    void expire_all();

 private:
    Clock& clock_;
    Random random_;
    std::map<std::string, TimePoint, std::less<>> expiry_;
    std::deque<std::string> in_order_;
};

}  // namespace emulator
