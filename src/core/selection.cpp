#include "core/selection.hpp"

#include "core/expression_attributes.hpp"
#include "core/mapping.hpp"
#include "core/scope.hpp"

#include <algorithm>
#include <set>
#include <string>

namespace writeback {

namespace {

constexpr const char* writeback_configuration = "writebackConfiguration";

// Whether the stream selects the property for every configuration.
bool is_always_selected(const std::string& name) {
    const auto& known = expressions::known_attributes();
    return std::any_of(known.begin(), known.end(), [&](const auto& attribute) {
        return attribute.name == name && attribute.field != nullptr;
    });
}

// Of a complex property the whole is selected.
void add(GroupSelection& selection, const std::set<std::string>& names) {
    for (const std::string& name : names) {
        if (!is_always_selected(name)) selection.properties.insert(name.substr(0, name.find('.')));
    }
}

}  // namespace

Result<GroupSelection> group_selection(const Config& config) {
    auto scope = scope_rules(config.groups);
    if (!scope) return scope.error();
    auto mapping = compile_mapping(config.mapping, {});
    if (!mapping) return mapping.error();

    GroupSelection selection;
    add(selection, mapping->reads());
    if (scope->filter) add(selection, scope->filter->attributes());
    if (!scope->role_assignable) selection.properties.insert("isAssignableToRole");
    if (scope->select == Select::writeback_configuration) {
        selection.properties.insert(writeback_configuration);
    }
    selection.beta = selection.properties.contains(writeback_configuration);
    selection.owners = mapping->managed_by;
    if (scope->select == Select::listed && scope->include.size() <= GroupSelection::most_only) {
        selection.only.assign(scope->include.begin(), scope->include.end());
    }
    return selection;
}

}  // namespace writeback
