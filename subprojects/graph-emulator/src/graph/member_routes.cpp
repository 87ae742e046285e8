// The members of a group: listing, casts, adding and removing references.
#include "../base/text.hpp"
#include "../tenant/admission.hpp"
#include "member_changes.hpp"
#include "object_listing.hpp"
#include "routes.hpp"

#include <algorithm>

namespace emulator {
namespace {

constexpr std::size_t most_bound_members = 20;

const DirectoryObject* find_group(const Services& services, std::string_view id) {
    const auto* object = services.tenant.find(id);
    const bool live =
        object != nullptr && object->kind == Kind::group && object->state() == Life::live;
    return live ? object : nullptr;
}

Refusal already_there() {
    return {400, "Request_BadRequest",
            "One or more added object references already exist for the following modified "
            "properties: 'members'."};
}

/// Members in the order in which they were added. v1.0 leaves service principals out; so do we.
std::vector<ObjectIndex> members_of(const Services& services, const DirectoryObject& group,
                                    bool beta) {
    std::vector<ObjectIndex> members;
    for (const auto& event : group.member_events) {
        if (event.next != MemberEvent::none || !event.added) continue;
        const auto& member = services.tenant.at(event.member);
        if (member.state() != Life::live) continue;
        if (member.kind == Kind::service_principal && !beta) continue;
        members.push_back(event.member);
    }
    return members;
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

Response list(const Services& services, const Call& call, bool transitive) {
    const auto* group = find_group(services, call.captures[0]);
    if (group == nullptr) return refuse(call, not_found(call.captures[0]));
    std::optional<Kind> kind;
    if (call.captures.size() > 1) {
        const std::string_view cast = call.captures[1];
        constexpr std::string_view qualifier = "microsoft.graph.";
        if (cast.starts_with(qualifier)) kind = kind_from_type_name(cast.substr(qualifier.size()));
        if (!kind) return refuse(call, not_found(call.captures[1]));
    }
    std::vector<ObjectIndex> members;
    if (transitive) {
        std::vector<bool> seen(services.tenant.size());
        collect_transitively(services, *group, call.beta, members, seen);
    } else {
        members = members_of(services, *group, call.beta);
    }
    return list_page(
        services, call,
        {.objects = std::move(members),
         .is_shown = [kind](const auto& member) { return !kind || member.kind == *kind; },
         .kind = kind,
         .context = kind ? std::string(type_name(*kind)) + 's' : "directoryObjects"});
}

Response add(const Services& services, const Call& call) {
    const auto* group = find_group(services, call.captures[0]);
    if (group == nullptr) return refuse(call, not_found(call.captures[0]));
    const auto body = json_body(call);
    if (!body) return refuse(call, body.refusal());
    const auto* reference = body->if_contains("@odata.id");
    const auto member = referenced_member(services, reference ? *reference : json::value(), *group);
    if (!member) return refuse(call, member.refusal());
    if (group->has_member(*member)) return refuse(call, already_there());
    services.tenant.change_members(group->index, std::vector{*member}, {});
    return no_content();
}

Response remove(const Services& services, const Call& call) {
    const auto* group = find_group(services, call.captures[0]);
    if (group == nullptr) return refuse(call, not_found(call.captures[0]));
    const auto* member = services.tenant.find(call.captures[1]);
    if (member == nullptr || !group->has_member(member->index)) {
        return refuse(call, not_found(call.captures[1]));
    }
    services.tenant.change_members(group->index, {}, std::vector{member->index});
    return no_content();
}

}  // namespace

Result<ObjectIndex> referenced_member(const Services& services, const json::value& reference,
                                      const DirectoryObject& group) {
    const Refusal invalid{400, "Request_BadRequest",
                          "Invalid URL specified for an object reference."};
    if (!reference.is_string()) return invalid;
    const auto segments =
        split({reference.get_string().data(), reference.get_string().size()}, '/');
    const std::string& id = segments.back();
    if (!is_guid(id)) return invalid;
    const auto* member = services.tenant.find(id);
    if (member == nullptr || member->state() != Life::live) return not_found(id);
    if (!may_be_member(group, *member) || member == &group) {
        return Refusal{400, "Request_BadRequest",
                       "An object of type '" + std::string(type_name(member->kind)) +
                           "' can't be a member of this group."};
    }
    return member->index;
}

Result<std::vector<ObjectIndex>> bound_members(const Services& services, const json::object& body,
                                               const DirectoryObject& group) {
    std::vector<ObjectIndex> members;
    const auto* bound = body.if_contains("members@odata.bind");
    if (bound == nullptr) return members;
    if (!bound->is_array()) {
        return Refusal{400, "Request_BadRequest", "members@odata.bind must be a list of URLs."};
    }
    if (bound->get_array().size() > most_bound_members) {
        return Refusal{400, "Request_BadRequest",
                       "The number of object references in a request must not exceed 20."};
    }
    for (const auto& reference : bound->get_array()) {
        const auto member = referenced_member(services, reference, group);
        if (!member) return member.refusal();
        if (group.has_member(*member)) return already_there();
        members.push_back(*member);
    }
    return members;
}

void add_member_routes(RouteTable& table) {
    const auto direct = [](const Services& s, const Call& c) { return list(s, c, false); };
    const auto transitive = [](const Services& s, const Call& c) { return list(s, c, true); };
    table.add("POST", "groups/{}/members/$ref", "members", 1, add);
    table.add("DELETE", "groups/{}/members/{}/$ref", "members", 1, remove);
    table.add("GET", "groups/{}/members", "members", 3, direct);
    table.add("GET", "groups/{}/members/{}", "members", 3, direct);
    table.add("GET", "groups/{}/transitiveMembers", "members", 5, transitive);
    table.add("GET", "groups/{}/transitiveMembers/{}", "members", 5, transitive);
}

}  // namespace emulator
