// The inbox in memory: what append() has answered is kept, also over a crash of the story.
#pragma once

#include <writeback/notification.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace writeback::fakes {

class ModelInbox final : public InboxWriter, public InboxReader {
 public:
    Async<Result<Done>> append(std::vector<Hint> hints) override {
        if (full) co_return *full;
        for (auto& hint : hints) {
            hint.id = ++last_;
            kept.emplace(hint.id, std::move(hint));
        }
        co_return Done{};
    }

    Result<std::vector<Hint>> read(std::int64_t after, std::size_t limit) override {
        std::vector<Hint> found;
        for (auto hint = kept.upper_bound(after); hint != kept.end() && found.size() < limit;
             ++hint) {
            found.push_back(hint->second);
        }
        return found;
    }

    Result<Done> forget(const std::vector<std::int64_t>& ids) override {
        for (const auto id : ids)
            kept.erase(id);
        return Done{};
    }

    std::map<std::int64_t, Hint> kept;
    std::optional<Failure> full;

 private:
    std::int64_t last_ = 0;
};

}  // namespace writeback::fakes
