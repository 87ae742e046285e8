#include "core/managed_by.hpp"

#include "core/identity_set.hpp"

namespace writeback {

std::vector<std::string> managed_by(const GroupWork& work) {
    std::vector<std::string> named;
    if (work.written) {
        const auto found = work.written->attributes.find(std::string(managed_by_attribute));
        if (found != work.written->attributes.end()) named = found->second;
    }
    if (named.size() == 1) {
        IdentitySet owners;
        for (const AdIdentity& owner : work.owners)
            owners.insert(owner);
        const bool known = work.unknown_owners == 0 && work.cloud && !work.cloud->owners_unread;
        if (!known || owners.contains(named.front())) return named;
    }
    if (work.owners.empty()) return {};
    return {work.owners.front().key()};
}

}  // namespace writeback
