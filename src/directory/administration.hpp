// What `enable` does in the directory beyond looking: containers that are missing are found and
// made, and the commands that give our account its rights are put together.
//
// Failures: those of a search or an add; `forbidden` where the account may not make a container.
// Limits: a few small searches. Ownership: values. Threads and cancellation: the session's.
#pragma once

#include "directory/directory_session.hpp"

#include <writeback/async.hpp>
#include <writeback/ids.hpp>
#include <writeback/result.hpp>

#include <set>
#include <string>
#include <vector>

namespace writeback {

// The configured containers that do not exist, or that the account may not see.
Async<Result<std::vector<Dn>>> find_missing_containers(DirectorySession& session);
// Makes an organizational unit; its parent must exist.
Async<Result<Done>> create_container(DirectorySession& session, Dn container);

// One line each, ready to be run by a domain administrator.
struct DelegationCommands {
    std::string account;  // "CONTOSO\svc-writeback"
    std::vector<std::string> windows;
    std::vector<std::string> samba;
};
// `attributes`: those that the mapping writes; what is always needed is added, what the schema
// lacks left out.
Async<Result<DelegationCommands>> delegation_commands(DirectorySession& session,
                                                      std::set<std::string> attributes);

}  // namespace writeback
