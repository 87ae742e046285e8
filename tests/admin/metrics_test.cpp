#include "admin/metrics.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <regex>
#include <sstream>
#include <thread>
#include <vector>

using namespace writeback;

namespace {

bool has_line(const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("every metric of the contract is described before it has a value") {
    const MetricsRegistry metrics("1.2.3");
    const auto text = metrics.exposition();
    for (const auto* name :
         {"notifications_received_total counter", "notification_ack_seconds histogram",
          "notification_to_write_seconds histogram", "delta_rounds_total counter",
          "delta_token_age_seconds gauge", "graph_requests_total counter",
          "graph_throttled_seconds_total counter",
          "subscription_expiration_timestamp_seconds gauge", "groups gauge",
          "oldest_dirty_seconds gauge", "members_unresolved gauge", "ldap_operations_total counter",
          "ldap_operation_seconds histogram", "guard_trips_total counter",
          "drift_repaired_total counter", "build_info gauge"}) {
        CHECK(has_line(text, "# TYPE group_writeback_" + std::string(name)));
        const std::string word(name);
        CHECK(text.find("# HELP group_writeback_" + word.substr(0, word.find(' ')) + " ") !=
              std::string::npos);
    }
    CHECK(has_line(text, "group_writeback_build_info{version=\"1.2.3\"} 1"));
    CHECK(has_line(text, "group_writeback_drift_repaired_total 0"));
    CHECK(has_line(text, "group_writeback_notification_ack_seconds_count 0"));
}

TEST_CASE("counters add up, gauges are replaced, each by its labels") {
    MetricsRegistry metrics("1");
    metrics.add("graph_requests_total", {{"operation", "delta"}, {"code", "200"}});
    metrics.add("graph_requests_total", {{"operation", "delta"}, {"code", "200"}}, 2);
    metrics.add("graph_requests_total", {{"operation", "delta"}, {"code", "429"}});
    metrics.set("groups", {{"state", "dirty"}}, 7);
    metrics.set("groups", {{"state", "dirty"}}, 0.5);
    const auto text = metrics.exposition();
    CHECK(
        has_line(text, "group_writeback_graph_requests_total{operation=\"delta\",code=\"200\"} 3"));
    CHECK(
        has_line(text, "group_writeback_graph_requests_total{operation=\"delta\",code=\"429\"} 1"));
    CHECK(has_line(text, "group_writeback_groups{state=\"dirty\"} 0.5"));
}

TEST_CASE("a histogram's buckets are cumulated up to infinity") {
    MetricsRegistry metrics("1");
    for (const double seconds : {0.0005, 0.0006, 0.3, 100.0})
        metrics.observe("ldap_operation_seconds", {}, seconds);
    const auto text = metrics.exposition();
    const std::string name = "group_writeback_ldap_operation_seconds";
    CHECK(has_line(text, name + "_bucket{le=\"0.0005\"} 1"));
    CHECK(has_line(text, name + "_bucket{le=\"0.001\"} 2"));
    CHECK(has_line(text, name + "_bucket{le=\"0.5\"} 3"));
    CHECK(has_line(text, name + "_bucket{le=\"10\"} 3"));
    CHECK(has_line(text, name + "_bucket{le=\"+Inf\"} 4"));
    CHECK(has_line(text, name + "_count 4"));
    CHECK(text.find(name + "_sum 100.30") != std::string::npos);
}

TEST_CASE("a name that nobody knows is told all the same, and a strange one spoils nothing") {
    MetricsRegistry metrics("1");
    metrics.add("queue_full_total", {{"kind", "a\"b\\c\nd"}});
    metrics.set("strange name{", {}, 1);
    metrics.observe("queue_full_total", {}, 1);
    const auto text = metrics.exposition();
    CHECK(has_line(text, "group_writeback_queue_full_total{kind=\"a\\\"b\\\\c\\nd\"} 1"));
    CHECK(has_line(text, "# TYPE group_writeback_queue_full_total counter"));
    CHECK(has_line(text, "group_writeback_strange_name_ 1"));
}

TEST_CASE("a metric has a limit of label combinations, and what is left out is counted") {
    MetricsRegistry metrics("1");
    for (int i = 0; i < 1010; ++i)
        metrics.add("graph_requests_total", {{"operation", std::to_string(i)}, {"code", "200"}});
    const auto text = metrics.exposition();
    CHECK(has_line(text, "group_writeback_metrics_series_dropped_total 10"));
    CHECK(text.find("operation=\"999\"") != std::string::npos);
    CHECK(text.find("operation=\"1000\"") == std::string::npos);
}

TEST_CASE("many threads count and read at once, and nothing is lost") {
    MetricsRegistry metrics("1");
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 4; ++thread) {
            threads.emplace_back([&metrics] {
                for (int i = 0; i < 1000; ++i)
                    metrics.add("guard_trips_total", {{"limit", "max_group_deletions"}});
            });
        }
        for (int i = 0; i < 20; ++i)
            CHECK_FALSE(metrics.exposition().empty());
    }
    CHECK(has_line(metrics.exposition(),
                   "group_writeback_guard_trips_total{limit=\"max_group_deletions\"} 4000"));
}

TEST_CASE("every line is of the text format's grammar") {
    MetricsRegistry metrics("1.2.3");
    metrics.observe("ldap_operation_seconds", {}, 1e-9);
    metrics.observe("other_seconds", {{"kind", "x"}}, 1e20);
    metrics.set("groups", {{"state", "he\"ld"}}, 1e300);
    metrics.set("delta_token_age_seconds", {{"stream", "groups"}}, -0.25);
    const std::regex grammar(
        R"re(# HELP [a-z_]+ [A-Z].*|# TYPE [a-z_]+ (counter|gauge|histogram)|[a-z_]+(\{[a-z]+="([^"\\]|\\.)*"(,[a-z]+="([^"\\]|\\.)*")*\})? -?[0-9.]+(e[+-][0-9]+)?)re");
    std::istringstream lines(metrics.exposition());
    for (std::string line; std::getline(lines, line);) {
        CAPTURE(line);
        CHECK(std::regex_match(line, grammar));
    }
}
