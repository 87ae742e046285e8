#include "representation.hpp"

#include "../tenant/schema.hpp"
#include "../tenant/writeback_configuration.hpp"

#include <algorithm>

namespace emulator {
namespace {

bool is_shown(const Property& property, const Selection& selection, Form form) {
    if (property.beta_only && !form.beta) return false;
    if (!selection.empty()) {
        return std::find(selection.begin(), selection.end(), property.name) != selection.end();
    }
    return property.returned == Returned::always ||
           (property.returned == Returned::outside_store && form.with_outside_store);
}

/// Directory extensions are shown where they are selected and have a value.
void add_extensions(json::object& shown, const DirectoryObject& object,
                    const Selection& selection) {
    for (const auto& name : selection) {
        if (!is_directory_extension(name)) continue;
        const auto* value = object.properties.if_contains(name);
        if (value != nullptr && !value->is_null()) shown[name] = *value;
    }
}

}  // namespace

json::object represent(const DirectoryObject& object, const Selection& selection, Form form) {
    json::object shown;
    if (form.with_type) shown["@odata.type"] = odata_type(object.kind);
    shown["id"] = object.id;
    const bool readable = form.permissions == nullptr || form.permissions->may_read(object.kind);
    for (const auto& property : properties_of(object.kind)) {
        if (!is_shown(property, selection, form)) continue;
        const json::string_view name(property.name.data(), property.name.size());
        if (!readable) {
            shown[name] = nullptr;
            continue;
        }
        if (name == "deletedDateTime" && object.state() == Life::soft_deleted) {
            shown[name] = utc_text(object.soft_deleted_at);
            continue;
        }
        const auto* value = object.properties.if_contains(name);
        if (name == "writebackConfiguration") {
            shown[name] =
                shown_writeback_configuration(value, object.is_unified(), form.writeback_defaults);
        } else {
            shown[name] = value != nullptr ? *value : value_when_unset(property);
        }
    }
    if (readable) add_extensions(shown, object, selection);
    return shown;
}

json::object represent_deleted(const DirectoryObject& object, const Selection& selection,
                               Form form) {
    auto shown = represent(object, selection, form);
    if (object.kind == Kind::group && shown.contains("securityEnabled")) {
        shown["securityEnabled"] = false;
    }
    return shown;
}

}  // namespace emulator
