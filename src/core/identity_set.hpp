// A set of AD identities in which every form of an object counts: an object known by its GUID here
// and by its SID there is found when either agrees.
//
// Ownership: borrows the identities' text. Threads: one.
#pragma once

#include <writeback/group.hpp>

#include <string_view>
#include <unordered_set>

namespace writeback {

class IdentitySet {
 public:
    // True when it was not in the set.
    bool insert(const AdIdentity& identity) {
        const bool is_new = !contains(identity);
        if (!identity.sid.empty()) forms_.insert(identity.sid.text());
        if (!identity.guid.empty()) forms_.insert(identity.guid.text());
        return is_new;
    }
    [[nodiscard]] bool contains(const AdIdentity& identity) const {
        return forms_.contains(identity.sid.text()) || forms_.contains(identity.guid.text());
    }
    // By AdIdentity::key.
    [[nodiscard]] bool contains(std::string_view key) const { return forms_.contains(key); }

 private:
    std::unordered_set<std::string_view> forms_;  // never iterated
};

// The identities of a list of WantedMember, WrittenMember or PlannedMember.
template <class Members>
[[nodiscard]] IdentitySet identities_of(const Members& members) {
    IdentitySet set;
    for (const auto& member : members)
        set.insert(member.identity);
    return set;
}

}  // namespace writeback
