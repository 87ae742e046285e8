#include "sync/drift_report.hpp"

#include "core/distinguished_name.hpp"
#include "core/identity_set.hpp"
#include "core/managed_by.hpp"

#include <algorithm>
#include <utility>

namespace writeback {

namespace {

constexpr const char* mark_attribute = "adminDescription";

HoldTarget rename_to(const DesiredGroup& desired) {
    return {OperationKind::rename_group, desired.cn, Evidence::none};
}

HoldTarget move_to(const DesiredGroup& desired) {
    return {OperationKind::move_group, desired.container.text(), Evidence::none};
}

bool contains(const std::vector<HoldTarget>& targets, const HoldTarget& target) {
    return std::find(targets.begin(), targets.end(), target) != targets.end();
}

std::vector<std::string> values(const Attributes& attributes, const std::string& name) {
    const auto found = attributes.find(name);
    if (found == attributes.end()) return {};
    auto sorted = found->second;
    std::sort(sorted.begin(), sorted.end());
    return sorted;
}

void set(Attributes& attributes, const std::string& name, const std::vector<std::string>& to) {
    if (to.empty()) {
        attributes.erase(name);
    } else {
        attributes[name] = to;
    }
}

// The names have followed the object since an earlier report: what was believed then is what the
// cloud wants still.
void believe_names(GroupReading& reading, const std::vector<HoldTarget>& reported,
                   const DesiredGroup& desired) {
    auto& believed = reading.believed;
    if (contains(reported, rename_to(desired))) believed.cn = desired.cn;
    if (contains(reported, move_to(desired))) {
        believed.dn = dn_in(desired.container, believed.cn);
    }
}

// What is as the cloud wants it is not told.
void leave_out_agreeing(Drift& drift, const GroupWork& work, const DesiredGroup& desired) {
    if (drift.cn && (drift.cn->now == desired.cn || drift.cn->now == desired.alternative_cn)) {
        drift.cn.reset();
    }
    if (drift.container && is_same_name(drift.container->now, desired.container)) {
        drift.container.reset();
    }
    if (drift.group_type && drift.group_type->now == desired.group_type) drift.group_type.reset();
    std::erase_if(drift.attributes, [&](const AttributeChange& change) {
        const bool manager = change.name == managed_by_attribute;
        return change.values ==
               (manager ? managed_by(work) : values(desired.attributes, change.name));
    });
    const IdentitySet wanted = identities_of(work.wanted);
    std::erase_if(drift.gained, [&](const AdIdentity& one) { return wanted.contains(one); });
    std::erase_if(drift.lost, [&](const AdIdentity& one) { return !wanted.contains(one); });
}

void adopt_properties(WrittenGroup& believed, const DirectoryGroup& found,
                      const DesiredGroup& desired) {
    for (const auto& [name, wanted] : desired.attributes) {
        if (values(found.attributes, name) == values(desired.attributes, name)) {
            set(believed.attributes, name, wanted);
        }
    }
    std::erase_if(believed.attributes, [&](const auto& attribute) {
        const auto& name = attribute.first;
        return name != managed_by_attribute && !desired.attributes.contains(name) &&
               !found.attributes.contains(name);
    });
    if (found.group_type == desired.group_type) believed.group_type = found.group_type;
    if (found.sam_account_name == desired.sam_account_name) {
        believed.sam_account_name = found.sam_account_name;
    }
}

// Whom the cloud wants and AD has, and whom neither does.
void adopt_members(GroupWork& work, const DirectoryGroup& found, Agreement& agreement) {
    if (!work.whole) return;
    IdentitySet standing;
    for (const auto& member : found.members)
        standing.insert(member);
    const IdentitySet wanted = identities_of(work.wanted);
    std::erase_if(work.present, [&](const WrittenMember& member) {
        if (standing.contains(member.identity) || wanted.contains(member.identity)) return false;
        agreement.removed.push_back(member.identity);
        return true;
    });
    std::vector<WrittenMember> more;
    const IdentitySet present = identities_of(work.present);
    for (const auto& member : work.wanted) {
        if (present.contains(member.identity) || !standing.contains(member.identity)) continue;
        more.push_back({member.identity, member.cloud_ids, Evidence::none});
        agreement.added.push_back({member.identity, member.cloud_ids, Evidence::none});
    }
    work.present.insert(work.present.end(), more.begin(), more.end());
    std::sort(work.present.begin(), work.present.end(),
              [](const auto& a, const auto& b) { return a.identity < b.identity; });
}

}  // namespace

DriftReport report_drift(GroupReading reading, const GroupWork& work,
                         const std::optional<DesiredGroup>& desired, const DriftRules& rules) {
    if (desired) believe_names(reading, reported_targets(work.holds), *desired);
    Drift drift = drift_of(reading.believed, reading.members, reading.found, rules);
    drift.mark.reset();
    if (desired) leave_out_agreeing(drift, work, *desired);
    DriftReport report;
    if (drift.empty()) return report;
    report.detail = to_text(drift) +
                    " Nothing of this is undone while groups.drift is \"report\"; put it right in "
                    "the directory, or set it to \"repair\".";
    if (desired && drift.cn) report.targets.push_back(rename_to(*desired));
    if (desired && drift.container) report.targets.push_back(move_to(*desired));
    return report;
}

Agreement adopt_agreeing(GroupWork& work, const DirectoryGroup& found,
                         const std::optional<DesiredGroup>& desired) {
    Agreement agreement;
    const WrittenGroup before = *work.written;
    auto& believed = *work.written;
    set(believed.attributes, mark_attribute, values(found.attributes, mark_attribute));
    if (desired) {
        adopt_properties(believed, found, *desired);
        adopt_members(work, found, agreement);
    }
    agreement.properties = believed != before;
    return agreement;
}

void leave_names_alone(Plan& plan, const std::vector<HoldTarget>& targets) {
    std::erase_if(plan.operations, [&](const Operation& operation) {
        HoldTarget target{operation.kind, {}, Evidence::none};
        if (operation.kind == OperationKind::rename_group) target.subject = operation.new_cn;
        if (operation.kind == OperationKind::move_group) {
            target.subject = operation.new_container.text();
        }
        return !target.subject.empty() && contains(targets, target);
    });
}

std::vector<HoldTarget> reported_targets(const std::vector<Hold>& holds) {
    std::vector<HoldTarget> targets;
    for (const auto& hold : holds) {
        if (hold.reason != HoldReason::drift) continue;
        targets.insert(targets.end(), hold.targets.begin(), hold.targets.end());
    }
    return targets;
}

}  // namespace writeback
