#include "writeback_configuration.hpp"

#include <algorithm>
#include <array>

namespace emulator {
namespace {

constexpr const char* enabled_key = "isEnabled";
constexpr const char* type_key = "onPremisesGroupType";
constexpr const char* security_type = "universalSecurityGroup";
constexpr const char* distribution_type = "universalDistributionGroup";
constexpr std::array<std::string_view, 3> types = {distribution_type, security_type,
                                                   "universalMailEnabledSecurityGroup"};

Refusal refused(const std::string& part) {
    return {400, "Request_BadRequest",
            "Invalid value specified for property '" + part + "' of resource 'Group'."};
}

json::value part_of(const json::value* configuration, const char* key) {
    if (configuration == nullptr || !configuration->is_object()) return nullptr;
    const auto* part = configuration->get_object().if_contains(key);
    return part == nullptr ? json::value(nullptr) : *part;
}

}  // namespace

Verdict check_writeback_configuration(const json::value& value, bool unified) {
    if (value.is_null()) return std::nullopt;
    if (!value.is_object()) return refused("writebackConfiguration");
    for (const auto& [key, part] : value.get_object()) {
        if (key.find("@odata") != json::string_view::npos) continue;
        const bool enabled = key == enabled_key;
        if (!enabled && key != type_key) return refused("writebackConfiguration");
        if (part.is_null()) continue;
        if (enabled ? !part.is_bool() : !part.is_string()) return refused(std::string(key));
        if (enabled) continue;
        const auto& type = part.get_string();
        const bool known = std::any_of(types.begin(), types.end(), [&](std::string_view one) {
            return type == json::string_view(one);
        });
        if (!known || (!unified && type != security_type)) return refused(type_key);
    }
    return std::nullopt;
}

json::value changed_writeback_configuration(const json::value* present, const json::value& change) {
    if (!change.is_object()) return nullptr;
    json::object result;
    for (const auto* key : {enabled_key, type_key}) {
        const auto* part = change.get_object().if_contains(key);
        result[key] = part == nullptr ? part_of(present, key) : *part;
    }
    return result;
}

json::value shown_writeback_configuration(const json::value* stored, bool unified,
                                          bool documented_defaults) {
    json::object shown{{enabled_key, part_of(stored, enabled_key)},
                       {type_key, part_of(stored, type_key)}};
    if (!documented_defaults) return shown;
    if (shown[enabled_key].is_null()) shown[enabled_key] = unified;
    if (shown[type_key].is_null()) shown[type_key] = unified ? distribution_type : security_type;
    return shown;
}

}  // namespace emulator
