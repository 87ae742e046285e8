#include "graph/delta_page.hpp"

#include "graph/json_value.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <map>
#include <utility>

namespace writeback {

namespace json = boost::json;

namespace {

constexpr std::string_view group_select =
    "displayName,description,mail,mailEnabled,mailNickname,securityEnabled,groupTypes,visibility,"
    "proxyAddresses,onPremisesSyncEnabled,onPremisesSecurityIdentifier";
constexpr std::string_view user_select =
    "onPremisesSecurityIdentifier,onPremisesSyncEnabled,onPremisesImmutableId,userPrincipalName";

constexpr std::size_t longest_plain_id = 128;  // characters

std::string version_of(const GroupSelection& selection) {
    return selection.beta ? "/beta" : "/v1.0";
}

std::string selected(const GroupSelection& selection) {
    std::string names(group_select);
    for (const std::string& name : selection.properties)
        names += "," + percent_encoded(name);
    return names;
}

Failure link_refused(std::string_view name, const WebOrigin& origin) {
    return failure(FailureKind::link_refused,
                   "Graph's " + std::string(name) + " points away from " + to_text(origin) +
                       "; it is not followed and gets no token. Check `endpoint`.");
}

// A link of the page: empty when there is none.
Result<std::string> link_at(const json::object& page, std::string_view name,
                            const WebOrigin& origin) {
    const json::value* value = page.if_contains(name);
    if (value == nullptr || value->is_null()) return std::string();
    if (!value->is_string() || value->get_string().empty()) {
        return failure(FailureKind::unreadable,
                       "A page's " + std::string(name) + " is no address.");
    }
    std::string link(value->get_string());
    if (!on_origin(origin, link)) return link_refused(name, origin);
    return link;
}

Result<Link> page_link(const json::object& page, const WebOrigin& origin) {
    auto next = link_at(page, "@odata.nextLink", origin);
    if (next.has_error()) return next.error();
    auto delta = link_at(page, "@odata.deltaLink", origin);
    if (delta.has_error()) return delta.error();
    if (next->empty() == delta->empty()) {
        return failure(FailureKind::unreadable,
                       next->empty() ? "A delta page has neither nextLink nor deltaLink."
                                     : "A delta page has both a nextLink and a deltaLink.");
    }
    if (next->empty()) return Link{LinkKind::delta, std::move(*delta)};
    return Link{LinkKind::next, std::move(*next)};
}

// "@removed" is an object with a reason, in notifications a string. An unknown reason counts as the
// one that can be undone.
Removal removal_of(ObjectReader& item) {
    const json::value* removed = item.member("@removed");
    if (removed == nullptr) return Removal::no;
    std::string reason;
    if (removed->is_object()) {
        reason = text_at(removed->get_object(), "reason");
    } else if (removed->is_string()) {
        reason = std::string(removed->get_string());
    } else {
        item.refuse("@removed is neither object nor text");
    }
    return reason == "deleted" ? Removal::deleted : Removal::changed;
}

std::optional<std::string> object_guid(ObjectReader& item) {
    const json::value* id = item.member("id");
    if (id == nullptr || !id->is_string()) {
        item.refuse("it has no id");
        return std::nullopt;
    }
    auto guid = canonical_guid(std::string_view(id->get_string()));
    if (!guid) item.refuse("its id is no GUID");
    return guid;
}

void read_member_changes(ObjectReader& group, std::string_view name,
                         std::vector<MemberChange>& changes) {
    const json::value* list = group.member(name);
    if (list == nullptr) return;
    const std::string text(name);
    if (!list->is_array()) return group.refuse(text + " is no list");
    for (const json::value& element : list->get_array()) {
        const json::object* object = element.if_object();
        const json::value* id = object == nullptr ? nullptr : object->if_contains("id");
        const auto member = id == nullptr ? std::nullopt : member_id(*id);
        if (!member) return group.refuse("a member in " + text + " has no readable id");
        ObjectReader reader(*object);
        const bool removed = removal_of(reader) != Removal::no;
        if (!reader.error().empty()) return group.refuse("a member's " + reader.error());
        changes.push_back({*member, member_type(text_at(*object, "@odata.type")), removed});
    }
}

using Further = std::map<std::string, Patch<std::vector<std::string>>>;

// One property with its parts. Nothing is left out but null: what a mapping makes of it is not
// this file's business. The depth is that of the document.
void read_further(const std::string& name, const json::value& value, Further& further) {
    if (const json::object* object = value.if_object()) {
        for (const auto& [part, inner] : *object) {
            const std::string_view key(part);
            if (!key.starts_with('@')) read_further(name + "." + std::string(key), inner, further);
        }
    } else if (const json::array* list = value.if_array()) {
        for (const json::value& element : *list)
            read_further(name, element, further);
    } else if (!value.is_null()) {
        Patch<std::vector<std::string>>& patch = further[name];
        patch.present = true;
        if (!patch.value) patch.value.emplace();
        patch.value->push_back(value.is_string() ? std::string(value.get_string())
                                                 : json::serialize(value));
    }
}

void read_further(const json::object& object, const Properties& properties, Further& further) {
    for (const std::string& name : properties) {
        const json::value* value = object.if_contains(name);
        if (value == nullptr) continue;
        further[name].present = true;
        read_further(name, *value, further);
    }
}

void read_properties(ObjectReader& reader, GroupItem& item) {
    reader.read("displayName", item.display_name);
    reader.read("description", item.description);
    reader.read("mail", item.mail);
    reader.read("mailNickname", item.mail_nickname);
    reader.read("visibility", item.visibility);
    reader.read("onPremisesSecurityIdentifier", item.on_premises_security_identifier);
    reader.read("mailEnabled", item.mail_enabled);
    reader.read("securityEnabled", item.security_enabled);
    reader.read("onPremisesSyncEnabled", item.on_premises_sync_enabled);
    reader.read("groupTypes", item.group_types);
    reader.read("proxyAddresses", item.proxy_addresses);
    read_member_changes(reader, "members@delta", item.members);
    item.owners_shown = reader.member("owners@delta") != nullptr;
    read_member_changes(reader, "owners@delta", item.owners);
}

void read_properties(ObjectReader& reader, UserItem& item) {
    reader.read("onPremisesSecurityIdentifier", item.on_premises_security_identifier);
    reader.read("onPremisesImmutableId", item.on_premises_immutable_id);
    reader.read("userPrincipalName", item.user_principal_name);
    reader.read("onPremisesSyncEnabled", item.on_premises_sync_enabled);
}

// An item; what can't be read leaves one that says so, with its id where it has one.
template <class Item>
Item read_item(const json::value& value) {
    Item item;
    const json::object* object = value.if_object();
    if (object == nullptr) {
        item.unreadable = "it is no object";
        return item;
    }
    ObjectReader reader(*object);
    if (const auto id = object_guid(reader)) item.id = decltype(item.id)(*id);
    item.removal = removal_of(reader);
    read_properties(reader, item);
    if (reader.error().empty()) return item;
    Item unreadable;
    unreadable.id = item.id;
    unreadable.unreadable = reader.error();
    return unreadable;
}

GroupItem group_item(const json::value& value, const Properties& further) {
    GroupItem item = read_item<GroupItem>(value);
    if (item.unreadable.empty()) read_further(value.get_object(), further, item.further);
    return item;
}

Result<const json::array*> list_of(const json::object& page, std::string_view what) {
    const json::value* value = page.if_contains("value");
    if (value == nullptr || !value->is_array()) {
        return failure(FailureKind::unreadable, std::string(what) + " has no list `value`.");
    }
    return &value->get_array();
}

template <class Item, class ItemOf>
Result<DeltaPage<Item>> parse_page(std::string_view body, const WebOrigin& origin,
                                   std::string_view what, const ItemOf& item_of) {
    const auto document = parse_object(body, what);
    if (document.has_error()) return document.error();
    const auto list = list_of(*document, what);
    if (list.has_error()) return list.error();
    auto link = page_link(*document, origin);
    if (link.has_error()) return link.error();
    DeltaPage<Item> page;
    page.link = std::move(*link);
    page.items.reserve((*list)->size());
    for (const json::value& value : **list)
        page.items.push_back(item_of(value));
    return page;
}

}  // namespace

std::string first_request(Stream stream, const GroupSelection& selection) {
    if (stream == Stream::users) {
        return "/v1.0/users/delta?$deltatoken=latest&$select=" + std::string(user_select);
    }
    std::string request = version_of(selection) + "/groups/delta?$select=" + selected(selection) +
                          ",members" + (selection.owners ? ",owners" : "");
    std::string_view before = "&$filter=";
    for (const GroupId& id : selection.only) {
        request += std::string(before) + "id%20eq%20'" + percent_encoded(id.text()) + "'";
        before = "%20or%20";
    }
    return request;
}

std::string group_request(const GroupId& group, const GroupSelection& selection) {
    return version_of(selection) + "/groups/" + percent_encoded(group.text()) + "?$select=id," +
           selected(selection);
}

MemberType member_type(std::string_view odata_type) {
    constexpr std::pair<std::string_view, MemberType> types[] = {
        {"user", MemberType::user},
        {"group", MemberType::group},
        {"device", MemberType::device},
        {"orgcontact", MemberType::contact},
        {"serviceprincipal", MemberType::service_principal}};
    std::string name(odata_type.substr(odata_type.rfind('.') + 1));
    for (char& c : name) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    for (const auto& [text, type] : types) {
        if (name == text) return type;
    }
    return MemberType::unknown;
}

std::optional<MemberId> member_id(const json::value& value) {
    if (!value.is_string()) return std::nullopt;
    const std::string_view text(value.get_string());
    if (auto guid = canonical_guid(text)) return MemberId(std::move(*guid));
    const bool plain = !text.empty() && text.size() <= longest_plain_id &&
                       std::all_of(text.begin(), text.end(), [](char c) {
                           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                                  (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
                       });
    if (!plain) return std::nullopt;
    return MemberId(std::string(text));
}

Result<std::string> next_link(const json::object& page, const WebOrigin& origin) {
    return link_at(page, "@odata.nextLink", origin);
}

Result<GroupPage> parse_groups_page(std::string_view body, const WebOrigin& origin,
                                    const Properties& further) {
    return parse_page<GroupItem>(
        body, origin, "The page of the groups stream",
        [&](const json::value& value) { return group_item(value, further); });
}

Result<UserPage> parse_users_page(std::string_view body, const WebOrigin& origin) {
    return parse_page<UserItem>(body, origin, "The page of the users stream", read_item<UserItem>);
}

Result<GroupItem> parse_group(std::string_view body, const Properties& further) {
    const auto document = parse_object(body, "The group");
    if (document.has_error()) return document.error();
    GroupItem item = group_item(*document, further);
    if (!item.unreadable.empty()) {
        return failure(FailureKind::unreadable,
                       "The group can't be read: " + item.unreadable + ".");
    }
    return item;
}

Result<MembersPage> parse_members_page(std::string_view body, const WebOrigin& origin,
                                       std::string_view what) {
    const std::string name = "The " + std::string(what);
    const auto document = parse_object(body, name);
    if (document.has_error()) return document.error();
    const auto list = list_of(*document, name);
    if (list.has_error()) return list.error();
    auto next = next_link(*document, origin);
    if (next.has_error()) return next.error();
    MembersPage page;
    page.next = std::move(*next);
    page.members.reserve((*list)->size());
    for (const json::value& value : **list) {
        const json::object* object = value.if_object();
        const json::value* id = object == nullptr ? nullptr : object->if_contains("id");
        const auto member = id == nullptr ? std::nullopt : member_id(*id);
        if (!member) {
            return failure(FailureKind::unreadable, name + " holds a member without id.");
        }
        page.members.push_back({*member, member_type(text_at(*object, "@odata.type"))});
    }
    return page;
}

Result<AssignmentsPage> parse_assignments_page(std::string_view body, const WebOrigin& origin) {
    const std::string name = "The list of assignments";
    const auto document = parse_object(body, name);
    if (document.has_error()) return document.error();
    const auto list = list_of(*document, name);
    if (list.has_error()) return list.error();
    auto next = next_link(*document, origin);
    if (next.has_error()) return next.error();
    AssignmentsPage page;
    page.next = std::move(*next);
    for (const json::value& value : **list) {
        const json::object* object = value.if_object();
        const std::string type = object == nullptr ? "" : text_at(*object, "principalType");
        if (type.empty()) {
            return failure(FailureKind::unreadable, name + " holds one without principalType.");
        }
        if (member_type(type) != MemberType::group) continue;
        const auto group = canonical_guid(text_at(*object, "principalId"));
        if (!group) {
            return failure(FailureKind::unreadable, name + " holds a group without principalId.");
        }
        page.groups.emplace_back(*group);
    }
    return page;
}

}  // namespace writeback
