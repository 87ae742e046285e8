#include "sync/identity_judge.hpp"

#include <map>
#include <utility>

namespace writeback {

namespace {

constexpr std::int32_t domain_local = 4;  // a bit of groupType

bool has_identity_of_its_own(const IdentityAnswer& answer) {
    return answer.type != MemberType::contact && answer.type != MemberType::service_principal &&
           answer.readable && answer.on_premises_sync_enabled;
}

}  // namespace

MemberIdentity without_identity(const IdentityAnswer& answer, IdentityState state,
                                const char* reason) {
    MemberIdentity identity;
    identity.id = answer.id;
    identity.type = answer.type;
    identity.state = state;
    identity.reason = reason;
    identity.name = answer.name;
    return identity;
}

bool is_of_domain(const Sid& sid, const Sid& domain) {
    const auto& text = sid.text();
    const auto& prefix = domain.text();
    return !prefix.empty() && text.size() > prefix.size() + 1 && text.starts_with(prefix) &&
           text[prefix.size()] == '-' && text.find('-', prefix.size() + 1) == std::string::npos;
}

IdentityJudge::IdentityJudge(SyncPorts& ports, const BoundDirectory& bound)
    : ports_(ports), bound_(bound) {}

Async<std::vector<MemberIdentity>> IdentityJudge::judge(std::vector<IdentityAnswer> answers) {
    std::vector<MemberIdentity> judged;
    std::vector<Open> ours, elsewhere;
    for (auto& answer : answers) {
        const Sid sid = answer.on_premises_security_identifier;
        if (!has_identity_of_its_own(answer) || sid.empty()) {
            auto alone = co_await judge_alone(std::move(answer));
            judged.push_back(std::move(alone));
            continue;
        }
        const bool in_domain = is_of_domain(sid, bound_.domain_sid());
        auto known = without_identity(answer, IdentityState::known, "");
        known.identity.sid = sid;
        if (!in_domain) elsewhere.push_back({judged.size(), sid});
        if (in_domain && answer.type == MemberType::group) ours.push_back({judged.size(), sid});
        judged.push_back(std::move(known));
    }
    // Apart, so that a global catalog out of reach leaves only the others' groups unknown.
    co_await look_up(judged, std::move(ours), "not-in-directory");
    co_await look_up(judged, std::move(elsewhere), "other-domain");
    co_return judged;
}

Async<MemberIdentity> IdentityJudge::judge_alone(IdentityAnswer answer) {
    if (answer.type == MemberType::service_principal) {
        co_return without_identity(answer, IdentityState::none, "service-principal");
    }
    if (!answer.readable)
        co_return without_identity(answer, IdentityState::unknown, "no-permission");
    if (answer.type == MemberType::contact) co_return co_await find_contact(std::move(answer));
    if (!answer.on_premises_sync_enabled) {
        // A group that the mirror knows is judged by the mirror; this one is not in it.
        const char* reason = answer.type == MemberType::group                 ? "group-out-of-scope"
                             : answer.on_premises_security_identifier.empty() ? "cloud-only"
                                                                              : "not-synced";
        co_return without_identity(answer, IdentityState::none, reason);
    }
    if (answer.on_premises_immutable_id.empty()) {
        co_return without_identity(answer, IdentityState::none, "not-synced");
    }
    co_return co_await find_by_guid(std::move(answer));
}

Async<MemberIdentity> IdentityJudge::find_by_guid(IdentityAnswer answer) {
    auto found = co_await ports_.directory.identify(answer.on_premises_immutable_id);
    if (!found) co_return without_identity(answer, IdentityState::unknown, "failed");
    if (!*found) co_return without_identity(answer, IdentityState::none, "other-domain");
    auto known = without_identity(answer, IdentityState::known, "");
    known.identity = **found;
    co_return known;
}

Async<MemberIdentity> IdentityJudge::find_contact(IdentityAnswer answer) {
    if (answer.addresses.empty()) {
        co_return without_identity(answer, IdentityState::none, "contact");
    }
    auto found = co_await ports_.directory.find_contact(answer.addresses);
    if (!found) co_return without_identity(answer, IdentityState::unknown, "failed");
    if (found->empty()) co_return without_identity(answer, IdentityState::none, "contact");
    if (found->size() > 1) {
        co_return without_identity(answer, IdentityState::none, "contact-ambiguous");
    }
    auto known = without_identity(answer, IdentityState::known, "");
    known.identity = found->front();
    co_return known;
}

Async<void> IdentityJudge::look_up(std::vector<MemberIdentity>& judged, std::vector<Open> open,
                                   const char* nowhere) {
    if (open.empty()) co_return;
    std::vector<Sid> sids;
    for (const auto& one : open)
        sids.push_back(one.sid);
    auto found = co_await ports_.directory.look_up(std::move(sids));
    std::map<Sid, Principal> principals;
    if (found) {
        for (auto& principal : *found)
            principals.emplace(principal.sid, std::move(principal));
    }
    const auto answer = [&](std::size_t at, IdentityState state, const char* reason) {
        judged[at].state = state;
        judged[at].reason = reason;
        judged[at].identity = {};
    };
    for (const auto& [at, sid] : open) {
        const auto principal = principals.find(sid);
        if (!found) {
            answer(at, IdentityState::unknown, "failed");
        } else if (principal == principals.end()) {
            answer(at, IdentityState::none, nowhere);
        } else if (principal->second.is_group && (principal->second.group_type & domain_local)) {
            answer(at, IdentityState::none, "domain-local");
        }
    }
}

}  // namespace writeback
