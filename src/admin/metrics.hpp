// The metrics: counters, gauges and histograms in memory, told in Prometheus' text format 0.0.4.
//
// Failures: none. A name that the contract does not list is told as well, without a description of
// its own. Limits: 1000 label combinations a metric; what comes beyond is counted in
// "metrics_series_dropped_total". Units: as the names say. Threads: any.
#pragma once

#include <writeback/log.hpp>

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace writeback {

class MetricsRegistry final : public Metrics {
 public:
    // `version` becomes build_info's label.
    explicit MetricsRegistry(std::string_view version);

    void add(std::string_view counter, MetricLabels labels, double amount = 1) override;
    void set(std::string_view gauge, MetricLabels labels, double value) override;
    void observe(std::string_view histogram, MetricLabels labels, double seconds) override;

    // All of it as text, in the order of the names.
    [[nodiscard]] std::string exposition() const;

 private:
    enum class Kind { counter, gauge, histogram };
    struct Series {
        double value = 0;                    // of a histogram: the sum
        std::uint64_t count = 0;             // of a histogram
        std::vector<std::uint64_t> buckets;  // of a histogram: not cumulated
    };
    struct Metric {
        Kind kind = Kind::counter;
        std::string help;
        const std::vector<double>* bounds = nullptr;  // of a histogram, in seconds
        std::map<std::string, Series> series;         // by the labels as text: `code="200"`
    };

    Metric& metric(std::string_view name, Kind kind);
    Series* series(std::string_view name, Kind kind, MetricLabels labels);

    mutable std::mutex mutex_;
    std::map<std::string, Metric, std::less<>> metrics_;
};

}  // namespace writeback
