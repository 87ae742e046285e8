// Directory objects as Graph shows them.
//
// Pure: object and selection in, JSON out. Failures: none. Threads: none shared.
#pragma once

#include "../base/json.hpp"
#include "../tenant/object.hpp"
#include "permissions.hpp"
#include "query.hpp"

namespace emulator {

struct Form {
    bool beta = false;
    bool with_type = false;           ///< "@odata.type", which collections of several kinds carry
    bool with_outside_store = false;  ///< GET of one object
    bool writeback_defaults = false;  ///< Microsoft's documented ones instead of null
    const Permissions* permissions = nullptr;  ///< what may be read; all of it where there is none
};

/// A full representation: what was selected, or what is returned by default, with null for what was
/// never set.
json::object represent(const DirectoryObject& object, const Selection& selection, Form form);

/// As in deletedItems: with deletedDateTime, and security groups showing securityEnabled = false.
json::object represent_deleted(const DirectoryObject& object, const Selection& selection,
                               Form form);

}  // namespace emulator
