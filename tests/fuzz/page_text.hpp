// Delta pages written as Graph writes them, so that what was read can be read again.
#pragma once

#include <writeback/mirror.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <string>

namespace writeback::fuzz {

namespace json = boost::json;

template <class T>
json::value as_json(const T& value) {
    return json::value(value);
}
inline json::value as_json(const std::vector<std::string>& values) {
    json::array list;
    for (const auto& value : values)
        list.emplace_back(value);
    return list;
}

template <class T>
void put(json::object& object, std::string_view name, const Patch<T>& patch) {
    if (!patch.present) return;
    object[name] = patch.value ? as_json(*patch.value) : json::value(nullptr);
}

inline void put(json::object& object, Removal removal) {
    if (removal == Removal::no) return;
    object["@removed"] =
        json::object{{"reason", removal == Removal::deleted ? "deleted" : "changed"}};
}

inline std::string_view type_name(MemberType type) {
    switch (type) {
        case MemberType::user:
            return "#microsoft.graph.user";
        case MemberType::group:
            return "#microsoft.graph.group";
        case MemberType::device:
            return "#microsoft.graph.device";
        case MemberType::contact:
            return "#microsoft.graph.orgContact";
        case MemberType::service_principal:
            return "#microsoft.graph.servicePrincipal";
        case MemberType::unknown:
            return "#microsoft.graph.directoryObject";
    }
    return "";
}

inline json::array as_json(const std::vector<MemberChange>& changes) {
    json::array list;
    for (const auto& change : changes) {
        json::object object{{"id", change.member.text()}, {"@odata.type", type_name(change.type)}};
        put(object, change.removed ? Removal::deleted : Removal::no);
        list.push_back(std::move(object));
    }
    return list;
}

// "a.b.c" is nested in the objects a and b; a property that is null stands alone.
inline void put_further(json::object& object, std::string name,
                        const Patch<std::vector<std::string>>& patch) {
    auto* inner = &object;
    for (auto dot = name.find('.'); dot != std::string::npos; dot = name.find('.')) {
        auto& next = (*inner)[name.substr(0, dot)];
        if (!next.is_object()) next.emplace_object();
        inner = &next.get_object();
        name.erase(0, dot + 1);
    }
    (*inner)[name] = patch.value ? as_json(*patch.value) : json::value(nullptr);
}

inline json::object as_json(const GroupItem& item) {
    json::object object;
    if (!item.id.empty()) object["id"] = item.id.text();
    // What could not be read is written as something else that cannot.
    if (!item.unreadable.empty()) {
        object["displayName"] = 1;
        return object;
    }
    put(object, item.removal);
    put(object, "displayName", item.display_name);
    put(object, "description", item.description);
    put(object, "mail", item.mail);
    put(object, "mailNickname", item.mail_nickname);
    put(object, "visibility", item.visibility);
    put(object, "onPremisesSecurityIdentifier", item.on_premises_security_identifier);
    put(object, "mailEnabled", item.mail_enabled);
    put(object, "securityEnabled", item.security_enabled);
    put(object, "onPremisesSyncEnabled", item.on_premises_sync_enabled);
    put(object, "groupTypes", item.group_types);
    put(object, "proxyAddresses", item.proxy_addresses);
    if (!item.members.empty()) object["members@delta"] = as_json(item.members);
    if (item.owners_shown) object["owners@delta"] = as_json(item.owners);
    for (const auto& [name, patch] : item.further) {
        // Text alone: a nested object's own null is told by its parts.
        if (name.find('.') == std::string::npos) put_further(object, name, patch);
    }
    return object;
}

inline json::object as_json(const UserItem& item) {
    json::object object;
    if (!item.id.empty()) object["id"] = item.id.text();
    if (!item.unreadable.empty()) {
        object["userPrincipalName"] = 1;
        return object;
    }
    put(object, item.removal);
    put(object, "onPremisesSecurityIdentifier", item.on_premises_security_identifier);
    put(object, "onPremisesImmutableId", item.on_premises_immutable_id);
    put(object, "userPrincipalName", item.user_principal_name);
    put(object, "onPremisesSyncEnabled", item.on_premises_sync_enabled);
    return object;
}

template <class Item>
std::string print(const DeltaPage<Item>& page) {
    json::array items;
    for (const auto& item : page.items)
        items.push_back(as_json(item));
    const char* link = page.link.kind == LinkKind::next ? "@odata.nextLink" : "@odata.deltaLink";
    return json::serialize(json::object{{"value", std::move(items)}, {link, page.link.url}});
}

}  // namespace writeback::fuzz
