#include "tenant_state.hpp"

namespace emulator {
namespace {

json::object entry_of(const DirectoryObject& object) {
    json::object entry;
    entry["id"] = object.id;
    for (const auto& [key, value] : object.properties)
        entry[key] = value;
    return entry;
}

json::array living(const Tenant& tenant, const LinkHistory& links) {
    json::array ids;
    for (const auto target : links.current()) {
        const auto& object = tenant.at(target);
        if (object.state() == Life::live) ids.push_back(json::value(object.id));
    }
    return ids;
}

json::object group_entry(const Tenant& tenant, const DirectoryObject& group) {
    auto entry = entry_of(group);
    entry["members"] = living(tenant, group.members);
    entry["owners"] = living(tenant, group.owners);
    return entry;
}

json::array all_of(const Tenant& tenant, Kind kind, Life state, std::string_view only_group) {
    json::array list;
    for (const auto index : tenant.of_kind(kind)) {
        const auto& object = tenant.at(index);
        if (object.state() != state || (!only_group.empty() && object.id != only_group)) continue;
        list.push_back(kind == Kind::group ? group_entry(tenant, object) : entry_of(object));
    }
    return list;
}

}  // namespace

json::object describe_tenant(const Tenant& tenant, std::string_view only_group) {
    json::object shown;
    shown["groups"] = all_of(tenant, Kind::group, Life::live, only_group);
    shown["deleted_groups"] = all_of(tenant, Kind::group, Life::soft_deleted, only_group);
    if (!only_group.empty()) return shown;
    shown["users"] = all_of(tenant, Kind::user, Life::live, {});
    shown["deleted_users"] = all_of(tenant, Kind::user, Life::soft_deleted, {});
    shown["devices"] = all_of(tenant, Kind::device, Life::live, {});
    shown["contacts"] = all_of(tenant, Kind::org_contact, Life::live, {});
    shown["servicePrincipals"] = all_of(tenant, Kind::service_principal, Life::live, {});
    return shown;
}

}  // namespace emulator
