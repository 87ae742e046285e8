// The port for who a cloud object is on premises.
//
// Threads, failures, cancellation: as ChangeSource.
#pragma once

#include <writeback/async.hpp>
#include <writeback/group.hpp>
#include <writeback/ids.hpp>
#include <writeback/result.hpp>

#include <string>
#include <vector>

namespace writeback {

// One object as getByIds shows it. What was not returned has no answer in the list.
struct IdentityAnswer {
    MemberId id;
    MemberType type = MemberType::unknown;
    bool readable = true;  // false: only id and type came, for want of permission
    bool on_premises_sync_enabled = false;
    Sid on_premises_security_identifier;  // empty when it has none
    ObjectGuid
        on_premises_immutable_id;  // decoded from base64; empty when it has none or it is no GUID
    std::string name;              // user principal name or display name
    std::vector<std::string> addresses;  // of a contact: mail and proxyAddresses, without prefix
};

class IdentitySource {
 public:
    virtual ~IdentitySource() = default;
    static constexpr std::size_t most_ids = 1000;
    // Asks for up to most_ids objects at once.
    virtual Async<Result<std::vector<IdentityAnswer>>> identities(std::vector<MemberId> ids) = 0;
};

}  // namespace writeback
