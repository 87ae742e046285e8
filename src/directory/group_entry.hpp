// Entries of the directory as the program's values, and the pieces of a member list put together.
//
// Pure. Failures: `unreadable`, naming the entry and what is wrong with it. Ownership: values.
#pragma once

#include "directory/ldap_operations.hpp"
#include "directory/schema_facts.hpp"

#include <writeback/directory.hpp>
#include <writeback/result.hpp>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace writeback {

// What every object is known by: needs objectGUID; objectSid where the object has one.
[[nodiscard]] Result<AdIdentity> identity_of(const LdapEntry& entry);

// A group without members; `attributes` are the names that were asked for, as the caller spells
// them. The entry's name may be an extended one. The values of attributes that the schema says to
// name objects become keys of AdIdentity, where they are extended names.
[[nodiscard]] Result<DirectoryGroup> group_of(const LdapEntry& entry,
                                              const std::vector<std::string>& attributes,
                                              const SchemaFacts& schema);

// A 64-bit number, such as uSNChanged, that must be there.
[[nodiscard]] Result<std::int64_t> number_of(const LdapEntry& entry, std::string_view attribute);

// A group of the change feed; needs objectGUID and uSNChanged.
[[nodiscard]] Result<ChangedGroup> changed_group_of(const LdapEntry& entry);

// Nothing for a foreign security principal, which only stands for a SID of elsewhere.
[[nodiscard]] Result<std::optional<Principal>> principal_of(const LdapEntry& entry);

// Nothing when neither adminDescription nor msDS-ExternalDirectoryObjectId is a mark of Microsoft's
// writeback.
[[nodiscard]] Result<std::optional<AdoptableGroup>> adoptable_group_of(const LdapEntry& entry);

// Nothing when the object is not deleted.
[[nodiscard]] Result<std::optional<DeletedGroup>> deleted_group_of(const LdapEntry& entry);

// Nothing when the entry's mark is not of this program's form.
[[nodiscard]] Result<std::optional<MarkedObject>> marked_object_of(const LdapEntry& entry);

// Puts a member list together from ranges that are asked for one after another. It is whole only
// when a range ended in "*"; a range that is missing, does not begin where the last one ended, or a
// member that comes twice shows that the list changed meanwhile.
class MemberList {
 public:
    explicit MemberList(std::uint64_t range_size) : range_size_(range_size) {}

    // "member;range=1500-2999": the next range to ask for.
    [[nodiscard]] std::string next_range() const;

    enum class Progress { more, whole, changed };
    // Takes the answer to next_range(), and the object's uSNChanged beside it.
    [[nodiscard]] Result<Progress> take(const LdapEntry& entry);

    [[nodiscard]] std::vector<AdIdentity> release() { return std::move(members_); }

 private:
    [[nodiscard]] Result<bool> append(const LdapEntry& entry,
                                      const std::vector<std::string>& values);

    std::uint64_t range_size_;
    std::vector<AdIdentity> members_;
    std::set<std::string> guids_;
    std::optional<std::string> usn_changed_;
};

}  // namespace writeback
