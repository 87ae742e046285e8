#include "representation.hpp"

#include "../tenant/schema.hpp"

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

}  // namespace

json::object represent(const DirectoryObject& object, const Selection& selection, Form form) {
    json::object shown;
    if (form.with_type) shown["@odata.type"] = odata_type(object.kind);
    shown["id"] = object.id;
    for (const auto& property : properties_of(object.kind)) {
        if (!is_shown(property, selection, form)) continue;
        const json::string_view name(property.name.data(), property.name.size());
        if (name == "deletedDateTime" && object.state() == Life::soft_deleted) {
            shown[name] = utc_text(object.soft_deleted_at);
        } else if (const auto* value = object.properties.if_contains(name)) {
            shown[name] = *value;
        } else {
            shown[name] = value_when_unset(property, object);
        }
    }
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
