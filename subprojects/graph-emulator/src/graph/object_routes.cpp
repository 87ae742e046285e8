// Groups, users and devices: list, create, read, change, delete.
#include "../base/text.hpp"
#include "../tenant/admission.hpp"
#include "../tenant/schema.hpp"
#include "../tenant/writeback_configuration.hpp"
#include "group_links.hpp"
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
         represent(*object, *selection, form_of(services, call, {.with_outside_store = true}))) {
        body[key] = value;
    }
    return json_response(200, body);
}

Refusal value_required(std::string_view name) {
    return {400, "Request_BadRequest",
            "A value is required for property '" + std::string(name) + "' of resource 'Group'."};
}

/// A group that can be given a role is a security group and assigned; a dynamic one has its rule.
Verdict check_new_group(const DirectoryObject& group) {
    const bool for_roles = flag_at(group.properties, "isAssignableToRole").value_or(false);
    if (for_roles &&
        (group.is_dynamic() || !flag_at(group.properties, "securityEnabled").value_or(false))) {
        return Refusal{400, "Request_BadRequest",
                       "A group with isAssignableToRole must be security-enabled and can't have "
                       "dynamic membership."};
    }
    if (!group.is_dynamic()) return std::nullopt;
    if (!group.properties.contains("membershipRule")) return value_required("membershipRule");
    if (!group.properties.contains("membershipRuleProcessingState")) {
        return value_required("membershipRuleProcessingState");
    }
    return std::nullopt;
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
        return check_new_group(probe);
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

struct BoundLinks {
    std::vector<ObjectIndex> members;
    std::vector<ObjectIndex> owners;
};

Result<BoundLinks> bound_links(const Services& services, const json::object& body,
                               const DirectoryObject& object) {
    BoundLinks links;
    if (object.kind != Kind::group) return links;
    auto members = bound_objects(services, body, object, group_members);
    if (!members) return members.refusal();
    auto owners = bound_objects(services, body, object, group_owners);
    if (!owners) return owners.refusal();
    links.members = std::move(*members);
    links.owners = std::move(*owners);
    return links;
}

void link(const Services& services, ObjectIndex group, const BoundLinks& links) {
    if (!links.members.empty()) services.tenant.change_members(group, links.members, {});
    if (!links.owners.empty()) services.tenant.change_owners(group, links.owners, {});
}

/// The properties that a body sets, without its annotations.
Result<json::object> values_of(const json::object& body, const DirectoryObject& object) {
    json::object values;
    for (const auto& [key, value] : body) {
        const std::string_view name(key.data(), key.size());
        if (!has_property(object.kind, name)) continue;
        if (name != "writebackConfiguration") {
            values[key] = value;
            continue;
        }
        if (auto refusal = check_writeback_configuration(value, object.is_unified())) {
            return *refusal;
        }
        values[key] = changed_writeback_configuration(object.properties.if_contains(key), value);
    }
    return values;
}

Response create(const Services& services, const Call& call, Kind kind) {
    auto body = json_body(call);
    if (!body) return refuse(call, body.refusal());
    if (auto refusal = check_properties(kind, *body, call.beta)) return refuse(call, *refusal);
    if (auto refusal = check_new(services, kind, *body)) return refuse(call, *refusal);
    const std::string id = services.tenant.free_id();
    DirectoryObject probe;
    probe.kind = kind;
    if (const auto* types = body->if_contains("groupTypes"))
        probe.properties["groupTypes"] = *types;
    const auto links = bound_links(services, *body, probe);
    if (!links) return refuse(call, links.refusal());
    const auto changed = values_of(*body, probe);
    if (!changed) return refuse(call, changed.refusal());
    json::object values;
    for (const auto& [key, value] : *changed) {
        if (!value.is_null()) values[key] = value;
    }
    const auto created =
        services.tenant.create(kind, completed(kind, std::move(values), id, call.time), id);
    if (!created) return refuse(call, created.refusal());
    link(services, *created, *links);
    json::object shown;
    shown["@odata.context"] = call.context(collection_of(kind) + "/$entity");
    for (auto& [key, value] :
         represent(services.tenant.at(*created), {}, form_of(services, call))) {
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

Verdict check_changed_role(const DirectoryObject& object, const json::object& values) {
    const auto wanted = flag_at(values, "isAssignableToRole");
    const bool stands = flag_at(object.properties, "isAssignableToRole").value_or(false);
    if (!wanted || *wanted == stands) return std::nullopt;
    return Refusal{400, "Request_BadRequest",
                   "Property 'isAssignableToRole' can only be set while the group is created."};
}

Response change(const Services& services, const Call& call, Kind kind) {
    const auto* object = find_live(services, kind, call.captures[0]);
    if (object == nullptr) return refuse(call, not_found(call.captures[0]));
    auto body = json_body(call);
    if (!body) return refuse(call, body.refusal());
    if (auto refusal = check_properties(kind, *body, call.beta)) return refuse(call, *refusal);
    if (auto refusal = check_new_name(services, *object, *body)) return refuse(call, *refusal);
    if (auto refusal = check_changed_role(*object, *body)) return refuse(call, *refusal);
    const auto links = bound_links(services, *body, *object);
    if (!links) return refuse(call, links.refusal());
    const auto values = values_of(*body, *object);
    if (!values) return refuse(call, values.refusal());
    link(services, object->index, *links);
    services.tenant.update(object->index, *values);
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
    add_for(table, Kind::org_contact);
}

}  // namespace emulator
