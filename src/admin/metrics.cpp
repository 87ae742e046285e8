#include "admin/metrics.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace writeback {

namespace {

constexpr std::size_t most_series = 1000;
constexpr std::string_view prefix = "group_writeback_";
constexpr std::string_view dropped_name = "metrics_series_dropped_total";

const std::vector<double> quick_bounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                       0.1,    0.25,  0.5,    1,     2.5,  5,     10};
const std::vector<double> slow_bounds{0.05, 0.1, 0.25, 0.5, 1,   1.5, 2,   3,
                                      5,    10,  30,   60,  300, 900, 3600};

enum class Type { counter, gauge, histogram };

struct Known {
    std::string_view name;
    Type type;
    bool labelled;
    std::string_view help;
};

constexpr Known catalogue[] = {
    {"build_info", Type::gauge, true, "Always 1; the label tells the version."},
    {"delta_rounds_begun_total", Type::counter, true,
     "Delta rounds, by stream and cause; extra: for hints whose change had not shown yet."},
    {"delta_rounds_total", Type::counter, true, "Delta rounds, by stream and how they ended."},
    {"delta_token_age_seconds", Type::gauge, true,
     "Time since the last finished delta round of a stream."},
    {"drift_repaired_total", Type::counter, false,
     "Changes made in Active Directory by others that were undone."},
    {"graph_requests_total", Type::counter, true,
     "Requests to Microsoft Graph, by operation and status code."},
    {"graph_throttled_seconds_total", Type::counter, false,
     "Time that Microsoft Graph has asked to wait."},
    {"groups", Type::gauge, true, "Groups that are managed, dirty or held."},
    {"guard_trips_total", Type::counter, true, "Times that a limit of the guard held something."},
    {"hints_settled_total", Type::counter, true,
     "Hints that wait no more: a round showed their object, a newer one took their place, they "
     "were given up, the stream is not asked for their group, or they were lifecycle events."},
    {"hints_waiting", Type::gauge, false,
     "Groups and users whose hints wait for the round that shows them."},
    {"ldap_operation_seconds", Type::histogram, false, "Time that an LDAP operation took."},
    {"ldap_operations_total", Type::counter, true, "LDAP operations, by kind and result."},
    {"members_unresolved", Type::gauge, true,
     "Members of written groups without an identity in Active Directory, by reason."},
    {dropped_name, Type::counter, false,
     "Values that were left out because a metric had too many combinations of labels."},
    {"notification_ack_seconds", Type::histogram, false,
     "Time from a notification's arrival to its answer."},
    {"notification_to_write_seconds", Type::histogram, false,
     "Time from a notification's arrival to Active Directory's yes."},
    {"notifications_received_total", Type::counter, true, "Notifications, by what became of them."},
    {"oldest_dirty_seconds", Type::gauge, false,
     "How long the oldest group that waits to be written has waited."},
    {"subscription_expiration_timestamp_seconds", Type::gauge, true,
     "When a subscription ends, in Unix time."},
};

const Known* known_metric(std::string_view name) {
    const auto found = std::find_if(std::begin(catalogue), std::end(catalogue),
                                    [&](const Known& known) { return known.name == name; });
    return found == std::end(catalogue) ? nullptr : found;
}

const std::vector<double>& bounds_of(std::string_view name) {
    return name == "notification_to_write_seconds" ? slow_bounds : quick_bounds;
}

std::string number_text(double number) {
    if (std::isnan(number)) return "NaN";
    if (std::isinf(number)) return number > 0 ? "+Inf" : "-Inf";
    char text[32];
    const double size = std::abs(number);
    const bool plain = size == 0 || (size >= 1e-6 && size < 1e15);
    const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
    return {text, std::to_chars(text, text + sizeof text, number, format).ptr};
}

// Names come from the program itself; this only keeps a slip from spoiling the whole text.
std::string name_text(std::string_view name) {
    std::string text;
    for (const char c : name) {
        const bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
                          (c >= '0' && c <= '9' && !text.empty());
        text += fine ? c : '_';
    }
    return text;
}

std::string labels_text(MetricLabels labels) {
    std::string text;
    for (const auto& [name, value] : labels) {
        if (!text.empty()) text += ',';
        text += name_text(name) + "=\"";
        for (const char c : value) {
            if (c == '\\' || c == '"') text += '\\';
            text += c == '\n' ? std::string("\\n") : std::string(1, c);
        }
        text += '"';
    }
    return text;
}

std::string in_braces(const std::string& labels, const std::string& more = {}) {
    if (labels.empty() && more.empty()) return {};
    return "{" + labels + (labels.empty() || more.empty() ? "" : ",") + more + "}";
}

}  // namespace

MetricsRegistry::MetricsRegistry(std::string_view version) {
    for (const auto& known : catalogue) {
        const auto kind = static_cast<Kind>(known.type);
        metric(known.name, kind);
        // What has no labels stands at zero from the start, so that a rate can be taken of it. A
        // gauge has no value before somebody knows one.
        if (!known.labelled && kind != Kind::gauge) series(known.name, kind, {});
    }
    set("build_info", {{"version", version}}, 1);
}

void MetricsRegistry::add(std::string_view counter, MetricLabels labels, double amount) {
    const std::lock_guard lock(mutex_);
    if (auto* found = series(counter, Kind::counter, labels)) found->value += amount;
}

void MetricsRegistry::set(std::string_view gauge, MetricLabels labels, double value) {
    const std::lock_guard lock(mutex_);
    if (auto* found = series(gauge, Kind::gauge, labels)) found->value = value;
}

void MetricsRegistry::observe(std::string_view histogram, MetricLabels labels, double seconds) {
    const std::lock_guard lock(mutex_);
    auto* found = series(histogram, Kind::histogram, labels);
    if (found == nullptr) return;
    const auto& bounds = bounds_of(histogram);
    const auto bucket = std::lower_bound(bounds.begin(), bounds.end(), seconds) - bounds.begin();
    found->value += seconds;
    ++found->count;
    ++found->buckets[static_cast<std::size_t>(bucket)];
}

MetricsRegistry::Metric& MetricsRegistry::metric(std::string_view name, Kind kind) {
    if (const auto found = metrics_.find(name); found != metrics_.end()) return found->second;
    Metric& made = metrics_[std::string(name)];
    const auto* known = known_metric(name);
    made.kind = kind;
    made.help = known == nullptr ? "Not described." : known->help;
    if (kind == Kind::histogram) made.bounds = &bounds_of(name);
    return made;
}

MetricsRegistry::Series* MetricsRegistry::series(std::string_view name, Kind kind,
                                                 MetricLabels labels) {
    Metric& owner = metric(name, kind);
    if (owner.kind != kind) return nullptr;
    const auto text = labels_text(labels);
    const auto found = owner.series.find(text);
    if (found != owner.series.end()) return &found->second;
    if (owner.series.size() >= most_series) {
        metric(dropped_name, Kind::counter).series[""].value += 1;
        return nullptr;
    }
    Series& made = owner.series[text];
    if (kind == Kind::histogram) made.buckets.resize(owner.bounds->size() + 1);
    return &made;
}

std::string MetricsRegistry::exposition() const {
    constexpr std::string_view kinds[] = {"counter", "gauge", "histogram"};
    const std::lock_guard lock(mutex_);
    std::string text;
    for (const auto& [key, metric] : metrics_) {
        const auto name = std::string(prefix) + name_text(key);
        text += "# HELP " + name + " " + metric.help + "\n# TYPE " + name + " ";
        text += kinds[static_cast<int>(metric.kind)];
        text += "\n";
        for (const auto& [labels, series] : metric.series) {
            if (metric.kind != Kind::histogram) {
                text += name + in_braces(labels) + " " + number_text(series.value) + "\n";
                continue;
            }
            std::uint64_t total = 0;
            for (std::size_t i = 0; i < series.buckets.size(); ++i) {
                total += series.buckets[i];
                const auto bound =
                    i < metric.bounds->size() ? number_text((*metric.bounds)[i]) : "+Inf";
                text += name + "_bucket" + in_braces(labels, "le=\"" + bound + "\"") + " " +
                        std::to_string(total) + "\n";
            }
            text += name + "_sum" + in_braces(labels) + " " + number_text(series.value) + "\n";
            text += name + "_count" + in_braces(labels) + " " + std::to_string(series.count) + "\n";
        }
    }
    return text;
}

}  // namespace writeback
