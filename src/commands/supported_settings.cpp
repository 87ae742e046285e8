#include "commands/supported_settings.hpp"

#include "core/projection.hpp"
#include "core/scope.hpp"

namespace writeback {

std::vector<ConfigError> check_supported(const ConfigRead& read) {
    const Config& config = *read.config;
    std::vector<ConfigError> errors;
    if (const auto scope = scope_rules(config.groups); !scope)
        errors.push_back(error_of(read, "groups.select", scope.error().detail));
    const auto rules = projection_rules(config.groups, config.directory, config.mapping, {});
    if (!rules) {
        const std::string setting =
            config.mapping.empty() ? "mapping" : "mapping." + config.mapping.begin()->first;
        errors.push_back(error_of(read, setting, rules.error().detail));
    }
    return errors;
}

}  // namespace writeback
