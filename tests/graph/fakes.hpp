// Small models of the ports that the Graph client stands on. Time is the model's: a wait that
// nobody rings for lets it pass at once, and is written down.
#pragma once

#include <writeback/clock.hpp>
#include <writeback/log.hpp>
#include <writeback/random.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace fakes {

using writeback::Duration;
using writeback::Instant;

class ModelClock : public writeback::Clock {
 public:
    explicit ModelClock(Instant start = Instant(std::chrono::sys_days(std::chrono::year(2026) /
                                                                      std::chrono::January / 1)))
        : wall(start) {}

    [[nodiscard]] Instant now() const override { return wall; }
    [[nodiscard]] Duration monotonic() const override { return passed; }
    [[nodiscard]] std::unique_ptr<writeback::Alarm> alarm() override {
        return std::make_unique<ModelAlarm>(*this);
    }
    writeback::Async<void> sleep(Duration duration) override {
        co_await alarm()->wait_for(duration);
    }

    void advance(Duration duration) {
        wall += duration;
        passed += duration;
    }

    Instant wall;
    Duration passed{};
    std::vector<Duration> waits;

 private:
    class ModelAlarm : public writeback::Alarm {
     public:
        explicit ModelAlarm(ModelClock& clock) : clock_(clock) {}
        writeback::Async<bool> wait_for(Duration limit) override {
            // Real time enough for whoever is about to ring, then the model's time has passed.
            const auto executor = co_await boost::asio::this_coro::executor;
            for (int turn = 0; turn < 20 && !rung_; ++turn) {
                boost::asio::steady_timer turn_of_others(executor, std::chrono::milliseconds(1));
                co_await turn_of_others.async_wait(
                    boost::asio::as_tuple(boost::asio::use_awaitable));
            }
            if (rung_) {
                rung_ = false;
                co_return true;
            }
            clock_.waits.push_back(limit);
            clock_.advance(limit);
            co_return false;
        }
        void ring() override { rung_ = true; }

     private:
        ModelClock& clock_;
        bool rung_ = false;
    };
};

class CountingRandom : public writeback::Random {
 public:
    std::uint64_t below(std::uint64_t below) override { return below - 1; }
    std::string secret(std::size_t length) override { return std::string(length, 's'); }
    std::string guid() override {
        std::string digits = std::to_string(++count_);
        return "00000000-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits;
    }

 private:
    int count_ = 0;
};

// Keeps every line as text, so that a test can look for what must not be there.
class KeptLog : public writeback::Log {
 public:
    void write(writeback::LogLevel, std::string_view event,
               std::initializer_list<writeback::LogField> fields) override {
        std::string line(event);
        for (const auto& field : fields) {
            if (const auto* text = std::get_if<std::string_view>(&field.value)) {
                line += " " + std::string(field.name) + "=" + std::string(*text);
            }
        }
        lines.push_back(std::move(line));
    }
    std::vector<std::string> lines;
};

class KeptMetrics : public writeback::Metrics {
 public:
    void add(std::string_view counter, writeback::MetricLabels labels, double amount) override {
        std::string key(counter);
        for (const auto& [name, value] : labels) {
            key += " " + std::string(name) + "=" + std::string(value);
        }
        counters[key] += amount;
    }
    void set(std::string_view, writeback::MetricLabels, double) override {}
    void observe(std::string_view, writeback::MetricLabels, double) override {}
    std::map<std::string, double> counters;
};

}  // namespace fakes
