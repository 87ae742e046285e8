// What one domain controller tells the others of a write.
//
// Purpose: a write is told as what it left behind, cell by cell (an object's place, one attribute,
// one value of a link, its deletion), as Active Directory replicates, so that writes on two domain
// controllers meet value by value and not object by object. Values; names and numbers are the
// forest's (GUIDs), never one tree's. Threads: pure.
#pragma once

#include "fakes/directory_tree_entry.hpp"

#include <writeback/ids.hpp>

#include <map>
#include <string>
#include <vector>

namespace writeback::fakes {

struct TreeDelta {
    enum class Kind {
        born,     // place, classes, attributes
        revived,  // place, attributes
        placed,
        attribute,  // `name` and `values`
        linked,     // `name` and `targets`
        unlinked,
        deleted
    };
    Kind kind = Kind::attribute;
    ObjectGuid object;
    std::string name;  // lower case
    std::vector<std::string> values;
    std::vector<ObjectGuid> targets;
    // Of an object that was born, revived or placed.
    ObjectGuid parent;
    std::string rdn_type;
    std::string rdn_value;
    // Of one that was born or revived.
    Sid sid;
    std::vector<std::string> object_class;
    std::map<std::string, std::vector<std::string>> attributes;
};

}  // namespace writeback::fakes
