#include "routes.hpp"

#include "../base/text.hpp"

#include <algorithm>
#include <charconv>

namespace emulator {

void RouteTable::add(std::string_view method, std::string_view pattern, std::string_view operation,
                     int resource_units, Answer answer) {
    routes_.push_back({std::string(method),
                       split(pattern, '/'),
                       std::string(operation),
                       resource_units,
                       std::move(answer),
                       {}});
}

void RouteTable::add_waiting(std::string_view method, std::string_view pattern,
                             std::string_view operation, WaitingAnswer answer) {
    routes_.push_back({std::string(method),
                       split(pattern, '/'),
                       std::string(operation),
                       1,
                       {},
                       std::move(answer)});
}

RouteTable::Match RouteTable::match(std::string_view method, std::string_view path) const {
    const auto segments = split(path, '/');
    Match match;
    for (const auto& route : routes_) {
        if (route.pattern.size() != segments.size()) continue;
        std::vector<std::string> captures;
        bool same = true;
        for (std::size_t i = 0; i < segments.size() && same; ++i) {
            if (route.pattern[i] == "{}") {
                captures.push_back(segments[i]);
            } else {
                same = equal_ignoring_case(route.pattern[i], segments[i]);
            }
        }
        if (!same) continue;
        match.path_known = true;
        if (route.method == method) {
            match.route = &route;
            match.captures = std::move(captures);
            return match;
        }
    }
    return match;
}

std::string canonical_path(std::string_view decoded) {
    std::string path;
    for (auto& segment : split(decoded, '/')) {
        if (segment.empty()) continue;
        const auto key = segment.find("('");
        if (key != std::string::npos && segment.ends_with("')")) {
            path += '/' + segment.substr(0, key);
            segment = segment.substr(key + 2, segment.size() - key - 4);
        } else if (const auto named = segment.find("(appId='");
                   named != std::string::npos && segment.ends_with("')")) {
            // An alternate key takes the place of the id: servicePrincipals/appId=…
            path += '/' + segment.substr(0, named);
            segment = "appId=" + segment.substr(named + 8, segment.size() - named - 10);
        } else if (segment.ends_with("()")) {
            segment.resize(segment.size() - 2);
        }
        constexpr std::string_view qualifier = "microsoft.graph.";
        const bool function = segment == "microsoft.graph.delta" ||
                              segment == "microsoft.graph.getByIds" ||
                              segment == "microsoft.graph.restore";
        if (function) segment.erase(0, qualifier.size());
        path += '/' + segment;
    }
    return path.empty() ? path : path.substr(1);
}

int resource_units(const Route& route, const Call& call) {
    int units = route.resource_units;
    if (route.method != "GET" && route.operation != "getByIds") return units;
    if (call.query.contains("$expand")) ++units;
    if (const auto select = call.query.find("$select"); select != call.query.end()) {
        // getByIds drops from 5 to 2; everything else by one.
        units -= route.operation == "getByIds" ? 3 : 1;
    }
    if (const auto top = call.query.find("$top"); top != call.query.end()) {
        int number = 0;
        const auto& text = top->second;
        std::from_chars(text.data(), text.data() + text.size(), number);
        if (number > 0 && number < 20) --units;
    }
    return std::max(1, units);
}

}  // namespace emulator
