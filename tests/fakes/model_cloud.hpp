// A small tenant that answers as Microsoft Graph does: delta streams with split groups, empty
// pages, replays and lag, direct reads, getByIds, subscriptions; and fails when it is told to.
//
// Changes are made by the verbs below; each takes a number, and a delta token is the number up to
// which its owner has seen. A change is seen by delta `lag` after it was made.
#pragma once

#include <writeback/change_source.hpp>
#include <writeback/clock.hpp>
#include <writeback/identity_source.hpp>
#include <writeback/notification.hpp>
#include <writeback/subscription_service.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace writeback::fakes {

class ModelCloud final : public ChangeSource, public IdentitySource, public SubscriptionService {
 public:
    explicit ModelCloud(Clock& clock);

    // --- the tenant, changed by its administrators ---
    struct Principal {
        MemberType type = MemberType::user;
        bool synced = false;
        Sid sid;
        ObjectGuid immutable_id;
        std::string name;
        bool readable = true;
        CloudState state = CloudState::active;
        std::vector<std::string> addresses{};  // of a contact
    };
    struct Group {
        CloudGroup properties;
        std::map<MemberId, MemberType> members;
        std::map<MemberId, MemberType> owners{};
    };

    MemberId add_user(const std::string& name, const Sid& sid);
    MemberId add_cloud_user(const std::string& name);
    MemberId add_principal(Principal principal);
    void change_principal(const MemberId& id, const std::function<void(Principal&)>& change);
    void delete_user(const MemberId& id, CloudState state = CloudState::soft_deleted);

    GroupId add_group(const std::string& name, bool microsoft365 = false);
    void change_group(const GroupId& id, const std::function<void(CloudGroup&)>& change);
    void add_member(const GroupId& group, const MemberId& member);
    void remove_member(const GroupId& group, const MemberId& member);
    void add_owner(const GroupId& group, const MemberId& owner);
    void remove_owner(const GroupId& group, const MemberId& owner);
    void soft_delete(const GroupId& group);
    void hard_delete(const GroupId& group);
    void restore(const GroupId& group);

    [[nodiscard]] const Group& group(const GroupId& id) const { return groups_.at(id); }
    [[nodiscard]] const std::map<GroupId, Group>& groups() const { return groups_; }
    [[nodiscard]] const std::map<MemberId, Principal>& principals() const { return principals_; }

    // --- how it answers ---
    std::size_t items_per_page = 50;
    std::size_t members_per_item = 100;
    bool empty_pages = false;
    bool replays = false;          // an item may come twice in a round
    std::set<GroupId> unreadable;  // groups whose items come garbled
    bool shows_nothing = false;    // a crawl finds no group: permissions were taken away
    std::set<GroupId> assigned;    // to our enterprise application
    Duration lag{};
    Duration latency = Duration(20);
    std::string select = "v1";    // part of the fingerprint
    GroupSelection selection;     // what the groups stream is asked for
    bool owners_in_delta = true;  // Graph is not known to show owners@delta

    // The tokens that were given so far are dead; those of both streams, or of one.
    void kill_tokens();
    void kill_tokens(Stream stream);
    // The next request for a page in the middle of a round is refused.
    void expire_pages();
    // The next calls of this name fail: "groups_page", "users_page", "read_group", "read_members",
    // "read_owners", "assigned_groups", "identities", "create", "renew", "remove", "list".
    void fail(const std::string& call, Failure failure, int times = 1);
    void fail_no_more() { failures_.clear(); }
    // Every call fails while it holds.
    std::optional<Failure> down;
    // Looks at each call before it is answered; true: the answer never comes, for crashes at a
    // chosen moment.
    std::function<bool(const std::string& call)> on_call;

    [[nodiscard]] int calls(const std::string& call) const;

    // --- notifications ---
    // Where Graph posts to; called for each change while a subscription of its resource exists.
    std::function<void(Notification)> post;
    TenantId tenant;
    void send_lifecycle(Stream stream, LifecycleEvent event);
    struct Kept {
        Subscription subscription;
        std::string client_state;
        std::string lifecycle_url;
    };
    std::map<SubscriptionId, Kept> subscriptions;

    // --- the ports ---
    Async<Result<GroupPage>> groups_page(std::string link) override;
    Async<Result<UserPage>> users_page(std::string link) override;
    [[nodiscard]] std::string fingerprint(Stream stream) const override;
    Async<Result<GroupRead>> read_group(GroupId group) override;
    Async<Result<std::vector<CloudMember>>> read_members(GroupId group) override;
    Async<Result<std::vector<CloudMember>>> read_owners(GroupId group) override;
    Async<Result<std::vector<GroupId>>> assigned_groups() override;
    Async<Result<std::vector<IdentityAnswer>>> identities(std::vector<MemberId> ids) override;
    Async<Result<Subscription>> create(NewSubscription request) override;
    Async<Result<Subscription>> renew(SubscriptionId id, Instant expires) override;
    Async<Result<Done>> remove(SubscriptionId id) override;
    Async<Result<std::vector<Subscription>>> list() override;

 private:
    struct Change {
        Instant visible_at{};
        GroupId group;                       // of a change of a group
        std::optional<MemberChange> member;  // of its members
        std::optional<MemberChange> owner;   // of its owners
        MemberId principal;                  // of a change of a user
    };
    using Pages = std::vector<GroupPage>;

    Async<std::optional<Failure>> begin_call(std::string call);
    void note(Change change);
    void note_user(const MemberId& id);
    void note_group(const GroupId& id, std::optional<MemberChange> member = {},
                    std::optional<MemberChange> owner = {});
    void notify(Stream stream, const std::string& id, bool deleted);
    [[nodiscard]] std::size_t visible() const;
    [[nodiscard]] GroupItem item_of(const GroupId& id) const;
    [[nodiscard]] bool is_asked_for(const GroupId& id) const;
    [[nodiscard]] std::vector<CloudMember> listed(
        const std::map<MemberId, MemberType>& people) const;
    void show_owners(GroupItem& item, const std::vector<MemberChange>& owners) const;
    [[nodiscard]] std::vector<GroupItem> crawl_items() const;
    [[nodiscard]] std::vector<GroupItem> changed_items(std::size_t from, std::size_t to) const;
    void split_members(std::vector<GroupItem>& into, GroupItem item,
                       const std::vector<MemberChange>& members) const;
    [[nodiscard]] bool is_listed(const MemberId& member) const;
    std::string keep_pages(std::vector<GroupItem> items, std::size_t token);
    [[nodiscard]] std::string next_id();

    Clock& clock_;
    std::map<GroupId, Group> groups_;
    std::map<MemberId, Principal> principals_;
    std::vector<Change> changes_;
    std::map<std::string, std::deque<Failure>> failures_;
    std::map<std::string, int> calls_;
    std::map<std::uint64_t, Pages> kept_pages_;
    std::uint64_t rounds_ = 0;
    std::map<Stream, std::uint64_t> epoch_;  // of tokens; those of an older one are dead
    bool pages_expired_ = false;
    std::uint64_t ids_ = 0;
};

}  // namespace writeback::fakes
