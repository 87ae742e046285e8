// One object of the model directory.
#pragma once

#include <writeback/ids.hpp>

#include <boost/container/flat_set.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace writeback::fakes {

// The directory's own handle of an object; it is never given to anyone outside.
using EntryNumber = std::uint64_t;
// In order; large groups are read in ranges, so each place is reached at once.
using EntryNumbers = boost::container::flat_set<EntryNumber>;

struct TreeEntry {
    EntryNumber number = 0;
    EntryNumber parent = 0;  // 0: the root of a naming context
    std::string rdn_type;    // "CN"
    std::string rdn_value;   // unescaped; of a root the whole name
    std::vector<std::string> object_class;
    ObjectGuid guid;
    Sid sid;
    // Lower-case name -> values, without links and what is computed.
    std::map<std::string, std::vector<std::string>> attributes;
    std::map<std::string, EntryNumbers> links;       // forward links that show
    std::map<std::string, EntryNumbers> back_links;  // by the forward link's name
    std::int64_t usn_created = 0;
    std::int64_t usn_changed = 0;
    std::string created;  // "20260101000000.0Z"
    bool deleted = false;
    bool recycled = false;  // nothing but the identity is left
    // Of a deleted object in the recycle bin: what its reanimation brings back.
    std::map<std::string, EntryNumbers> resting_links;
    std::map<std::string, EntryNumbers> resting_back_links;

    [[nodiscard]] bool is(const std::string& wanted) const {
        for (const auto& one : object_class) {
            if (one == wanted) return true;
        }
        return false;
    }
    [[nodiscard]] const std::string* first(const std::string& lower_case_name) const {
        const auto found = attributes.find(lower_case_name);
        if (found == attributes.end() || found->second.empty()) return nullptr;
        return &found->second.front();
    }
    [[nodiscard]] std::int32_t group_type() const {
        const auto* text = first("grouptype");
        return text == nullptr ? 0 : static_cast<std::int32_t>(std::stoll(*text));
    }
};

}  // namespace writeback::fakes
