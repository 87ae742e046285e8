// ModelCloud: what its two delta streams show.
#include "fakes/model_cloud.hpp"

#include <algorithm>
#include <charconv>

namespace writeback::fakes {

namespace {

constexpr std::string_view delta_prefix = "https://graph.test/groups/delta?$deltatoken=";
constexpr std::string_view skip_prefix = "https://graph.test/groups/delta?$skiptoken=";
constexpr std::string_view users_prefix = "https://graph.test/users/delta?$deltatoken=";

// "<prefix><a>-<b>"
std::optional<std::pair<std::uint64_t, std::uint64_t>> two_numbers(std::string_view link,
                                                                   std::string_view prefix) {
    if (!link.starts_with(prefix)) return std::nullopt;
    link.remove_prefix(prefix.size());
    const auto dash = link.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    std::uint64_t first = 0;
    std::uint64_t second = 0;
    std::from_chars(link.data(), link.data() + dash, first);
    std::from_chars(link.data() + dash + 1, link.data() + link.size(), second);
    return std::pair(first, second);
}

std::string link_of(std::string_view prefix, std::uint64_t a, std::uint64_t b) {
    return std::string(prefix) + std::to_string(a) + "-" + std::to_string(b);
}

template <class T>
Patch<T> shown(const T& value) {
    return {true, value};
}

template <class T>
Patch<T> shown(const std::optional<T>& value) {
    return {true, value};
}

Patch<std::string> shown(const Sid& sid) {
    if (sid.empty()) return {true, std::nullopt};
    return {true, sid.text()};
}

Failure dead_token() {
    auto dead = failure(FailureKind::resync_required, "The delta token is expired.",
                        "HTTP 400 syncStateNotFound");
    return dead;
}

}  // namespace

std::size_t ModelCloud::visible() const {
    const auto now = clock_.now();
    std::size_t count = 0;
    while (count < changes_.size() && changes_[count].visible_at <= now)
        ++count;
    return count;
}

GroupItem ModelCloud::item_of(const GroupId& id) const {
    const auto& properties = groups_.at(id).properties;
    GroupItem item;
    item.id = id;
    if (properties.state == CloudState::soft_deleted) item.removal = Removal::changed;
    if (properties.state == CloudState::deleted) item.removal = Removal::deleted;
    if (unreadable.contains(id)) item.unreadable = "displayName is a number";
    if (item.removal != Removal::no || !item.unreadable.empty()) return item;
    item.display_name = shown(properties.display_name);
    item.description = shown(properties.description);
    item.mail = shown(properties.mail);
    item.mail_nickname = shown(properties.mail_nickname);
    item.visibility = shown(properties.visibility);
    item.mail_enabled = shown(properties.mail_enabled);
    item.security_enabled = shown(properties.security_enabled);
    item.group_types = shown(properties.group_types);
    item.proxy_addresses = shown(properties.proxy_addresses);
    item.on_premises_sync_enabled = shown(properties.on_premises_sync_enabled);
    item.on_premises_security_identifier = shown(properties.on_premises_security_identifier);
    for (const std::string& name : selection.properties) {
        item.further[name].present = true;
        for (const auto& [known, values] : properties.further) {
            if (known == name || known.starts_with(name + ".")) item.further[known] = shown(values);
        }
    }
    return item;
}

bool ModelCloud::is_asked_for(const GroupId& id) const {
    const auto& only = selection.only;
    return only.empty() || std::find(only.begin(), only.end(), id) != only.end();
}

// As members: without a list where nobody is in it.
void ModelCloud::show_owners(GroupItem& item, const std::vector<MemberChange>& owners) const {
    if (!selection.owners || !owners_in_delta || owners.empty()) return;
    item.owners_shown = true;
    item.owners = owners;
}

void ModelCloud::split_members(std::vector<GroupItem>& into, GroupItem item,
                               const std::vector<MemberChange>& members) const {
    std::size_t next = 0;
    do {
        GroupItem part = item;
        if (next > 0) {
            part.owners.clear();
            part.owners_shown = false;
        }
        const auto end = std::min(members.size(), next + members_per_item);
        part.members.assign(members.begin() + static_cast<std::ptrdiff_t>(next),
                            members.begin() + static_cast<std::ptrdiff_t>(end));
        into.push_back(std::move(part));
        next = end;
    } while (next < members.size());
}

std::vector<CloudMember> ModelCloud::listed(const std::map<MemberId, MemberType>& people) const {
    std::vector<CloudMember> list;
    for (const auto& [id, type] : people) {
        if (is_listed(id)) list.push_back({id, type});
    }
    return list;
}

// A deleted user keeps its memberships, and is not listed while it is deleted.
bool ModelCloud::is_listed(const MemberId& member) const {
    const auto principal = principals_.find(member);
    return principal == principals_.end() || principal->second.state == CloudState::active;
}

std::vector<GroupItem> ModelCloud::crawl_items() const {
    std::vector<GroupItem> items;
    if (shows_nothing) return items;
    for (const auto& [id, group] : groups_) {
        if (group.properties.state != CloudState::active || !is_asked_for(id)) continue;
        std::vector<MemberChange> members;
        for (const auto& [member, type] : listed(group.members))
            members.push_back({member, type, false});
        std::vector<MemberChange> owners;
        for (const auto& [owner, type] : listed(group.owners))
            owners.push_back({owner, type, false});
        auto item = item_of(id);
        show_owners(item, owners);
        split_members(items, std::move(item), members);
    }
    return items;
}

std::vector<GroupItem> ModelCloud::changed_items(std::size_t from, std::size_t to) const {
    std::vector<GroupId> order;
    std::map<GroupId, std::map<MemberId, MemberChange>> members;
    std::map<GroupId, std::map<MemberId, MemberChange>> owners;
    for (auto i = from; i < to; ++i) {
        const auto& change = changes_[i];
        if (change.group.empty() || !is_asked_for(change.group)) continue;
        if (std::find(order.begin(), order.end(), change.group) == order.end()) {
            order.push_back(change.group);
        }
        if (change.member) members[change.group][change.member->member] = *change.member;
        if (change.owner) owners[change.group][change.owner->member] = *change.owner;
    }
    std::vector<GroupItem> items;
    for (const auto& id : order) {
        auto item = item_of(id);
        std::vector<MemberChange> changed;
        if (item.removal == Removal::no && item.unreadable.empty()) {
            for (const auto& [member, change] : members[id])
                changed.push_back(change);
            std::vector<MemberChange> owned;
            for (const auto& [owner, change] : owners[id])
                owned.push_back(change);
            show_owners(item, owned);
        }
        split_members(items, std::move(item), changed);
    }
    return items;
}

std::string ModelCloud::keep_pages(std::vector<GroupItem> items, std::size_t token) {
    if (replays && !items.empty()) items.push_back(items.front());
    Pages pages;
    for (std::size_t i = 0; i < items.size(); i += items_per_page) {
        if (empty_pages) pages.emplace_back();
        GroupPage page;
        const auto end = std::min(items.size(), i + items_per_page);
        page.items.assign(items.begin() + static_cast<std::ptrdiff_t>(i),
                          items.begin() + static_cast<std::ptrdiff_t>(end));
        pages.push_back(std::move(page));
    }
    if (pages.empty()) pages.emplace_back();
    const auto round = ++rounds_;
    for (std::size_t i = 0; i + 1 < pages.size(); ++i) {
        pages[i].link = {LinkKind::next, link_of(skip_prefix, round, i + 1)};
    }
    pages.back().link = {LinkKind::delta, link_of(delta_prefix, epoch_[Stream::groups], token)};
    kept_pages_[round] = std::move(pages);
    return link_of(skip_prefix, round, 0);
}

Async<Result<GroupPage>> ModelCloud::groups_page(std::string link) {
    if (const auto failed = co_await begin_call("groups_page")) co_return *failed;
    if (link.empty()) {
        link = keep_pages(crawl_items(), visible());
    } else if (const auto token = two_numbers(link, delta_prefix)) {
        if (token->first != epoch_[Stream::groups]) co_return dead_token();
        const auto end = std::max(visible(), static_cast<std::size_t>(token->second));
        link = keep_pages(changed_items(token->second, end), end);
    } else if (std::exchange(pages_expired_, false)) {
        co_return failure(FailureKind::page_expired, "The page token is expired.",
                          "HTTP 400 Directory_ExpiredPageToken");
    }
    const auto place = two_numbers(link, skip_prefix);
    if (!place) {
        co_return failure(FailureKind::link_refused, "The link " + link + " is not ours.");
    }
    co_return kept_pages_.at(place->first).at(place->second);
}

Async<Result<UserPage>> ModelCloud::users_page(std::string link) {
    if (const auto failed = co_await begin_call("users_page")) co_return *failed;
    UserPage page;
    const auto end = visible();
    page.link = {LinkKind::delta, link_of(users_prefix, epoch_[Stream::users], end)};
    if (link.empty()) co_return page;
    const auto token = two_numbers(link, users_prefix);
    if (!token || token->first != epoch_[Stream::users]) co_return dead_token();
    for (std::size_t i = token->second; i < end; ++i) {
        const auto& id = changes_[i].principal;
        if (id.empty()) continue;
        const auto& user = principals_.at(id);
        UserItem item;
        item.id = id;
        if (user.state == CloudState::soft_deleted) item.removal = Removal::changed;
        if (user.state == CloudState::deleted) item.removal = Removal::deleted;
        if (item.removal == Removal::no) {
            item.on_premises_security_identifier = shown(user.sid);
            item.on_premises_sync_enabled = shown(user.synced);
            item.user_principal_name = shown(user.name);
        }
        page.items.push_back(std::move(item));
    }
    co_return page;
}

std::string ModelCloud::fingerprint(Stream stream) const {
    std::string asked = std::string(name_of(stream)) + " " + select;
    if (stream == Stream::users) return asked;
    for (const auto& property : selection.properties)
        asked += " " + property;
    for (const auto& id : selection.only)
        asked += " " + id.text();
    return asked + (selection.owners ? " owners" : "");
}

}  // namespace writeback::fakes
