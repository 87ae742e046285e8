// What a domain controller says of itself: read once after each bind.
//
// Failures: `refused` when the server is no domain controller of Active Directory; those of a
// search. Limits: four small searches, and one of the schema where it is another one than before.
// Ownership: values. Threads: the connection's. Cancellation: the connection's.
#pragma once

#include "directory/ldap_operations.hpp"

#include <writeback/async.hpp>
#include <writeback/directory.hpp>
#include <writeback/result.hpp>

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace writeback {

struct ServerFacts : DirectoryFacts {
    Dn schema_context;
    Dn configuration_context;
    std::vector<Sid> token;                    // whom we are bound as: the account and its groups
    std::set<std::string> allowed_attributes;  // of a group, in lower case
};

// `before`: what an earlier connection found; its schema is taken over where a group may have the
// same attributes as then. May be null.
Async<Result<std::shared_ptr<const ServerFacts>>> read_server_facts(
    LdapOperations& connection, std::string url, int page_size,
    std::shared_ptr<const ServerFacts> before);

}  // namespace writeback
