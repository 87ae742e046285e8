// The members and owners of a group: listing, casts, adding and removing references.
#include "../base/text.hpp"
#include "../tenant/admission.hpp"
#include "group_links.hpp"
#include "object_listing.hpp"
#include "routes.hpp"

#include <algorithm>

namespace emulator {
namespace {

constexpr std::size_t most_bound_objects = 20;

const DirectoryObject* find_group(const Services& services, std::string_view id) {
    const auto* object = services.tenant.find(id);
    const bool live =
        object != nullptr && object->kind == Kind::group && object->state() == Life::live;
    return live ? object : nullptr;
}

Refusal already_there(const GroupLinks& links) {
    return {400, "Request_BadRequest",
            "One or more added object references already exist for the following modified "
            "properties: '" +
                std::string(links.name) + "'."};
}

/// Members in the order in which they were added. v1.0 leaves service principals out; so do we.
std::vector<ObjectIndex> members_of(const Services& services, const DirectoryObject& group,
                                    bool beta) {
    auto members = group.members.current();
    std::erase_if(members, [&](ObjectIndex index) {
        const auto& member = services.tenant.at(index);
        return member.state() != Life::live || (member.kind == Kind::service_principal && !beta);
    });
    return members;
}

std::vector<ObjectIndex> owners_of(const Services& services, const DirectoryObject& group) {
    auto owners = group.owners.current();
    std::erase_if(
        owners, [&](ObjectIndex index) { return services.tenant.at(index).state() != Life::live; });
    return owners;
}

void collect_transitively(const Services& services, const DirectoryObject& group, bool beta,
                          std::vector<ObjectIndex>& found, std::vector<bool>& seen) {
    for (const auto member : members_of(services, group, beta)) {
        if (seen[member]) continue;
        seen[member] = true;
        found.push_back(member);
        const auto& object = services.tenant.at(member);
        if (object.kind == Kind::group) collect_transitively(services, object, beta, found, seen);
    }
}

enum class Reach { members, transitive_members, owners };

std::vector<ObjectIndex> linked(const Services& services, const DirectoryObject& group, bool beta,
                                Reach reach) {
    if (reach == Reach::owners) return owners_of(services, group);
    if (reach == Reach::members) return members_of(services, group, beta);
    std::vector<ObjectIndex> members;
    std::vector<bool> seen(services.tenant.size());
    collect_transitively(services, group, beta, members, seen);
    return members;
}

Response list(const Services& services, const Call& call, Reach reach) {
    const auto* group = find_group(services, call.captures[0]);
    if (group == nullptr) return refuse(call, not_found(call.captures[0]));
    std::optional<Kind> kind;
    if (call.captures.size() > 1) {
        const std::string_view cast = call.captures[1];
        constexpr std::string_view qualifier = "microsoft.graph.";
        if (cast.starts_with(qualifier)) kind = kind_from_type_name(cast.substr(qualifier.size()));
        if (!kind) return refuse(call, not_found(call.captures[1]));
    }
    return list_page(
        services, call,
        {.objects = linked(services, *group, call.beta, reach),
         .is_shown = [kind](const auto& object) { return !kind || object.kind == *kind; },
         .kind = kind,
         .context = kind ? std::string(type_name(*kind)) + 's' : "directoryObjects"});
}

Response add(const Services& services, const Call& call, const GroupLinks& links) {
    const auto* group = find_group(services, call.captures[0]);
    if (group == nullptr) return refuse(call, not_found(call.captures[0]));
    const auto body = json_body(call);
    if (!body) return refuse(call, body.refusal());
    const auto* reference = body->if_contains("@odata.id");
    const auto target =
        referenced_object(services, reference ? *reference : json::value(), *group, links);
    if (!target) return refuse(call, target.refusal());
    if ((group->*links.history).holds(*target)) return refuse(call, already_there(links));
    (services.tenant.*links.change)(group->index, std::vector{*target}, {});
    return no_content();
}

Response remove(const Services& services, const Call& call, const GroupLinks& links) {
    const auto* group = find_group(services, call.captures[0]);
    if (group == nullptr) return refuse(call, not_found(call.captures[0]));
    const auto* target = services.tenant.find(call.captures[1]);
    if (target == nullptr || !(group->*links.history).holds(target->index)) {
        return refuse(call, not_found(call.captures[1]));
    }
    (services.tenant.*links.change)(group->index, {}, std::vector{target->index});
    return no_content();
}

void add_links(RouteTable& table, const GroupLinks& links, int cost, Reach reach) {
    const std::string name = links.name;
    const std::string collection = "groups/{}/" + name;
    const auto listed = [reach](const Services& s, const Call& c) { return list(s, c, reach); };
    table.add("POST", collection + "/$ref", name, 1,
              [&links](const Services& s, const Call& c) { return add(s, c, links); });
    table.add("DELETE", collection + "/{}/$ref", name, 1,
              [&links](const Services& s, const Call& c) { return remove(s, c, links); });
    table.add("GET", collection, name, cost, listed);
    table.add("GET", collection + "/{}", name, cost, listed);
}

}  // namespace

const GroupLinks group_members{"members", &DirectoryObject::members, may_be_member,
                               &Tenant::change_members};
const GroupLinks group_owners{
    "owners", &DirectoryObject::owners,
    [](const DirectoryObject&, const DirectoryObject& owner) { return may_be_owner(owner); },
    &Tenant::change_owners};

Result<ObjectIndex> referenced_object(const Services& services, const json::value& reference,
                                      const DirectoryObject& group, const GroupLinks& links) {
    const Refusal invalid{400, "Request_BadRequest",
                          "Invalid URL specified for an object reference."};
    if (!reference.is_string()) return invalid;
    const auto segments =
        split({reference.get_string().data(), reference.get_string().size()}, '/');
    const std::string& id = segments.back();
    if (!is_guid(id)) return invalid;
    const auto* target = services.tenant.find(id);
    if (target == nullptr || target->state() != Life::live) return not_found(id);
    if (!links.may_be_linked(group, *target) || target == &group) {
        return Refusal{400, "Request_BadRequest",
                       "An object of type '" + std::string(type_name(target->kind)) +
                           "' can't be among the " + links.name + " of this group."};
    }
    return target->index;
}

Result<std::vector<ObjectIndex>> bound_objects(const Services& services, const json::object& body,
                                               const DirectoryObject& group,
                                               const GroupLinks& links) {
    std::vector<ObjectIndex> targets;
    const std::string key = std::string(links.name) + "@odata.bind";
    const auto* bound = body.if_contains(key);
    if (bound == nullptr) return targets;
    if (!bound->is_array()) {
        return Refusal{400, "Request_BadRequest", key + " must be a list of URLs."};
    }
    if (bound->get_array().size() > most_bound_objects) {
        return Refusal{400, "Request_BadRequest",
                       "The number of object references in a request must not exceed 20."};
    }
    for (const auto& reference : bound->get_array()) {
        const auto target = referenced_object(services, reference, group, links);
        if (!target) return target.refusal();
        if ((group.*links.history).holds(*target)) return already_there(links);
        targets.push_back(*target);
    }
    return targets;
}

void add_link_routes(RouteTable& table) {
    const auto transitive = [](const Services& s, const Call& c) {
        return list(s, c, Reach::transitive_members);
    };
    add_links(table, group_members, 3, Reach::members);
    add_links(table, group_owners, 1, Reach::owners);
    table.add("GET", "groups/{}/transitiveMembers", "members", 5, transitive);
    table.add("GET", "groups/{}/transitiveMembers/{}", "members", 5, transitive);
}

}  // namespace emulator
