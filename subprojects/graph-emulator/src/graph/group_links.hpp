// Members and owners named by reference URLs in request bodies.
#pragma once

#include "call.hpp"

namespace emulator {

/// The two collections of a group whose entries are references.
struct GroupLinks {
    const char* name;  ///< "members"
    LinkHistory DirectoryObject::*history;
    bool (*may_be_linked)(const DirectoryObject& group, const DirectoryObject& target);
    void (Tenant::*change)(ObjectIndex group, std::span<const ObjectIndex> added,
                           std::span<const ObjectIndex> removed);
};
extern const GroupLinks group_members;
extern const GroupLinks group_owners;

/// The object that "@odata.id" names, where it may be linked to that group.
Result<ObjectIndex> referenced_object(const Services& services, const json::value& reference,
                                      const DirectoryObject& group, const GroupLinks& links);

/// "members@odata.bind": up to 20 references, none of which is there already.
Result<std::vector<ObjectIndex>> bound_objects(const Services& services, const json::object& body,
                                               const DirectoryObject& group,
                                               const GroupLinks& links);

}  // namespace emulator
