#include "core/planner.hpp"

#include "core/distinguished_name.hpp"
#include "core/identity_set.hpp"
#include "core/managed_by.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace writeback {

namespace {

constexpr std::int32_t scope_bits = 0x7FFFFFFF;  // groupType without its security bit

// What is to become of a group that AD should no longer have as it is.
struct Gone {
    OnGone action = OnGone::empty;
    Evidence evidence = Evidence::none;
};

std::optional<Gone> gone_of(const GroupWork& work, const GroupsConfig& groups) {
    const MirrorGroup& cloud = *work.cloud;
    // What the policy has kept back is no longer what somebody did a moment ago.
    const Evidence deleted = work.deletion_was_owed ? Evidence::policy : Evidence::group_deleted;
    switch (cloud.group.state) {
        case CloudState::active:
            if (cloud.in_scope) return std::nullopt;
            return Gone{groups.on_out_of_scope, Evidence::out_of_scope};
        case CloudState::soft_deleted:
            return Gone{groups.on_soft_delete, deleted};
        case CloudState::absent: {
            const bool remove = groups.on_soft_delete == OnGone::remove;
            return Gone{remove ? OnGone::empty : groups.on_soft_delete, Evidence::absent};
        }
        case CloudState::deleted:
            break;
    }
    return Gone{groups.on_delete, deleted};
}

bool may_follow(const Gone& gone, const GroupsConfig& groups, DeletionVerdict verdict) {
    if (groups.policy != Policy::full || verdict == DeletionVerdict::allowed) return true;
    if (gone.evidence != Evidence::out_of_scope) return verdict == DeletionVerdict::none_pending;
    return gone.action == OnGone::empty;
}

bool is_explicit(Evidence evidence) {
    return evidence != Evidence::none && !is_inferred(evidence);
}

// The members that holds name as refused, by cloud id and by SID.
std::set<std::string_view> refused_of(const GroupWork& work) {
    std::set<std::string_view> refused;
    for (const Hold& hold : work.holds) {
        if (hold.reason != HoldReason::refused) continue;
        if (!hold.member.empty()) refused.insert(hold.member.text());
        if (!hold.sid.empty()) refused.insert(hold.sid.text());
    }
    return refused;
}

class Planning {
 public:
    Planning(const GroupWork& work, const std::optional<DesiredGroup>& desired,
             const PlanRules& rules)
        : work_(work), desired_(desired), rules_(rules), refused_(refused_of(work)) {
        for (const WantedMember& member : work.wanted) {
            if (stays(member)) wanted_.insert(member.identity);
        }
        plan_.group = work.group;
        if (work.cloud) plan_.name = work.cloud->group.display_name;
        if (plan_.name.empty() && work.written) plan_.name = work.written->cn;
        if (work.written) dn_ = work.written->dn;
    }

    [[nodiscard]] Plan finish() && { return std::move(plan_); }

    void create() {
        const DesiredGroup& desired = *desired_;
        dn_ = dn_in(desired.container, desired.cn);
        std::vector<PlannedMember> first = additions(IdentitySet(), false);
        std::vector<PlannedMember> rest;
        if (first.size() > chunk()) {
            rest.assign(first.begin() + static_cast<std::ptrdiff_t>(chunk()), first.end());
            first.resize(chunk());
        }
        Operation& operation = add(OperationKind::create_group);
        operation.create = desired;
        if (manages()) set(operation.create->attributes, managed_by_attribute, managed_by(work_));
        operation.members = std::move(first);
        add_members(OperationKind::add_members, std::move(rest));
        add_members(OperationKind::add_members, additions(IdentitySet(), true));
    }

    void bring_to_desired() {
        const bool infer = work_.unknown_count == 0;
        const IdentitySet present = identities_of(work_.present);
        add_members(OperationKind::remove_members, removals(infer));
        if (desired_) modify(*desired_);
        if (desired_) convert(desired_->group_type, Evidence::none);
        add_members(OperationKind::add_members, additions(present, false));
        add_members(OperationKind::add_members, additions(present, true));
        if (desired_ && !work_.written->keeps_name) rename_and_move(*desired_);
    }

    void follow(const Gone& gone) {
        switch (gone.action) {
            case OnGone::empty:
                add_members(OperationKind::remove_members, everyone(gone.evidence));
                return;
            case OnGone::keep:
                remove_explicit_only();
                return;
            case OnGone::convert:
                remove_explicit_only();
                convert(work_.written->group_type & scope_bits, gone.evidence);
                return;
            case OnGone::remove:
                add(OperationKind::delete_group).evidence = gone.evidence;
                return;
        }
    }

    void remove_explicit_only() { add_members(OperationKind::remove_members, removals(false)); }

 private:
    [[nodiscard]] std::size_t chunk() const {
        return static_cast<std::size_t>(std::max(1, rules_.values_per_modify));
    }

    Operation& add(OperationKind kind) {
        Operation operation;
        operation.kind = kind;
        operation.dn = dn_;
        return plan_.operations.emplace_back(std::move(operation));
    }

    void add_members(OperationKind kind, const std::vector<PlannedMember>& members) {
        for (std::size_t at = 0; at < members.size(); at += chunk()) {
            const std::size_t count = std::min(chunk(), members.size() - at);
            const auto first = members.begin() + static_cast<std::ptrdiff_t>(at);
            add(kind).members.assign(first, first + static_cast<std::ptrdiff_t>(count));
        }
    }

    static void sort(std::vector<PlannedMember>& members) {
        std::sort(members.begin(), members.end(),
                  [](const auto& a, const auto& b) { return a.identity < b.identity; });
    }

    [[nodiscard]] bool was_refused(const WantedMember& member) const {
        return refused_.contains(member.identity.sid.text()) ||
               std::any_of(member.cloud_ids.begin(), member.cloud_ids.end(),
                           [&](const MemberId& id) { return refused_.contains(id.text()); });
    }

    // A group is never its own member, and only a mail-enabled one has contacts. While nobody can
    // say whether it is, its contacts stay and none comes.
    [[nodiscard]] bool is_itself(const AdIdentity& identity) const {
        if (!work_.written) return false;
        return (!identity.sid.empty() && identity.sid == work_.written->sid) ||
               (!identity.guid.empty() && identity.guid == work_.written->guid);
    }
    [[nodiscard]] bool stays(const WantedMember& member) const {
        if (is_itself(member.identity)) return false;
        return !member.contact || !desired_ || desired_->mail_enabled;
    }
    [[nodiscard]] bool may_come(const WantedMember& member) const {
        if (is_itself(member.identity)) return false;
        return !member.contact || (desired_ && desired_->mail_enabled);
    }

    // Those who are wanted and not among `present`, each object once.
    [[nodiscard]] std::vector<PlannedMember> additions(IdentitySet present, bool refused) const {
        std::vector<PlannedMember> result;
        for (const WantedMember& member : work_.wanted) {
            if (was_refused(member) != refused || !may_come(member)) continue;
            if (!present.insert(member.identity)) continue;
            result.push_back({member.identity, member.cloud_ids, Evidence::none});
        }
        sort(result);
        return result;
    }

    // Those who are present and not wanted. Whom the cloud wants, and this group does not take,
    // leaves because of the configuration; where nothing tells why, a finished read did not show
    // them.
    [[nodiscard]] std::vector<PlannedMember> removals(bool inferred_too) const {
        const IdentitySet in_cloud = identities_of(work_.wanted);
        std::vector<PlannedMember> result;
        for (const WrittenMember& member : work_.present) {
            if (wanted_.contains(member.identity)) continue;
            Evidence evidence =
                member.evidence == Evidence::none ? Evidence::absent : member.evidence;
            if (in_cloud.contains(member.identity)) evidence = Evidence::configuration;
            if (inferred_too || is_explicit(evidence)) {
                result.push_back({member.identity, member.cloud_ids, evidence});
            }
        }
        sort(result);
        return result;
    }

    // All who are present, each with evidence of their own where that is explicit.
    [[nodiscard]] std::vector<PlannedMember> everyone(Evidence evidence) const {
        const IdentitySet in_cloud = identities_of(work_.wanted);
        std::vector<PlannedMember> result;
        for (const WrittenMember& member : work_.present) {
            const bool own = is_explicit(member.evidence) && !in_cloud.contains(member.identity);
            result.push_back({member.identity, member.cloud_ids, own ? member.evidence : evidence});
        }
        sort(result);
        return result;
    }

    [[nodiscard]] bool manages() const {
        const auto& names = rules_.attributes;
        return std::find(names.begin(), names.end(), managed_by_attribute) != names.end();
    }

    static void set(Attributes& attributes, std::string_view name,
                    std::vector<std::string> values) {
        if (!values.empty()) attributes[std::string(name)] = std::move(values);
    }

    // The mark is left out: it is written at creation, and a group that has lost it is not ours to
    // change.
    void modify(const DesiredGroup& desired) {
        std::vector<AttributeChange> changes;
        for (const std::string& name : rules_.attributes) {
            if (name == "adminDescription") continue;
            AttributeChange change{name, values(work_.written->attributes, name),
                                   name == managed_by_attribute ? managed_by(work_)
                                                                : values(desired.attributes, name)};
            if (change.before != change.values) changes.push_back(std::move(change));
        }
        if (auto change = change_of_account_name(desired)) changes.push_back(std::move(*change));
        if (!changes.empty()) add(OperationKind::modify_group).changes = std::move(changes);
    }

    // The name that scripts and access lists know is compared only where the mapping asks for it.
    [[nodiscard]] std::optional<AttributeChange> change_of_account_name(
        const DesiredGroup& desired) const {
        const WrittenGroup& written = *work_.written;
        if (!desired.compares_sam_account_name || written.keeps_name ||
            is_one_of(written.sam_account_name, desired.sam_account_name,
                      desired.alternative_sam_account_name)) {
            return std::nullopt;
        }
        AttributeChange change{std::string(account_name_attribute), {}, {}};
        if (!written.sam_account_name.empty()) change.before = {written.sam_account_name};
        change.values = {desired.sam_account_name};
        return change;
    }

    static bool is_one_of(const std::string& name, const std::string& wanted,
                          const std::string& alternative) {
        return name == wanted || (!alternative.empty() && name == alternative);
    }

    // Sorted, because a directory gives the values of an attribute in no order.
    static std::vector<std::string> values(const Attributes& attributes, const std::string& name) {
        const auto found = attributes.find(name);
        if (found == attributes.end()) return {};
        std::vector<std::string> sorted = found->second;
        std::sort(sorted.begin(), sorted.end());
        return sorted;
    }

    void convert(std::int32_t to, Evidence evidence) {
        const std::int32_t from = work_.written->group_type;
        if (from == to) return;
        Operation& operation = add(OperationKind::convert_group);
        operation.from_type = from;
        operation.to_type = to;
        operation.evidence = evidence;
    }

    void rename_and_move(const DesiredGroup& desired) {
        const Dn container = parent_of(dn_);
        if (!is_one_of(work_.written->cn, desired.cn, desired.alternative_cn)) {
            add(OperationKind::rename_group).new_cn = desired.cn;
            dn_ = dn_in(container, desired.cn);
        }
        if (!is_same_name(container, desired.container)) {
            add(OperationKind::move_group).new_container = desired.container;
        }
    }

    const GroupWork& work_;
    const std::optional<DesiredGroup>& desired_;
    const PlanRules& rules_;
    std::set<std::string_view> refused_;
    IdentitySet wanted_;  // without those whom the group does not take
    Plan plan_;
    Dn dn_;  // where the group stands when the next operation begins
};

}  // namespace

std::string deletion_subject(CloudState state) {
    switch (state) {
        case CloudState::active:
            return "out-of-scope";
        case CloudState::deleted:
            return "deleted";
        case CloudState::soft_deleted:
        case CloudState::absent:
            break;
    }
    return "soft-deleted";
}

bool counts_as_deletion(CloudState state, const GroupsConfig& groups) {
    switch (state) {
        case CloudState::active:
            return groups.on_out_of_scope == OnGone::convert ||
                   groups.on_out_of_scope == OnGone::remove;
        case CloudState::deleted:
            return groups.on_delete != OnGone::keep;
        case CloudState::soft_deleted:
        case CloudState::absent:
            break;
    }
    return groups.on_soft_delete != OnGone::keep;
}

bool awaits_verdict(const GroupWork& work, const GroupsConfig& groups) {
    return groups.policy == Policy::full && work.deletion == DeletionVerdict::unjudged &&
           work.cloud && work.written && !released(work) &&
           counts_as_deletion(work.cloud->group.state, groups);
}

bool suspended(const GroupWork& work) {
    return work.cloud && (work.cloud->members_unread || !work.cloud->unreadable.empty());
}

bool released(const GroupWork& work) {
    return work.cloud && work.cloud->group.on_premises_sync_enabled;
}

Plan plan_group(const GroupWork& work, const std::optional<DesiredGroup>& desired,
                const PlanRules& rules, DeletionVerdict verdict) {
    Planning planning(work, desired, rules);
    if (!work.cloud || released(work)) return std::move(planning).finish();
    const std::optional<Gone> gone = gone_of(work, rules.groups);
    if (!work.written || work.missing) {
        const bool may_create = !work.missing || rules.groups.recreate;
        if (!gone && desired && may_create && !suspended(work)) planning.create();
    } else if (suspended(work) || (gone && !may_follow(*gone, rules.groups, verdict))) {
        planning.remove_explicit_only();
    } else if (gone) {
        planning.follow(*gone);
    } else {
        planning.bring_to_desired();
    }
    return std::move(planning).finish();
}

}  // namespace writeback
