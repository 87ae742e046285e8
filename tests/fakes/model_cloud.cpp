#include "fakes/model_cloud.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

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

ModelCloud::ModelCloud(Clock& clock) : clock_(clock) {}

std::string ModelCloud::next_id() {
    const auto digits = std::to_string(++ids_);
    return "00000000-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

MemberId ModelCloud::add_principal(Principal principal) {
    const MemberId id(next_id());
    const bool is_user = principal.type == MemberType::user;
    principals_.emplace(id, std::move(principal));
    if (is_user) {
        note({{}, {}, {}, id});
        notify(Stream::users, id.text(), false);
    }
    return id;
}

MemberId ModelCloud::add_user(const std::string& name, const Sid& sid) {
    Principal user;
    user.synced = true;
    user.sid = sid;
    user.name = name;
    return add_principal(std::move(user));
}

MemberId ModelCloud::add_cloud_user(const std::string& name) {
    Principal user;
    user.name = name;
    return add_principal(std::move(user));
}

void ModelCloud::change_principal(const MemberId& id,
                                  const std::function<void(Principal&)>& change) {
    auto& principal = principals_.at(id);
    change(principal);
    if (principal.type != MemberType::user) return;
    note({{}, {}, {}, id});
    notify(Stream::users, id.text(), principal.state == CloudState::deleted);
}

void ModelCloud::delete_user(const MemberId& id, CloudState state) {
    change_principal(id, [state](Principal& user) { user.state = state; });
    if (state != CloudState::active) return;
    // With a restored user its memberships are shown again.
    for (const auto& [group, one] : groups_) {
        const auto member = one.members.find(id);
        if (member == one.members.end()) continue;
        note({{}, group, MemberChange{id, member->second, false}, {}});
    }
}

GroupId ModelCloud::add_group(const std::string& name, bool microsoft365) {
    const GroupId id(next_id());
    Group group;
    group.properties.id = id;
    group.properties.display_name = name;
    group.properties.security_enabled = !microsoft365;
    group.properties.mail_enabled = microsoft365;
    if (microsoft365) group.properties.group_types = {"Unified"};
    groups_.emplace(id, std::move(group));
    note({{}, id, {}, {}});
    notify(Stream::groups, id.text(), false);
    return id;
}

void ModelCloud::change_group(const GroupId& id, const std::function<void(CloudGroup&)>& change) {
    change(groups_.at(id).properties);
    note({{}, id, {}, {}});
    notify(Stream::groups, id.text(), false);
}

void ModelCloud::add_member(const GroupId& group, const MemberId& member) {
    const auto principal = principals_.find(member);
    const auto type = principal == principals_.end() ? MemberType::group : principal->second.type;
    groups_.at(group).members[member] = type;
    note({{}, group, MemberChange{member, type, false}, {}});
    notify(Stream::groups, group.text(), false);
}

void ModelCloud::remove_member(const GroupId& group, const MemberId& member) {
    auto& members = groups_.at(group).members;
    const auto found = members.find(member);
    if (found == members.end()) throw std::logic_error("no such member");
    const auto type = found->second;
    members.erase(found);
    note({{}, group, MemberChange{member, type, true}, {}});
    notify(Stream::groups, group.text(), false);
}

void ModelCloud::soft_delete(const GroupId& group) {
    groups_.at(group).properties.state = CloudState::soft_deleted;
    note({{}, group, {}, {}});
    notify(Stream::groups, group.text(), false);
}

void ModelCloud::hard_delete(const GroupId& group) {
    groups_.at(group).properties.state = CloudState::deleted;
    note({{}, group, {}, {}});
    notify(Stream::groups, group.text(), true);
}

// A restored group comes as a new one does: its properties, and none of its members.
void ModelCloud::restore(const GroupId& group) {
    groups_.at(group).properties.state = CloudState::active;
    note({{}, group, {}, {}});
    notify(Stream::groups, group.text(), false);
}

void ModelCloud::note(Change change) {
    change.visible_at = clock_.now() + lag;
    changes_.push_back(std::move(change));
}

void ModelCloud::notify(Stream stream, const std::string& id, bool deleted) {
    if (!post) return;
    for (const auto& [key, kept] : subscriptions) {
        if (kept.subscription.resource != name_of(stream)) continue;
        Notification notification;
        notification.subscription = key;
        notification.tenant = tenant;
        notification.client_state = kept.client_state;
        notification.change_type = deleted ? "deleted" : "updated";
        notification.resource = (stream == Stream::groups ? "Groups/" : "Users/") + id;
        notification.resource_id = id;
        post(std::move(notification));
    }
}

void ModelCloud::send_lifecycle(Stream stream, LifecycleEvent event) {
    if (!post) return;
    for (const auto& [key, kept] : subscriptions) {
        if (kept.subscription.resource != name_of(stream)) continue;
        Notification notification;
        notification.subscription = key;
        notification.tenant = tenant;
        notification.client_state = kept.client_state;
        notification.lifecycle = event;
        post(std::move(notification));
    }
}

void ModelCloud::kill_tokens() {
    kill_tokens(Stream::groups);
    kill_tokens(Stream::users);
}

void ModelCloud::kill_tokens(Stream stream) {
    ++epoch_[stream];
}

void ModelCloud::expire_pages() {
    pages_expired_ = true;
}

void ModelCloud::fail(const std::string& call, Failure failure, int times) {
    for (int i = 0; i < times; ++i)
        failures_[call].push_back(failure);
}

int ModelCloud::calls(const std::string& call) const {
    const auto found = calls_.find(call);
    return found == calls_.end() ? 0 : found->second;
}

Async<std::optional<Failure>> ModelCloud::begin_call(std::string call) {
    ++calls_[call];
    if (on_call && on_call(call)) co_await clock_.sleep(std::chrono::hours(24 * 36'500));
    co_await clock_.sleep(latency);
    if (down) co_return down;
    auto& failures = failures_[call];
    if (failures.empty()) co_return std::nullopt;
    auto failure = failures.front();
    failures.pop_front();
    co_return failure;
}

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
    return item;
}

void ModelCloud::split_members(std::vector<GroupItem>& into, GroupItem item,
                               const std::vector<MemberChange>& members) const {
    std::size_t next = 0;
    do {
        GroupItem part = item;
        const auto end = std::min(members.size(), next + members_per_item);
        part.members.assign(members.begin() + static_cast<std::ptrdiff_t>(next),
                            members.begin() + static_cast<std::ptrdiff_t>(end));
        into.push_back(std::move(part));
        next = end;
    } while (next < members.size());
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
        if (group.properties.state != CloudState::active) continue;
        std::vector<MemberChange> members;
        for (const auto& [member, type] : group.members) {
            if (is_listed(member)) members.push_back({member, type, false});
        }
        split_members(items, item_of(id), members);
    }
    return items;
}

std::vector<GroupItem> ModelCloud::changed_items(std::size_t from, std::size_t to) const {
    std::vector<GroupId> order;
    std::map<GroupId, std::map<MemberId, MemberChange>> members;
    for (auto i = from; i < to; ++i) {
        const auto& change = changes_[i];
        if (change.group.empty()) continue;
        if (std::find(order.begin(), order.end(), change.group) == order.end()) {
            order.push_back(change.group);
        }
        if (change.member) members[change.group][change.member->member] = *change.member;
    }
    std::vector<GroupItem> items;
    for (const auto& id : order) {
        auto item = item_of(id);
        std::vector<MemberChange> changed;
        if (item.removal == Removal::no && item.unreadable.empty()) {
            for (const auto& [member, change] : members[id])
                changed.push_back(change);
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
    return std::string(name_of(stream)) + " " + select;
}

Async<Result<GroupRead>> ModelCloud::read_group(GroupId group) {
    if (const auto failed = co_await begin_call("read_group")) co_return *failed;
    GroupRead read;
    const auto found = groups_.find(group);
    read.state = found == groups_.end() ? CloudState::deleted : found->second.properties.state;
    if (read.state == CloudState::active) read.item = item_of(group);
    read.item.id = group;
    co_return read;
}

Async<Result<std::vector<CloudMember>>> ModelCloud::read_members(GroupId group) {
    if (const auto failed = co_await begin_call("read_members")) co_return *failed;
    std::vector<CloudMember> members;
    for (const auto& [id, type] : groups_.at(group).members) {
        if (is_listed(id)) members.push_back({id, type});
    }
    co_return members;
}

Async<Result<std::vector<IdentityAnswer>>> ModelCloud::identities(std::vector<MemberId> ids) {
    if (ids.size() > most_ids) throw std::logic_error("too many ids at once");
    if (const auto failed = co_await begin_call("identities")) co_return *failed;
    std::vector<IdentityAnswer> answers;
    for (const auto& id : ids) {
        IdentityAnswer answer;
        answer.id = id;
        const auto principal = principals_.find(id);
        const auto group = groups_.find(as_group(id));
        if (principal != principals_.end() && principal->second.state == CloudState::active) {
            const auto& one = principal->second;
            answer.type = one.type;
            answer.readable = one.readable;
            if (one.readable) {
                answer.on_premises_sync_enabled = one.synced;
                answer.on_premises_security_identifier = one.sid;
                answer.on_premises_immutable_id = one.immutable_id;
                answer.name = one.name;
            }
        } else if (group != groups_.end()) {
            answer.type = MemberType::group;
            answer.on_premises_sync_enabled = group->second.properties.on_premises_sync_enabled;
            answer.on_premises_security_identifier =
                group->second.properties.on_premises_security_identifier;
            answer.name = group->second.properties.display_name;
        } else {
            continue;
        }
        answers.push_back(std::move(answer));
    }
    co_return answers;
}

Async<Result<Subscription>> ModelCloud::create(NewSubscription request) {
    if (const auto failed = co_await begin_call("create")) co_return *failed;
    const std::string resource(name_of(request.stream));
    for (const auto& [id, kept] : subscriptions) {
        if (kept.subscription.resource == resource) {
            co_return failure(FailureKind::already_exists,
                              "A subscription exists already for the requested combination.",
                              "HTTP 409");
        }
    }
    Subscription subscription{SubscriptionId(next_id()), resource, request.notification_url,
                              request.expires};
    subscriptions[subscription.id] = {subscription, request.client_state, request.lifecycle_url};
    co_return subscription;
}

Async<Result<Subscription>> ModelCloud::renew(SubscriptionId id, Instant expires) {
    if (const auto failed = co_await begin_call("renew")) co_return *failed;
    const auto found = subscriptions.find(id);
    if (found == subscriptions.end()) {
        co_return failure(FailureKind::not_found, "The subscription is gone.", "HTTP 404");
    }
    found->second.subscription.expires = expires;
    co_return found->second.subscription;
}

Async<Result<Done>> ModelCloud::remove(SubscriptionId id) {
    if (const auto failed = co_await begin_call("remove")) co_return *failed;
    if (subscriptions.erase(id) == 0) {
        co_return failure(FailureKind::not_found, "The subscription is gone.", "HTTP 404");
    }
    co_return Done{};
}

Async<Result<std::vector<Subscription>>> ModelCloud::list() {
    if (const auto failed = co_await begin_call("list")) co_return *failed;
    std::vector<Subscription> all;
    for (const auto& [id, kept] : subscriptions)
        all.push_back(kept.subscription);
    co_return all;
}

Async<Result<std::vector<CloudMember>>> ModelCloud::read_owners(GroupId) {
    co_return failure(FailureKind::internal, "read_owners is not modelled yet.");
}

Async<Result<std::vector<GroupId>>> ModelCloud::assigned_groups() {
    if (const auto failed = co_await begin_call("assigned_groups")) co_return *failed;
    co_return std::vector<GroupId>(assigned.begin(), assigned.end());
}

}  // namespace writeback::fakes
