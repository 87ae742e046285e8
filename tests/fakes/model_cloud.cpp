#include "fakes/model_cloud.hpp"

#include <algorithm>
#include <stdexcept>

namespace writeback::fakes {

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
        note_user(id);
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
    note_user(id);
    notify(Stream::users, id.text(), principal.state == CloudState::deleted);
}

void ModelCloud::delete_user(const MemberId& id, CloudState state) {
    change_principal(id, [state](Principal& user) { user.state = state; });
    if (state != CloudState::active) return;
    // With a restored user its memberships are shown again.
    for (const auto& [group, one] : groups_) {
        const auto member = one.members.find(id);
        if (member == one.members.end()) continue;
        note_group(group, MemberChange{id, member->second, false});
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
    note_group(id);
    notify(Stream::groups, id.text(), false);
    return id;
}

void ModelCloud::change_group(const GroupId& id, const std::function<void(CloudGroup&)>& change) {
    change(groups_.at(id).properties);
    note_group(id);
    notify(Stream::groups, id.text(), false);
}

void ModelCloud::add_member(const GroupId& group, const MemberId& member) {
    const auto principal = principals_.find(member);
    const auto type = principal == principals_.end() ? MemberType::group : principal->second.type;
    groups_.at(group).members[member] = type;
    note_group(group, MemberChange{member, type, false});
    notify(Stream::groups, group.text(), false);
}

void ModelCloud::remove_member(const GroupId& group, const MemberId& member) {
    auto& members = groups_.at(group).members;
    const auto found = members.find(member);
    if (found == members.end()) throw std::logic_error("no such member");
    const auto type = found->second;
    members.erase(found);
    note_group(group, MemberChange{member, type, true});
    notify(Stream::groups, group.text(), false);
}

void ModelCloud::add_owner(const GroupId& group, const MemberId& owner) {
    const auto type = principals_.at(owner).type;
    groups_.at(group).owners[owner] = type;
    note_group(group, {}, MemberChange{owner, type, false});
    notify(Stream::groups, group.text(), false);
}

void ModelCloud::remove_owner(const GroupId& group, const MemberId& owner) {
    if (groups_.at(group).owners.erase(owner) == 0) throw std::logic_error("no such owner");
    note_group(group, {}, MemberChange{owner, principals_.at(owner).type, true});
    notify(Stream::groups, group.text(), false);
}

void ModelCloud::soft_delete(const GroupId& group) {
    groups_.at(group).properties.state = CloudState::soft_deleted;
    note_group(group);
    notify(Stream::groups, group.text(), false);
}

void ModelCloud::hard_delete(const GroupId& group) {
    groups_.at(group).properties.state = CloudState::deleted;
    note_group(group);
    notify(Stream::groups, group.text(), true);
}

// A restored group comes as a new one does: its properties, and none of its members.
void ModelCloud::restore(const GroupId& group) {
    groups_.at(group).properties.state = CloudState::active;
    note_group(group);
    notify(Stream::groups, group.text(), false);
}

void ModelCloud::note_user(const MemberId& id) {
    Change change;
    change.principal = id;
    note(std::move(change));
}

void ModelCloud::note_group(const GroupId& id, std::optional<MemberChange> member,
                            std::optional<MemberChange> owner) {
    Change change;
    change.group = id;
    change.member = std::move(member);
    change.owner = std::move(owner);
    note(std::move(change));
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
    co_return listed(groups_.at(group).members);
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
                if (one.type == MemberType::contact) answer.addresses = one.addresses;
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

Async<Result<std::vector<CloudMember>>> ModelCloud::read_owners(GroupId group) {
    if (const auto failed = co_await begin_call("read_owners")) co_return *failed;
    co_return listed(groups_.at(group).owners);
}

Async<Result<std::vector<GroupId>>> ModelCloud::assigned_groups() {
    if (const auto failed = co_await begin_call("assigned_groups")) co_return *failed;
    co_return std::vector<GroupId>(assigned.begin(), assigned.end());
}

}  // namespace writeback::fakes
