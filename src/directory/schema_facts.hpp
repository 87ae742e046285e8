// What the schema says of the attributes that a group may have: syntax, number of values, length.
//
// Purpose: values are checked before the write, and attributes that name objects are translated.
// Where the account may not read the schema, the names alone are known, and the few attributes that
// the default mapping writes have the facts of every Active Directory. Failures: those of a broken
// connection only. Limits: one paged search of the schema container. Ownership: values. Threads and
// cancellation: the connection's.
#pragma once

#include "directory/ldap_operations.hpp"

#include <writeback/async.hpp>
#include <writeback/directory.hpp>
#include <writeback/result.hpp>

#include <map>
#include <set>
#include <string>

namespace writeback {

// By lower-case name.
using SchemaFacts = std::map<std::string, AttributeFacts>;

// attributeSyntax ("2.5.5.12") as the port knows it.
[[nodiscard]] AttributeSyntax attribute_syntax(std::string_view oid);

// One attributeSchema entry. What only the system writes (system-only and computed attributes, back
// links) has the syntax `other`, since no mapping can write it.
[[nodiscard]] AttributeFacts attribute_facts(const LdapEntry& entry);

// The facts for these names (any case) when the schema tells nothing.
[[nodiscard]] SchemaFacts names_alone(const std::set<std::string>& names);

// Reads the schema at this name. Only the attributes in `names` (lower case) are in the answer; one
// that the schema does not show has the facts of names_alone.
Async<Result<SchemaFacts>> read_schema_facts(LdapOperations& connection, std::string schema_context,
                                             std::set<std::string> names, int page_size);

}  // namespace writeback
