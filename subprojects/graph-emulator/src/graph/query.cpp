#include "query.hpp"

#include "../base/text.hpp"
#include "../tenant/schema.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace emulator {
namespace {

constexpr std::array<std::string_view, 3> tracked_relations = {"members", "owners", "memberOf"};
constexpr std::array<Kind, 5> all_kinds = {Kind::user, Kind::group, Kind::device,
                                           Kind::service_principal, Kind::org_contact};

Refusal unknown_property(std::string_view name, Kind kind) {
    return {400, "Request_BadRequest",
            "Could not find a property named '" + std::string(name) +
                "' on type 'microsoft.graph." + std::string(type_name(kind)) + "'."};
}

Selection names_in(const Parameters& query) {
    Selection names;
    const auto option = query.find("$select");
    if (option == query.end()) return names;
    for (const auto& name : split(option->second, ',')) {
        const auto plain = trimmed(name);
        if (!plain.empty() && std::find(names.begin(), names.end(), plain) == names.end()) {
            names.emplace_back(plain);
        }
    }
    return names;
}

Verdict check_name(std::string_view name, Kind kind, SelectionRules rules) {
    if (name == "id") return std::nullopt;
    const bool relation = std::find(tracked_relations.begin(), tracked_relations.end(), name) !=
                          tracked_relations.end();
    if (relation && rules.tracked) return std::nullopt;
    if (is_directory_extension(name)) return std::nullopt;
    const auto* property = find_property(kind, name);
    if (property == nullptr || (property->beta_only && !rules.beta)) {
        return unknown_property(name, kind);
    }
    if (rules.tracked && property->returned == Returned::outside_store) {
        return Refusal{501, "NotImplemented", "This operation target is not yet supported."};
    }
    return std::nullopt;
}

}  // namespace

Result<Selection> parse_selection(const Parameters& query, Kind kind, SelectionRules rules) {
    auto names = names_in(query);
    for (const auto& name : names) {
        if (auto refusal = check_name(name, kind, rules)) return *refusal;
    }
    return names;
}

Result<Selection> parse_mixed_selection(const Parameters& query, bool beta) {
    auto names = names_in(query);
    for (const auto& name : names) {
        const bool known = std::any_of(all_kinds.begin(), all_kinds.end(), [&](Kind kind) {
            return !check_name(name, kind, {.beta = beta});
        });
        if (!known) {
            return Refusal{400, "Request_BadRequest",
                           "Could not find a property named '" + name +
                               "' on type 'microsoft.graph.directoryObject'."};
        }
    }
    return names;
}

Result<std::size_t> parse_top(const Parameters& query, std::size_t otherwise, std::size_t largest) {
    const auto option = query.find("$top");
    if (option == query.end()) return otherwise;
    std::size_t number = 0;
    const auto& text = option->second;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number == 0 ||
        number > largest) {
        return Refusal{400, "Request_UnsupportedQuery",
                       "Invalid page size specified: '" + text + "'. Must be between 1 and " +
                           std::to_string(largest) + " inclusive."};
    }
    return number;
}

}  // namespace emulator
