#include "core/adoption.hpp"

#include "core/distinguished_name.hpp"

#include <algorithm>
#include <map>

namespace writeback {
namespace {

std::string quoted(const std::string& text) {
    return "\"" + text + "\"";
}

bool stands_in(const Dn& dn, const std::vector<Dn>& containers) {
    return std::any_of(containers.begin(), containers.end(),
                       [&](const Dn& container) { return is_below(dn, container); });
}

// Why the cloud's side forbids it; empty when it does not.
std::string forbidden_by_cloud(const std::optional<MirrorGroup>& cloud, const ScopeRules& scope) {
    if (!cloud) {
        return "Entra ID shows no group with this id; it was deleted there, or belongs to another "
               "tenant";
    }
    switch (cloud->group.state) {
        case CloudState::active:
            break;
        case CloudState::soft_deleted:
        case CloudState::absent:
            return "it is deleted in Entra ID and would be emptied; restore it there first";
        case CloudState::deleted:
            return "it is deleted in Entra ID for good";
    }
    if (!cloud->unreadable.empty()) return "it cannot be read: " + cloud->unreadable;
    const Scope verdict = scope_of(cloud->group, scope);
    if (!cloud->in_scope || (verdict.told && !verdict.in_scope)) {
        return "it is not in scope: " + verdict.reason +
               "; bring it into scope first, or it would be treated by groups.on_out_of_scope";
    }
    return {};
}

class Deciding {
 public:
    Deciding(const std::vector<AdoptionCandidate>& candidates, const AdoptionRules& rules)
        : rules_(rules) {
        for (const auto& candidate : candidates)
            bearers_[candidate.found.group].push_back(candidate.found.dn);
    }

    [[nodiscard]] AdoptionStep decide(const AdoptionCandidate& candidate) const {
        AdoptionStep step;
        step.found = candidate.found;
        step.mark = mark_of(candidate.found.group);
        step.mark_changes = candidate.found.mark_text != step.mark;
        step.keeps_name = !rules_.rename;
        if (candidate.cloud) step.name = candidate.cloud->group.display_name;
        if (step.name.empty()) step.name = "a group without a name";
        step.reason = objection(candidate);
        if (!step.reason.empty()) return step;
        const auto& written = candidate.written;
        if (!written) {
            step.verdict = AdoptionVerdict::adopt;
        } else if (written->origin == Origin::taken_over && !written->keeps_name &&
                   !rules_.rename) {
            // Found by its mark before; to be adopted means to keep its name as well.
            step.verdict = AdoptionVerdict::adopt;
        } else if (rules_.rename && written->keeps_name) {
            step.verdict = AdoptionVerdict::rename;
        } else {
            step.verdict = AdoptionVerdict::already_ours;
        }
        return step;
    }

 private:
    [[nodiscard]] std::string objection(const AdoptionCandidate& candidate) const {
        const auto& bearers = bearers_.at(candidate.found.group);
        if (bearers.size() > 1) {
            std::string list;
            for (const Dn& dn : bearers)
                list += (list.empty() ? "" : "; ") + dn.text();
            return "several objects bear its mark (" + list +
                   "); remove the mark (adminDescription) from all but one";
        }
        const auto& written = candidate.written;
        if (written && written->guid != candidate.found.guid) {
            return "another object is already written for this group: " + written->dn.text();
        }
        if (!stands_in(candidate.found.dn, rules_.containers)) {
            return "it stands outside the configured containers; add " +
                   quoted(parent_of(candidate.found.dn).text()) + " to directory.containers";
        }
        return forbidden_by_cloud(candidate.cloud, rules_.scope);
    }

    const AdoptionRules& rules_;
    std::map<GroupId, std::vector<Dn>> bearers_;
};

}  // namespace

std::vector<AdoptionStep> plan_adoption(const std::vector<AdoptionCandidate>& candidates,
                                        const AdoptionRules& rules) {
    const Deciding deciding(candidates, rules);
    std::vector<AdoptionStep> steps;
    steps.reserve(candidates.size());
    for (const auto& candidate : candidates)
        steps.push_back(deciding.decide(candidate));
    std::sort(steps.begin(), steps.end(),
              [](const auto& a, const auto& b) { return a.found.dn < b.found.dn; });
    return steps;
}

std::string to_text(const AdoptionStep& step) {
    const std::string what = quoted(step.name) + " (" + step.found.group.text() +
                             "): " + step.found.dn.text() + ", SID " + step.found.sid.text();
    switch (step.verdict) {
        case AdoptionVerdict::adopt:
            break;
        case AdoptionVerdict::already_ours:
            return "already ours " + what;
        case AdoptionVerdict::rename:
            return "let the mapping name " + what;
        case AdoptionVerdict::left_alone:
            return "left alone " + what + "; " + step.reason;
    }
    std::string text = "adopt " + what;
    if (step.mark_changes) {
        text += step.found.mark_text.empty() ? "; it gets the mark " + quoted(step.mark)
                                             : "; its mark " + quoted(step.found.mark_text) +
                                                   " becomes " + quoted(step.mark);
    }
    if (!step.keeps_name) text += "; the mapping's name applies afterwards";
    return text;
}

}  // namespace writeback
