// The members' half of an explanation.
#include "commands/explanation.hpp"

#include <algorithm>
#include <map>

namespace writeback {

ReasonText reason_text(const std::string& reason) {
    static const std::map<std::string, ReasonText> texts{
        {"cloud-only",
         {"exists in Entra ID only and has no account in Active Directory",
          "It is written as soon as it is synchronised with an AD account."}},
        {"not-synced",
         {"is not synchronised from Active Directory any more",
          "Look at its state in Entra Connect or Cloud Sync; it is written again when "
          "onPremisesSyncEnabled is true."}},
        {"deleted",
         {"is deleted in Entra ID", "It comes back with a restore in Entra ID, within 30 days."}},
        {"service-principal",
         {"is a service principal, which Active Directory does not have",
          "Nothing can be done; applications are no members in AD."}},
        {"other-domain",
         {"has an account that neither this domain nor the global catalog of the forest knows",
          "Check directory.global_catalog, or that its domain belongs to this forest."}},
        {"domain-local",
         {"is a domain-local group, which Active Directory does not take into a universal group",
          "Change its scope to universal or global in AD, then `resync` the group."}},
        {"contact",
         {"is a contact that no single contact object in AD matches by its mail address",
          "Give exactly one contact in AD the same address; only mail-enabled groups take it."}},
        {"contact-ambiguous",
         {"is a contact whose mail address several contact objects in AD bear",
          "Leave the address with one of them."}},
        {"not-in-directory",
         {"is a group of this domain whose SID no object in Active Directory bears",
          "It was deleted there, or its synchronisation has not caught up; look at it in Entra "
          "Connect or Cloud Sync."}},
        {"group-not-written",
         {"is a group of ours that does not stand in AD yet",
          "Explain that group: when it is written, it is added here by itself."}},
        {"group-out-of-scope",
         {"is a group that is not written back",
          "Explain that group: it must come into scope first."}},
        {"not-asked", {"was not yet asked for in Graph", "It is asked for with the next round."}},
        {"failed",
         {"could not be read from Graph",
          "It is asked for again by itself; `status` names the last error."}},
        {"not-returned",
         {"was not returned by Graph when it was asked for",
          "It may have just been deleted; it is asked for again by itself."}},
        {"no-permission",
         {"cannot be read with the permissions that the application has",
          "Grant User.Read.All (Device.Read.All for devices, OrgContact.Read.All for contacts) "
          "with admin consent."}},
    };
    const auto found = texts.find(reason);
    return found == texts.end() ? ReasonText{} : found->second;
}

namespace {

std::string kind_of(MemberType type) {
    switch (type) {
        case MemberType::user:
            return "a user";
        case MemberType::group:
            return "a group";
        case MemberType::device:
            return "a device";
        case MemberType::contact:
            return "a contact";
        case MemberType::service_principal:
            return "a service principal";
        case MemberType::unknown:
            break;
    }
    return "an object whose kind is not known";
}

std::string why_it_leaves(Evidence evidence) {
    switch (evidence) {
        case Evidence::removed:
            return "it was removed from the group in the cloud";
        case Evidence::object_deleted:
            return "it was deleted in the cloud";
        case Evidence::group_deleted:
            return "the group itself was deleted in the cloud";
        case Evidence::drift_undone:
            return "someone added it in AD";
        case Evidence::absent:
            return "a complete read of the cloud did not show it";
        case Evidence::identity_lost:
            return "it is no longer synchronised";
        case Evidence::out_of_scope:
            return "the group left the scope";
        case Evidence::configuration:
            return "the configuration was changed";
        case Evidence::policy:
            return "its removal was owed while the policy was no-removals";
        case Evidence::taken_over:
            return "it stood in the group before we took it over";
        case Evidence::none:
            break;
    }
    return "nothing tells why";
}

std::string group_name(const GroupKnowledge& group) {
    if (group.work.cloud && !group.work.cloud->group.display_name.empty())
        return group.work.cloud->group.display_name;
    if (group.work.written) return group.work.written->cn;
    return group.work.group.text();
}

// How it is known who the member is in AD.
std::string identity_sentence(const MemberIdentity& identity) {
    const AdIdentity& ad = identity.identity;
    if (identity.state == IdentityState::known) {
        const std::string key = ad.sid.empty() ? "objectGUID " + ad.guid.text() : ad.sid.text();
        if (identity.type == MemberType::group) {
            return "In AD it is " + key + ", known as a group that stands there.";
        }
        return "In AD it is " + key + ", known by " +
               (ad.sid.empty() ? "its immutable id, or found by its address."
                               : "the SID that its synchronisation has reported to Entra ID.");
    }
    const ReasonText text = reason_text(identity.reason);
    const std::string because = text.because.empty() ? "(" + identity.reason + ")" : text.because;
    if (identity.state == IdentityState::none)
        return "It has no identity in AD: it " + because + ". " + text.remedy;
    return "Who it is in AD is unknown: it " + because + ". " + text.remedy +
           " Until that is known, nobody is removed from the group by inference.";
}

void add_holds(const GroupKnowledge& group, const MemberKnowledge& member,
               std::vector<std::string>& lines) {
    const std::string key =
        member.standing ? member.standing->identity.identity.key() : std::string();
    for (const Hold& hold : group.work.holds) {
        const bool named =
            hold.member == member.member ||
            std::any_of(hold.targets.begin(), hold.targets.end(), [&](const HoldTarget& target) {
                return !key.empty() && target.subject == key;
            });
        if (named)
            lines.push_back("Held as " + hold.id + " (" + std::string(name_of(hold.reason)) +
                            "): " + hold.detail);
    }
}

std::string standing_sentence(const GroupKnowledge& group, const MemberStanding& standing) {
    const bool known = standing.identity.state == IdentityState::known;
    if (!group.work.written) {
        return "The group itself is not in AD, so it has no members there; explain the group "
               "alone for the reason.";
    }
    if (standing.written && standing.in_cloud)
        return "It stands in the group in AD, as last written or read.";
    if (standing.written) {
        return "It still stands in the group in AD and is to leave: " +
               why_it_leaves(standing.leaving.value_or(Evidence::none)) + ".";
    }
    if (!standing.in_cloud) return "It does not stand in the group in AD, as it should be.";
    if (!known) return "So it is not a member of the group in AD.";
    return std::string("It does not stand in the group in AD yet") +
           (group.work.number != 0 ? "; the group's change waits to be written."
                                   : ", and no change waits: `resync GROUP` reads it again.");
}

}  // namespace

std::vector<std::string> explain_member(const GroupKnowledge& group, const MemberKnowledge& member,
                                        const Config& config) {
    if (!member.standing) {
        return {"Nothing is known of " + member.member.text() + ": no group that was read has it."};
    }
    const MemberStanding& standing = *member.standing;
    const MemberIdentity& identity = standing.identity;
    const std::string name = identity.name.empty() ? identity.id.text() : identity.name;
    std::vector<std::string> lines;
    lines.push_back(name + " (" + identity.id.text() + ") is " + kind_of(identity.type) + ".");
    lines.push_back(standing.in_cloud
                        ? "In the cloud it is a direct member of " + group_name(group) + "."
                        : "In the cloud it is not a direct member of " + group_name(group) +
                              "; who is a member by way of a nested group stands in that group.");
    lines.push_back(identity_sentence(identity));
    const bool additive = config.groups.membership == Membership::additive;
    if (additive && !standing.in_cloud && !standing.written) {
        lines.emplace_back(
            "groups.membership is \"additive\": whether someone added it in AD is not known, and "
            "it would stay.");
    } else {
        lines.push_back(standing_sentence(group, standing));
    }
    add_holds(group, member, lines);
    return lines;
}

}  // namespace writeback
