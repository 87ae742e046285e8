#include "scenario.hpp"

#include "faults.hpp"

#include <set>

namespace emulator {
namespace {

constexpr std::size_t most_steps = 1000;
constexpr std::size_t most_requests = 100000;
constexpr double longest_seconds = 7 * 86400;

/// The {names} in a text: letters, digits and underscores between braces.
std::vector<std::string> names_in(std::string_view text) {
    std::vector<std::string> names;
    for (auto open = text.find('{'); open != std::string_view::npos;
         open = text.find('{', open + 1)) {
        const auto close = text.find('}', open);
        if (close == std::string_view::npos) break;
        const auto name = text.substr(open + 1, close - open - 1);
        const bool plain = name.find_first_not_of(
                               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") ==
                           std::string_view::npos;
        if (plain && !name.empty()) names.emplace_back(name);
    }
    return names;
}

/// Reads one step; `problem` tells the first thing that is wrong.
class StepReader {
 public:
    explicit StepReader(const json::object& body) : body_(body) {}

    ScenarioStep read() {
        static const std::set<std::string_view> known = {"request",       "body",     "on",
                                                         "nth",           "times",    "at_seconds",
                                                         "every_seconds", "remember", "comment"};
        for (const auto& [key, value] : body_) {
            if (!known.contains(std::string_view(key.data(), key.size())))
                complain("unknown key '" + std::string(key) + "'");
        }
        read_request();
        step_.at = seconds("at_seconds");
        step_.every = seconds("every_seconds");
        step_.nth = count("nth");
        step_.times = count("times");
        read_trigger();
        read_remember();
        return std::move(step_);
    }

    const std::string& problem() const { return problem_; }

 private:
    void complain(std::string problem) {
        if (problem_.empty()) problem_ = std::move(problem);
    }

    void read_request() {
        const std::string request(text_at(body_, "request").value_or(""));
        const auto blank = request.find(' ');
        if (blank == std::string::npos) return complain("'request' must be \"METHOD /path\"");
        step_.method = request.substr(0, blank);
        step_.target = request.substr(blank + 1);
        static const std::set<std::string_view> methods = {"GET", "POST", "PATCH", "PUT", "DELETE"};
        if (!methods.contains(step_.method)) complain("unknown method " + step_.method);
        const std::string_view target = step_.target;
        if (!target.starts_with("/emulator/") && !target.starts_with("/v1.0/") &&
            !target.starts_with("/beta/")) {
            complain("the path must begin with /emulator/, /v1.0/ or /beta/");
        }
        if (target.starts_with("/emulator/scenario")) complain("a scenario can't begin another");
        if (const auto* body = body_.if_contains("body")) step_.body = *body;
    }

    void read_trigger() {
        if (!body_.contains("on")) {
            if (body_.contains("nth")) complain("'nth' needs 'on'");
            if (step_.times > 1 && step_.every.count() <= 0)
                complain("'times' needs 'every_seconds'");
            return;
        }
        step_.on = text_at(body_, "on").value_or("");
        if (!is_operation(step_.on)) complain("'on' names no operation: '" + step_.on + "'");
        if (body_.contains("at_seconds") || body_.contains("every_seconds"))
            complain("a step has either a time or 'on'");
    }

    void read_remember() {
        const auto* remember = body_.if_contains("remember");
        if (remember == nullptr) return;
        if (!remember->is_object()) return complain("'remember' must be {\"name\": \"/pointer\"}");
        for (const auto& [name, pointer] : remember->get_object()) {
            if (!pointer.is_string() || !pointer.get_string().starts_with('/') || name == "n")
                return complain("'remember' must be {\"name\": \"/pointer\"}, and not 'n'");
            step_.remember.emplace(name, pointer.get_string());
        }
    }

    Duration seconds(std::string_view key) {
        if (!body_.contains({key.data(), key.size()})) return Duration{0};
        const auto read = number_at(body_, key);
        if (!read || *read < 0 || *read > longest_seconds) {
            complain("'" + std::string(key) + "' must be seconds, up to a week");
            return Duration{0};
        }
        return Duration(static_cast<std::int64_t>(*read * 1e6));
    }

    std::size_t count(std::string_view key) {
        if (!body_.contains({key.data(), key.size()})) return 1;
        const auto read = integer_at(body_, key);
        if (!read || *read < 1 || *read > static_cast<std::int64_t>(most_requests)) {
            complain("'" + std::string(key) + "' must be a number from 1 on");
            return 1;
        }
        return static_cast<std::size_t>(*read);
    }

    const json::object& body_;
    ScenarioStep step_;
    std::string problem_;
};

std::string unknown_name(const Scenario& scenario) {
    std::set<std::string> known = {"n"};
    for (const auto& step : scenario.steps) {
        for (const auto& [name, pointer] : step.remember)
            known.insert(name);
    }
    for (const auto& step : scenario.steps) {
        for (const auto& name : names_in(step.target + json::serialize(step.body))) {
            if (!known.contains(name)) return name;
        }
    }
    return {};
}

}  // namespace

std::variant<Scenario, std::string> parse_scenario(std::string_view text) {
    const auto parsed = parse_json(text);
    if (!parsed || !parsed->is_object()) return "a scenario is a JSON object";
    const auto& body = parsed->get_object();
    Scenario scenario;
    for (const auto& [key, value] : body) {
        if (key != "description" && key != "speed" && key != "steps")
            return "unknown key '" + std::string(key) + "'";
    }
    scenario.description = text_at(body, "description").value_or("");
    if (body.contains("speed")) scenario.speed = number_at(body, "speed").value_or(0);
    if (!(scenario.speed >= 0.001 && scenario.speed <= 1e6))
        return "'speed' must be a number from 0.001 to 1000000";
    const auto* steps = body.if_contains("steps");
    if (steps == nullptr || !steps->is_array() || steps->get_array().size() > most_steps)
        return "'steps' must be a list of at most 1000";
    std::size_t requests = 0;
    for (const auto& step : steps->get_array()) {
        const std::string place = "step " + std::to_string(scenario.steps.size() + 1) + ": ";
        if (!step.is_object()) return place + "it is no object";
        StepReader reader(step.get_object());
        scenario.steps.push_back(reader.read());
        if (!reader.problem().empty()) return place + reader.problem();
        requests += scenario.steps.back().times;
    }
    if (requests > most_requests) return "a scenario makes at most 100000 requests";
    const auto unknown = unknown_name(scenario);
    if (!unknown.empty()) return "no step remembers '" + unknown + "'";
    return scenario;
}

std::string with_names(std::string_view text, const ScenarioNames& names) {
    std::string whole(text);
    for (const auto& name : names_in(text)) {
        const auto known = names.find(name);
        if (known == names.end()) continue;
        const auto place = whole.find('{' + name + '}');
        whole.replace(place, name.size() + 2, known->second);
    }
    return whole;
}

json::value with_names(const json::value& value, const ScenarioNames& names) {
    if (value.is_string()) {
        const auto& text = value.get_string();
        return json::value(with_names(std::string_view(text.data(), text.size()), names));
    }
    if (value.is_array()) {
        json::array list;
        for (const auto& item : value.get_array())
            list.push_back(with_names(item, names));
        return list;
    }
    if (!value.is_object()) return value;
    json::object object;
    for (const auto& [key, item] : value.get_object())
        object[key] = with_names(item, names);
    return object;
}

}  // namespace emulator
