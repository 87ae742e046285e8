// What a write says to the directory: the pure half of the writer.
//
// Purpose: which attributes an add carries, how a modify proves the mark, how a member is named.
// Pure. Failures: `member_refused` for a member that must not be written as it is known (its
// sentence names it); `internal` for a group without its mark. Ownership: values.
#pragma once

#include "directory/ldap_connection.hpp"

#include <writeback/directory.hpp>
#include <writeback/result.hpp>

#include <string>
#include <vector>

namespace writeback {

// "<SID=…>" for an account of this domain, else "<GUID=…>". A SID of another domain is never
// written as one, since the directory would make a foreign security principal of it.
[[nodiscard]] Result<std::string> member_value(const AdIdentity& member, const Sid& domain);

// The values of all members, each once.
[[nodiscard]] Result<std::vector<std::string>> member_values(const std::vector<AdIdentity>& members,
                                                             const Sid& domain);

// The attributes of the add, the mark among them.
[[nodiscard]] Result<std::vector<LdapAttribute>> attributes_of_new(
    const DesiredGroup& group, std::vector<std::string> member_values);

// Deletes and adds the mark's value: nothing changes, but the directory refuses the whole modify
// where the object does not bear it.
[[nodiscard]] std::vector<LdapChange> proof_of_mark(const GroupId& group);

// The changes with the proof before them. A change of adminDescription itself takes the place of
// the proof's second half.
[[nodiscard]] std::vector<LdapChange> guarded_changes(const GroupId& group,
                                                      const std::vector<AttributeChange>& changes);

// The group types to write, in order: between global and domain-local the way leads by universal.
[[nodiscard]] std::vector<std::int32_t> conversion_steps(std::int32_t from, std::int32_t to);

}  // namespace writeback
