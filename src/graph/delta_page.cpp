#include "graph/delta_page.hpp"

#include "graph/json_value.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
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

Failure link_refused(std::string_view name, const Origin& origin) {
    return failure(FailureKind::link_refused,
                   "Graph's " + std::string(name) + " points away from " + to_text(origin) +
                       "; it is not followed and gets no token. Check `endpoint`.");
}

// A link of the page: empty when there is none.
Result<std::string> link_at(const json::object& page, std::string_view name, const Origin& origin) {
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

Result<Link> page_link(const json::object& page, const Origin& origin) {
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

void read_member_changes(ObjectReader& group, std::vector<MemberChange>& changes) {
    const json::value* list = group.member("members@delta");
    if (list == nullptr) return;
    if (!list->is_array()) return group.refuse("members@delta is no list");
    for (const json::value& element : list->get_array()) {
        const json::object* object = element.if_object();
        const json::value* id = object == nullptr ? nullptr : object->if_contains("id");
        const auto member = id == nullptr ? std::nullopt : member_id(*id);
        if (!member) return group.refuse("a member in members@delta has no readable id");
        ObjectReader reader(*object);
        const bool removed = removal_of(reader) != Removal::no;
        if (!reader.error().empty()) return group.refuse("a member's " + reader.error());
        changes.push_back({*member, member_type(text_at(*object, "@odata.type")), removed});
    }
}

GroupItem group_item(const json::value& value) {
    GroupItem item;
    const json::object* object = value.if_object();
    if (object == nullptr) {
        item.unreadable = "it is no object";
        return item;
    }
    ObjectReader reader(*object);
    if (const auto id = object_guid(reader)) item.id = GroupId(*id);
    item.removal = removal_of(reader);
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
    read_member_changes(reader, item.members);
    if (reader.error().empty()) return item;
    GroupItem unreadable;
    unreadable.id = item.id;
    unreadable.unreadable = reader.error();
    return unreadable;
}

UserItem user_item(const json::value& value) {
    UserItem item;
    const json::object* object = value.if_object();
    if (object == nullptr) {
        item.unreadable = "it is no object";
        return item;
    }
    ObjectReader reader(*object);
    if (const auto id = object_guid(reader)) item.id = MemberId(*id);
    item.removal = removal_of(reader);
    reader.read("onPremisesSecurityIdentifier", item.on_premises_security_identifier);
    reader.read("onPremisesImmutableId", item.on_premises_immutable_id);
    reader.read("userPrincipalName", item.user_principal_name);
    reader.read("onPremisesSyncEnabled", item.on_premises_sync_enabled);
    if (reader.error().empty()) return item;
    UserItem unreadable;
    unreadable.id = item.id;
    unreadable.unreadable = reader.error();
    return unreadable;
}

Result<const json::array*> list_of(const json::object& page, std::string_view what) {
    const json::value* value = page.if_contains("value");
    if (value == nullptr || !value->is_array()) {
        return failure(FailureKind::unreadable, std::string(what) + " has no list `value`.");
    }
    return &value->get_array();
}

template <class Item>
Result<DeltaPage<Item>> parse_page(std::string_view body, const Origin& origin,
                                   std::string_view what, Item (*item_of)(const json::value&)) {
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

std::string first_request(Stream stream) {
    if (stream == Stream::users) {
        return "/v1.0/users/delta?$deltatoken=latest&$select=" + std::string(user_select);
    }
    return "/v1.0/groups/delta?$select=" + std::string(group_select) + ",members";
}

std::string group_properties() {
    return "id," + std::string(group_select);
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

Result<std::string> next_link(const json::object& page, const Origin& origin) {
    return link_at(page, "@odata.nextLink", origin);
}

Result<GroupPage> parse_groups_page(std::string_view body, const Origin& origin) {
    return parse_page<GroupItem>(body, origin, "The page of the groups stream", group_item);
}

Result<UserPage> parse_users_page(std::string_view body, const Origin& origin) {
    return parse_page<UserItem>(body, origin, "The page of the users stream", user_item);
}

Result<GroupItem> parse_group(std::string_view body) {
    const auto document = parse_object(body, "The group");
    if (document.has_error()) return document.error();
    GroupItem item = group_item(*document);
    if (!item.unreadable.empty()) {
        return failure(FailureKind::unreadable,
                       "The group can't be read: " + item.unreadable + ".");
    }
    return item;
}

Result<MembersPage> parse_members_page(std::string_view body, const Origin& origin) {
    const auto document = parse_object(body, "The member list");
    if (document.has_error()) return document.error();
    const auto list = list_of(*document, "The member list");
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
            return failure(FailureKind::unreadable, "The member list holds a member without id.");
        }
        page.members.push_back({*member, member_type(text_at(*object, "@odata.type"))});
    }
    return page;
}

}  // namespace writeback
