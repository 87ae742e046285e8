#include "request_log.hpp"

#include <algorithm>

namespace emulator {
namespace {

constexpr std::size_t kept = 1000;
constexpr std::size_t longest_target = 8000;  // a filter by 50 ids fits

}  // namespace

void RequestLog::add(RequestRecord record) {
    ++total_;
    resource_units_ += static_cast<std::uint64_t>(record.resource_units);
    ++counts_[record.operation][record.status];
    if (record.target.size() > longest_target) record.target.resize(longest_target);
    last_.push_back(std::move(record));
    if (last_.size() > kept) last_.pop_front();
}

void RequestLog::clear() {
    *this = RequestLog();
}

json::object RequestLog::describe(std::size_t count) const {
    json::object counters;
    for (const auto& [operation, by_status] : counts_) {
        json::object statuses;
        for (const auto& [status, number] : by_status)
            statuses[std::to_string(status)] = number;
        counters[operation] = std::move(statuses);
    }
    json::array last;
    for (std::size_t i = last_.size() - std::min(count, last_.size()); i < last_.size(); ++i) {
        const auto& record = last_[i];
        last.push_back({{"time", utc_text_with_fraction(record.time)},
                        {"method", record.method},
                        {"target", record.target},
                        {"operation", record.operation},
                        {"status", record.status},
                        {"client-request-id", record.client_request_id}});
    }
    return {{"total", total_},
            {"resource_units", resource_units_},
            {"counters", std::move(counters)},
            {"last", std::move(last)}};
}

}  // namespace emulator
