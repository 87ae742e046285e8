// Service principals, and the assignments of users and groups to them (appRoleAssignments).
#include "../base/text.hpp"
#include "object_listing.hpp"
#include "routes.hpp"

namespace emulator {
namespace {

constexpr std::string_view by_app_id = "appId=";
constexpr const char* default_role = "00000000-0000-0000-0000-000000000000";

const DirectoryObject* find_live(const Services& services, Kind kind, std::string_view key) {
    if (kind == Kind::service_principal && key.starts_with(by_app_id)) {
        return services.tenant.find_service_principal(key.substr(by_app_id.size()));
    }
    const auto* object = services.tenant.find(key);
    const bool live = object != nullptr && object->kind == kind && object->state() == Life::live;
    return live ? object : nullptr;
}

Response list_service_principals(const Services& services, const Call& call) {
    return list_page(services, call,
                     {.objects = services.tenant.of_kind(Kind::service_principal),
                      .is_shown = [](const auto& object) { return object.state() == Life::live; },
                      .kind = Kind::service_principal,
                      .context = "servicePrincipals"});
}

Response get_service_principal(const Services& services, const Call& call) {
    const auto* object = find_live(services, Kind::service_principal, call.captures[0]);
    if (object == nullptr) return refuse(call, not_found(call.captures[0]));
    const auto selection =
        parse_selection(call.query, Kind::service_principal, {.beta = call.beta});
    if (!selection) return refuse(call, selection.refusal());
    json::object body;
    body["@odata.context"] = call.context("servicePrincipals/$entity");
    for (auto& [key, value] : represent(*object, *selection, form_of(services, call))) {
        body[key] = value;
    }
    return json_response(200, body);
}

json::value name_of(const DirectoryObject& object) {
    const auto* name = object.properties.if_contains("displayName");
    return name == nullptr ? json::value(nullptr) : *name;
}

/// "User", "Group" or "ServicePrincipal": with a capital letter, unlike @odata.type.
std::string principal_type(const DirectoryObject& principal) {
    std::string name(type_name(principal.kind));
    name[0] = static_cast<char>(name[0] - 'a' + 'A');
    return name;
}

json::object represent(const Tenant& tenant, const AppRoleAssignment& assignment) {
    const auto& principal = tenant.at(assignment.principal);
    const auto& resource = tenant.at(assignment.resource);
    return {{"id", assignment.id},
            {"deletedDateTime", nullptr},
            {"appRoleId", assignment.app_role_id},
            {"createdDateTime", utc_text(assignment.created)},
            {"principalDisplayName", name_of(principal)},
            {"principalId", principal.id},
            {"principalType", principal_type(principal)},
            {"resourceDisplayName", name_of(resource)},
            {"resourceId", resource.id}};
}

/// From which side assignments are seen: those of a principal, or those to a resource.
struct Side {
    Kind kind;
    const char* collection;
    ObjectIndex AppRoleAssignment::*index;
};
constexpr Side sides[] = {
    {Kind::group, "groups/{}/appRoleAssignments", &AppRoleAssignment::principal},
    {Kind::user, "users/{}/appRoleAssignments", &AppRoleAssignment::principal},
    {Kind::service_principal, "servicePrincipals/{}/appRoleAssignedTo",
     &AppRoleAssignment::resource},
};

/// Assignments whose principal lies in deletedItems are hidden, and come back with a restore.
bool is_shown(const Services& services, const AppRoleAssignment& assignment) {
    return !assignment.deleted && services.tenant.at(assignment.principal).state() == Life::live &&
           services.tenant.at(assignment.resource).state() == Life::live;
}

Response list_assignments(const Services& services, const Call& call, const Side& side) {
    const auto* object = find_live(services, side.kind, call.captures[0]);
    if (object == nullptr) return refuse(call, not_found(call.captures[0]));
    if (call.query.contains("$filter")) {
        return refuse(call, {400, "Request_UnsupportedQuery", "Unsupported Query."});
    }
    const auto top = parse_top(call.query, services.list_page_size, 999);
    if (!top) return refuse(call, top.refusal());
    const auto position = parse_position(call);
    if (!position) return refuse(call, position.refusal());

    const auto& all = services.tenant.assignments.all();
    const auto belongs = [&](const AppRoleAssignment& one) {
        return one.*side.index == object->index && is_shown(services, one);
    };
    json::array value;
    std::size_t at = *position;
    for (; at < all.size() && value.size() < *top; ++at) {
        if (belongs(all[at])) value.push_back(represent(services.tenant, all[at]));
    }
    while (at < all.size() && !belongs(all[at]))
        ++at;
    json::object body;
    body["@odata.context"] = call.context("appRoleAssignments");
    if (at < all.size()) body["@odata.nextLink"] = next_link(call, at);
    body["value"] = std::move(value);
    return json_response(200, body);
}

Refusal not_assignable(const char* what) {
    return {400, "Request_BadRequest", what};
}

/// A service principal without roles takes the default role; otherwise the role must be its own.
bool has_role(const DirectoryObject& resource, std::string_view role) {
    const auto* roles = resource.properties.if_contains("appRoles");
    if (roles == nullptr || !roles->is_array() || roles->get_array().empty()) {
        return role == default_role;
    }
    for (const auto& one : roles->get_array()) {
        const auto id = one.is_object() ? text_at(one.get_object(), "id") : std::nullopt;
        if (id && equal_ignoring_case(*id, role)) return true;
    }
    return false;
}

const DirectoryObject* named_in(const Services& services, const json::object& body,
                                const char* key) {
    const auto id = text_at(body, key);
    const auto* object = id ? services.tenant.find(*id) : nullptr;
    return object != nullptr && object->state() == Life::live ? object : nullptr;
}

Response assign(const Services& services, const Call& call, const Side& side) {
    const auto* object = find_live(services, side.kind, call.captures[0]);
    if (object == nullptr) return refuse(call, not_found(call.captures[0]));
    const auto body = json_body(call);
    if (!body) return refuse(call, body.refusal());
    const auto* principal = named_in(services, *body, "principalId");
    const auto* resource = named_in(services, *body, "resourceId");
    const auto role = text_at(*body, "appRoleId");
    const bool assignable = principal != nullptr && resource != nullptr &&
                            resource->kind == Kind::service_principal && role &&
                            (principal->kind == Kind::user || principal->kind == Kind::group ||
                             principal->kind == Kind::service_principal) &&
                            object == (side.kind == Kind::service_principal ? resource : principal);
    if (!assignable) return refuse(call, not_assignable("Not a valid reference update."));
    if (!has_role(*resource, *role)) {
        return refuse(call,
                      not_assignable("Permission being assigned was not found on application"));
    }
    const auto added = services.tenant.assignments.add(principal->index, resource->index,
                                                       lower_case(*role), call.time);
    if (!added) return refuse(call, added.refusal());
    auto shown = represent(services.tenant, services.tenant.assignments.all()[*added]);
    shown["@odata.context"] = call.context("appRoleAssignments/$entity");
    return json_response(201, shown);
}

Response unassign(const Services& services, const Call& call, const Side& side) {
    const auto* object = find_live(services, side.kind, call.captures[0]);
    if (object == nullptr) return refuse(call, not_found(call.captures[0]));
    const auto* assignment = services.tenant.assignments.find(call.captures[1]);
    if (assignment == nullptr || assignment->*side.index != object->index) {
        return refuse(call, not_found(call.captures[1]));
    }
    services.tenant.assignments.remove(call.captures[1]);
    return no_content();
}

}  // namespace

void add_application_routes(RouteTable& table) {
    table.add("GET", "servicePrincipals", "servicePrincipals", 1, list_service_principals);
    table.add("GET", "servicePrincipals/{}", "servicePrincipals", 1, get_service_principal);
    for (const auto& side : sides) {
        const auto bound = [&side](auto function) {
            return [&side, function](const Services& services, const Call& call) {
                return function(services, call, side);
            };
        };
        const std::string one = std::string(side.collection) + "/{}";
        table.add("GET", side.collection, "appRoleAssignments", 1, bound(list_assignments));
        table.add("POST", side.collection, "appRoleAssignments", 1, bound(assign));
        table.add("DELETE", one, "appRoleAssignments", 1, bound(unassign));
    }
}

}  // namespace emulator
