// Groups, users and devices: list, create, read, change, delete.
#include "../base/text.hpp"
#include "../tenant/admission.hpp"
#include "../tenant/schema.hpp"
#include "member_changes.hpp"
#include "object_listing.hpp"
#include "routes.hpp"

namespace emulator {
namespace {

std::string collection_of(Kind kind) {
    switch (kind) {
        case Kind::user:
            return "users";
        case Kind::group:
            return "groups";
        case Kind::device:
            return "devices";
        case Kind::service_principal:
            return "servicePrincipals";
        case Kind::org_contact:
            return "contacts";
    }
    return {};
}

const DirectoryObject* find_live(const Services& services, Kind kind, std::string_view key) {
    const auto* object = services.tenant.find(key);
    if (object == nullptr && kind == Kind::user) object = services.tenant.find_user_by_name(key);
    const bool live = object != nullptr && object->kind == kind && object->state() == Life::live;
    return live ? object : nullptr;
}

Response list(const Services& services, const Call& call, Kind kind) {
    return list_page(services, call,
                     {.objects = services.tenant.of_kind(kind),
                      .is_shown = [](const auto& object) { return object.state() == Life::live; },
                      .kind = kind,
                      .context = collection_of(kind)});
}

Response get(const Services& services, const Call& call, Kind kind) {
    const auto* object = find_live(services, kind, call.captures[0]);
    if (object == nullptr) return refuse(call, not_found(call.captures[0]));
    const auto selection = parse_selection(call.query, kind, {.beta = call.beta});
    if (!selection) return refuse(call, selection.refusal());
    json::object body;
    body["@odata.context"] = call.context(collection_of(kind) + "/$entity");
    for (auto& [key, value] :
         represent(*object, *selection, {.beta = call.beta, .with_outside_store = true})) {
        body[key] = value;
    }
    return json_response(200, body);
}

Refusal value_required(std::string_view name) {
    return {400, "Request_BadRequest",
            "A value is required for property '" + std::string(name) + "' of resource 'Group'."};
}

/// What Graph asks of a new object beyond the types of its values.
Verdict check_new(const Services& services, Kind kind, const json::object& values) {
    if (kind == Kind::group) {
        for (const auto* name : {"displayName", "mailEnabled", "mailNickname", "securityEnabled"}) {
            if (!values.contains(name)) return value_required(name);
        }
        DirectoryObject probe;
        probe.properties = values;
        if (probe.is_mail_enabled() && !probe.is_unified()) {
            return Refusal{400, "Request_BadRequest",
                           "The service does not currently support writes of mail-enabled groups. "
                           "Please ensure that the mail-enablement property is unset and the "
                           "security-enablement property is set."};
        }
        return std::nullopt;
    }
    if (!values.contains("displayName")) return value_required("displayName");
    if (kind == Kind::user) {
        const auto name = text_at(values, "userPrincipalName");
        if (!name) return value_required("userPrincipalName");
        if (services.tenant.find_user_by_name(*name) != nullptr) {
            return Refusal{400, "Request_BadRequest",
                           "Another object with the same value for property userPrincipalName "
                           "already exists."};
        }
    }
    return std::nullopt;
}

Response create(const Services& services, const Call& call, Kind kind) {
    auto body = json_body(call);
    if (!body) return refuse(call, body.refusal());
    if (auto refusal = check_properties(kind, *body, call.beta)) return refuse(call, *refusal);
    if (auto refusal = check_new(services, kind, *body)) return refuse(call, *refusal);
    const std::string id = services.random.guid();
    DirectoryObject probe;
    probe.kind = kind;
    probe.properties = *body;
    auto members = kind == Kind::group ? bound_members(services, *body, probe)
                                       : Result(std::vector<ObjectIndex>());
    if (!members) return refuse(call, members.refusal());

    json::object values;
    for (const auto& [key, value] : *body) {
        const bool stored = find_property(kind, {key.data(), key.size()}) != nullptr;
        if (stored && !value.is_null()) values[key] = value;
    }
    const auto created =
        services.tenant.create(kind, completed(kind, std::move(values), id, call.time), id);
    if (!created) return refuse(call, created.refusal());
    if (!members->empty()) services.tenant.change_members(*created, *members, {});
    json::object shown;
    shown["@odata.context"] = call.context(collection_of(kind) + "/$entity");
    for (auto& [key, value] : represent(services.tenant.at(*created), {}, {.beta = call.beta})) {
        shown[key] = value;
    }
    return json_response(201, shown)
        .with("Location", call.version_url() + '/' + collection_of(kind) + '/' + id);
}

Verdict check_new_name(const Services& services, const DirectoryObject& object,
                       const json::object& values) {
    const auto name = text_at(values, "userPrincipalName");
    const auto* other = name ? services.tenant.find_user_by_name(*name) : nullptr;
    if (other == nullptr || other == &object) return std::nullopt;
    return Refusal{400, "Request_BadRequest",
                   "Another object with the same value for property userPrincipalName already "
                   "exists."};
}

Response change(const Services& services, const Call& call, Kind kind) {
    const auto* object = find_live(services, kind, call.captures[0]);
    if (object == nullptr) return refuse(call, not_found(call.captures[0]));
    auto body = json_body(call);
    if (!body) return refuse(call, body.refusal());
    if (auto refusal = check_properties(kind, *body, call.beta)) return refuse(call, *refusal);
    if (auto refusal = check_new_name(services, *object, *body)) return refuse(call, *refusal);
    if (kind == Kind::group) {
        const auto members = bound_members(services, *body, *object);
        if (!members) return refuse(call, members.refusal());
        if (!members->empty()) services.tenant.change_members(object->index, *members, {});
    }
    json::object values;
    for (const auto& [key, value] : *body) {
        if (find_property(kind, {key.data(), key.size()}) != nullptr) values[key] = value;
    }
    services.tenant.update(object->index, values);
    return no_content();
}

Response remove(const Services& services, const Call& call, Kind kind) {
    const auto* object = find_live(services, kind, call.captures[0]);
    if (object == nullptr) return refuse(call, not_found(call.captures[0]));
    services.tenant.remove(object->index);
    return no_content();
}

void add_for(RouteTable& table, Kind kind) {
    const std::string collection = collection_of(kind);
    const std::string one = collection + "/{}";
    const int list_cost = kind == Kind::user ? 2 : 1;
    const auto bound = [kind](auto function) {
        return [kind, function](const Services& services, const Call& call) {
            return function(services, call, kind);
        };
    };
    table.add("GET", collection, collection, list_cost, bound(list));
    table.add("POST", collection, collection, 1, bound(create));
    table.add("GET", one, collection, 1, bound(get));
    table.add("PATCH", one, collection, 1, bound(change));
    table.add("DELETE", one, collection, 1, bound(remove));
}

}  // namespace

void add_object_routes(RouteTable& table) {
    add_for(table, Kind::group);
    add_for(table, Kind::user);
    add_for(table, Kind::device);
}

}  // namespace emulator
