// directoryObjects, getByIds and deletedItems.
#include "../base/text.hpp"
#include "object_listing.hpp"
#include "routes.hpp"

#include <algorithm>
#include <set>

namespace emulator {
namespace {

constexpr std::size_t most_ids = 1000;

const DirectoryObject* find_in(const Services& services, std::string_view id, Life state) {
    const auto* object = services.tenant.find(id);
    return object != nullptr && object->state() == state ? object : nullptr;
}

Response get_object(const Services& services, const Call& call) {
    const auto* object = find_in(services, call.captures[0], Life::live);
    if (object == nullptr) return refuse(call, not_found(call.captures[0]));
    const auto selection = parse_mixed_selection(call.query, call.beta);
    if (!selection) return refuse(call, selection.refusal());
    json::object body;
    body["@odata.context"] = call.context("directoryObjects/$entity");
    for (auto& [key, value] :
         represent(*object, *selection, form_of(services, call, {.with_type = true}))) {
        body[key] = value;
    }
    return json_response(200, body);
}

Result<std::set<std::string>> parse_types(const json::object& body) {
    std::set<std::string> types;
    const auto* listed = body.if_contains("types");
    if (listed == nullptr || listed->is_null()) return types;
    if (!listed->is_array()) {
        return Refusal{400, "Request_BadRequest", "Invalid value specified for property 'types'."};
    }
    for (const auto& type : listed->get_array()) {
        if (!type.is_string()) {
            return Refusal{400, "Request_BadRequest",
                           "Invalid value specified for property 'types'."};
        }
        types.insert(lower_case({type.get_string().data(), type.get_string().size()}));
    }
    return types;
}

Result<std::vector<std::string>> parse_ids(const json::object& body) {
    const auto* listed = body.if_contains("ids");
    if (listed == nullptr || !listed->is_array() || listed->get_array().empty()) {
        return Refusal{400, "Request_BadRequest", "Invalid value specified for property 'ids'."};
    }
    if (listed->get_array().size() > most_ids) {
        return Refusal{400, "Request_BadRequest",
                       "Too many items specified for property 'ids': at most 1000 are supported."};
    }
    std::vector<std::string> ids;
    for (const auto& id : listed->get_array()) {
        const bool valid =
            id.is_string() && is_guid({id.get_string().data(), id.get_string().size()});
        if (!valid) {
            return Refusal{400, "Request_BadRequest",
                           "Invalid object identifier in property 'ids': " + json::serialize(id)};
        }
        ids.emplace_back(id.get_string().data(), id.get_string().size());
    }
    return ids;
}

/// Ids that are unknown, deleted or of another type are simply absent from the answer.
Response get_by_ids(const Services& services, const Call& call) {
    const auto body = json_body(call);
    if (!body) return refuse(call, body.refusal());
    const auto ids = parse_ids(*body);
    if (!ids) return refuse(call, ids.refusal());
    const auto types = parse_types(*body);
    if (!types) return refuse(call, types.refusal());
    const auto selection = parse_mixed_selection(call.query, call.beta);
    if (!selection) return refuse(call, selection.refusal());
    json::array value;
    std::set<ObjectIndex> seen;
    for (const auto& id : *ids) {
        const auto* object = find_in(services, id, Life::live);
        if (object == nullptr || !seen.insert(object->index).second) continue;
        const std::string type = lower_case(type_name(object->kind));
        if (!types->empty() && !types->contains(type) && !types->contains("directoryobject"))
            continue;
        value.push_back(
            represent(*object, *selection, form_of(services, call, {.with_type = true})));
    }
    return json_response(200, json::object{{"@odata.context", call.context("directoryObjects")},
                                           {"value", std::move(value)}});
}

Response list_deleted(const Services& services, const Call& call, Kind kind) {
    return list_page(
        services, call,
        {.objects = services.tenant.of_kind(kind),
         .is_shown = [](const auto& object) { return object.state() == Life::soft_deleted; },
         .kind = kind,
         .deleted = true,
         .context = kind == Kind::group ? "groups" : "users"});
}

Response get_deleted(const Services& services, const Call& call) {
    const auto* object = find_in(services, call.captures[0], Life::soft_deleted);
    if (object == nullptr) return refuse(call, not_found(call.captures[0]));
    const auto selection = parse_mixed_selection(call.query, call.beta);
    if (!selection) return refuse(call, selection.refusal());
    json::object body;
    body["@odata.context"] = call.context("directoryObjects/$entity");
    for (auto& [key, value] :
         represent_deleted(*object, *selection, form_of(services, call, {.with_type = true}))) {
        body[key] = value;
    }
    body["deletedDateTime"] = utc_text(object->soft_deleted_at);
    return json_response(200, body);
}

Response restore(const Services& services, const Call& call) {
    const auto* object = find_in(services, call.captures[0], Life::soft_deleted);
    if (object == nullptr) return refuse(call, not_found(call.captures[0]));
    services.tenant.restore(object->index);
    auto body = represent(*object, {}, form_of(services, call, {.with_type = true}));
    body["@odata.context"] = call.context("directoryObjects/$entity");
    return json_response(200, body);
}

Response purge(const Services& services, const Call& call) {
    const auto* object = find_in(services, call.captures[0], Life::soft_deleted);
    if (object == nullptr) return refuse(call, not_found(call.captures[0]));
    services.tenant.purge(object->index);
    return no_content();
}

Response cast_required(const Services&, const Call& call) {
    return refuse(call, {400, "Request_BadRequest",
                         "The deletedItems collection needs a type cast, such as "
                         "directory/deletedItems/microsoft.graph.group."});
}

}  // namespace

void add_directory_routes(RouteTable& table) {
    table.add("POST", "directoryObjects/getByIds", "getByIds", 5, get_by_ids);
    table.add("GET", "directoryObjects/{}", "directoryObjects", 1, get_object);
    table.add("GET", "directory/deletedItems", "deletedItems", 1, cast_required);
    table.add("GET", "directory/deletedItems/microsoft.graph.group", "deletedItems", 1,
              [](const Services& s, const Call& c) { return list_deleted(s, c, Kind::group); });
    table.add("GET", "directory/deletedItems/microsoft.graph.user", "deletedItems", 1,
              [](const Services& s, const Call& c) { return list_deleted(s, c, Kind::user); });
    table.add("GET", "directory/deletedItems/{}", "deletedItems", 1, get_deleted);
    table.add("POST", "directory/deletedItems/{}/restore", "deletedItems", 1, restore);
    table.add("DELETE", "directory/deletedItems/{}", "deletedItems", 1, purge);
}

}  // namespace emulator
