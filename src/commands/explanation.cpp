#include "commands/explanation.hpp"

#include <algorithm>

namespace writeback {
namespace {

constexpr std::size_t most_holds = 20;

std::string type_text(std::int32_t type) {
    if (type == universal_security_group) return "universal security group";
    if (type == universal_distribution_group) return "universal distribution group";
    const std::string kind = type < 0 ? "security group" : "distribution group";
    if ((type & 2) != 0) return "global " + kind;
    if ((type & 4) != 0) return "domain-local " + kind;
    return (type & 8) != 0 ? "universal " + kind : kind;
}

std::string kind_text(const CloudGroup& group) {
    std::string kind = "group";
    if (group.is_microsoft365()) {
        kind = "Microsoft 365 group";
    } else if (group.mail_enabled && group.security_enabled) {
        kind = "mail-enabled security group";
    } else if (group.mail_enabled) {
        kind = "distribution list";
    } else if (group.security_enabled) {
        kind = "security group";
    }
    const auto& types = group.group_types;
    const bool dynamic = std::find(types.begin(), types.end(), "DynamicMembership") != types.end();
    return kind + (dynamic ? " with dynamic membership" : "");
}

std::string name_of_group(const GroupKnowledge& group) {
    if (group.work.cloud && !group.work.cloud->group.display_name.empty())
        return "\"" + group.work.cloud->group.display_name + "\"";
    if (group.work.written) return "\"" + group.work.written->cn + "\"";
    return "The group without a name";
}

std::string cloud_sentence(const GroupKnowledge& group) {
    const std::string name = name_of_group(group) + " (" + group.work.group.text() + ") ";
    if (!group.work.cloud)
        return name + "bears our mark in AD, but no read of the cloud has shown it.";
    const CloudGroup& cloud = group.work.cloud->group;
    switch (cloud.state) {
        case CloudState::active:
            return name + "is an active " + kind_text(cloud) + " in Entra ID.";
        case CloudState::soft_deleted:
            return name + "was deleted in Entra ID, where it can be restored for 30 days.";
        case CloudState::absent:
            return name +
                   "was not shown by a complete read of Entra ID; Graph is being asked whether it "
                   "is deleted for good.";
        case CloudState::deleted:
            break;
    }
    return name + "was deleted in Entra ID for good.";
}

std::string word(OnGone action) {
    switch (action) {
        case OnGone::empty:
            return "it loses its members and stays, with its SID";
        case OnGone::keep:
            return "it stays as it is";
        case OnGone::convert:
            return "it becomes a distribution group and stays";
        case OnGone::remove:
            break;
    }
    return "it is deleted";
}

void add_scope(const GroupKnowledge& group, const Config& config, std::vector<std::string>& lines) {
    if (!group.work.cloud) return;
    const MirrorGroup& cloud = *group.work.cloud;
    const std::string because = ": " + group.scope_reason + ".";
    switch (cloud.group.state) {
        case CloudState::active:
            break;
        case CloudState::soft_deleted:
        case CloudState::absent:
            lines.push_back("In AD, by groups.on_soft_delete, " +
                            word(config.groups.on_soft_delete) + ".");
            return;
        case CloudState::deleted:
            lines.push_back("In AD, by groups.on_delete, " + word(config.groups.on_delete) + ".");
            return;
    }
    if (cloud.group.on_premises_sync_enabled) {
        lines.emplace_back(
            "It is not written back: it is synchronised from Active Directory, which is its "
            "source. As a member of other groups it counts by its SID.");
        return;
    }
    if (!group.scope_told) {
        lines.push_back(std::string("It stays ") + (cloud.in_scope ? "in scope" : "out of scope") +
                        ", as it was" + because);
    } else {
        lines.push_back(group.in_scope_now ? "It is in scope" + because
                                           : "It is not in scope" + because);
    }
    if (!group.in_scope_now && group.work.written) {
        lines.push_back("In AD, by groups.on_out_of_scope, " + word(config.groups.on_out_of_scope) +
                        ".");
    }
    if (group.in_scope_now != cloud.in_scope && group.disabled.empty()) {
        lines.emplace_back(
            "The daemon has not taken this configuration in yet: it was last brought in line with "
            "another.");
    }
    if (!cloud.unreadable.empty())
        lines.push_back("What Graph last said of it is not usable: " + cloud.unreadable);
}

void add_desired(const GroupKnowledge& group, std::vector<std::string>& lines) {
    if (!group.projection_error.empty())
        lines.push_back("What it should be in AD cannot be told: " + group.projection_error);
    if (!group.desired) return;
    const DesiredGroup& desired = *group.desired;
    if (group.work.written && group.work.written->keeps_name) {
        lines.push_back(
            "It was adopted and keeps the name and place it was found with (`adopt --rename` lets "
            "the mapping's name apply). In AD it should be a " +
            type_text(desired.group_type) + ".");
        return;
    }
    lines.push_back("In AD it should be a " + type_text(desired.group_type) + " named \"" +
                    desired.cn + "\" in " + desired.container.text() + ".");
}

void add_actual(const GroupKnowledge& group, std::vector<std::string>& lines) {
    const GroupWork& work = group.work;
    if (work.missing) {
        const std::string was = group.lost ? " It was " + group.lost->dn.text() + " with the SID " +
                                                 group.lost->sid.text() + "."
                                           : std::string();
        lines.push_back("It was in AD and is not there any more." + was +
                        " `restore` brings a deleted object back with its SID.");
        return;
    }
    if (!work.written) {
        lines.emplace_back("It is not in AD, as far as is known.");
        return;
    }
    const WrittenGroup& written = *work.written;
    lines.push_back("In AD it is " + written.dn.text() + ", a " + type_text(written.group_type) +
                    " with the SID " + written.sid.text() + " and sAMAccountName \"" +
                    written.sam_account_name + "\", as last written or read.");
    if (written.origin == Origin::taken_over) {
        lines.emplace_back(
            "It was taken over by its mark, and what goes beyond attributes and additions waits "
            "for a person's yes.");
    }
}

// What stands between the group and AD, from the far to the near.
void add_pending(const GroupKnowledge& group, const Config& config,
                 std::vector<std::string>& lines) {
    if (!group.disabled.empty()) {
        lines.push_back("Write-back is disabled (--groups " + group.disabled +
                        "): nothing follows the cloud until `enable`.");
        return;
    }
    const GroupWork& work = group.work;
    if (work.number != 0) {
        std::string sentence =
            "A change waits to be written (cause: " + std::string(name_of(work.cause)) + ").";
        if (config.groups.policy == Policy::report_only) {
            sentence +=
                " groups.policy is \"report-only\", so nothing is written; `plan` shows "
                "what would be.";
        } else if (work.attempts > 0) {
            sentence += " " + std::to_string(work.attempts) +
                        " attempts have failed; it is tried again by itself.";
        } else if (!group.daemon_running) {
            sentence += " No daemon runs: `once` or `serve` writes it.";
        }
        lines.push_back(std::move(sentence));
    }
    if (work.cloud && work.cloud->members_unread)
        lines.emplace_back("Its members are about to be read whole; until then none is added.");
    if (!group.standing.last_error.empty())
        lines.push_back("The last error: " + group.standing.last_error);
    if (work.number == 0 && work.holds.empty() && work.written && !work.missing)
        lines.emplace_back("Nothing waits: AD was last brought in line with the cloud.");
}

std::string remedy(const Hold& hold) {
    const bool pending = hold.decision == Decision::pending;
    if (hold.decision == Decision::rejected)
        return " A person rejected it; it stays undone until the cloud changes or `resync`.";
    switch (hold.reason) {
        case HoldReason::guard:
        case HoldReason::take_over:
            return pending ? " `approve " + hold.id + "` lets it be done, `reject " + hold.id +
                                 "` lets it stay undone."
                           : " It was approved and is done at the next turn.";
        case HoldReason::drift:
            return " `resync` of this group looks again after it was put right in AD.";
        case HoldReason::enforcement:
            return " Put the service account's SID on the policy's list (deploy/OPERATIONS.md).";
        case HoldReason::missing:
            return {};  // the hold itself names the ways
        case HoldReason::collision:
        case HoldReason::refused:
        case HoldReason::unreadable:
            break;
    }
    return " It is tried again by itself; `resync` of this group tries at once.";
}

void add_holds(const GroupKnowledge& group, std::vector<std::string>& lines) {
    const auto& holds = group.work.holds;
    for (std::size_t i = 0; i < std::min(holds.size(), most_holds); ++i) {
        const Hold& hold = holds[i];
        lines.push_back("Held as " + hold.id + " (" + std::string(name_of(hold.reason)) +
                        ") since " + to_text(hold.since) + ": " + hold.detail + remedy(hold));
    }
    if (holds.size() > most_holds)
        lines.push_back("And " + std::to_string(holds.size() - most_holds) +
                        " more are held; `status` names them.");
}

void add_members(const GroupKnowledge& group, const Config& config,
                 std::vector<std::string>& lines) {
    std::int64_t in_cloud = group.standing.known;
    for (const auto& unresolved : group.standing.unresolved)
        in_cloud += unresolved.count;
    std::string sentence = "Members: " + std::to_string(in_cloud) + " in the cloud, " +
                           std::to_string(group.standing.known) + " of them known in AD";
    if (group.work.written && !group.work.missing)
        sentence += "; " + std::to_string(group.work.written_count) + " written";
    lines.push_back(sentence + ".");
    for (const auto& unresolved : group.standing.unresolved) {
        const ReasonText text = reason_text(unresolved.reason);
        const std::string who =
            std::to_string(unresolved.count) + " not written (" + unresolved.reason + "): each ";
        lines.push_back(who + (text.because.empty() ? "is left out" : text.because) + ". " +
                        text.remedy);
    }
    if (group.work.unknown_count > 0) {
        lines.emplace_back(
            "While the identity of a member is unknown, nobody is removed by inference; what is "
            "removed in the cloud is removed here.");
    }
    if (config.groups.membership == Membership::additive)
        lines.emplace_back("groups.membership is \"additive\": members added in AD stay.");
}

}  // namespace

std::vector<std::string> explain_group(const GroupKnowledge& group, const Config& config) {
    std::vector<std::string> lines;
    lines.push_back(cloud_sentence(group));
    add_scope(group, config, lines);
    add_desired(group, lines);
    add_actual(group, lines);
    add_pending(group, config, lines);
    add_holds(group, lines);
    add_members(group, config, lines);
    return lines;
}

}  // namespace writeback
