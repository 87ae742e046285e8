// The account that we are bound as.
//
// Purpose: commands that delegate rights, and sentences that ask for them, name it exactly. It is
// found by what the server says of our own security context, however we bound. Failures:
// `not_found` where the account is none of this domain; those of a search. Limits: three small
// searches. Ownership: values. Threads and cancellation: the session's.
#pragma once

#include "directory/directory_session.hpp"

#include <writeback/async.hpp>
#include <writeback/ids.hpp>
#include <writeback/result.hpp>

#include <string>

namespace writeback {

struct OwnAccount {
    Dn dn;
    Sid sid;
    std::string name;  // "CONTOSO\svc-writeback"
};

Async<Result<OwnAccount>> read_own_account(DirectorySession& session);

}  // namespace writeback
