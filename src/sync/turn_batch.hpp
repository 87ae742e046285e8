// What many coroutines hand in within one turn of the thread is committed once for all of them.
//
// Failures: each who handed in gets the one answer. Ownership: items are moved in. Threads: one.
#pragma once

#include <writeback/async.hpp>
#include <writeback/clock.hpp>
#include <writeback/result.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace writeback {

template <class Item>
class TurnBatch {
 public:
    using Commit = std::function<Result<Done>(const std::vector<Item>&)>;

    TurnBatch(Clock& clock, Commit commit) : clock_(clock), commit_(std::move(commit)) {}

    Async<Result<Done>> submit(Item item) {
        items_.push_back(std::move(item));
        auto seat = std::make_shared<Seat>();
        seat->alarm = clock_.alarm();
        seats_.push_back(seat);
        if (seats_.size() == 1) {
            co_await seat->alarm->wait_for(Duration::zero());
            commit_all();
        }
        while (!seat->answer)
            co_await seat->alarm->wait_for(std::chrono::hours(1));
        co_return *seat->answer;
    }

 private:
    struct Seat {
        std::unique_ptr<Alarm> alarm;
        std::optional<Result<Done>> answer;
    };

    void commit_all() {
        const auto items = std::exchange(items_, {});
        const auto seats = std::exchange(seats_, {});
        const auto answer = commit_(items);
        for (const auto& seat : seats) {
            seat->answer = answer;
            seat->alarm->ring();
        }
    }

    Clock& clock_;
    Commit commit_;
    std::vector<Item> items_;
    std::vector<std::shared_ptr<Seat>> seats_;
};

}  // namespace writeback
