#include "core/planner.hpp"

#include "core/distinguished_name.hpp"
#include "core/identity_set.hpp"

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

std::optional<Gone> gone_of(const MirrorGroup& cloud, const GroupsConfig& groups) {
    switch (cloud.group.state) {
        case CloudState::active:
            if (cloud.in_scope) return std::nullopt;
            return Gone{groups.on_out_of_scope, Evidence::out_of_scope};
        case CloudState::soft_deleted:
            return Gone{groups.on_soft_delete, Evidence::group_deleted};
        case CloudState::absent: {
            const bool remove = groups.on_soft_delete == OnGone::remove;
            return Gone{remove ? OnGone::empty : groups.on_soft_delete, Evidence::absent};
        }
        case CloudState::deleted:
            break;
    }
    return Gone{groups.on_delete, Evidence::group_deleted};
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
    Planning(const GroupWork& work, const PlanRules& rules)
        : work_(work), rules_(rules), refused_(refused_of(work)) {
        plan_.group = work.group;
        if (work.cloud) plan_.name = work.cloud->group.display_name;
        if (plan_.name.empty() && work.written) plan_.name = work.written->cn;
        if (work.written) dn_ = work.written->dn;
    }

    [[nodiscard]] Plan finish() && { return std::move(plan_); }

    void create(const DesiredGroup& desired) {
        dn_ = dn_in(desired.container, desired.cn);
        std::vector<PlannedMember> first = additions(IdentitySet(), false);
        std::vector<PlannedMember> rest;
        if (first.size() > chunk()) {
            rest.assign(first.begin() + static_cast<std::ptrdiff_t>(chunk()), first.end());
            first.resize(chunk());
        }
        Operation& operation = add(OperationKind::create_group);
        operation.create = desired;
        operation.members = std::move(first);
        add_members(OperationKind::add_members, std::move(rest));
        add_members(OperationKind::add_members, additions(IdentitySet(), true));
    }

    void bring_to(const std::optional<DesiredGroup>& desired) {
        const bool infer = work_.unknown_count == 0;
        const IdentitySet present = identities_of(work_.present);
        add_members(OperationKind::remove_members, removals(infer));
        if (desired) modify(*desired);
        if (desired) convert(desired->group_type, Evidence::none);
        add_members(OperationKind::add_members, additions(present, false));
        add_members(OperationKind::add_members, additions(present, true));
        if (desired) rename_and_move(*desired);
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

    // Those who are wanted and not among `present`, each object once.
    [[nodiscard]] std::vector<PlannedMember> additions(IdentitySet present, bool refused) const {
        std::vector<PlannedMember> result;
        for (const WantedMember& member : work_.wanted) {
            if (was_refused(member) != refused || !present.insert(member.identity)) continue;
            result.push_back({member.identity, member.cloud_ids, Evidence::none});
        }
        sort(result);
        return result;
    }

    // Those who are present and not wanted; where nothing tells why, a finished read did not show
    // them.
    [[nodiscard]] std::vector<PlannedMember> removals(bool inferred_too) const {
        const IdentitySet wanted = identities_of(work_.wanted);
        std::vector<PlannedMember> result;
        for (const WrittenMember& member : work_.present) {
            if (wanted.contains(member.identity)) continue;
            const Evidence evidence =
                member.evidence == Evidence::none ? Evidence::absent : member.evidence;
            if (inferred_too || is_explicit(evidence)) {
                result.push_back({member.identity, member.cloud_ids, evidence});
            }
        }
        sort(result);
        return result;
    }

    // All who are present, each with evidence of their own where that is explicit.
    [[nodiscard]] std::vector<PlannedMember> everyone(Evidence evidence) const {
        const IdentitySet wanted = identities_of(work_.wanted);
        std::vector<PlannedMember> result;
        for (const WrittenMember& member : work_.present) {
            const bool own = is_explicit(member.evidence) && !wanted.contains(member.identity);
            result.push_back({member.identity, member.cloud_ids, own ? member.evidence : evidence});
        }
        sort(result);
        return result;
    }

    // The mark is left out: it is written at creation, and a group that has lost it is not ours to
    // change.
    void modify(const DesiredGroup& desired) {
        std::vector<AttributeChange> changes;
        for (const std::string& name : rules_.attributes) {
            if (name == "adminDescription") continue;
            AttributeChange change{name, values(work_.written->attributes, name),
                                   values(desired.attributes, name)};
            if (change.before != change.values) changes.push_back(std::move(change));
        }
        if (!changes.empty()) add(OperationKind::modify_group).changes = std::move(changes);
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
        if (desired.cn != work_.written->cn) {
            add(OperationKind::rename_group).new_cn = desired.cn;
            dn_ = dn_in(container, desired.cn);
        }
        if (!is_same_name(container, desired.container)) {
            add(OperationKind::move_group).new_container = desired.container;
        }
    }

    const GroupWork& work_;
    const PlanRules& rules_;
    std::set<std::string_view> refused_;
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
    Planning planning(work, rules);
    if (!work.cloud || released(work)) return std::move(planning).finish();
    const std::optional<Gone> gone = gone_of(*work.cloud, rules.groups);
    if (!work.written || work.missing) {
        const bool may_create = !work.missing || rules.groups.recreate;
        if (!gone && desired && may_create && !suspended(work)) planning.create(*desired);
    } else if (suspended(work) || (gone && !may_follow(*gone, rules.groups, verdict))) {
        planning.remove_explicit_only();
    } else if (gone) {
        planning.follow(*gone);
    } else {
        planning.bring_to(desired);
    }
    return std::move(planning).finish();
}

}  // namespace writeback
