#include "resource_budget.hpp"

#include <algorithm>

namespace emulator {

void ResourceBudget::limit(double units, Duration now, std::chrono::seconds window) {
    size_ = units;
    rate_ = units / static_cast<double>(window.count());
    left_ = size_;
    refilled_ = now;
}

std::optional<double> ResourceBudget::take(int units, Duration now) {
    if (size_ <= 0) return std::nullopt;
    const double passed = std::chrono::duration<double>(now - refilled_).count();
    left_ = std::min(size_, left_ + passed * rate_);
    refilled_ = now;
    const double wanted = std::min<double>(units, size_);
    if (left_ >= wanted) {
        left_ -= wanted;
        return std::nullopt;
    }
    left_ = std::max(-size_, left_ - 1);
    return (wanted - left_) / rate_;
}

double ResourceBudget::used() const {
    return size_ <= 0 ? 0 : 1 - left_ / size_;
}

}  // namespace emulator
