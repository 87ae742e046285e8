// What a domain controller says of itself: read once after each bind.
//
// Failures: `refused` when the server is no domain controller of Active Directory; those of a
// search. Limits: three small searches. Ownership: values. Threads: the connection's. Cancellation:
// the connection's.
#pragma once

#include "directory/ldap_connection.hpp"

#include <writeback/async.hpp>
#include <writeback/directory.hpp>
#include <writeback/result.hpp>

#include <string>

namespace writeback {

Async<Result<DirectoryFacts>> read_server_facts(LdapConnection& connection, std::string url);

}  // namespace writeback
