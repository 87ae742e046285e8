#include "object.hpp"

#include <algorithm>
#include <array>

namespace emulator {
namespace {

constexpr std::array<std::string_view, 5> type_names = {"user", "group", "device",
                                                        "servicePrincipal", "orgContact"};

bool has_group_type(const json::object& properties, std::string_view wanted) {
    const auto* types = properties.if_contains("groupTypes");
    if (types == nullptr || !types->is_array()) return false;
    const auto& list = types->get_array();
    return std::any_of(list.begin(), list.end(), [&](const json::value& type) {
        return type.is_string() && type.get_string() == json::string_view(wanted);
    });
}

}  // namespace

std::string_view type_name(Kind kind) {
    return type_names[static_cast<std::size_t>(kind)];
}

std::string odata_type(Kind kind) {
    return "#microsoft.graph." + std::string(type_name(kind));
}

std::optional<Kind> kind_from_type_name(std::string_view name) {
    const auto found = std::find(type_names.begin(), type_names.end(), name);
    if (found == type_names.end()) return std::nullopt;
    return static_cast<Kind>(found - type_names.begin());
}

std::optional<Life> DirectoryObject::state_at(Sequence moment) const {
    for (auto event = life.rbegin(); event != life.rend(); ++event) {
        if (event->sequence <= moment) return event->state;
    }
    return std::nullopt;
}

bool DirectoryObject::life_changed(Sequence from, Sequence to) const {
    return std::any_of(life.begin(), life.end(), [&](const LifeEvent& event) {
        return event.sequence > from && event.sequence <= to;
    });
}

json::object DirectoryObject::properties_at(Sequence moment) const {
    json::object shown = properties;
    for (auto event = property_events.rbegin(); event != property_events.rend(); ++event) {
        if (event->sequence <= moment) break;
        if (event->before) {
            shown[event->name] = *event->before;
        } else {
            shown.erase(event->name);
        }
    }
    return shown;
}

bool DirectoryObject::is_unified() const {
    return has_group_type(properties, "Unified");
}

bool DirectoryObject::is_dynamic() const {
    return has_group_type(properties, "DynamicMembership");
}

bool DirectoryObject::is_mail_enabled() const {
    return flag_at(properties, "mailEnabled").value_or(false);
}

bool DirectoryObject::can_be_restored() const {
    if (kind == Kind::user) return true;
    return kind == Kind::group && (is_unified() || !is_mail_enabled());
}

}  // namespace emulator
