// What an answer of the cloud about a member means on premises.
//
// An identity counts while the object is synchronised. A user's or device's SID of this domain is
// the identity. A synchronised group is looked up, because Active Directory takes no domain-local
// group into a universal one. A SID of elsewhere is looked up in the forest: found, it is the
// identity (the adapter writes its name); not found, it is none, because AD would make a foreign
// security principal of it. An object with an immutable id alone is looked up by that GUID. A
// contact is the one contact of the directory that bears an address of it.
//
// Failures: none come out; whom the directory did not answer for is unknown. Limits: one look-up
// for all SIDs of the domain, one for all others, one for each contact. Threads: one.
#pragma once

#include "sync/bound_directory.hpp"
#include "sync/ports.hpp"

#include <writeback/identity_source.hpp>

#include <vector>

namespace writeback {

class IdentityJudge {
 public:
    IdentityJudge(SyncPorts& ports, const BoundDirectory& bound);

    Async<std::vector<MemberIdentity>> judge(std::vector<IdentityAnswer> answers);

 private:
    // A member whose SID has to be looked up, by its place among the judged.
    struct Open {
        std::size_t at = 0;
        Sid sid;
    };
    Async<MemberIdentity> judge_alone(IdentityAnswer answer);
    Async<MemberIdentity> find_contact(IdentityAnswer answer);
    Async<MemberIdentity> find_by_guid(IdentityAnswer answer);
    // nowhere: the reason of those that are not found.
    Async<void> look_up(std::vector<MemberIdentity>& judged, std::vector<Open> open,
                        const char* nowhere);

    SyncPorts& ports_;
    const BoundDirectory& bound_;
};

[[nodiscard]] MemberIdentity without_identity(const IdentityAnswer& answer, IdentityState state,
                                              const char* reason);

// True when the SID lies in the domain: the domain's own SID followed by one relative id.
[[nodiscard]] bool is_of_domain(const Sid& sid, const Sid& domain);

}  // namespace writeback
