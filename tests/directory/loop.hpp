// What the tests of the directory share: a loop that runs one coroutine to its end, and a log and
// metrics that remember.
#pragma once

#include <writeback/async.hpp>
#include <writeback/log.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace writeback::testing {

class Loop {
 public:
    boost::asio::io_context context;

    // Runs until the coroutine has ended; a coroutine that does not end in time fails the test.
    template <class T>
    T run(Async<T> work, std::chrono::seconds limit = std::chrono::seconds(60)) {
        std::optional<T> result;
        std::exception_ptr thrown;
        boost::asio::co_spawn(context, std::move(work), [&](std::exception_ptr error, T value) {
            thrown = error;
            if (!error) result.emplace(std::move(value));
        });
        run_until([&] { return result || thrown; }, limit);
        if (thrown) std::rethrow_exception(thrown);
        return std::move(*result);
    }

    void run(Async<void> work, std::chrono::seconds limit = std::chrono::seconds(60)) {
        bool done = false;
        boost::asio::co_spawn(context, std::move(work), [&](std::exception_ptr error) {
            done = true;
            if (error) std::rethrow_exception(error);
        });
        run_until([&] { return done; }, limit);
    }

    // Starts a coroutine whose result is looked at later.
    template <class T>
    std::shared_ptr<std::optional<T>> start(Async<T> work) {
        auto result = std::make_shared<std::optional<T>>();
        boost::asio::co_spawn(context, std::move(work),
                              [result](std::exception_ptr error, T value) {
                                  if (error) std::rethrow_exception(error);
                                  result->emplace(std::move(value));
                              });
        return result;
    }

    template <class Condition>
    void run_until(Condition condition, std::chrono::seconds limit = std::chrono::seconds(60)) {
        const auto deadline = std::chrono::steady_clock::now() + limit;
        while (!condition()) {
            if (std::chrono::steady_clock::now() > deadline) {
                throw std::runtime_error("what the test waits for did not happen in time");
            }
            context.restart();
            context.run_one_for(std::chrono::milliseconds(100));
        }
    }
};

class RememberingLog final : public Log {
 public:
    struct Line {
        LogLevel level;
        std::string event;
        std::map<std::string, std::string> fields;
    };
    std::vector<Line> lines;

    void write(LogLevel level, std::string_view event,
               std::initializer_list<LogField> fields) override {
        Line line{level, std::string(event), {}};
        for (const auto& field : fields) {
            if (const auto* text = std::get_if<std::string_view>(&field.value)) {
                line.fields.emplace(field.name, *text);
            }
        }
        lines.push_back(std::move(line));
    }

    [[nodiscard]] std::size_t count(std::string_view event) const {
        std::size_t found = 0;
        for (const auto& line : lines)
            found += line.event == event ? 1 : 0;
        return found;
    }
};

class RememberingMetrics final : public Metrics {
 public:
    std::map<std::string, double> counters;  // "search success"
    int observations = 0;

    void add(std::string_view counter, MetricLabels labels, double amount) override {
        if (counter != "ldap_operations_total") return;
        std::string key;
        for (const auto& [name, value] : labels) {
            key += (key.empty() ? "" : " ") + std::string(value);
        }
        counters[key] += amount;
    }
    void set(std::string_view, MetricLabels, double) override {}
    void observe(std::string_view, MetricLabels, double) override { ++observations; }
};

}  // namespace writeback::testing
