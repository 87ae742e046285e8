// Log, audit and metrics that keep what they were told, and chance from a seed.
#pragma once

#include <writeback/log.hpp>
#include <writeback/random.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace writeback::fakes {

struct LogLine {
    LogLevel level = LogLevel::info;
    std::string event;
    std::map<std::string, std::string> fields;
};

class RecordingLog final : public Log {
 public:
    void write(LogLevel level, std::string_view event,
               std::initializer_list<LogField> fields) override {
        LogLine line{level, std::string(event), {}};
        for (const auto& field : fields) {
            line.fields[std::string(field.name)] = std::visit(
                [](const auto& value) {
                    using Value = std::decay_t<decltype(value)>;
                    if constexpr (std::is_same_v<Value, std::string_view>) {
                        return std::string(value);
                    } else {
                        return std::to_string(value);
                    }
                },
                field.value);
        }
        lines.push_back(std::move(line));
    }

    [[nodiscard]] std::int64_t count(std::string_view event) const {
        return std::count_if(lines.begin(), lines.end(),
                             [&](const LogLine& line) { return line.event == event; });
    }

    std::vector<LogLine> lines;
};

class RecordingAudit final : public Audit {
 public:
    void record(const AuditLine& line) override { lines.push_back(line); }
    std::vector<AuditLine> lines;
};

class RecordingMetrics final : public Metrics {
 public:
    void add(std::string_view counter, MetricLabels labels, double amount) override {
        values[key(counter, labels)] += amount;
    }
    void set(std::string_view gauge, MetricLabels labels, double value) override {
        values[key(gauge, labels)] = value;
    }
    void observe(std::string_view histogram, MetricLabels labels, double seconds) override {
        observed[key(histogram, labels)].push_back(seconds);
    }

    // "delta_rounds_total{groups,done}"
    [[nodiscard]] double value(const std::string& name) const {
        const auto found = values.find(name);
        return found == values.end() ? 0 : found->second;
    }

    std::map<std::string, double> values;
    std::map<std::string, std::vector<double>> observed;

 private:
    static std::string key(std::string_view name, MetricLabels labels) {
        std::string text(name);
        if (labels.size() == 0) return text;
        text += '{';
        bool first = true;
        for (const auto& [label, value] : labels) {
            if (!std::exchange(first, false)) text += ',';
            text += value;
        }
        return text + '}';
    }
};

// splitmix64: one seed is one sequence, on every machine.
class ModelRandom final : public Random {
 public:
    explicit ModelRandom(std::uint64_t seed) : state_(seed) {}

    std::uint64_t below(std::uint64_t below) override { return next() % below; }
    std::string secret(std::size_t length) override {
        constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789";
        std::string text;
        while (text.size() < length)
            text += letters[next() % letters.size()];
        return text;
    }
    std::string guid() override {
        constexpr std::string_view digits = "0123456789abcdef";
        std::string text = "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx";
        for (char& c : text) {
            if (c == 'x') c = digits[next() % digits.size()];
        }
        return text;
    }

 private:
    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15U;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
        mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
        return mixed ^ (mixed >> 31U);
    }
    std::uint64_t state_;
};

}  // namespace writeback::fakes
