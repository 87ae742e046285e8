// What a write says to the directory: the pure half of the writer.
//
// Purpose: which attributes an add carries, how a modify proves the mark, how a member is named.
// Pure. Failures: `member_refused` for a member that must not be written as it is known (its
// sentence names it), `value_refused` for such an owner; `internal` for a group without its mark.
// Ownership: values.
#pragma once

#include "directory/ldap_operations.hpp"
#include "directory/schema_facts.hpp"

#include <writeback/directory.hpp>
#include <writeback/result.hpp>

#include <map>
#include <string>
#include <vector>

namespace writeback {

// The names of accounts of other domains, by SID.
using ForeignNames = std::map<Sid, Dn>;

// Those whose SID is not one of this domain's accounts: they are written by name.
[[nodiscard]] std::vector<Sid> foreign_sids(const std::vector<AdIdentity>& identities,
                                            const Sid& domain);

// "<SID=…>" for an account of this domain, the name for one of another, and "<GUID=…>" where there
// is no SID. A SID of another domain is never written as one, since the directory would make a
// foreign security principal of it.
[[nodiscard]] Result<std::string> member_value(const AdIdentity& member, const Sid& domain,
                                               const ForeignNames& names);

// The values of all members, each once.
[[nodiscard]] Result<std::vector<std::string>> member_values(const std::vector<AdIdentity>& members,
                                                             const Sid& domain,
                                                             const ForeignNames& names);

// Whether the schema says that the attribute names objects, so that its values are keys.
[[nodiscard]] bool names_objects(const SchemaFacts& schema, const std::string& attribute);

// The identity whose key this is; neither SID nor GUID when it is no key.
[[nodiscard]] AdIdentity identity_of_key(const std::string& key);

// The values of such an attribute as the directory takes them; what is no key stays as it is.
[[nodiscard]] Result<std::vector<std::string>> object_values(const std::string& attribute,
                                                             const std::vector<std::string>& keys,
                                                             const Sid& domain,
                                                             const ForeignNames& names);

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

// Brings a deleted group back at its desired name with its mark and attributes, in one modify.
// sam_account_name empty: it keeps the one it had.
[[nodiscard]] Result<std::vector<LdapChange>> reanimation(const DesiredGroup& group,
                                                          const std::string& sam_account_name);

// Exchanges adminDescription: `before` must be there, or nothing when it is empty.
[[nodiscard]] std::vector<LdapChange> exchange_of_mark(const std::string& before,
                                                       const std::string& after);

// The group types to write, in order: between global and domain-local the way leads by universal.
[[nodiscard]] std::vector<std::int32_t> conversion_steps(std::int32_t from, std::int32_t to);

}  // namespace writeback
