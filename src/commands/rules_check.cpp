#include "commands/rules_check.hpp"

#include "core/distinguished_name.hpp"
#include "core/mapping.hpp"
#include "core/scope.hpp"

#include <algorithm>

namespace writeback {
namespace {

// A container that is the same for every group is known before the first group is.
std::vector<ConfigError> check_constant_container(const ConfigRead& read, const Mapping& mapping) {
    const DirectoryConfig& directory = read.config->directory;
    if (!mapping.container || !mapping.container->attributes().empty()) return {};
    const auto value = mapping.container->evaluate(CloudGroup{});
    const auto* text = value ? std::get_if<std::string>(&*value) : nullptr;
    if (text == nullptr) return {};
    const Dn named(*text);
    std::vector<Dn> containers{Dn(directory.container)};
    for (const auto& container : directory.containers)
        containers.emplace_back(container);
    for (const Dn& container : containers) {
        if (is_same_name(named, container) || is_below(named, container)) return {};
    }
    std::string setting = "mapping";
    for (const auto& [name, expression] : read.config->mapping) {
        if (expression == mapping.container->text()) setting = "mapping." + name;
    }
    return {error_of(read, setting,
                     "[mapping] parentDistinguishedName: \"" + *text +
                         "\" is neither a configured container nor below one; add it to "
                         "directory.containers")};
}

}  // namespace

std::vector<ConfigError> check_rules(const ConfigRead& read) {
    const Config& config = *read.config;
    std::vector<ConfigError> errors;
    for (const auto& fault : scope_faults(config.groups))
        errors.push_back(error_of(read, fault.setting, fault.failure.detail));
    // Without a schema every attribute passes; what AD lacks is told by `--online`.
    for (const auto& fault : mapping_faults(config.mapping, {}))
        errors.push_back(error_of(read, "mapping." + fault.attribute, fault.failure.detail));
    if (const auto mapping = compile_mapping(config.mapping, {})) {
        const auto more = check_constant_container(read, *mapping);
        errors.insert(errors.end(), more.begin(), more.end());
    }
    std::stable_sort(errors.begin(), errors.end(),
                     [](const auto& a, const auto& b) { return a.line < b.line; });
    return errors;
}

}  // namespace writeback
