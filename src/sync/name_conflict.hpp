// What to do about a name that is taken: by a foreign object, by one of our groups that stays
// there, by one that is about to leave it, or in a circle of groups that swap names.
//
// Failures: those of the directory and the store. Threads: one.
#pragma once

#include "sync/bound_directory.hpp"
#include "sync/ports.hpp"

#include <writeback/directory.hpp>
#include <writeback/store.hpp>

#include <string>

namespace writeback {

struct NameConflict {
    enum class Kind {
        free,     // nothing holds the name any more, or what holds it is this very object
        foreign,  // held until a person clears the name
        ours,     // another group of ours stays there: the alternative name is taken
        leaving,  // one of our groups, which will be renamed or deleted: come again soon
        circle,   // the groups wait for one another; this one steps aside to a temporary name
    };
    Kind kind = Kind::foreign;
    std::string detail;     // a sentence, when foreign or ours
    DirectoryGroup holder;  // unless free
};

// self: the group that wants the name, with what is known of its object (an empty GUID when it has
// none).
Async<Result<NameConflict>> look_at_name(SyncPorts& ports, const BoundDirectory& bound,
                                         GroupId group, ObjectGuid own, Dn wanted);

// A name that no other group has: used between two renames.
[[nodiscard]] std::string temporary_name(const GroupId& group);

}  // namespace writeback
