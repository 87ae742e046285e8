#include "tenant_file.hpp"

#include "../base/text.hpp"
#include "admission.hpp"
#include "schema.hpp"
#include "writeback_configuration.hpp"

#include <fstream>
#include <sstream>

namespace emulator {
namespace {

using Problem = std::optional<std::string>;

struct Collection {
    const char* name;
    Kind kind;
};
constexpr Collection collections[] = {{"users", Kind::user},
                                      {"devices", Kind::device},
                                      {"servicePrincipals", Kind::service_principal},
                                      {"contacts", Kind::org_contact},
                                      {"groups", Kind::group}};

/// What a group's entry says about other objects, which may stand later in the file.
struct GroupLinks {
    ObjectIndex group = 0;
    const json::array* members = nullptr;
    const json::array* owners = nullptr;
    const json::array* assignments = nullptr;

    const json::array** find(std::string_view key) {
        if (key == "members") return &members;
        if (key == "owners") return &owners;
        return key == "appRoleAssignments" ? &assignments : nullptr;
    }
};

struct Loader {
    Tenant& tenant;
    TimePoint now;
    std::string_view application_id;
    std::vector<GroupLinks> links;

    Problem add(Kind kind, const json::value& value, const std::string& place) {
        if (!value.is_object()) return place + ": expected an object";
        json::object properties;
        std::string id = tenant.free_id();
        GroupLinks linked;
        for (const auto& [key, item] : value.get_object()) {
            if (key == "id") {
                if (!item.is_string() || !is_guid(item.get_string())) {
                    return place + ".id: expected a GUID";
                }
                id = lower_case(item.get_string());
            } else if (auto* list = kind == Kind::group ? linked.find(key) : nullptr) {
                if (!item.is_array())
                    return place + '.' + std::string(key) + ": expected a list of ids";
                *list = &item.get_array();
            } else if (!item.is_null()) {
                properties[key] = item;
            }
        }
        if (auto problem = check(kind, properties)) return place + ": " + *problem;
        if (!properties.contains("displayName")) return place + ".displayName: is missing";
        const auto index = tenant.create(kind, completed(kind, std::move(properties), id, now), id);
        if (!index) return place + ".id: " + refusal_text(index.refusal());
        linked.group = *index;
        if (kind == Kind::group) links.push_back(linked);
        return std::nullopt;
    }

    /// What Graph's clients may not set may be given here: read-only properties, and an empty name.
    static Problem check(Kind kind, json::object& properties) {
        json::object checked = properties;
        for (const auto& [key, item] : properties) {
            const auto* property = find_property(kind, {key.data(), key.size()});
            if (property != nullptr && property->read_only) checked.erase(key);
        }
        if (text_at(checked, "displayName") == "") checked.erase("displayName");
        if (auto refusal = check_properties(kind, checked, true)) return refusal->message;
        if (auto* configuration = properties.if_contains("writebackConfiguration")) {
            DirectoryObject probe;
            probe.properties = properties;
            if (auto refusal = check_writeback_configuration(*configuration, probe.is_unified())) {
                return refusal->message;
            }
            *configuration = changed_writeback_configuration(nullptr, *configuration);
        }
        return std::nullopt;
    }

    Problem link() {
        enter_application(tenant, now, application_id);
        for (const auto& linked : links) {
            for (auto step : {&Loader::link_members, &Loader::link_owners, &Loader::assign}) {
                if (auto problem = (this->*step)(linked)) {
                    return "group " + tenant.at(linked.group).id + '.' + *problem;
                }
            }
        }
        return std::nullopt;
    }

    Problem link_members(const GroupLinks& linked) {
        std::vector<ObjectIndex> added;
        for (const auto& id : linked.members ? *linked.members : json::array()) {
            const auto* member = id.is_string() ? tenant.find(id.get_string()) : nullptr;
            if (member == nullptr) return "members: no object has the id " + json::serialize(id);
            if (!may_be_member(tenant.at(linked.group), *member)) {
                return "members: " + json::serialize(id) + " is a " +
                       std::string(type_name(member->kind)) +
                       ", which a Microsoft 365 group can't hold";
            }
            added.push_back(member->index);
        }
        tenant.change_members(linked.group, added, {});
        return std::nullopt;
    }

    Problem link_owners(const GroupLinks& linked) {
        std::vector<ObjectIndex> added;
        for (const auto& id : linked.owners ? *linked.owners : json::array()) {
            const auto* owner = id.is_string() ? tenant.find(id.get_string()) : nullptr;
            if (owner == nullptr || !may_be_owner(*owner)) {
                return "owners: no user or service principal has the id " + json::serialize(id);
            }
            added.push_back(owner->index);
        }
        tenant.change_owners(linked.group, added, {});
        return std::nullopt;
    }

    /// With the application's first role, or the default role of one that has none.
    Problem assign(const GroupLinks& linked) {
        for (const auto& id : linked.assignments ? *linked.assignments : json::array()) {
            const auto* application = id.is_string() ? find_application(id.get_string()) : nullptr;
            if (application == nullptr) {
                return "appRoleAssignments: no service principal has the id or application id " +
                       json::serialize(id);
            }
            std::string role = "00000000-0000-0000-0000-000000000000";
            const auto* roles = application->properties.if_contains("appRoles");
            if (roles != nullptr && roles->is_array() && !roles->get_array().empty()) {
                const auto& first = roles->get_array().front();
                if (const auto* known = first.if_object())
                    role = text_at(*known, "id").value_or(role);
            }
            const auto made = tenant.assignments.add(linked.group, application->index, role, now);
            if (!made) return "appRoleAssignments: " + refusal_text(made.refusal());
        }
        return std::nullopt;
    }

    const DirectoryObject* find_application(std::string_view id) const {
        const auto* object = tenant.find(id);
        if (object == nullptr) return tenant.find_service_principal(id);
        return object->kind == Kind::service_principal ? object : nullptr;
    }

    static std::string refusal_text(const Refusal& refusal) { return refusal.message; }
};

}  // namespace

std::optional<std::string> load_tenant(std::string_view text, Tenant& tenant, TimePoint now,
                                       std::string_view application_id) {
    const auto document = parse_json(text);
    if (!document || !document->is_object()) return "the file is no JSON object";
    Loader loader{tenant, now, application_id, {}};
    for (const auto& [key, value] : document->get_object()) {
        if (key == "writebackDefaults" && value.is_bool()) {
            tenant.settings.writeback_defaults = value.get_bool();
            continue;
        }
        bool known = false;
        for (const auto& collection : collections)
            known = known || key == collection.name;
        if (!known) return "unknown key '" + std::string(key) + "'";
        if (!value.is_array()) return std::string(key) + ": expected a list";
    }
    for (const auto& collection : collections) {
        const auto* list = document->get_object().if_contains(collection.name);
        if (list == nullptr) continue;
        std::size_t number = 0;
        for (const auto& item : list->get_array()) {
            const std::string place =
                std::string(collection.name) + '[' + std::to_string(number++) + ']';
            if (auto problem = loader.add(collection.kind, item, place)) return problem;
        }
    }
    return loader.link();
}

std::optional<std::string> load_tenant_file(const std::string& path, Tenant& tenant, TimePoint now,
                                            std::string_view application_id) {
    std::ifstream file(path);
    if (!file) return path + ": can't be opened";
    std::ostringstream text;
    text << file.rdbuf();
    if (auto problem = load_tenant(text.str(), tenant, now, application_id)) {
        return path + ": " + *problem;
    }
    return std::nullopt;
}

}  // namespace emulator
